import assert from 'node:assert/strict';
import { TickcastError, codes } from '../../../web/tickcast.js';
import { Inbox, reaches, reconnect, scene, settle, storage } from './support.mjs';

/** A connected client of user 42. */
async function connected(server, make, options = {}) {
  server.connectReply = { client: 'c1', user: '42', ...options.reply };
  const client = make(options);
  client.connect();
  await reaches(client, 'connected');
  return client;
}

/** A promise to be settled by hand. */
function deferred() {
  const result = {};
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
  return result;
}

scene('hands a message to the handlers of its kind and to those of all', async ({ server, make }) => {
  const client = await connected(server, make);
  const got = new Inbox();
  client.onMessage('fill', (data, message) => got.put(['fill', data, message.seq]));
  client.onMessage('notice', (data) => got.put(['notice', data]));
  client.on('message', ({ kind }) => got.put(['any', kind]));
  server.message('fill', 5, { order: 31 });
  assert.deepEqual(await got.take(), ['fill', { order: 31 }, 5]);
  assert.deepEqual(await got.take(), ['any', 'fill']);
  assert.equal(got.size, 0);
});

scene('the first handler of messages connects', async ({ server, make }) => {
  server.connectReply = { user: '42' };
  const client = make();
  const got = new Inbox();
  client.onMessage('fill', got.put);
  await reaches(client, 'connected');
  server.message('fill', 1, 'one');
  assert.equal(await got.take(), 'one');
});

scene('a listening that has ended gets no more', async ({ server, make }) => {
  const client = await connected(server, make);
  const got = new Inbox();
  client.onMessage('fill', () => got.put('ended'))();
  client.on('message', () => got.put('ended'))();
  client.onMessage('fill', () => got.put('lasting'));
  server.message('fill', 0);
  assert.equal(await got.take(), 'lasting');
  assert.equal(got.size, 0);
});

scene('acknowledges what is handled, and nothing that is not kept', async ({ server, make }) => {
  const client = await connected(server, make);
  client.onMessage('fill', () => {});
  server.message('fill', 0);
  server.message('fill', 7);
  assert.deepEqual(await server.acked(), { epoch: 'm1', seq: [7] });
  await settle(server);
  assert.equal(server.commands.size, 0);
});

scene(
  'acknowledges in batches: what gathers while one acknowledgement is under way',
  async ({ server, make, clock }) => {
    const client = await connected(server, make);
    client.onMessage('fill', () => {});
    server.message('fill', 1);
    const first = await server.take('ack');
    for (let seq = 2; seq <= 50; seq++) server.message('fill', seq);
    await settle(server);
    clock.advance(2000);
    await settle(server);
    assert.equal(server.commands.size, 0);
    server.reply(first);
    assert.equal((await server.acked()).seq.length, 49);
  },
);

scene('acknowledges again what the server was too busy for', async ({ server, make, clock }) => {
  const client = await connected(server, make);
  client.onMessage('fill', () => {});
  server.message('fill', 1);
  server.refuse(await server.take('ack'), 111, true);
  await settle(server);
  clock.advance(1000);
  assert.deepEqual((await server.acked()).seq, [1]);
  assert.equal(client.errors.length, 0);
});

scene('waits for the promise of a handler before it acknowledges or goes on', async ({ server, make }) => {
  const client = await connected(server, make);
  const begun = [];
  const first = deferred();
  client.onMessage('fill', ({ n }) => {
    begun.push(n);
    return n === 1 ? first.promise : undefined;
  });
  server.message('fill', 1);
  server.message('fill', 2);
  await settle(server);
  assert.deepEqual(begun, [1]);
  assert.equal(server.commands.size, 0);
  first.resolve();
  assert.deepEqual((await server.acked()).seq, [1, 2]);
  assert.deepEqual(begun, [1, 2]);
});

scene('a handler that never comes to an end holds the others for a while only', async ({ server, make, clock }) => {
  const client = await connected(server, make);
  const got = new Inbox();
  client.onMessage('fill', ({ n }) => (n === 1 ? new Promise(() => {}) : got.put(n)));
  server.message('fill', 1);
  server.message('fill', 2);
  await settle(server);
  clock.advance(30_000);
  assert.equal(await got.take(), 2);
  assert.equal(client.errors[0].code, codes.listener);
  assert.deepEqual((await server.acked()).seq, [2]);
});

for (const [how, fail] of [
  [
    'throws',
    () => {
      throw new Error('mine');
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('mine');
    },
  ],
]) {
  scene(`a handler that ${how} is reported, and its message is taken when it comes again`, async ({ server, make }) => {
    const client = await connected(server, make);
    const got = new Inbox();
    let isBroken = true;
    client.onMessage('fill', ({ n }) => {
      got.put(n);
      return isBroken ? fail() : undefined;
    });
    server.message('fill', 1);
    assert.equal(await got.take(), 1);
    await settle(server);
    assert.equal(server.commands.size, 0, 'not acknowledged');
    assert.ok(client.errors[0] instanceof TickcastError && client.errors[0].cause.message === 'mine');
    isBroken = false;
    server.message('fill', 2);
    server.message('fill', 1);
    assert.deepEqual([await got.take(), await got.take()], [2, 1]);
    const acknowledged = [];
    while (acknowledged.length < 2) acknowledged.push(...(await server.acked()).seq);
    assert.deepEqual(acknowledged, [2, 1]);
  });
}

scene('what comes again is handed over once, and acknowledged again', async ({ server, make }) => {
  const client = await connected(server, make);
  const got = [];
  client.onMessage('fill', ({ n }) => got.push(n));
  server.message('fill', 1);
  await server.acked();
  server.message('fill', 1);
  assert.deepEqual((await server.acked()).seq, [1]);
  assert.deepEqual(got, [1]);
});

scene('what comes again while its handler runs is not handed over twice', async ({ server, make }) => {
  const client = await connected(server, make);
  const got = [];
  const first = deferred();
  client.onMessage('fill', ({ n }) => {
    got.push(n);
    return first.promise;
  });
  server.message('fill', 1);
  server.message('fill', 2);
  server.message('fill', 1);
  server.message('fill', 2);
  await settle(server);
  first.resolve();
  await server.acked();
  await settle(server);
  assert.deepEqual(got, [1, 2]);
});

scene(
  'tells the position when it comes back, and sends again what was not confirmed',
  async ({ server, make, clock }) => {
    const client = await connected(server, make);
    client.onMessage('fill', () => {});
    server.message('fill', 17);
    await server.take('ack');
    await reconnect(server, client, clock);
    assert.deepEqual(server.connects, [{}, { messages: { epoch: 'm1', seq: 17 } }]);
    assert.deepEqual(await server.acked(), { epoch: 'm1', seq: [17] });
  },
);

scene('a break in the middle loses nothing and doubles nothing', async ({ server, make, clock }) => {
  const client = await connected(server, make);
  const got = [];
  const second = deferred();
  client.onMessage('fill', ({ n }) => {
    got.push(n);
    return n === 2 ? second.promise : undefined;
  });
  [1, 2, 3].forEach((seq) => server.message('fill', seq));
  assert.deepEqual((await server.acked()).seq, [1]);
  await reconnect(server, client, clock);
  assert.deepEqual(server.connects[1], { messages: { epoch: 'm1', seq: 1 } }, '2 and 3 are not handled');
  [2, 3, 4].forEach((seq) => server.message('fill', seq));
  await settle(server);
  second.resolve();
  assert.deepEqual((await server.acked()).seq, [2, 3, 4]);
  assert.deepEqual(got, [1, 2, 3, 4]);
});

scene('another epoch begins anew', async ({ server, make, clock }) => {
  const client = await connected(server, make);
  const got = [];
  client.onMessage('fill', (_, { epoch, seq }) => got.push([epoch, seq]));
  server.message('fill', 9);
  await server.acked();
  server.message('fill', 2, {}, 'm2');
  assert.deepEqual(await server.acked(), { epoch: 'm2', seq: [2] });
  assert.deepEqual(got, [
    ['m1', 9],
    ['m2', 2],
  ]);
  await reconnect(server, client, clock);
  assert.deepEqual(server.connects[1].messages, { epoch: 'm2', seq: 2 });
});

scene('messages of two epochs side by side are told apart', async ({ server, make, clock }) => {
  const client = await connected(server, make);
  const got = [];
  let isBroken = true;
  client.onMessage('fill', (_, { epoch, seq }) => {
    got.push(`${epoch} ${seq}`);
    if (seq === 6 && isBroken) throw new Error('mine');
  });
  server.message('fill', 5, {}, 'm1');
  server.message('fill', 6, {}, 'm1');
  server.message('fill', 1, {}, 'm2');
  assert.deepEqual(await server.acked(), { epoch: 'm1', seq: [5] });
  assert.deepEqual(await server.acked(), { epoch: 'm2', seq: [1] });
  isBroken = false;
  server.message('fill', 6, {}, 'm1');
  server.message('fill', 1, {}, 'm2');
  server.message('fill', 2, {}, 'm2');
  assert.deepEqual(await server.acked(), { epoch: 'm1', seq: [6] });
  assert.deepEqual(await server.acked(), { epoch: 'm2', seq: [1, 2] });
  assert.deepEqual(got, ['m1 5', 'm1 6', 'm2 1', 'm1 6', 'm2 2']);
  await reconnect(server, client, clock);
  assert.deepEqual(server.connects[1].messages, { epoch: 'm2', seq: 2 });
});

scene('epochs are forgotten, the longest quiet first', async ({ server, make }) => {
  const kept = storage();
  const client = await connected(server, make, { remember: 'fills', storage: kept });
  client.onMessage('fill', () => {});
  for (let epoch = 1; epoch <= 9; epoch++) {
    server.message('fill', 1, {}, `m${epoch}`);
    if (epoch === 8) server.message('fill', 2, {}, 'm1');
  }
  await server.acked();
  await settle(server);
  const { epochs } = JSON.parse(kept.getItem('fills'));
  assert.deepEqual(
    epochs.map(({ epoch }) => epoch),
    ['m3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm1', 'm9'],
  );
});

scene('a kept message waits for a handler of its kind, unacknowledged', async ({ server, make }) => {
  const client = await connected(server, make);
  client.onMessage('fill', () => {});
  server.message('late', 1);
  server.message('late', 0);
  server.message('fill', 2);
  assert.deepEqual((await server.acked()).seq, [2]);
  const got = new Inbox();
  client.onMessage('late', (_, { seq }) => got.put(seq));
  assert.equal(await got.take(), 1);
  assert.deepEqual((await server.acked()).seq, [1]);
  assert.equal(got.size, 0, 'one that is not kept has not waited');
});

scene('more than it can hold is told, and taken when it comes again', async ({ server, make }) => {
  const client = await connected(server, make);
  const got = [];
  for (let seq = 1; seq <= 1003; seq++) server.message('fill', seq);
  await settle(server);
  assert.deepEqual(
    client.errors.map(({ code }) => code),
    [codes.overflow],
  );
  client.onMessage('fill', ({ n }) => got.push(n));
  assert.equal((await server.acked()).seq.length, 500);
  assert.equal((await server.acked()).seq.length, 500);
  [1001, 1002, 1003].forEach((seq) => server.message('fill', seq));
  await server.acked();
  await settle(server);
  assert.deepEqual(got.length, 1003);
});

scene('messages that are no longer kept are missed, and no longer waited for', async ({ server, make, clock }) => {
  const client = await connected(server, make);
  const missed = new Inbox();
  client.on('missed', missed.put);
  client.onMessage('fill', ({ n }) => {
    if (n === 18) throw new Error('mine');
  });
  server.message('fill', 17);
  await server.acked();
  server.message('fill', 18);
  server.send({ type: 'gap', topic: 'user.42', data: { from: 18, to: 40, lost: 23 } });
  assert.deepEqual(await missed.take(), { from: 18, to: 40, lost: 23 });
  await reconnect(server, client, clock);
  assert.deepEqual(server.connects[1].messages, { epoch: 'm1', seq: 40 });
});

scene('remembers over a reload what was handled, and what was not', async ({ server, make }) => {
  const kept = storage();
  const options = { remember: 'fills', storage: kept };
  const first = await connected(server, make, options);
  first.onMessage('fill', ({ n }) => {
    if (n === 2) throw new Error('mine');
  });
  [1, 2, 3].forEach((seq) => server.message('fill', seq));
  assert.deepEqual((await server.acked()).seq.length > 0, true);
  await settle(server);
  first.close();
  while (server.commands.size) await server.commands.take();
  const second = await connected(server, make, options);
  const got = [];
  second.onMessage('fill', ({ n }) => got.push(n));
  assert.deepEqual(server.connects[1].messages, { epoch: 'm1', seq: 1 });
  [2, 3, 4].forEach((seq) => server.message('fill', seq));
  await server.acked();
  await settle(server);
  assert.deepEqual(got, [2, 4]);
});

scene('what was remembered of another user is not taken for this one', async ({ server, make }) => {
  const kept = storage();
  const options = { remember: 'fills', storage: kept };
  const first = await connected(server, make, options);
  first.onMessage('fill', () => {});
  server.message('fill', 9);
  await server.acked();
  first.close();
  const second = await connected(server, make, { ...options, reply: { user: '7' } });
  assert.deepEqual(server.connects.slice(1), [{ messages: { epoch: 'm1', seq: 9 } }, {}]);
  const got = new Inbox();
  second.onMessage('fill', got.put);
  server.message('fill', 3, 'for 7');
  assert.equal(await got.take(), 'for 7');
});

scene('a tab that is behind does not take back what another has remembered', async ({ server, make }) => {
  const kept = storage();
  const options = { remember: 'fills', storage: kept };
  const client = await connected(server, make, options);
  client.onMessage('fill', () => {});
  kept.setItem('fills', JSON.stringify({ user: '42', epochs: [{ epoch: 'm1', highest: 50, open: [] }] }));
  server.message('fill', 9);
  await server.acked();
  assert.equal(JSON.parse(kept.getItem('fills')).epochs[0].highest, 50);
});

scene('goes on without remembering where storage refuses', async ({ server, make }) => {
  const refuse = () => {
    throw new Error('QuotaExceeded');
  };
  const client = await connected(server, make, {
    remember: 'fills',
    storage: { getItem: () => null, setItem: refuse },
  });
  const got = new Inbox();
  client.onMessage('fill', ({ n }) => got.put(n));
  server.message('fill', 1);
  server.message('fill', 2);
  assert.deepEqual([await got.take(), await got.take()], [1, 2]);
  assert.deepEqual(
    client.errors.map(({ code }) => code),
    [codes.storage],
  );
});

scene('remembers over what is rubbish', async ({ server, make }) => {
  const kept = storage();
  kept.setItem('fills', '{"user":7');
  const client = await connected(server, make, { remember: 'fills', storage: kept });
  client.onMessage('fill', () => {});
  server.message('fill', 9);
  await server.acked();
  assert.equal(JSON.parse(kept.getItem('fills')).epochs[0].highest, 9);
});

scene('close() hands over nothing more, and what was left comes again', async ({ server, make }) => {
  const client = await connected(server, make);
  const got = [];
  const first = deferred();
  client.onMessage('fill', ({ n }) => {
    got.push(n);
    return n === 1 ? first.promise : undefined;
  });
  server.message('fill', 1);
  server.message('fill', 2);
  await settle(server);
  client.close();
  first.resolve();
  client.connect();
  await reaches(client, 'connected');
  server.message('fill', 2);
  await server.acked();
  assert.deepEqual(got, [1, 2]);
});

scene('close() waits for no handler', async ({ server, make, clock }) => {
  const client = await connected(server, make);
  const got = new Inbox();
  client.onMessage('fill', ({ n }) => {
    got.put(n);
    return n === 1 ? new Promise(() => {}) : undefined;
  });
  server.message('fill', 1);
  await got.take();
  client.close();
  assert.equal(clock.pending, 0);
  client.connect();
  await reaches(client, 'connected');
  server.message('fill', 2);
  assert.equal(await got.take(), 2);
});

scene('what was handled for one user is not acknowledged for the next', async ({ server, make }) => {
  const client = await connected(server, make);
  const slow = deferred();
  client.onMessage('fill', ({ n }) => (n === 2 ? slow.promise : undefined));
  server.message('fill', 1);
  await server.take('ack');
  server.message('fill', 2);
  await settle(server);
  server.connectReply = { user: '7' };
  await client.signIn('seven');
  slow.resolve();
  await settle(server);
  assert.equal(server.commands.size, 0);
});

scene('an end for good in the middle of an acknowledgement forgets none', async ({ server, make }) => {
  const client = await connected(server, make);
  client.onMessage('fill', () => {});
  server.message('fill', 1);
  await server.take('ack');
  server.current.close(3503);
  await reaches(client, 'signedOut');
  assert.equal(client.errors.length, 1, 'only the sign-out itself');
  client.connect();
  assert.deepEqual((await server.acked()).seq, [1]);
});
