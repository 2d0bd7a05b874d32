import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Live } from '../../../web/console/live.js';
import { VirtualClock } from './support.mjs';

/** A socket that tests answer by hand. */
class FakeSocket {
  static all = [];
  readyState = 0;
  sent = [];
  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen();
  }
  receive(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }
  breakOff() {
    this.readyState = 3;
    this.onclose?.({ code: 1006 });
  }
  letIn() {
    this.open();
    this.receive({ type: 'reply', data: { name: 'ana', role: 'operator' } });
  }
  /** The watches that stand, but for the probe's. */
  get watches() {
    const ended = new Set(this.sent.filter(({ type }) => type === 'unwatch').map(({ id }) => id));
    return this.sent.filter(({ type, id, data }) => type === 'watch' && !ended.has(id) && data.path !== '/api/whoami');
  }
  get probes() {
    return this.sent.filter(({ type, data }) => type === 'watch' && data.path === '/api/whoami');
  }
  view(path, data, status = 200) {
    const { id } = this.sent.findLast((each) => each.type === 'watch' && each.data.path === path);
    this.receive({ type: 'view', id, status, data });
  }
}

function started() {
  FakeSocket.all = [];
  const clock = new VirtualClock();
  const state = { refused: 0 };
  const live = new Live({
    url: 'ws://x/api/live',
    webSocket: FakeSocket,
    clock,
    token: () => 'secret',
    refused: () => state.refused++,
    random: () => 0.5,
  });
  live.start();
  const [socket] = FakeSocket.all;
  return { clock, live, socket, state, last: () => FakeSocket.all[FakeSocket.all.length - 1] };
}

test('the token is the first message, and nothing is watched before the server lets us in', () => {
  const { live, socket } = started();
  live.watch('/api/feeds', 1000, () => {});
  socket.open();
  assert.deepEqual(socket.sent, [{ type: 'connect', data: { token: 'secret' } }]);
  socket.receive({ type: 'reply', data: {} });
  assert.equal(live.state, 'connected');
  assert.deepEqual(
    socket.watches.map(({ data }) => data),
    [{ path: '/api/feeds', every_ms: 1000 }],
  );
});

test('views reach who asked for them; those of a path that was left are dropped', () => {
  const { live, socket } = started();
  const seen = [];
  const watch = live.watch('/api/actors?page=1', 1000, ({ data }) => seen.push(data));
  socket.letIn();
  const [{ id }] = socket.watches;
  socket.view('/api/actors?page=1', 'one');
  watch.setPath('/api/actors?page=2');
  socket.receive({ type: 'view', id, status: 200, data: 'late' });
  socket.view('/api/actors?page=2', 'two');
  assert.deepEqual(seen, ['one', 'two']);
  watch.close();
  assert.deepEqual(socket.watches, []);
});

test('a hidden page watches nothing, and watches again when it is seen', () => {
  const { clock, live, socket } = started();
  live.watch('/api/overview', 1000, () => {});
  socket.letIn();
  socket.view('/api/overview', {});
  live.setSeen(false);
  assert.deepEqual(socket.watches, []);
  const before = socket.sent.length;
  clock.advance(60_000);
  assert.equal(socket.sent.length, before, 'not even a probe');
  live.setSeen(true);
  assert.equal(socket.watches.length, 1);
  assert.ok(live.signs.waitingMs >= 0 && live.signs.seenMs > 50_000, 'what is shown is old until it is answered');
});

test('a socket that breaks is replaced with back-off, and asked for all of it again', () => {
  const { clock, live, socket, last } = started();
  live.watch('/api/feeds', 1000, () => {});
  socket.letIn();
  socket.breakOff();
  assert.equal(live.state, 'reconnecting');
  const tries = [];
  for (let i = 0; i < 6; i++) {
    const from = clock.now();
    const known = FakeSocket.all.length;
    while (FakeSocket.all.length === known) clock.advance(10);
    tries.push(clock.now() - from);
    last().breakOff();
  }
  assert.ok(tries[5] > tries[0] * 4 && tries[5] <= 10_200, tries.join());
  clock.advance(10_500);
  last().letIn();
  assert.equal(live.state, 'connected');
  assert.equal(last().watches.length, 1);
});

test('a server that has nothing new is asked whether it is there; one that is silent is given up', () => {
  const { clock, live, socket } = started();
  live.watch('/api/config', 5000, () => {});
  socket.letIn();
  socket.view('/api/config', {});
  for (let i = 0; i < 5; i++) {
    clock.advance(2000);
    const { id } = socket.probes.at(-1);
    socket.receive({ type: 'view', id, status: 200, data: {} });
  }
  assert.ok(live.signs.silentMs < 2100 && live.signs.seenMs < 2100, 'an answer is news though no view came');
  assert.equal(live.state, 'connected');
  clock.advance(8000);
  assert.ok(live.signs.silentMs >= 8000);
  assert.equal(live.state, 'connected');
  clock.advance(9000);
  assert.equal(live.state, 'reconnecting');
});

test('a view is waited for from when it was asked', () => {
  const { clock, live, socket } = started();
  live.watch('/api/feeds', 1000, () => {});
  socket.letIn();
  clock.advance(1500);
  assert.equal(live.signs.waitingMs, 1500);
  socket.view('/api/feeds', {});
  assert.equal(live.signs.waitingMs, 0);
});

test('a token that is refused is looked into: by an error, a close, or a view', () => {
  const byError = started();
  byError.socket.open();
  byError.socket.receive({ type: 'error', data: { code: 'token' } });
  assert.equal(byError.state.refused, 1);
  const byClose = started();
  byClose.socket.open();
  byClose.socket.breakOff();
  assert.equal(byClose.state.refused, 1);
  const byView = started();
  byView.live.watch('/api/feeds', 1000, () => assert.fail('it shows nothing'));
  byView.socket.letIn();
  byView.socket.view('/api/feeds', { error: {} }, 401);
  assert.equal(byView.state.refused, 1);
});

test('a watch that is refused tells its page', () => {
  const { live, socket } = started();
  const seen = [];
  live.watch('/api/feeds', 1000, (view) => seen.push(view));
  socket.letIn();
  const [{ id }] = socket.watches;
  socket.receive({ type: 'error', id, data: { status: 429, code: 'too_many', message: 'at most 16' } });
  assert.deepEqual(seen, [{ status: 429, data: { error: { status: 429, code: 'too_many', message: 'at most 16' } } }]);
});

test('stopped, it leaves no timer and does not come back', () => {
  const { clock, live, socket } = started();
  socket.letIn();
  live.stop();
  assert.equal(clock.pending, 0);
  clock.advance(60_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(live.state, 'idle');
});
