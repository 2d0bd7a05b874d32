// The client library in Chromium, signed in to a real server by JSON Web Tokens.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { Server, launchBrowser, suite } from './harness.mjs';

const secret = '0123456789abcdef0123456789abcdef';

function token(user, livesS) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, exp: Date.now() / 1000 + livesS })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

async function signedInBy(directory) {
  const file = join(directory, 'secret');
  await writeFile(file, secret, { mode: 0o600 });
  return `
[auth]
warn_ms = 1500
[auth.jwt]
algorithms = ["HS256"]
secret_file = "${file}"
leeway_ms = 0
`;
}

suite('the client library, signed in', { timeout: 60_000 }, () => {
  let browser, server;

  /** Runs a body with a page whose `open(options)` makes a client that notes its states, errors and trades. */
  const shows = (name, body) =>
    it(name, async () => {
      const page = await (await browser.newContext()).newPage();
      try {
        await page.exposeFunction('token', token);
        await page.goto(`${server.http}/health`);
        await page.evaluate(async () => {
          const { Tickcast } = await import('/tickcast.js');
          window.open = (options) => {
            const client = new Tickcast(new URL('/ws', location.href), options);
            Object.assign(client, { states: [], errors: [], trades: [], gaps: [] });
            client.on('state', ({ state, user }) => client.states.push(user ? `${state} ${user}` : state));
            client.on('error', ({ name: kind, code }) => client.errors.push(`${kind} ${code}`));
            client.subscribe('trade.SIM.ALPHA', {
              update: (_, { seq }) => client.trades.push(seq),
              gap: (gap) => client.gaps.push(gap),
            });
            return client;
          };
          window.until = async (fits) => {
            for (const end = Date.now() + 10_000; !fits();) {
              if (Date.now() > end) throw new Error(`waited in vain for ${fits}`);
              await new Promise((resolve) => setTimeout(resolve, 20));
            }
          };
        });
        await body(page);
      } finally {
        await page.context().close();
      }
    });

  before(async () => {
    server = await new Server({ more: signedInBy }).start();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  shows('renews its token again and again, and no connection breaks', async (page) => {
    const seen = await page.evaluate(async () => {
      let asked = 0;
      const client = window.open({ token: () => window.token('42', ++asked && 3) });
      await window.until(() => asked >= 4);
      const { states, errors, gaps, stats } = client;
      const isWhole = client.trades.every((seq, i, all) => i === 0 || seq === all[i - 1] + 1);
      return { states, errors, gaps, connects: stats.connects, isWhole, trades: client.trades.length };
    });
    assert.deepEqual(seen.states, ['connecting', 'connected 42']);
    assert.deepEqual([seen.errors, seen.gaps, seen.connects, seen.isWhole], [[], [], 1, true]);
    assert.ok(seen.trades > 0);
  });

  shows('changes the user and keeps the subscriptions', async (page) => {
    const seen = await page.evaluate(async () => {
      const client = window.open({ token: await window.token('42', 60) });
      await window.until(() => client.trades.length > 0);
      const { user } = await client.signIn(await window.token('7', 60));
      client.trades = [];
      await window.until(() => client.trades.length > 0);
      await client.signOut();
      client.trades = [];
      await window.until(() => client.trades.length > 0);
      return { user, states: client.states, errors: client.errors };
    });
    assert.equal(seen.user, '7');
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(
      seen.states.filter((state) => state !== 'connecting'),
      ['connected 42', 'connected 7', 'connected'],
    );
  });

  shows('stays away after a sign-in that is refused, and comes back with a better one', async (page) => {
    const seen = await page.evaluate(async () => {
      const client = window.open({ token: 'nonsense' });
      await window.until(() => client.state === 'signedOut');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const before = [...client.states];
      const refusal = await client.signIn('more nonsense').catch((error) => error.name);
      await client.signIn(await window.token('42', 60));
      return { before, refusal, errors: client.errors, user: client.stateEvent.user };
    });
    assert.deepEqual(seen.before, ['connecting', 'signedOut']);
    assert.deepEqual([seen.refusal, seen.user], ['SignInError', '42']);
    assert.deepEqual(seen.errors, ['SignInError 101', 'SignInError 101']);
  });

  shows('a token as text that runs out signs out', async (page) => {
    const seen = await page.evaluate(async () => {
      const client = window.open({ token: await window.token('42', 2) });
      await window.until(() => client.state === 'signedOut');
      return { states: client.states, errors: client.errors };
    });
    assert.deepEqual(seen.states, ['connecting', 'connected 42', 'reconnecting', 'connecting', 'signedOut']);
    assert.deepEqual(seen.errors, ['SignInError 109']);
  });
});
