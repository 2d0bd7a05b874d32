// The Python package's example site in two real browser windows: an order that is saved in one shows in both, and is
// cancelled by a call.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, launchBrowser, suite } from './harness.mjs';

const example = fileURLToPath(new URL('../../clients/python/examples/orders/', import.meta.url));

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return String(port);
}

async function signIn(browser, site) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(site);
  await page.fill('input[name=username]', 'ann');
  await page.fill('input[name=password]', 'tickcast');
  await page.click('button');
  await page.waitForSelector('#state:text-is("connected")');
  return page;
}

suite('the example site', {}, () => {
  let child, browser, site, work;

  before(async () => {
    const environment = { ...process.env, TICKCAST_BINARY: binary };
    for (const name of ['SITE_PORT', 'TICKCAST_PORT', 'REDIS_PORT', 'PULL_PORT', 'ROUTER_PORT']) {
      environment[name] = await freePort();
    }
    site = `http://127.0.0.1:${environment.SITE_PORT}/`;
    work = environment.WORK = await mkdtemp(join(tmpdir(), 'tickcast-orders-'));
    child = spawn(join(example, 'run'), { env: environment, stdio: 'ignore' });
    const deadline = Date.now() + 30_000;
    const isUp = () =>
      fetch(site).then(
        ({ ok }) => ok,
        () => false,
      );
    const claims = () =>
      readFile(join(work, 'listen.log'), 'utf8').then(
        (log) => log.includes('answering'),
        () => false,
      );
    while (!((await isUp()) && (await claims()))) {
      assert.ok(Date.now() < deadline, `the site did not start: look into ${work}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    child.kill();
    await once(child, 'exit');
    await rm(work, { recursive: true, force: true });
  });

  test('an order saved in one window shows in both, and is cancelled by a call', async () => {
    const [one, two] = [await signIn(browser, site), await signIn(browser, site)];
    await one.fill('input[name=symbol]', 'BTC');
    await one.fill('input[name=quantity]', '1.5');
    await one.click('#place button');
    for (const page of [one, two]) {
      await page.waitForSelector('#orders tr:has(td:text-is("BTC"))');
    }
    await two.click('#orders button');
    for (const page of [one, two]) {
      await page.waitForSelector('#orders tr.cancelled');
    }
  });
});
