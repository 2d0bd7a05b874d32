import assert from 'node:assert/strict';
import { DisconnectedError, SignInError, codes } from '../../../web/tickcast.js';
import { Inbox, reaches, recorder, scene, settle, soon } from './support.mjs';

const refusalOf = (promise) =>
  soon(
    promise.then(
      () => assert.fail('it was granted'),
      (error) => error,
    ),
    'a refusal',
  );

/** A client whose token is a function that counts, signed in until `leftMs` from now. */
async function signedIn(server, make, clock, { leftMs, token } = {}) {
  clock.wall = () => 1e12 + clock.now();
  const expires = leftMs && (clock.wall() + leftMs) * 1000;
  server.connectReply = { client: 'c1', user: '42', name: 'Ann', expires };
  const client = make({ token: token ?? (() => `token-${++client.asked}`) });
  client.asked = 0;
  client.connect();
  await reaches(client, 'connected');
  return client;
}

scene('tells who is signed in, and until when', async ({ server, make, clock }) => {
  const client = await signedIn(server, make, clock, { leftMs: 600_000 });
  const { user, name, expires } = client.stateEvent;
  assert.deepEqual([user, name, expires], ['42', 'Ann', 1e15 + 600e6]);
});

scene('shows an API key', async ({ server, make }) => {
  const client = make({ apiKey: 'k'.repeat(32) });
  client.connect();
  await reaches(client, 'connected');
  assert.deepEqual(server.connects, [{ api_key: 'k'.repeat(32) }]);
});

scene('a token function that gives nothing leaves it to the cookie', async ({ server, make }) => {
  const client = make({ token: async () => null });
  client.connect();
  await reaches(client, 'connected');
  assert.deepEqual(server.connects, [{}]);
});

scene('a token function that fails is asked again later', async ({ server, make, clock }) => {
  let isAway = true;
  const token = async () => {
    if (isAway) throw new Error('503');
    return 'fresh';
  };
  const client = make({ token });
  client.connect();
  const { error, retryInMs } = await reaches(client, 'reconnecting');
  assert.deepEqual([error.code, error.temporary, error.cause.message], [codes.token, true, '503']);
  isAway = false;
  clock.advance(retryInMs);
  await reaches(client, 'connected');
  assert.deepEqual(server.connects, [{ token: 'fresh' }]);
});

scene('signs in as somebody else and keeps the subscriptions', async ({ server, make }) => {
  const client = make();
  const { handlers, take } = recorder();
  client.subscribe('trade.A', handlers);
  await server.grant(1);
  await take();
  const old = server.current;
  server.connectReply = { user: '42' };
  const event = await soon(client.signIn('secret'), 'the sign-in');
  assert.deepEqual([event.state, event.user], ['connected', '42']);
  assert.deepEqual(server.connects, [{}, { token: 'secret' }]);
  await server.grant(5);
  assert.equal((await take())[2].seq, 5);
  await settle(server);
  assert.notEqual(old.readyState, 1, 'the old connection is closed');
});

scene('signs out, and a call under way may have happened', async ({ server, make }) => {
  server.connectReply = { user: '42' };
  const client = make({ token: 'secret' });
  const call = refusalOf(client.call('order.place'));
  await server.take('order.place');
  server.connectReply = {};
  const event = await soon(client.signOut(), 'the sign-out');
  assert.equal(event.user, undefined);
  assert.deepEqual(server.connects, [{ token: 'secret' }, {}]);
  const error = await call;
  assert.ok(error instanceof DisconnectedError && error.mayHaveHappened);
});

scene('a sign-in that is refused is told to who asked, and nothing is tried again', async ({ server, make, clock }) => {
  const client = make();
  client.connect();
  await reaches(client, 'connected');
  server.connectReply = null;
  const signIn = refusalOf(client.signIn({ apiKey: 'wrong' }));
  await server.sockets.take();
  const socket = await server.sockets.take();
  socket.once('message', (text) => server.refuse(JSON.parse(text), 101));
  assert.ok((await signIn) instanceof SignInError);
  assert.equal(client.state, 'signedOut');
  clock.advance(3_600_000);
  assert.equal(server.connects.length, 2);
});

for (const code of [3500, 3503]) {
  scene(`close ${code} signs out without a storm, and signIn comes back`, async ({ server, make, clock }) => {
    const client = await signedIn(server, make, clock);
    client.subscribe('trade.A', {});
    await server.grant(1);
    server.current.close(code);
    const { error } = await reaches(client, 'signedOut');
    assert.ok(error instanceof SignInError);
    assert.deepEqual(client.errors, [error]);
    assert.equal(clock.pending, 0);
    await soon(client.signIn('new'), 'the sign-in');
    assert.deepEqual((await server.grant(2)).data.topics, ['trade.A']);
  });
}

scene('asks for a new token when the server warns', async ({ server, make, clock }) => {
  const client = await signedIn(server, make, clock);
  server.send({ type: 'expiring', data: { expires: 1 } });
  server.send({ type: 'expiring', data: { expires: 1 } });
  const command = await server.take('refresh');
  assert.deepEqual(command.data, { token: 'token-2' });
  server.reply(command, { expires: 2 });
  await settle(server);
  assert.equal(server.commands.size, 0, 'one refresh for several warnings');
  assert.equal(client.errors.length, 0);
});

scene('asks for a new token before the old one runs out, and again before that', async ({ server, make, clock }) => {
  await signedIn(server, make, clock, { leftMs: 40_000 });
  clock.advance(29_000);
  await settle(server);
  assert.equal(server.commands.size, 0);
  clock.advance(1000);
  server.reply(await server.take('refresh'), { expires: (clock.wall() + 20_000) * 1000 });
  await settle(server);
  clock.advance(15_000);
  assert.deepEqual((await server.take('refresh')).data, { token: 'token-3' });
});

scene('an end that has passed already makes no storm', async ({ server, make, clock }) => {
  await signedIn(server, make, clock, { leftMs: -3_600_000 });
  clock.advance(30_000);
  await settle(server);
  assert.equal(server.commands.size, 0);
});

scene(
  'a refresh that fails for the moment is tried again, one that is refused is reported',
  async ({ server, make, clock }) => {
    const client = await signedIn(server, make, clock);
    server.send({ type: 'expiring', data: {} });
    server.refuse(await server.take('refresh'), 100, true);
    await settle(server);
    clock.advance(2000);
    server.refuse(await server.take('refresh'), 101);
    await settle(server);
    clock.advance(25_000);
    await settle(server);
    assert.equal(server.commands.size, 0);
    assert.deepEqual(
      client.errors.map(({ code }) => code),
      [100, 101],
    );
    assert.ok(client.errors[1] instanceof SignInError);
    assert.equal(client.state, 'connected', 'the old token stands until it runs out');
  },
);

scene('a token that has run out and is refused again leads to signedOut', async ({ server, make, clock }) => {
  const client = await signedIn(server, make, clock);
  server.connectReply = null;
  server.current.close(3005);
  clock.advance((await reaches(client, 'reconnecting')).retryInMs);
  await server.sockets.take();
  const socket = await server.sockets.take();
  socket.once('message', (text) => server.refuse(JSON.parse(text), 101));
  assert.equal((await reaches(client, 'signedOut')).error.code, 101);
  assert.equal(client.asked, 2);
});

scene('a page whose token is a text can give a new one, which reconnects show', async ({ server, make, clock }) => {
  const client = await signedIn(server, make, clock, { token: 'first' });
  server.send({ type: 'expiring', data: {} });
  const refreshed = client.refresh('second');
  const command = await server.take('refresh');
  assert.deepEqual(command.data, { token: 'second' });
  server.reply(command, { expires: 7 });
  assert.deepEqual(await soon(refreshed, 'a reply'), { expires: 7 });
  server.current.terminate();
  clock.advance((await reaches(client, 'reconnecting')).retryInMs);
  await reaches(client, 'connected');
  assert.deepEqual(server.connects, [{ token: 'first' }, { token: 'second' }]);
});

scene('a new user has the messages of nobody before', async ({ server, make, clock }) => {
  const client = await signedIn(server, make, clock);
  const got = new Inbox();
  client.onMessage('fill', (data) => got.put(data));
  server.message('fill', 9, 'for 42');
  await got.take();
  await server.acked();
  server.connectReply = { user: '7' };
  await soon(client.signIn('seven'), 'the sign-in');
  assert.equal(server.connects.at(-1).messages, undefined);
  server.message('fill', 9, 'for 7');
  assert.equal(await got.take(), 'for 7');
});

scene('the same user who signs in again goes on with the messages', async ({ server, make, clock }) => {
  const client = await signedIn(server, make, clock);
  client.onMessage('fill', () => {});
  server.message('fill', 9);
  await server.acked();
  await soon(client.signIn('anew'), 'the sign-in');
  assert.deepEqual(server.connects.at(-1), { token: 'anew', messages: { epoch: 'm1', seq: 9 } });
  assert.equal(client.stats.connects, 2);
});

scene('a sign-in while the connection is on its way takes its place', async ({ server, make }) => {
  const client = make({ token: 'first' });
  client.connect();
  await soon(client.signIn('second'), 'the sign-in');
  await settle(server);
  assert.deepEqual(server.connects.at(-1), { token: 'second' });
  assert.equal(client.stats.connects, 1);
});

scene('ready() settles with the connection, or with why there is none', async ({ server, make }) => {
  const client = make();
  assert.equal((await soon(client.ready(), 'a connection')).state, 'connected');
  server.current.close(3504);
  await reaches(client, 'closed');
  assert.equal((await refusalOf(client.ready())).code, 3504);
  client.connect();
  const ready = refusalOf(client.ready());
  client.close();
  assert.equal((await ready).code, codes.closed);
});
