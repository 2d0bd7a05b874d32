import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TopicTable } from '../../../web/client/topics.js';

function table() {
  return new TopicTable({ now: () => 0, random: () => 1, report: (error) => assert.fail(error) });
}

/** A connection that takes every command, and notes it. */
function link() {
  const commands = [];
  return {
    commands,
    isCongested: false,
    command: (type, { topics }) => {
      commands.push([type, ...topics]);
      return Promise.resolve({});
    },
  };
}

function listener() {
  const heard = [];
  const note = (what) => (_, value) => heard.push([what, value]);
  return {
    heard,
    onSnapshot: note('snapshot'),
    onUpdate: note('update'),
    onGap: () => heard.push(['gap']),
    onError: note('error'),
    onState: note('state'),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a listener that has had no snapshot gets no update, though the topic goes on for others', async () => {
  const topics = table();
  const wire = link();
  const [early, late] = [listener(), listener()];
  topics.attach(wire);
  topics.add('trade.A', early);
  await turn();
  topics.receive({ type: 'snapshot', topic: 'trade.A', epoch: 'e', seq: 1, data: 's' });
  wire.isCongested = true;
  topics.add('trade.A', late);
  await turn();
  topics.receive({ type: 'update', topic: 'trade.A', seq: 2, data: 'u' });
  assert.deepEqual(early.heard, [
    ['snapshot', 's'],
    ['state', 'live'],
    ['update', 'u'],
  ]);
  assert.deepEqual(late.heard, []);
  wire.isCongested = false;
  topics.sweep(1);
  assert.deepEqual(wire.commands.slice(1), [
    ['unsubscribe', 'trade.A'],
    ['subscribe', 'trade.A'],
  ]);
});

test('a gap of the server takes the topic out of live until its snapshot', async () => {
  const topics = table();
  const one = listener();
  topics.attach(link());
  topics.add('trade.A', one);
  await turn();
  topics.receive({ type: 'snapshot', topic: 'trade.A', epoch: 'e', seq: 1, data: 's' });
  topics.receive({ type: 'gap', topic: 'trade.A', data: { from: 2, to: 2, lost: 1 } });
  topics.receive({ type: 'snapshot', topic: 'trade.A', epoch: 'e', seq: 2, data: 't' });
  assert.deepEqual(one.heard, [
    ['snapshot', 's'],
    ['state', 'live'],
    ['gap'],
    ['state', 'waiting'],
    ['snapshot', 't'],
    ['state', 'live'],
  ]);
});

test('forgets topics that nobody listens to, connected or not', async () => {
  const topics = table();
  const wire = link();
  const one = listener();
  topics.add('trade.OFFLINE', one);
  topics.remove('trade.OFFLINE', one);
  assert.equal(topics.size, 0);
  topics.attach(wire);
  topics.add('trade.A', one);
  await turn();
  topics.remove('trade.A', one);
  await turn();
  assert.equal(topics.size, 0);
  topics.add('trade.B', one);
  await turn();
  topics.remove('trade.B', one);
  topics.detach();
  assert.equal(topics.size, 0, 'also when the connection went before the command');
});

test('what a snapshot holds is no longer remembered as published here', async () => {
  const topics = table();
  const one = listener();
  topics.attach(link());
  topics.add('chat.a', one);
  await turn();
  for (let seq = 1; seq <= 1000; seq++) topics.own.begin('chat.a')({ epoch: 'e', seq: seq * 2 });
  topics.receive({ type: 'snapshot', topic: 'chat.a', epoch: 'e', seq: 2000, data: 's' });
  topics.own.begin('chat.a')({ epoch: 'e', seq: 2002 });
  topics.receive({ type: 'update', topic: 'chat.a', seq: 2001, data: 'u' });
  topics.receive({ type: 'update', topic: 'chat.a', seq: 2003, data: 'v' });
  assert.deepEqual(one.heard.slice(-2), [
    ['update', 'u'],
    ['update', 'v'],
  ]);
});
