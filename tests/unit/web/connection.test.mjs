import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { makeNow } from '../../../web/client/clock.js';
import { Tickcast, TickcastError, codes } from '../../../web/tickcast.js';
import { Server, VirtualClock, WebSocket, reaches, recorder, settle, soon } from './support.mjs';

function withServer(name, body) {
  test(name, { timeout: 10_000 }, async () => {
    const server = await Server.start();
    const clock = new VirtualClock();
    const clients = [];
    const make = (options = {}, urls = server.url) => {
      const client = new Tickcast(urls, { webSocket: WebSocket, clock, random: () => 0.5, ...options });
      client.errors = [];
      client.on('error', (error) => client.errors.push(error));
      clients.push(client);
      return client;
    };
    try {
      await body({ server, clock, make });
    } finally {
      clients.forEach((client) => client.close());
      await server.stop();
    }
    assert.equal(clock.pending, 0, 'a closed client leaves no timer');
  });
}

withServer('introduces itself with its token before anything else', async ({ server, make }) => {
  const client = make({ token: 'secret' });
  client.subscribe('trade.A', {});
  await server.commands.take();
  assert.deepEqual(server.connects, [{ token: 'secret' }]);
  assert.equal(client.state, 'connected');
  assert.equal(client.stateEvent.client, 'c1');
});

withServer('comes back by itself and subscribes again', async ({ server, clock, make }) => {
  const client = make();
  const { handlers, take } = recorder();
  const states = [];
  client.subscribe('trade.A', { ...handlers, state: (state) => states.push(state) });
  await server.grant(5);
  await take();
  server.current.terminate();
  const lost = await reaches(client, 'reconnecting');
  assert.equal(lost.error.code, 1006);
  assert.equal(lost.error.temporary, true);
  clock.advance(lost.retryInMs);
  await server.grant(9);
  assert.deepEqual((await take())[2], { topic: 'trade.A', epoch: 'e1', seq: 9 });
  assert.deepEqual(states, ['live', 'waiting', 'live']);
  assert.equal(client.stats.connects, 2);
});

withServer('waits longer after each failure, with jitter, up to a cap', async ({ server, clock, make }) => {
  const client = make({ backoff: { baseMs: 500, capMs: 3000 } });
  server.connectReply = null;
  client.connect();
  const delays = [];
  for (let i = 0; i < 5; i++) {
    (await server.sockets.take()).terminate();
    const { retryInMs } = await reaches(client, 'reconnecting');
    delays.push(retryInMs);
    clock.advance(retryInMs);
  }
  assert.deepEqual(delays, [250, 500, 1000, 1500, 1500]);
});

withServer('a server that accepts and soon drops counts as a failure', async ({ server, clock, make }) => {
  const client = make();
  client.connect();
  const delays = [];
  for (let i = 0; i < 3; i++) {
    await reaches(client, 'connected');
    clock.advance(3000);
    server.current.terminate();
    delays.push((await reaches(client, 'reconnecting')).retryInMs);
    clock.advance(delays[i]);
  }
  assert.deepEqual(delays, [250, 500, 1000]);
  await reaches(client, 'connected');
  clock.advance(15_000);
  server.current.terminate();
  assert.equal((await reaches(client, 'reconnecting')).retryInMs, 250, 'a steady connection clears the count');
});

withServer('tries several servers in turn', async ({ server, clock, make }) => {
  const nobody = createServer().listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const dead = `ws://127.0.0.1:${nobody.address().port}/ws`;
  await soon(new Promise((resolve) => nobody.close(resolve)), 'a port to be free');
  const client = make({}, [dead, server.url]);
  client.connect();
  const { retryInMs, url } = await reaches(client, 'reconnecting');
  assert.equal(url, server.url);
  clock.advance(retryInMs);
  assert.equal((await reaches(client, 'connected')).url, server.url);
});

withServer('reconnects when nothing was heard for the ping interval and 8 s', async ({ server, clock, make }) => {
  const client = make();
  client.connect();
  await reaches(client, 'connected');
  clock.advance(32_000);
  assert.equal(client.state, 'connected');
  server.send({ type: 'ping' });
  const pong = await server.commands.take();
  assert.deepEqual(pong, { type: 'pong' });
  clock.advance(32_000);
  assert.equal(client.state, 'connected', 'a ping is a sign of life');
  const lost = reaches(client, 'reconnecting');
  clock.advance(3000);
  assert.equal((await lost).error.code, codes.timeout);
});

withServer('gives up on a server that takes the connection and says nothing', async ({ server, clock, make }) => {
  server.connectReply = null;
  const client = make();
  client.connect();
  await server.sockets.take();
  clock.advance(10_000);
  assert.equal(client.state, 'reconnecting');
  assert.equal(client.stateEvent.error.code, codes.timeout);
});

withServer('reconnects when a command gets no answer', async ({ server, clock, make }) => {
  const client = make();
  client.subscribe('trade.A', {});
  await server.commands.take();
  clock.advance(9000);
  server.send({ type: 'ping' });
  await server.commands.take();
  clock.advance(2000);
  assert.notEqual(client.state, 'connected');
});

for (const [code, goesOn, end = 'closed'] of [
  [1001, true],
  [3001, true],
  [3008, true],
  [3499, true],
  [3500, false, 'signedOut'],
  [3502, false, 'signedOut'],
  [3503, false, 'signedOut'],
  [3504, false],
  [3505, false],
  [3999, false],
  [4000, true],
  [4500, false],
]) {
  withServer(`close ${code} ${goesOn ? 'reconnects' : 'stays away'}`, async ({ server, make }) => {
    const client = make();
    client.connect();
    await reaches(client, 'connected');
    server.current.close(code, 'why');
    const { error } = await reaches(client, goesOn ? 'reconnecting' : end);
    assert.ok(error instanceof TickcastError);
    assert.equal(error.code, code);
    assert.equal(error.temporary, goesOn);
    assert.equal(client.errors.length, goesOn ? 0 : 1);
  });
}

withServer('a token that is refused ends it, and connect() tries anew', async ({ server, make }) => {
  server.connectReply = null;
  const client = make({ token: 'old' });
  client.connect();
  const socket = await server.sockets.take();
  socket.once('message', (text) => server.refuse(JSON.parse(text), 101));
  assert.equal((await reaches(client, 'signedOut')).error.code, 101);
  server.connectReply = { ping_ms: 1000 };
  client.connect();
  await reaches(client, 'connected');
});

withServer('an expired token is asked for again where it can be', async ({ server, clock, make }) => {
  server.connectReply = null;
  let asked = 0;
  const client = make({ token: async () => `token-${++asked}` });
  client.connect();
  const socket = await server.sockets.take();
  socket.once('message', (text) => server.refuse(JSON.parse(text), 109));
  const { retryInMs } = await reaches(client, 'reconnecting');
  server.connectReply = {};
  clock.advance(retryInMs);
  await reaches(client, 'connected');
  assert.deepEqual(server.connects, [{ token: 'token-1' }, { token: 'token-2' }]);
});

withServer('frames that are no protocol are reported and change nothing', async ({ server, make }) => {
  const client = make();
  const { handlers, take } = recorder();
  client.subscribe('trade.A', handlers);
  await server.grant(1);
  await take();
  for (const rubbish of ['{', '[]', '7', '{"type":5}', 'null']) server.send(rubbish);
  server.current.send(Buffer.from([1, 2, 3]));
  server.send({ type: 'tomorrow' });
  server.send({ type: 'update', topic: 'trade.OTHER', seq: 1, data: {} });
  server.update('trade.A', 2);
  assert.equal((await take())[2].seq, 2);
  assert.equal(client.errors.length, 6);
  assert.ok(client.errors.every((error) => error.code === codes.malformed));
});

withServer('measures the round trip', async ({ server, clock, make }) => {
  const client = make();
  client.connect();
  await reaches(client, 'connected');
  const measured = client.ping();
  assert.equal(client.ping(), measured, 'calls that overlap share one');
  const command = await server.commands.take();
  assert.equal(command.type, 'ping');
  clock.advance(40);
  server.reply(command);
  assert.equal(await soon(measured, 'a pong'), 40);
  assert.equal(client.rtt, 40);
});

withServer('passes messages to the user on', async ({ server, make }) => {
  const client = make();
  const got = new Promise((resolve) => client.on('message', resolve));
  client.connect();
  await reaches(client, 'connected');
  server.send({ type: 'message', kind: 'order', data: { id: 1 } });
  assert.deepEqual(await soon(got, 'a message'), { kind: 'order', data: { id: 1 } });
});

withServer('close() ends it, keeps the subscriptions, and connect() brings them back', async ({ server, make }) => {
  const client = make();
  client.subscribe('trade.A', {});
  await server.grant(1);
  const closed = once(server.current, 'close');
  client.close();
  assert.equal((await soon(closed, 'the closing'))[0], 1000);
  assert.equal(client.state, 'closed');
  await assert.rejects(client.ping(), TickcastError);
  client.connect();
  assert.deepEqual((await server.grant(1)).data.topics, ['trade.A']);
});

withServer('topics left while offline are not subscribed again', async ({ server, clock, make }) => {
  const client = make();
  const subscription = client.subscribe('trade.A', {});
  client.subscribe('trade.B', {});
  await server.grant(1);
  server.current.terminate();
  const { retryInMs } = await reaches(client, 'reconnecting');
  subscription.unsubscribe();
  for (let i = 0; i < 100; i++) client.subscribe(`trade.X${i}`, {}).unsubscribe();
  clock.advance(retryInMs);
  assert.deepEqual((await server.commands.take()).data.topics, ['trade.B']);
});

withServer('a state listener may close it at any step', async ({ server, clock, make }) => {
  for (const step of ['connecting', 'connected', 'reconnecting']) {
    const client = make();
    client.on('state', ({ state }) => state === step && client.close());
    client.connect();
    if (step === 'reconnecting') {
      await reaches(client, 'connected');
      await settle(server);
      server.current.terminate();
    }
    await reaches(client, 'closed');
  }
  assert.equal(clock.pending, 0);
});

withServer('a topic listener may close it when the connection breaks', async ({ server, make }) => {
  const client = make();
  client.subscribe('trade.A', { state: (state) => state === 'waiting' && client.close() });
  await server.grant(1);
  await settle(server);
  server.current.terminate();
  await reaches(client, 'closed');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(client.state, 'closed');
});

test('says what it needs', () => {
  assert.throws(() => new Tickcast('http://x/', { webSocket: null, clock: null }), /webSocket/i);
  assert.throws(() => new Tickcast('ftp://x/', { webSocket: WebSocket }), /ws:\/\//);
  assert.throws(() => new Tickcast([], { webSocket: WebSocket }), /at least one/);
  assert.throws(() => new Tickcast('ws://x/', { webSocket: WebSocket }).on('nonsense', () => {}), /state, error/);
});

test('its clock goes on while the machine sleeps, and never runs back', () => {
  let steady = 0;
  let wall = 1e12;
  const now = makeNow(
    () => steady,
    () => wall,
  );
  const pass = (ms, asleep = 0) => {
    steady += ms;
    wall += ms + asleep;
    return now();
  };
  assert.equal(pass(500), 500);
  assert.equal(pass(500, 60_000), 61_000, 'a minute asleep is a minute older');
  assert.equal(pass(500, -3_600_000), 61_500, 'a wall clock set back changes nothing');
  assert.equal(pass(500, 200), 62_000, 'nor does one that is nudged');
});
