// Topics that a backend subscribes a user to, which nobody in the page has asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GivenTopics } from '../../../web/client/given.js';
import { Inbox, reaches, reconnect, recorder, scene, settle } from './support.mjs';

async function connected(make) {
  const client = make();
  const told = new Inbox();
  client.on('topic', told.put);
  client.connect();
  await reaches(client, 'connected');
  return { client, told };
}

scene('tells of topics that nobody here has subscribed to', async ({ server, make }) => {
  const { client, told } = await connected(make);
  server.snapshot('signal.desk', 4, { last: 1 });
  server.update('signal.desk', 5, { n: 5 });
  assert.deepEqual(await told.take(), {
    topic: 'signal.desk',
    type: 'snapshot',
    epoch: 'e1',
    seq: 4,
    data: { last: 1 },
  });
  assert.deepEqual(await told.take(), { topic: 'signal.desk', type: 'update', epoch: 'e1', seq: 5, data: { n: 5 } });
  assert.deepEqual([client.stats.gaps, client.errors.length], [0, 0]);
});

scene('tells a hole in them, and goes on', async ({ server, make }) => {
  const { told } = await connected(make);
  server.snapshot('signal.desk', 4);
  server.update('signal.desk', 7);
  server.update('signal.desk', 7);
  server.update('signal.desk', 8);
  await told.take();
  const { type, gap } = await told.take();
  assert.deepEqual([type, gap], ['gap', { topic: 'signal.desk', from: 5, to: 6, lost: 2, reason: 'hole' }]);
  assert.deepEqual([(await told.take()).seq, (await told.take()).seq], [7, 8]);
  await settle(server);
  assert.equal(server.commands.size, 0, 'nothing is asked for');
});

scene('passes the gap of the server on', async ({ server, make }) => {
  const { told } = await connected(make);
  server.snapshot('signal.desk', 4);
  server.send({ type: 'gap', topic: 'signal.desk', data: { from: 5, to: 9, lost: 5 } });
  server.snapshot('signal.desk', 9);
  server.update('signal.desk', 10);
  await told.take();
  assert.equal((await told.take()).gap.reason, 'server');
  assert.deepEqual([(await told.take()).type, (await told.take()).type, told.size], ['snapshot', 'update', 0]);
});

scene('begins anew after a reconnect', async ({ server, make, clock }) => {
  const { client, told } = await connected(make);
  server.snapshot('signal.desk', 4);
  await told.take();
  await reconnect(server, client, clock);
  server.update('signal.desk', 2);
  server.snapshot('signal.desk', 3, {}, 'e2');
  server.update('signal.desk', 4);
  const [first, , last] = [await told.take(), await told.take(), await told.take()];
  assert.deepEqual([first.seq, last.seq, last.epoch], [2, 4, 'e2']);
});

scene('leaves a topic to who subscribes to it here', async ({ server, make }) => {
  const { client, told } = await connected(make);
  server.snapshot('signal.desk', 4);
  await told.take();
  const { handlers, take } = recorder();
  client.subscribe('signal.desk', handlers);
  await server.grant(6);
  server.update('signal.desk', 7);
  assert.deepEqual([(await take())[0], (await take())[2].seq], ['snapshot', 7]);
  assert.equal(told.size, 0);
});

scene('a given topic that is subscribed to here is subscribed anew', async ({ server, make }) => {
  const { client } = await connected(make);
  const { handlers, take } = recorder();
  client.subscribe('signal.desk', handlers);
  server.refuse(await server.take('subscribe'), 105);
  server.reply(await server.take('unsubscribe'));
  await server.grant(6);
  assert.equal((await take())[0], 'snapshot');
});

test('keeps positions of so many topics and no more', () => {
  const given = new GivenTopics();
  const frame = (n, seq) => given.receive({ type: 'update', topic: `signal.${n}`, seq, data: {} });
  for (let n = 0; n < 1001; n++) frame(n, 1);
  assert.deepEqual([frame(999, 9).length, frame(1000, 9).length], [2, 1]);
});

scene('frames of a topic that was just left are no given ones', async ({ server, make }) => {
  const { client, told } = await connected(make);
  const one = client.subscribe('trade.A', {});
  await server.grant(1);
  one.unsubscribe();
  const leave = await server.take('unsubscribe');
  server.update('trade.A', 2);
  await settle(server);
  assert.equal(told.size, 0);
  server.reply(leave);
  await settle(server);
  server.snapshot('trade.A', 2);
  assert.equal((await told.take()).type, 'snapshot', 'from then on they are');
});
