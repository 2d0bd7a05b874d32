import assert from 'node:assert/strict';
import {
  ApplicationError,
  DisconnectedError,
  NoAnswerError,
  PermissionError,
  RequestError,
  SignInError,
  TemporaryError,
  TickcastError,
  TimeoutError,
  codes,
} from '../../../web/tickcast.js';
import { reaches, reconnect, recorder, scene, settle, soon } from './support.mjs';

/** What a promise is refused with. */
const refusalOf = (promise) =>
  soon(
    promise.then(
      () => assert.fail('it was granted'),
      (error) => error,
    ),
    'a refusal',
  );

async function connected(make, options) {
  const client = make(options);
  client.connect();
  await reaches(client, 'connected');
  return client;
}

scene('a call gets its answer, whatever is answered before', async ({ server, make }) => {
  const client = await connected(make);
  const first = client.call('order.place', { size: 1 });
  const second = client.call('order.list');
  const command = await server.take('order.place');
  assert.deepEqual(command.data, { size: 1 });
  server.reply(await server.take('order.list'), { orders: [] });
  assert.deepEqual(await soon(second, 'an answer'), { orders: [] });
  server.reply(command, { order: 31 });
  assert.deepEqual(await soon(first, 'an answer'), { order: 31 });
});

scene('the first call connects, and waits for that', async ({ server, make }) => {
  const client = make();
  const call = client.call('now');
  server.reply(await server.take('now'), 7);
  assert.equal(await soon(call, 'an answer'), 7);
});

for (const [code, kind, temporary] of [
  [100, TemporaryError, true],
  [101, SignInError, false],
  [103, PermissionError, false],
  [104, RequestError, false],
  [107, RequestError, false],
  [109, SignInError, false],
  [111, TemporaryError, true],
  [112, RequestError, false],
  [113, NoAnswerError, false],
  [1001, ApplicationError, false],
  [65535, ApplicationError, true],
]) {
  scene(`error ${code} is a ${kind.name}`, async ({ server, make }) => {
    const client = await connected(make);
    const call = client.call('order.place');
    server.refuse(await server.take('order.place'), code, temporary, { data: { missing: 3 } });
    const error = await refusalOf(call);
    assert.equal(error.constructor, kind);
    assert.ok(error instanceof TickcastError && error instanceof Error);
    assert.deepEqual(
      [error.name, error.code, error.temporary, error.data],
      [kind.name, code, temporary, { missing: 3 }],
    );
    assert.equal(error.mayHaveHappened, code === 100 || code === 113);
    assert.equal(client.errors.length, 0, 'who called is told, nobody else');
  });
}

scene('a call that breaks off may have happened, and is not repeated', async ({ server, make, clock }) => {
  const client = await connected(make);
  const call = refusalOf(client.call('order.place'));
  await server.take('order.place');
  await reconnect(server, client, clock);
  const error = await call;
  assert.ok(error instanceof DisconnectedError);
  assert.equal(error.mayHaveHappened, true);
  assert.equal(error.code, 1006);
  await settle(server);
  assert.equal(server.commands.size, 0);
});

scene(
  'a call without a connection is refused at once, has not happened, and is not sent later',
  async ({ server, make, clock }) => {
    const client = await connected(make);
    server.current.terminate();
    const { retryInMs } = await reaches(client, 'reconnecting');
    const error = await refusalOf(client.call('order.place'));
    assert.ok(error instanceof DisconnectedError);
    assert.deepEqual([error.mayHaveHappened, error.temporary], [false, true]);
    assert.equal(client.send('typing'), false);
    clock.advance(retryInMs);
    await reaches(client, 'connected');
    await settle(server);
    assert.equal(server.commands.size, 0);
  },
);

scene('a call that waits for a connection which does not come about has not happened', async ({ server, make }) => {
  server.connectReply = null;
  const client = make();
  const call = refusalOf(client.call('order.place'));
  (await server.sockets.take()).terminate();
  const error = await call;
  assert.ok(error instanceof DisconnectedError);
  assert.equal(error.mayHaveHappened, false);
});

scene('calls that wait for a connection are bounded', async ({ server, make }) => {
  server.connectReply = null;
  const client = make();
  const calls = Array.from({ length: 257 }, () => refusalOf(client.call('order.place')));
  const last = await calls[256];
  assert.ok(last instanceof TemporaryError);
  (await server.sockets.take()).terminate();
  assert.ok((await calls[0]) instanceof DisconnectedError);
});

scene(
  'a call that is not answered in its time may have happened; the connection stays',
  async ({ server, make, clock }) => {
    const client = await connected(make);
    const call = client.call('order.place', {}, { timeoutMs: 12_000 });
    const command = await server.take('order.place');
    clock.advance(11_999);
    clock.advance(1);
    const error = await refusalOf(call);
    assert.ok(error instanceof TimeoutError);
    assert.deepEqual([error.mayHaveHappened, error.code], [true, codes.timeout]);
    server.refuse(command, 1001);
    await settle(server);
    assert.equal(client.state, 'connected');
    assert.deepEqual(client.errors, [], 'a late answer is left out');
  },
);

scene('a call whose time ends before there is a connection has not happened', async ({ server, make, clock }) => {
  server.connectReply = null;
  const client = make();
  const call = client.call('order.place', {}, { timeoutMs: 3000 });
  const socket = await server.sockets.take();
  clock.advance(3000);
  const error = await refusalOf(call);
  assert.ok(error instanceof TimeoutError);
  assert.equal(error.mayHaveHappened, false);
  socket.terminate();
});

scene('a signal stops the waiting, with its own reason', async ({ server, make }) => {
  const client = await connected(make);
  const controller = new AbortController();
  const call = client.call('order.place', {}, { signal: controller.signal });
  const command = await server.take('order.place');
  const reason = new Error('left the page');
  controller.abort(reason);
  assert.equal(await refusalOf(call), reason);
  server.reply(command, 1);
  const late = client.call('order.place', {}, { signal: controller.signal });
  assert.equal(await refusalOf(late), reason);
  await settle(server);
  assert.equal(server.commands.size, 0, 'what is stopped before it is sent is not sent');
});

scene('send has no id and waits for nothing', async ({ server, make }) => {
  const client = await connected(make);
  assert.equal(client.send('typing', { room: 1 }), true);
  assert.deepEqual(await server.take('typing'), { type: 'typing', data: { room: 1 } });
});

scene("types that are none, or the protocol's own, are refused where they are written", async ({ make }) => {
  const client = await connected(make);
  for (const bad of ['', 'a b', 'x'.repeat(65), 7, 'publish', 'connect']) {
    assert.ok((await refusalOf(client.call(bad))) instanceof TypeError);
    assert.throws(() => client.send(bad), TypeError);
  }
});

scene('publishes and tells the position', async ({ server, make }) => {
  const client = await connected(make);
  const published = client.publish('chat.room1', { text: 'hi' });
  const command = await server.take('publish');
  assert.deepEqual(command.data, { topic: 'chat.room1', data: { text: 'hi' } });
  server.reply(command, { topic: 'chat.room1', epoch: 'e1', seq: 12 });
  assert.deepEqual(await soon(published, 'a reply'), { topic: 'chat.room1', epoch: 'e1', seq: 12 });
});

/** A client that is subscribed to chat.room1 at 10, and whose next publications are answered with those numbers. */
async function inRoom(server, make) {
  const client = await connected(make);
  const { handlers, take, inbox } = recorder();
  client.subscribe('chat.room1', handlers);
  await server.grant(10);
  await take();
  const publish = async (seq, epoch = 'e1') => {
    const published = client.publish('chat.room1', { own: seq }, { echo: false });
    const command = await server.take('publish');
    assert.equal(command.data.echo, false);
    server.reply(command, { topic: 'chat.room1', epoch, seq });
    return published;
  };
  /** Publishes; gives what answers it. */
  const begin = async () => {
    const published = client.publish('chat.room1', {}, { echo: false });
    published.catch(() => {});
    const command = await server.take('publish');
    return {
      reply: (seq) => server.reply(command, { topic: 'chat.room1', epoch: 'e1', seq }),
      refuse: () => server.refuse(command, 103),
    };
  };
  return { client, take, inbox, publish, begin };
}

scene('the hole of an own update without echo is no gap', async ({ server, make }) => {
  const { client, take, inbox, publish } = await inRoom(server, make);
  await publish(11);
  server.update('chat.room1', 12);
  assert.deepEqual((await take())[2], { topic: 'chat.room1', epoch: 'e1', seq: 12 });
  await publish(13);
  await publish(14);
  server.update('chat.room1', 15);
  assert.equal((await take())[2].seq, 15);
  assert.deepEqual([client.stats.gaps, inbox.size, server.commands.size], [0, 0, 0]);
});

scene('an own update may be answered before those that were before it', async ({ server, make }) => {
  const { client, take, publish } = await inRoom(server, make);
  await publish(12);
  server.update('chat.room1', 11);
  server.update('chat.room1', 13);
  assert.deepEqual([(await take())[2].seq, (await take())[2].seq], [11, 13]);
  assert.equal(client.stats.gaps, 0);
});

scene('an own update answered in one packet with the next one is known in time', async ({ server, make }) => {
  const { client, take } = await inRoom(server, make);
  client.publish('chat.room1', {}, { echo: false });
  const command = await server.take('publish');
  server.current._socket.cork();
  server.reply(command, { topic: 'chat.room1', epoch: 'e1', seq: 11 });
  server.update('chat.room1', 12);
  server.current._socket.uncork();
  assert.equal((await take())[2].seq, 12);
  assert.equal(client.stats.gaps, 0);
});

scene('the hole of a foreign update beside an own one is a gap', async ({ server, make }) => {
  const { take, publish } = await inRoom(server, make);
  await publish(12);
  server.update('chat.room1', 13);
  assert.deepEqual((await take())[1], { topic: 'chat.room1', from: 11, to: 12, lost: 2, reason: 'hole' });
});

scene('an own update of another epoch makes no hole passable', async ({ server, make }) => {
  const { take, publish } = await inRoom(server, make);
  await publish(11, 'e0');
  server.update('chat.room1', 12);
  assert.equal((await take())[0], 'gap');
});

scene('an own update that the snapshot holds already is passed over once', async ({ server, make, clock }) => {
  const { client, take, publish } = await inRoom(server, make);
  await publish(11);
  await reconnect(server, client, clock);
  await server.grant(11);
  assert.equal((await take())[0], 'snapshot');
  server.update('chat.room1', 12);
  assert.equal((await take())[2].seq, 12);
});

scene('updates that overtake the answer to an own one wait for it', async ({ server, make }) => {
  const { client, take, inbox, begin } = await inRoom(server, make);
  const [first, second] = [await begin(), await begin()];
  server.update('chat.room1', 12);
  server.update('chat.room1', 14);
  await settle(server);
  assert.equal(inbox.size, 0);
  first.reply(11);
  assert.equal((await take())[2].seq, 12);
  await settle(server);
  assert.equal(inbox.size, 0);
  second.reply(13);
  assert.equal((await take())[2].seq, 14);
  assert.deepEqual([client.stats.gaps, server.commands.size], [0, 0]);
});

for (const [how, answer] of [
  ['of another number', ({ reply }) => reply(15)],
  ['that refuses', ({ refuse }) => refuse()],
]) {
  scene(`a hole is a gap after an answer ${how}`, async ({ server, make }) => {
    const { take, begin } = await inRoom(server, make);
    const own = await begin();
    server.update('chat.room1', 12);
    server.update('chat.room1', 13);
    answer(own);
    assert.deepEqual((await take())[1], { topic: 'chat.room1', from: 11, to: 11, lost: 1, reason: 'hole' });
    server.reply(await server.take('unsubscribe'));
    await server.grant(15);
    assert.equal((await take())[0], 'snapshot');
  });
}

scene('a hole larger than what is under way is a gap at once', async ({ server, make }) => {
  const { take, begin } = await inRoom(server, make);
  await begin();
  server.update('chat.room1', 13);
  assert.equal((await take())[0], 'gap');
});

scene('a break forgets what waits for an answer', async ({ server, make, clock }) => {
  const { client, take, inbox, begin } = await inRoom(server, make);
  await begin();
  server.update('chat.room1', 12);
  await settle(server);
  await reconnect(server, client, clock);
  await server.grant(12);
  assert.deepEqual((await take())[2], { topic: 'chat.room1', epoch: 'e1', seq: 12 });
  server.update('chat.room1', 13);
  assert.equal((await take())[2].seq, 13);
  assert.equal(inbox.size, 0);
});

scene('a snapshot is worth more than what waits for an answer', async ({ server, make }) => {
  const { client, take, begin } = await inRoom(server, make);
  const own = await begin();
  server.update('chat.room1', 12);
  server.snapshot('chat.room1', 20);
  own.reply(11);
  server.update('chat.room1', 21);
  assert.deepEqual([(await take())[2].seq, (await take())[2].seq], [20, 21]);
  assert.equal(client.stats.gaps, 0);
});

scene('so many updates wait for an answer and no more', async ({ server, make }) => {
  const { take, begin } = await inRoom(server, make);
  await begin();
  for (let seq = 12; seq <= 1012; seq++) server.update('chat.room1', seq);
  assert.equal((await take())[0], 'gap');
});
