import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tickcast, TickcastError, codes } from '../../../web/tickcast.js';
import { Server, VirtualClock, WebSocket, recorder, settle } from './support.mjs';

/** A test with a server, a client on a virtual clock, and an end to both. */
function withClient(name, body) {
  test(name, { timeout: 10_000 }, async () => {
    const server = await Server.start();
    const clock = new VirtualClock();
    const client = new Tickcast(server.url, { webSocket: WebSocket, clock, random: () => 1 });
    const errors = [];
    client.on('error', (error) => errors.push(error));
    try {
      await body({ server, client, clock, errors });
    } finally {
      client.close();
      await server.stop();
    }
    assert.equal(clock.pending, 0, 'a closed client leaves no timer');
  });
}

withClient('puts all topics of one turn into one command', async ({ server, client }) => {
  client.subscribe('trade.A', {});
  client.subscribe(['quote.A', 'bar.1m.A'], {});
  client.subscribe('trade.A', {});
  const command = await server.commands.take();
  assert.equal(command.type, 'subscribe');
  assert.deepEqual(command.data.topics, ['trade.A', 'quote.A', 'bar.1m.A']);
});

withClient('sends nothing for a topic that is left in the same turn', async ({ server, client }) => {
  client.subscribe('trade.A', {}).unsubscribe();
  client.subscribe('trade.B', {});
  assert.deepEqual((await server.commands.take()).data.topics, ['trade.B']);
});

withClient('delivers the snapshot and then every update in order', async ({ server, client }) => {
  const { handlers, take } = recorder();
  client.subscribe('trade.A', handlers);
  await server.grant(41, { trades: [] });
  server.update('trade.A', 42);
  server.update('trade.A', 43);
  assert.deepEqual(await take(), ['snapshot', { trades: [] }, { topic: 'trade.A', epoch: 'e1', seq: 41 }]);
  assert.deepEqual(await take(), ['update', { n: 42 }, { topic: 'trade.A', epoch: 'e1', seq: 42 }]);
  assert.deepEqual(await take(), ['update', { n: 43 }, { topic: 'trade.A', epoch: 'e1', seq: 43 }]);
});

withClient('takes an empty snapshot first and lets one of another epoch replace it', async ({ server, client }) => {
  const { handlers, take } = recorder();
  client.subscribe('trade.NEW', handlers);
  const command = await server.commands.take();
  server.reply(command, { topics: [{ topic: 'trade.NEW', epoch: '', seq: 0 }] });
  server.snapshot('trade.NEW', 0, {}, '');
  assert.equal((await take())[2].epoch, '');
  server.snapshot('trade.NEW', 7, { trades: [1] }, 'k9');
  assert.deepEqual(await take(), ['snapshot', { trades: [1] }, { topic: 'trade.NEW', epoch: 'k9', seq: 7 }]);
  server.update('trade.NEW', 8);
  assert.equal((await take())[0], 'update');
});

withClient('reports a hole, shows nothing after it, and subscribes anew', async ({ server, client }) => {
  const { handlers, take, inbox } = recorder();
  client.subscribe('trade.A', handlers);
  await server.grant(1);
  await take();
  server.update('trade.A', 5);
  server.update('trade.A', 6);
  assert.deepEqual(await take(), ['gap', { topic: 'trade.A', from: 2, to: 4, lost: 3, reason: 'hole' }]);
  const leave = await server.commands.take();
  assert.deepEqual([leave.type, leave.data.topics], ['unsubscribe', ['trade.A']]);
  server.reply(leave);
  await server.grant(6);
  assert.equal((await take())[0], 'snapshot');
  server.update('trade.A', 7);
  assert.equal((await take())[2].seq, 7);
  assert.equal(inbox.size, 0);
  assert.equal(client.stats.gaps, 1);
});

withClient('reports a double and does not show it', async ({ server, client }) => {
  const { handlers, take } = recorder();
  client.subscribe('trade.A', handlers);
  await server.grant(1);
  await take();
  server.update('trade.A', 2);
  server.update('trade.A', 2);
  assert.equal((await take())[0], 'update');
  assert.deepEqual(await take(), ['gap', { topic: 'trade.A', from: 2, to: 2, lost: 0, reason: 'double' }]);
  assert.equal((await server.commands.take()).type, 'unsubscribe');
});

withClient('subscribes ever later to a topic that breaks again and again', async ({ server, client, clock }) => {
  const { handlers } = recorder();
  client.subscribe('trade.A', handlers);
  await server.grant(1);
  server.update('trade.A', 9);
  server.reply(await server.commands.take());
  await server.grant(9);
  server.update('trade.A', 99);
  await settle(server);
  assert.equal(server.commands.size, 0, 'the second time it waits');
  clock.advance(3000);
  assert.equal((await server.commands.take()).type, 'unsubscribe');
});

withClient('passes the gap of the server on and waits for its snapshot', async ({ server, client }) => {
  const { handlers, take } = recorder();
  client.subscribe('trade.A', handlers);
  await server.grant(1);
  await take();
  server.send({ type: 'gap', topic: 'trade.A', data: { from: 2, to: 9, lost: 8 } });
  assert.deepEqual(await take(), ['gap', { topic: 'trade.A', from: 2, to: 9, lost: 8, reason: 'server' }]);
  server.snapshot('trade.A', 9);
  server.update('trade.A', 10);
  assert.equal((await take())[0], 'snapshot');
  assert.equal((await take())[2].seq, 10);
  assert.equal(server.commands.size, 0, 'the server sends it by itself');
});

withClient('asks again for a snapshot that never comes', async ({ server, client, clock }) => {
  client.subscribe('trade.A', {});
  server.reply(await server.commands.take(), { topics: [] });
  await settle(server);
  clock.advance(11_000);
  assert.equal((await server.commands.take()).type, 'unsubscribe');
});

withClient('gives a late listener a snapshot of its own and keeps one subscription', async ({ server, client }) => {
  const first = recorder();
  const second = recorder();
  const one = client.subscribe('trade.A', first.handlers);
  await server.grant(1);
  await first.take();
  const two = client.subscribe('trade.A', second.handlers);
  server.update('trade.A', 2);
  server.reply(await server.commands.take());
  await server.grant(2);
  assert.equal((await second.take())[0], 'snapshot');
  one.unsubscribe();
  server.update('trade.A', 3);
  assert.equal((await second.take())[2].seq, 3);
  assert.equal(server.commands.size, 0, 'somebody still listens');
  two.unsubscribe();
  assert.deepEqual((await server.commands.take()).type, 'unsubscribe');
});

withClient('a listener that throws is reported and disturbs nobody', async ({ server, client, errors }) => {
  const { handlers, take } = recorder();
  const thrown = new Error('mine');
  client.subscribe('trade.A', {
    snapshot: () => {
      throw thrown;
    },
    update: async () => {
      throw thrown;
    },
  });
  client.subscribe('trade.A', handlers);
  await server.grant(1);
  server.update('trade.A', 2);
  assert.equal((await take())[0], 'snapshot');
  assert.equal((await take())[0], 'update');
  await settle(server);
  assert.equal(errors.length, 2);
  assert.ok(errors.every((e) => e instanceof TickcastError && e.code === codes.listener && e.cause === thrown));
});

withClient('finds the one topic that is refused and keeps the others', async ({ server, client }) => {
  const topics = Array.from({ length: 9 }, (_, i) => `trade.S${i}`);
  const { handlers, inbox } = recorder();
  server.answer = (command) => {
    if (command.data.topics.includes('trade.S3')) {
      server.refuse(command, 103);
    } else {
      server.reply(command, { topics: [] });
      command.data.topics.forEach((topic) => server.snapshot(topic, 1));
    }
    return true;
  };
  client.subscribe(topics, handlers);
  const seen = [];
  for (let i = 0; i < topics.length; i++) seen.push(await inbox.take());
  const refused = seen.filter(([what]) => what === 'error').map(([, error]) => error);
  assert.deepEqual(
    refused.map((e) => [e.topic, e.code, e.temporary]),
    [['trade.S3', 103, false]],
  );
  assert.equal(seen.filter(([what]) => what === 'snapshot').length, 8);
});

withClient('repeats a command that was refused for the moment', async ({ server, client, clock }) => {
  const { handlers, take } = recorder();
  client.subscribe('trade.A', handlers);
  server.refuse(await server.commands.take(), 111, true);
  await settle(server);
  clock.advance(2000);
  await server.grant(1);
  assert.equal((await take())[0], 'snapshot');
});

withClient('cuts long lists into commands that servers take', async ({ server, client }) => {
  const topics = Array.from({ length: 2500 }, (_, i) => `bar.1m.SYMBOL-WITH-A-LONG-NAME-${i}`);
  client.subscribe(topics, {});
  const got = [];
  while (got.length < topics.length) {
    const command = await server.commands.take();
    assert.ok(JSON.stringify(command).length < 40_000);
    got.push(...command.data.topics);
  }
  assert.deepEqual(got, topics);
});

withClient('refuses what is no topic where it is asked for', async ({ client }) => {
  for (const bad of ['', 'trade.Ä', 'a b', 'x'.repeat(129), 7]) {
    assert.throws(() => client.subscribe(bad, {}), TypeError);
  }
});

withClient('calls no handler after unsubscribe, though frames are on their way', async ({ server, client }) => {
  const { handlers, take, inbox } = recorder();
  const subscription = client.subscribe('trade.A', handlers);
  await server.grant(1);
  await take();
  subscription.unsubscribe();
  server.update('trade.A', 2);
  await settle(server);
  assert.equal(inbox.size, 0);
});

withClient('leaves a topic again when the server was too busy to let it go', async ({ server, client, clock }) => {
  const { handlers, take } = recorder();
  const subscription = client.subscribe('trade.A', handlers);
  await server.grant(1);
  await take();
  subscription.unsubscribe();
  server.refuse(await server.commands.take(), 111, true);
  await settle(server);
  clock.advance(2000);
  assert.equal((await server.commands.take()).type, 'unsubscribe');
});
