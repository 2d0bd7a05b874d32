import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PermissionError, PresenceWatch } from '../../../web/tickcast.js';
import { Inbox, VirtualClock, reaches, reconnect, scene, settle, soon } from './support.mjs';

const users = [{ user: '42', name: 'Ann', connections: 2 }];
const list = (seq, epoch = 'e1') => ({ topic: 'chat.a', epoch, seq, connections: 3, anonymous: 1, users });
const join = (server, seq, user, name) => server.update('presence.chat.a', seq, { event: 'join', user, name });
const leave = (server, seq, user) => server.update('presence.chat.a', seq, { event: 'leave', user });

/** A client that watches who is on chat.a; all it is told goes into one inbox. */
function watching(make) {
  const client = make();
  const told = new Inbox();
  const watch = client.watchPresence('chat.a', {
    list: ({ seq }) => told.put(['list', seq]),
    join: ({ user }) => told.put(['join', user]),
    leave: ({ user }) => told.put(['leave', user]),
    error: (error) => told.put(['error', error]),
  });
  return { client, told, watch };
}

/** Up to the question for the list: subscribed at `seq`. */
async function asked(server, seq) {
  assert.deepEqual((await server.grant(seq)).data.topics, ['presence.chat.a']);
  return server.take('presence');
}

scene('asks who is there', async ({ server, make }) => {
  const client = make();
  const presence = client.presence('chat.a');
  const command = await server.take('presence');
  assert.deepEqual(command.data, { topic: 'chat.a' });
  server.reply(command, list(9));
  assert.deepEqual(await soon(presence, 'the list'), list(9));
});

scene('joins list and events without a hole or a double', async ({ server, make }) => {
  const { told } = watching(make);
  const question = await asked(server, 9);
  join(server, 10, '1');
  leave(server, 11, '2');
  join(server, 12, '3', 'Bob');
  server.reply(question, list(11));
  join(server, 13, undefined);
  assert.deepEqual(
    [await told.take(), await told.take(), await told.take()],
    [
      ['list', 11],
      ['join', '3'],
      ['join', undefined],
    ],
  );
});

scene('leaves out events that come after a list which holds them', async ({ server, make }) => {
  const { told } = watching(make);
  server.reply(await asked(server, 9), list(11));
  join(server, 10, '1');
  join(server, 11, '2');
  leave(server, 12, '1');
  assert.deepEqual(
    [await told.take(), await told.take()],
    [
      ['list', 11],
      ['leave', '1'],
    ],
  );
});

scene('asks anew after a break, also in the middle of the first question', async ({ server, make, clock }) => {
  const { client, told } = watching(make);
  await asked(server, 9);
  join(server, 10, '1');
  await settle(server);
  await reconnect(server, client, clock);
  server.reply(await asked(server, 15), list(15));
  join(server, 16, '2');
  assert.deepEqual(
    [await told.take(), await told.take()],
    [
      ['list', 15],
      ['join', '2'],
    ],
  );
  await reconnect(server, client, clock);
  server.reply(await asked(server, 30), list(30));
  assert.deepEqual(await told.take(), ['list', 30]);
});

scene('asks anew after a gap of the server', async ({ server, make }) => {
  const { told } = watching(make);
  server.reply(await asked(server, 9), list(9));
  await told.take();
  server.send({ type: 'gap', topic: 'presence.chat.a', data: { from: 10, to: 19, lost: 10 } });
  server.snapshot('presence.chat.a', 19);
  server.reply(await server.take('presence'), list(19));
  join(server, 20, '1');
  assert.deepEqual(
    [await told.take(), await told.take()],
    [
      ['list', 19],
      ['join', '1'],
    ],
  );
});

scene('leaves out the answer to a question from before a gap', async ({ server, make }) => {
  const { told } = watching(make);
  const old = await asked(server, 9);
  server.send({ type: 'gap', topic: 'presence.chat.a', data: { from: 10, to: 19, lost: 10 } });
  server.snapshot('presence.chat.a', 19);
  const question = await server.take('presence');
  server.reply(old, list(9));
  server.reply(question, list(19));
  assert.deepEqual(await told.take(), ['list', 19]);
});

test('asks anew rather than keep events without end', async () => {
  let handlers;
  let questions = 0;
  new PresenceWatch(
    'chat.a',
    {},
    {
      subscribe: (_, given) => ((handlers = given), { unsubscribe: () => {} }),
      ask: () => new Promise(() => questions++),
      ...{ clock: new VirtualClock(), random: () => 0, report: assert.fail },
    },
  );
  handlers.snapshot();
  for (let seq = 1; seq <= 10_001; seq++) handlers.update({}, { epoch: 'e1', seq });
  assert.equal(questions, 2);
});

scene('asks anew when list and events are of different epochs', async ({ server, make }) => {
  const { told } = watching(make);
  server.reply(await asked(server, 9), list(400, 'e0'));
  join(server, 10, '1');
  server.reply(await server.take('presence'), list(10));
  join(server, 11, '2');
  assert.deepEqual(
    [await told.take(), await told.take(), await told.take()],
    [
      ['list', 400],
      ['list', 10],
      ['join', '2'],
    ],
  );
});

scene('asks again when the server was too busy', async ({ server, make, clock }) => {
  const { told } = watching(make);
  server.refuse(await asked(server, 9), 111, true);
  await settle(server);
  clock.advance(1000);
  server.reply(await server.take('presence'), list(9));
  assert.deepEqual(await told.take(), ['list', 9]);
});

scene('tells that it is refused', async ({ server, make }) => {
  const { client, told } = watching(make);
  server.refuse(await asked(server, 9), 103);
  const [what, error] = await told.take();
  assert.equal(what, 'error');
  assert.ok(error instanceof PermissionError);
  client.watchPresence('chat.b', {});
  server.reply(await server.take('subscribe'));
  server.snapshot('presence.chat.b', 0);
  server.refuse(await server.take('presence'), 108);
  await settle(server);
  assert.equal(client.errors[0].code, 108);
});

scene('calls nobody after it is stopped', async ({ server, make }) => {
  const { client, told, watch } = watching(make);
  const question = await asked(server, 9);
  watch.stop();
  server.reply(question, list(9));
  join(server, 10, '1');
  assert.deepEqual((await server.take('unsubscribe')).data.topics, ['presence.chat.a']);
  await settle(server);
  assert.equal(told.size, 0);
  assert.equal(client.state, 'connected');
  await reaches(client, 'connected');
});
