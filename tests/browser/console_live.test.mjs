import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, afterEach, before, it } from 'node:test';
import { ask, confirm, fresh, go, openConsole, rows, signIn } from './console_page.mjs';
import { Server, eventually, launchBrowser, suite } from './harness.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { WebSocket } = require('ws');

const viewer = 'a-viewers-token-for-this-test-alone-0123456789';
const pages = [
  'overview',
  'tree',
  'actors',
  'feeds',
  'topics',
  'connections',
  'users',
  'plugins',
  'restarts',
  'log',
  'config',
  'audit',
];

suite('the console over the real server', { timeout: 240_000 }, () => {
  let browser;
  let server;
  let admin;
  let token;
  let page;
  let missing = '';
  /** Whether the server has this part of the API; plugins and feeds come with actors of their own. */
  const has = async (path, init = {}) => {
    const response = await fetch(`${admin}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    });
    return !/there is nothing at/.test(await response.text());
  };
  const tokenFile = () => join(server.directory, 'data', 'admin-tokens');
  /** A body with a page that is signed in and live; its console must stay clean. */
  const shows = (name, hash, body) =>
    it(name, async (t) => {
      if (missing) {
        t.skip(missing);
        return;
      }
      page = await openConsole(browser, admin, { token, hash });
      await body(t);
      assert.deepEqual(page.faults, []);
    });

  before(async () => {
    server = await new Server().start();
    admin = server.started.admin;
    const index = await fetch(`${admin}/`).then((response) => response.text());
    if (!index.includes('console/main.js')) {
      missing = 'this server has no console';
      return;
    }
    const lines = (await readFile(tokenFile(), 'utf8')).split('\n');
    token = lines.find((line) => /^admin\s/.test(line)).split(/\s+/)[2];
    await appendFile(tokenFile(), `\nwatcher viewer ${viewer}\n`);
    browser = await launchBrowser();
  });
  afterEach(async () => {
    await page?.context().close();
    page = undefined;
  });
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  shows('every page is live, in the words of the server, without a fault', '', async () => {
    for (const name of pages) {
      if (!(await has(`/api/${name}`))) continue;
      await go(page, `#/${name}`);
      assert.equal(await page.locator('.fault:not([hidden])').count(), 0, name);
      assert.equal(await page.isVisible('#banner'), false, name);
      assert.doesNotMatch(await page.innerText('.page'), /undefined|NaN|\[object/, name);
    }
  });

  shows('overview: the simulated market moves', '', async () => {
    await eventually(
      () => page.innerText('[data-figure=ticks_per_s] b'),
      (text) => Number.parseFloat(text) > 0,
      'ticks',
    );
    assert.match(await page.innerText('.page-head'), /serving/);
  });

  shows('tables are sorted, filtered and paged by the server', '#/actors?filter=SIM.*&sort=name', async () => {
    const names = (await rows(page)).map(({ name }) => name);
    assert.equal(names.length, 12);
    assert.deepEqual(names, [...names].sort());
    for (const preset of ['-mailbox', '-busy', '-oldest_ms', '-restarts']) {
      await go(page, `#/actors?sort=${preset}`);
      assert.equal(await page.locator('.fault:not([hidden])').count(), 0, preset);
    }
  });

  shows(
    'an actor describes itself, is restarted, and the restart is seen live',
    '#/actors?filter=SIM.ALPHA',
    async () => {
      await page.click('tbody a');
      await page.waitForSelector('.page [data-action=restart][aria-disabled=false]');
      await page.waitForSelector('.described > *');
      const started = await page.innerText('.pairs');
      await ask(page, 'restart', '.page-head');
      await confirm(page);
      assert.ok(started.length > 0);
      await go(page, '#/restarts');
      await eventually(
        () => page.innerText('.split'),
        (text) => text.includes('SIM.ALPHA'),
        'the restart',
      );
    },
  );

  shows('an actor is traced', '#/actors?filter=SIM.BRAVO', async () => {
    await page.click('tbody a');
    await page.waitForSelector('.page [data-action=trace][aria-disabled=false]');
    await ask(page, 'trace', '.page-head');
    await page.fill('dialog [name=count]', '3');
    await page.fill('dialog [name=seconds]', '10');
    await confirm(page);
    await page.waitForSelector('.trace .state:is([data-state=full], [data-state=over])', { timeout: 15_000 });
  });

  shows('a feed is suspended and resumed', '#/feeds', async (t) => {
    if (!(await has('/api/feeds/pull/suspend', { method: 'POST', body: '{}' }))) {
      t.skip('this server suspends no feeds');
      return;
    }
    const pull = 'tr[data-row=pull]';
    await ask(page, 'suspend', pull);
    await confirm(page);
    await page.waitForSelector(`${pull} .state[data-state=suspended]`);
    await ask(page, 'resume', pull);
    await confirm(page);
    await page.waitForSelector(`${pull} .state:not([data-state=suspended])`);
  });

  shows('a client is seen and kicked, with its code and reason', '#/connections', async () => {
    const client = new WebSocket(server.started.ws);
    await once(client, 'open');
    client.send(JSON.stringify({ type: 'connect', id: 1, data: {} }));
    const [row] = await eventually(
      () => rows(page),
      (list) => list.length === 1,
      'the client',
    );
    await ask(page, 'kick', `tr[data-row="${row.row}"]`);
    await page.fill('dialog [name=code]', '3501');
    await page.fill('dialog [name=reason]', 'test');
    const closed = once(client, 'close');
    await confirm(page);
    const [code, reason] = await closed;
    assert.deepEqual([code, String(reason)], [3501, 'test']);
    await eventually(
      () => rows(page),
      (list) => list.length === 0,
      'nobody',
    );
  });

  shows('the log goes on, and a level is set', '#/log', async () => {
    await page.waitForSelector('.line');
    await ask(page, 'log_level', '.page-head');
    await page.selectOption('dialog [name=level]', 'debug');
    await confirm(page);
    await page.click('summary');
    await page.waitForSelector('.levels >> text=/: debug/');
    await ask(page, 'log_level', '.page-head');
    await page.selectOption('dialog [name=level]', 'info');
    await confirm(page);
  });

  shows('the configuration in force marks what was changed', '#/config?changed=yes', async () => {
    assert.match(await page.innerText('.config'), /port[\s\S]*changed; default/);
  });

  shows('the server drains and accepts again', '', async () => {
    await ask(page, 'drain');
    await page.fill('dialog [name=seconds]', '1');
    await confirm(page);
    await page.waitForSelector('.page-head .state:is([data-state=draining], [data-state=drained])');
    assert.equal((await fetch(`${admin}/ready`)).status, 503);
    await page.waitForSelector('.page-head .state[data-state=drained]');
    await ask(page, 'undrain');
    await confirm(page);
    await page.waitForSelector('.page-head .state[data-state=serving]');
    assert.equal((await fetch(`${admin}/ready`)).status, 200);
  });

  shows('the audit log has it all', '#/audit', async () => {
    const list = await rows(page);
    const done = new Set(list.map(({ action }) => action));
    for (const action of ['restart', 'trace', 'kick', 'log-level', 'drain', 'undrain'])
      assert.ok(
        [...done].some((name) => name.includes(action)),
        `${action} of ${[...done]}`,
      );
    assert.ok(list.every(({ who }) => who === 'admin'));
  });

  it('a viewer may look and not act, and a token that is removed is out', async (t) => {
    if (missing) {
      t.skip(missing);
      return;
    }
    page = await openConsole(browser, admin);
    await signIn(page, viewer);
    await go(page, '#/feeds');
    const states = await page.$$eval('[data-action]', (all) => all.map((each) => each.getAttribute('aria-disabled')));
    assert.ok(states.length > 0 && states.every((state) => state === 'true'));
    const init = {
      method: 'POST',
      headers: { Authorization: `Bearer ${viewer}`, 'Content-Type': 'application/json' },
      body: '{}',
    };
    assert.equal((await fetch(`${admin}/api/drain`, init)).status, 403);
    const text = await readFile(tokenFile(), 'utf8');
    await writeFile(tokenFile(), text.replace(/^watcher .*\n/m, ''));
    await page.waitForSelector('text=no longer accepted', { timeout: 15_000 });
  });

  // The last one: it stops the server for a while.
  shows('a server that freezes is seen as silent, and seen again when it goes on', '#/overview', async () => {
    server.signal('SIGSTOP');
    try {
      await fresh(page, 'stale', 'silent', 12_000);
      assert.match(await page.innerText('#banner'), /no news for \d/);
    } finally {
      server.signal('SIGCONT');
    }
    await fresh(page, 'live', undefined, 20_000);
    page.faults = [];
  });
});
