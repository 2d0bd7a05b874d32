// The client library in Chromium and a backend on the service ROUTER, with a real server between them.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Backend, Server, eventually, launchBrowser, openLibrary, suite, takesTokens } from './harness.mjs';

const config = async (directory) => `${await takesTokens(directory)}
[users]
resend_ms = 500
messages = 1000
[[rule]]
name = "chat"
topics = ["chat.*", "presence.chat.*"]
who = "signed-in"
actions = ["subscribe", "publish", "presence"]
outcome = "allow"
`;

suite('the client library and a backend', { timeout: 120_000 }, () => {
  let browser, server, backend;
  let users = 0;

  /** Runs a body with a new user and a page in which `makeClient(user, options)` makes a client; the console stays clean. */
  const shows = (name, body, options = {}) =>
    it(name, options, async () => {
      const page = await openLibrary(browser, server);
      try {
        await page.evaluate(setUp);
        await body(page, `u${++users}`);
        assert.deepEqual(page.faults, []);
      } finally {
        await page.context().close();
      }
    });

  before(async () => {
    server = await new Server({ simulated: false, more: config, settings: ['service.call_ms=1500'] }).start();
    backend = new Backend(server);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await backend?.stop();
    await server?.remove();
  });

  shows('messages pushed while nobody is there come once, also over reloads', async (page, user) => {
    const push = (n) => backend.ask('push_user', { user, kind: 'fill', data: { n } });
    const collect = (count) =>
      page.evaluate(
        async ([who, wanted]) => {
          const got = [];
          const client = window.makeClient(who, { remember: 'fills' });
          client.onMessage('fill', ({ n }) => got.push(n));
          await window.until(() => got.length >= wanted);
          await new Promise((resolve) => setTimeout(resolve, 1200));
          return got;
        },
        [user, count],
      );
    for (const n of [1, 2, 3]) await push(n);
    assert.deepEqual(await collect(3), [1, 2, 3]);
    await page.reload();
    await page.evaluate(setUp);
    for (const n of [4, 5]) await push(n);
    assert.deepEqual(await collect(2), [4, 5]);
  });

  shows(
    'a burst of messages through broken connections is whole, in order, and without a double',
    async (page, user) => {
      await page.evaluate((who) => {
        window.got = [];
        window.client = window.makeClient(who, { backoff: { baseMs: 20, capMs: 100 } });
        window.client.onMessage('fill', async ({ n }) => {
          await new Promise((resolve) => setTimeout(resolve, n % 7 === 0 ? 5 : 0));
          window.got.push(n);
        });
        return window.client.ready();
      }, user);
      const connects = () => page.evaluate(() => window.client.stats.connects);
      for (let n = 1; n <= 300; n++) {
        await backend.ask('push_user', { user, kind: 'fill', data: { n } });
        if (n % 60 === 30) await backend.ask('disconnect_user', { user, code: 3001 });
        if (n % 60 === 0) await eventually(connects, (count) => count > n / 60, 'the next connection');
      }
      const read = () => page.evaluate(() => window.got);
      const got = await eventually(read, (all) => all.length >= 300, 'all messages');
      assert.deepEqual(
        got,
        Array.from({ length: 300 }, (_, i) => i + 1),
      );
      assert.equal(await connects(), 6);
    },
  );

  shows('a message whose handler fails is sent again', async (page, user) => {
    await page.evaluate((who) => {
      window.got = [];
      const client = window.makeClient(who);
      client.on('error', (error) => window.got.push(error.cause.message));
      client.onMessage('fill', ({ n }) => {
        window.got.push(n);
        if (window.got.length === 1) throw new Error('mine');
      });
      return client.ready();
    }, user);
    await backend.ask('push_user', { user, kind: 'fill', data: { n: 1 } });
    const read = () => page.evaluate(() => window.got);
    assert.deepEqual(await eventually(read, (got) => got.length >= 3, 'the message again'), [1, 'mine', 1]);
  });

  shows('calls are answered, refused, or may have happened', async (page, user) => {
    await backend.claim({
      'order.place': ({ data, user: who }) => ({ data: { who, size: data.size } }),
      'order.refuse': () => ({ error: { code: 1001, message: 'not enough margin', data: { missing: 3 } } }),
      'order.vanish': () => undefined,
    });
    const seen = await page.evaluate(async (who) => {
      const client = window.makeClient(who);
      const refusal = (type, options) =>
        client.call(type, {}, options).then(
          () => 'granted',
          ({ name, code, message, data, mayHaveHappened }) => ({ name, code, message, data, mayHaveHappened }),
        );
      return {
        answer: await client.call('order.place', { size: 2 }),
        refused: await refusal('order.refuse'),
        unclaimed: await refusal('order.unknown'),
        late: await refusal('order.vanish', { timeoutMs: 300 }),
        vanished: await refusal('order.vanish'),
      };
    }, user);
    assert.deepEqual(seen.answer, { who: user, size: 2 });
    assert.deepEqual(seen.refused, {
      ...{ name: 'ApplicationError', code: 1001, message: 'not enough margin' },
      ...{ data: { missing: 3 }, mayHaveHappened: false },
    });
    assert.deepEqual([seen.unclaimed.name, seen.unclaimed.code], ['RequestError', 104]);
    assert.deepEqual([seen.late.name, seen.late.mayHaveHappened], ['TimeoutError', true]);
    assert.deepEqual(
      [seen.vanished.name, seen.vanished.code, seen.vanished.mayHaveHappened],
      ['NoAnswerError', 113, true],
    );
  });

  shows('a call that breaks off may have happened and is not repeated', async (page, user) => {
    let calls = 0;
    await backend.claim({
      'order.cut': () => {
        calls++;
        backend.ask('disconnect_user', { user, code: 3001 });
      },
    });
    const seen = await page.evaluate(async (who) => {
      const client = window.makeClient(who, { backoff: { baseMs: 20, capMs: 100 } });
      const error = await client.call('order.cut').catch((thrown) => thrown);
      await client.ready();
      await client.ping();
      return [error.name, error.code, error.mayHaveHappened, client.stats.connects];
    }, user);
    assert.deepEqual(seen, ['DisconnectedError', 3001, true, 2]);
    assert.equal(calls, 1);
  });

  shows('what is sent without an answer arrives', async (page, user) => {
    const typing = new Promise((resolve) => backend.claim({ typing: (data, id) => resolve({ data, id }) }));
    await page.evaluate(async (who) => {
      const client = window.makeClient(who);
      await client.ready();
      await window.until(() => client.send('typing', { room: 1 }));
    }, user);
    const { data, id } = await typing;
    assert.deepEqual([data.data, data.user, id], [{ room: 1 }, user, undefined]);
  });

  shows('publishes without an echo, and sees what others publish around it without a gap', async (page, user) => {
    const seen = await page.evaluate(async (who) => {
      const [one, two] = [window.makeClient(who), window.makeClient(`${who}-other`)];
      const room = `chat.${who}`;
      const heard = { one: [], two: [], gaps: [] };
      for (const [name, client] of Object.entries({ one, two })) {
        client.subscribe(room, { update: (data) => heard[name].push(data), gap: (gap) => heard.gaps.push(gap) });
      }
      await Promise.all([one.ready(), two.ready()]);
      await window.until(() => one.stats.snapshots + two.stats.snapshots >= 2);
      for (let n = 0; n < 10; n++) {
        await Promise.all([
          one.publish(room, `one ${n}`, { echo: false }),
          two.publish(room, `two ${n}`),
          one.publish(room, `own ${n}`, { echo: false }),
        ]);
      }
      await one.publish(room, 'end');
      await window.until(() => heard.one.includes('end') && heard.two.includes('end'));
      return heard;
    }, user);
    assert.deepEqual(seen.gaps, []);
    assert.equal(seen.two.length, 31);
    assert.deepEqual(seen.one, [...Array.from({ length: 10 }, (_, n) => `two ${n}`), 'end']);
  });

  shows('a backend gives topics and takes them', async (page, user) => {
    const topic = `signal.${user}`;
    await page.evaluate((who) => {
      window.told = [];
      const client = window.makeClient(who);
      client.on('topic', ({ type, data }) => window.told.push([type, data]));
      return client.ready();
    }, user);
    await backend.ask('subscribe_user', { user, topics: [topic] });
    const read = () => page.evaluate(() => window.told);
    await eventually(read, (told) => told.length === 1, 'a snapshot');
    await backend.ask('publish', { topic, data: { n: 1 } });
    const told = await eventually(read, (all) => all.some(([type]) => type === 'update'), 'an update');
    assert.deepEqual(told.at(-1), ['update', { n: 1 }]);
  });

  shows('a backend sends a user away for good', async (page, user) => {
    await page.evaluate((who) => {
      window.client = window.makeClient(who);
      window.client.on('error', () => {});
      return window.client.ready();
    }, user);
    await backend.ask('disconnect_user', { user, reason: 'come tomorrow' });
    const read = () => page.evaluate(() => [window.client.state, window.client.stateEvent.error?.message]);
    const [, message] = await eventually(read, ([state]) => state === 'closed', 'the end');
    assert.match(message, /come tomorrow/);
  });

  shows('a restart of the server loses no message and doubles none', async (page, user) => {
    const push = (n) => backend.ask('push_user', { user, kind: 'fill', data: { n } });
    const read = () => page.evaluate(() => window.got);
    await page.evaluate((who) => {
      window.got = [];
      window.isBroken = true;
      window.client = window.makeClient(who, { backoff: { baseMs: 100, capMs: 500 } });
      window.client.on('error', () => {});
      window.client.onMessage('fill', ({ n }) => {
        if (n === 2 && window.isBroken) throw new Error('mine');
        window.got.push(n);
      });
      return window.client.ready();
    }, user);
    for (const n of [1, 2, 3]) await push(n);
    await eventually(read, (got) => got.length === 2, 'the first messages');
    await backend.stop();
    await server.stop();
    await page.evaluate(() => (window.isBroken = false));
    await server.start();
    backend = new Backend(server);
    await eventually(read, (got) => got.length === 3, 'the message that failed');
    await push(4);
    await eventually(read, (got) => got.length === 4, 'the next message');
    assert.deepEqual(await read(), [1, 3, 2, 4]);
    page.faults = page.faults.filter((fault) => !fault.includes('WebSocket connection'));
  });
});

/** In the page. */
async function setUp() {
  const { Tickcast } = await import('/tickcast.js');
  window.makeClient = (user, options) =>
    new Tickcast(new URL('/ws', location.href), { token: () => window.token(user, 600), ...options });
}
