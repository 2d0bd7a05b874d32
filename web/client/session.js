import { Calls } from './calls.js';
import { Connection } from './connection.js';
import { DisconnectedError, TickcastError, codes } from './errors.js';
import { GivenTopics } from './given.js';
import { Identity } from './identity.js';
import { Listeners } from './listeners.js';
import { Messages } from './messages.js';
import { Position } from './position.js';
import { TopicTable } from './topics.js';
import { now } from './clock.js';

/**
 * @typedef {import('./link.js').Clock} Clock
 * @typedef {import('./identity.js').Secret} Secret
 *
 * @typedef {object} Options
 * @property {Secret} [token] who we are; a function is asked at each connect, and again before the token runs out
 * @property {Secret} [apiKey] the same for programs that have a key
 * @property {string} [remember] where to remember which kept messages were handled, over reloads: a key of `storage`
 * @property {import('./position.js').Keeper} [storage] `localStorage`, or what has its `getItem` and `setItem`
 * @property {any} [webSocket] the WebSocket class, where there is no global one (Node before 22: `ws`)
 * @property {{baseMs?: number, capMs?: number}} [backoff] of reconnecting: 500 ms, doubled up to 20 s, full jitter
 * @property {number} [answerMs] how long the server may take to answer, 10 s
 * @property {number} [silenceMs] how much longer than its ping interval it may be silent, 8 s
 * @property {Clock} [clock] for tests
 * @property {() => number} [random] for tests, in [0, 1)
 *
 * @typedef {object} Stats counted since the object was made
 * @property {number} snapshots
 * @property {number} updates
 * @property {number} gaps
 * @property {number} connects
 * @property {number} messages those that came again included
 *
 * @typedef {object} Events
 * @property {import('./connection.js').StateEvent} state
 * @property {TickcastError} error what nobody else is told
 * @property {import('./messages.js').Message} message every message to this user; see `onMessage`
 * @property {{from: number, to: number, lost: number}} missed kept messages are gone that this client has not had
 * @property {import('./given.js').GivenEvent} topic of a topic that a backend has subscribed this user to, and nobody here
 */

/** @type {Clock} */
const realClock = {
  now,
  setTimeout: (call, ms) => setTimeout(call, ms),
  clearTimeout: (handle) => clearTimeout(handle),
};

/** The parts of a client put together: what each is told when a link opens, brings a frame, or is lost. */
export class Session {
  listeners = new Listeners(['state', 'error', 'message', 'missed', 'topic']);
  /** @type {Stats} */
  stats = { snapshots: 0, updates: 0, gaps: 0, connects: 0, messages: 0 };
  #given = new GivenTopics();

  /**
   * @param {string[]} urls
   * @param {Options} options
   */
  constructor(urls, options) {
    const webSocket = options.webSocket ?? globalThis.WebSocket;
    if (typeof webSocket !== 'function') {
      throw new TypeError('there is no WebSocket here; pass one: new Tickcast(url, { webSocket: WebSocket })');
    }
    const { remember } = options;
    const storage = remember === undefined ? undefined : (options.storage ?? globalThis.localStorage);
    if (remember !== undefined && !storage) {
      throw new TypeError('there is no localStorage here; pass one: new Tickcast(url, { remember, storage })');
    }
    const report = (/** @type {TickcastError} */ error) => this.listeners.emit('error', error);
    const clock = options.clock ?? realClock;
    const random = options.random ?? Math.random;
    this.environment = { clock, random, report };
    this.identity = new Identity({ token: options.token, apiKey: options.apiKey }, this.environment);
    this.table = new TopicTable({ now: clock.now, random, report });
    this.messages = new Messages(new Position(remember, storage, report), clock, report);
    this.calls = new Calls(clock, () => this.wake());
    const defaults = { answerMs: 10_000, silenceMs: 8_000, ...options, webSocket, clock, random };
    this.connection = new Connection(urls, defaults, {
      introduction: async () => ({ ...(await this.identity.shown()), ...this.messages.shown }),
      canRenew: () => this.identity.canRenew,
      opened: (link, info) => this.#onOpened(link, info),
      received: (frame) => this.#onFrame(frame),
      lost: (error) => this.#onLost(error),
      changed: (event) => this.listeners.emit('state', event),
      complained: report,
      swept: (at) => this.#onSwept(at),
    });
  }

  /** Connects when idle. Returns the state. */
  wake() {
    if (this.connection.event.state === 'idle') {
      this.connection.connect();
    }
    return this.connection.event.state;
  }

  /** Connects anew, as the identity now says. */
  restart() {
    const text = 'the connection gave way to one with another sign-in';
    this.connection.restart(new DisconnectedError(codes.closed, text, { temporary: true }));
  }

  /** @param {import('./link.js').Link} link @param {any} info */
  #onOpened(link, { user = '', expires }) {
    if (!this.messages.attach(link, String(user))) {
      this.restart();
      return;
    }
    this.stats.connects++;
    this.identity.attach(link, expires);
    this.table.attach(link);
    this.calls.attach(link);
  }

  /** @param {TickcastError} error */
  #onLost(error) {
    this.identity.detach();
    this.messages.detach();
    this.table.detach();
    this.#given.detach();
    this.calls.detach(error);
  }

  /** @param {number} at */
  #onSwept(at) {
    this.identity.sweep(at);
    this.messages.sweep();
    this.table.sweep(at);
  }

  /** @param {any} frame */
  #onFrame(frame) {
    if (frame.type === 'message') {
      this.stats.messages++;
      this.messages.receive(frame);
      return;
    }
    if (frame.type === 'expiring') {
      this.identity.warned();
      return;
    }
    switch (this.table.receive(frame)) {
      case 'update':
        this.stats.updates++;
        break;
      case 'snapshot':
        this.stats.snapshots++;
        break;
      case 'gap':
        this.stats.gaps++;
        break;
      case null:
        this.#onUnasked(frame);
    }
  }

  /** A frame about a topic that nobody here has subscribed to. @param {any} frame */
  #onUnasked(frame) {
    if (frame.type === 'gap' && frame.topic === `user.${this.connection.event.user}`) {
      const { from, to, lost } = frame.data ?? {};
      this.messages.skip({ from, to });
      this.listeners.emit('missed', { from, to, lost });
      return;
    }
    this.#given.receive(frame).forEach((event) => this.listeners.emit('topic', event));
  }
}
