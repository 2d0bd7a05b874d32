// What the client library's tests stand on: a real WebSocket server that does as told, and a clock that only
// moves when told.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { test } from 'node:test';
import { Tickcast } from '../../../web/tickcast.js';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
export const { WebSocket, WebSocketServer } = require('ws');

export class VirtualClock {
  #now = 0;
  #next = 1;
  #timers = new Map();
  now = () => this.#now;
  setTimeout = (call, ms) => {
    this.#timers.set(this.#next, { at: this.#now + ms, call });
    return this.#next++;
  };
  clearTimeout = (handle) => this.#timers.delete(handle);
  get pending() {
    return this.#timers.size;
  }
  /** Runs what falls due in the next `ms`, in order. */
  advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = due[1].at;
      due[1].call();
    }
    this.#now = end;
  }
}

/** `localStorage`, such as it is. */
export function storage() {
  const values = new Map();
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, String(value)),
  };
}

/** A test with a server, clients on a virtual clock whose errors are noted, and an end to all of them. */
export function scene(name, body) {
  test(name, { timeout: 10_000 }, async () => {
    const server = await Server.start();
    const clock = new VirtualClock();
    const clients = [];
    const make = (options = {}) => {
      const client = new Tickcast(server.url, { webSocket: WebSocket, clock, random: () => 0.5, ...options });
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

const patienceMs = 3000;

/** The promise, or a failure when nothing comes: a test must end to clean up behind itself. */
export function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patienceMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Values that come when they come, taken in order. */
export class Inbox {
  #values = [];
  #takers = [];
  put = (value) => {
    const taker = this.#takers.shift();
    if (taker) taker(value);
    else this.#values.push(value);
  };
  take() {
    if (this.#values.length) return Promise.resolve(this.#values.shift());
    return soon(new Promise((resolve) => this.#takers.push(resolve)), 'the next value');
  }
  get size() {
    return this.#values.length;
  }
}

/** Answers `connect` by itself; every other command waits in `commands` unless `answer` takes it. */
export class Server {
  commands = new Inbox();
  sockets = new Inbox();
  connects = [];
  current = null;
  connectReply = { client: 'c1', ping_ms: 25_000, version: 'test' };
  answer = () => false;

  static async start(options = {}) {
    const server = new Server();
    server.wss = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
    await once(server.wss, 'listening');
    server.url = `ws://127.0.0.1:${server.wss.address().port}/ws`;
    server.wss.on('connection', (socket) => {
      server.current = socket;
      server.sockets.put(socket);
      socket.on('message', (text) => server.#onCommand(socket, JSON.parse(text)));
    });
    return server;
  }

  #onCommand(socket, command) {
    if (command.type === 'connect') {
      this.connects.push(command.data);
      if (this.connectReply) this.send({ type: 'reply', id: command.id, data: this.connectReply }, socket);
    } else if (!this.answer(command, socket)) {
      this.commands.put(command);
    }
  }

  send(frame, socket = this.current) {
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }
  reply(command, data = {}) {
    this.send({ type: 'reply', id: command.id, data });
  }
  refuse(command, code, temporary = false, more = {}) {
    this.send({ type: 'error', id: command.id, data: { code, message: `refused ${code}`, temporary, ...more } });
  }
  /** A kept message, or with `seq` 0 one that is not kept. */
  message(kind, seq, data = { n: seq }, epoch = 'm1') {
    this.send({ type: 'message', kind, data, ...(seq > 0 ? { epoch, seq } : {}) });
  }
  /** Takes the next command, which must be an ack, and confirms it. */
  async acked() {
    const command = await this.take('ack');
    this.reply(command);
    return command.data;
  }
  /** Takes the next command, which must be of that type. */
  async take(type) {
    const command = await this.commands.take();
    if (command.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(command)}`);
    return command;
  }
  snapshot(topic, seq, data = {}, epoch = 'e1') {
    this.send({ type: 'snapshot', topic, epoch, seq, data });
  }
  update(topic, seq, data = { n: seq }) {
    this.send({ type: 'update', topic, seq, data });
  }
  /** Takes the next command, which must be a subscribe, and grants it with snapshots at `seq`. */
  async grant(seq = 0, data = {}) {
    const command = await this.take('subscribe');
    const { topics } = command.data;
    this.reply(command, { topics: topics.map((topic) => ({ topic, epoch: 'e1', seq })) });
    for (const topic of topics) this.snapshot(topic, seq, data);
    return command;
  }
  async stop() {
    for (const socket of this.wss.clients) socket.terminate();
    this.wss.close();
    await once(this.wss, 'close');
  }
}

/** Handlers that put all they get into one inbox, as [what, value, position]. */
export function recorder() {
  const inbox = new Inbox();
  const handlers = {
    snapshot: (data, at) => inbox.put(['snapshot', data, at]),
    update: (data, at) => inbox.put(['update', data, at]),
    gap: (gap) => inbox.put(['gap', gap]),
    error: (error) => inbox.put(['error', error]),
  };
  return { inbox, handlers, take: () => inbox.take() };
}

/** Resolves when the client is in that state. */
export function reaches(client, state) {
  if (client.state === state) return Promise.resolve(client.stateEvent);
  const reached = new Promise((resolve) => {
    const off = client.on('state', (event) => {
      if (event.state === state) {
        off();
        resolve(event);
      }
    });
  });
  return soon(reached, `the state ${state}`);
}

/** Breaks the connection; the client comes back at once. */
export async function reconnect(server, client, clock) {
  server.current.terminate();
  clock.advance((await reaches(client, 'reconnecting')).retryInMs);
  await reaches(client, 'connected');
}

/** Lets what is on its way over loopback arrive: the answer to a ping comes after everything sent before it. */
export async function settle(server) {
  const socket = server.current;
  const pong = once(socket, 'pong');
  socket.ping();
  await soon(pong, 'a pong');
  await new Promise((resolve) => setImmediate(resolve));
}
