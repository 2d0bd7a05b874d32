// The client library in Chromium, signed in to a real server by JSON Web Tokens.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Server, launchBrowser, openLibrary, suite, takesTokens } from './harness.mjs';

suite('the client library, signed in', { timeout: 60_000 }, () => {
  let browser, server;

  /** Runs a body with a page whose `makeClient(options)` makes a client that notes its states, errors and trades. */
  const shows = (name, body) =>
    it(name, async () => {
      const page = await openLibrary(browser, server);
      try {
        await page.evaluate(async () => {
          const { Tickcast } = await import('/tickcast.js');
          window.makeClient = (options) => {
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
        });
        await body(page);
      } finally {
        await page.context().close();
      }
    });

  before(async () => {
    server = await new Server({ more: takesTokens }).start();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  shows('renews its token again and again, and no connection breaks', async (page) => {
    const seen = await page.evaluate(async () => {
      let asked = 0;
      const client = window.makeClient({ token: () => window.token('42', ++asked && 3) });
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
      const client = window.makeClient({ token: await window.token('42', 60) });
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
      const client = window.makeClient({ token: 'nonsense' });
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
      const client = window.makeClient({ token: await window.token('42', 2) });
      await window.until(() => client.state === 'signedOut');
      return { states: client.states, errors: client.errors };
    });
    assert.deepEqual(seen.states, ['connecting', 'connected 42', 'reconnecting', 'connecting', 'signedOut']);
    assert.deepEqual(seen.errors, ['SignInError 109']);
  });
});
