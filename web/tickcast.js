/**
 * Tickcast's client for browsers and Node: live topics over one WebSocket that keeps itself alive.
 *
 *     import { Tickcast } from './tickcast.js';
 *     const tickcast = new Tickcast('ws://127.0.0.1:8080/ws');
 *     const subscription = tickcast.subscribe('trade.SIM.ALPHA', {
 *       snapshot: (data) => show(data.trades),
 *       update: (trade) => append(trade),
 *     });
 *
 * docs/browser.md tells the rest.
 */
import { Link } from './client/link.js';
import { Listeners, guard } from './client/listeners.js';
import { TickcastError, codes } from './client/errors.js';
import { TopicTable } from './client/topics.js';
import { backoff } from './client/backoff.js';
import { now } from './client/clock.js';

export { TickcastError, codes };

/**
 * @typedef {import('./client/topics.js').Position} Position
 * @typedef {import('./client/topics.js').Gap} Gap
 * @typedef {import('./client/topics.js').TopicState} TopicState
 * @typedef {import('./client/link.js').Clock} Clock
 *
 * @typedef {'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed'} State
 *   idle: nothing was asked for yet; reconnecting: lost, and waiting to try again; closed: by `close()`, or for
 *   good by the server
 *
 * @typedef {object} StateEvent
 * @property {State} state
 * @property {string} url the server it is about
 * @property {number} attempt failures in a row so far
 * @property {number} [retryInMs] with `reconnecting`
 * @property {TickcastError} [error] why, with `reconnecting` and `closed`
 * @property {string} [client] with `connected`, as the server names us
 * @property {string} [user] with `connected`; absent for anonymous clients
 * @property {string} [version] with `connected`, the server's
 *
 * @typedef {object} Options
 * @property {string | (() => string | Promise<string>)} [token] who we are; a function is asked at each connect
 * @property {any} [webSocket] the WebSocket class, where there is no global one (Node before 22: `ws`)
 * @property {{baseMs?: number, capMs?: number}} [backoff] of reconnecting: 500 ms, doubled up to 20 s, full jitter
 * @property {number} [answerMs] how long the server may take to answer, 10 s
 * @property {number} [silenceMs] how much longer than its ping interval it may be silent, 8 s
 * @property {Clock} [clock] for tests
 * @property {() => number} [random] for tests, in [0, 1)
 *
 * @typedef {object} Handlers all optional; what they throw becomes an `error` event
 * @property {(data: any, at: Position) => void} [snapshot] replaces all that came before; may come at any time
 * @property {(data: any, at: Position) => void} [update] exactly the one after the last, always
 * @property {(gap: Gap) => void} [gap] updates are missing, or one came twice; a snapshot follows by itself
 * @property {(error: TickcastError) => void} [error] the topic is refused; it is tried again after a reconnect
 * @property {(state: TopicState, topic: string) => void} [state] only `live` data may be called current
 *
 * @typedef {object} Stats counted since the object was made
 * @property {number} snapshots
 * @property {number} updates
 * @property {number} gaps
 * @property {number} connects
 */

const topicGrammar = /^[A-Za-z0-9._\-:@/+(),]{1,128}$/;
const steadyMs = 10_000;

/** @type {Clock} */
const realClock = {
  now,
  setTimeout: (call, ms) => setTimeout(call, ms),
  clearTimeout: (handle) => clearTimeout(handle),
};

/** One or several topics with one set of handlers. Made by `Tickcast.subscribe`. */
export class Subscription {
  #table;
  #listener;

  /**
   * @param {TopicTable} table
   * @param {string[]} topics
   * @param {Handlers} handlers
   * @param {(error: TickcastError) => void} report
   */
  constructor(table, topics, handlers, report) {
    this.#table = table;
    /** The topics, without doubles. */
    this.topics = Object.freeze([...new Set(topics)]);
    /** @type {import('./client/topics.js').TopicListener} */
    const listener = {
      onSnapshot: (_, data, at) => guard(() => handlers.snapshot?.(data, at), report),
      onUpdate: (_, data, at) => guard(() => handlers.update?.(data, at), report),
      onGap: (gap) => guard(() => handlers.gap?.(gap), report),
      onError: (_, error) => (handlers.error ? guard(() => handlers.error?.(error), report) : report(error)),
      onState: (topic, state) => guard(() => handlers.state?.(state, topic), report),
    };
    this.#listener = listener;
    for (const topic of this.topics) {
      table.add(topic, listener);
    }
  }

  /** Ends it; no handler is called after this. Other subscriptions of the same topics go on. */
  unsubscribe() {
    for (const topic of this.topics) {
      this.#table.remove(topic, this.#listener);
    }
  }
}

/** A client. Connects with the first `subscribe`, or with `connect`. */
export class Tickcast {
  #urls;
  #options;
  #clock;
  #random;
  #listeners = new Listeners(['state', 'error', 'message']);
  #table;
  /** @type {Link | null} */
  #link = null;
  /** @type {StateEvent} */
  #state;
  #urlIndex = 0;
  #failures = 0;
  #connectedAt = 0;
  /** @type {any} */
  #retryTimer = null;
  #rtt = NaN;
  /** @type {Promise<number> | null} */
  #ping = null;
  #onOnline = () => this.#retryNow();

  /**
   * @param {string | URL | (string | URL)[]} urls one server, or several that are tried in turn
   * @param {Options} [options]
   */
  constructor(urls, options = {}) {
    this.#urls = (Array.isArray(urls) ? urls : [urls]).map(webSocketUrl);
    if (this.#urls.length === 0) {
      throw new TypeError('give at least one URL');
    }
    const webSocket = options.webSocket ?? globalThis.WebSocket;
    if (typeof webSocket !== 'function') {
      throw new TypeError('there is no WebSocket here; pass one: new Tickcast(url, { webSocket: WebSocket })');
    }
    this.#options = { answerMs: 10_000, silenceMs: 8_000, ...options, webSocket };
    this.#clock = options.clock ?? realClock;
    this.#random = options.random ?? Math.random;
    this.#table = new TopicTable({ now: this.#clock.now, random: this.#random, report: this.#report });
    this.#state = { state: 'idle', url: this.#urls[0], attempt: 0 };
    /** @type {Stats} */
    this.stats = { snapshots: 0, updates: 0, gaps: 0, connects: 0 };
  }

  /** Where it stands. @returns {State} */
  get state() {
    return this.#state.state;
  }

  /** The last `state` event. */
  get stateEvent() {
    return this.#state;
  }

  /** The last round trip in milliseconds; NaN before the first `ping`. */
  get rtt() {
    return this.#rtt;
  }

  /**
   * Listens to `state` (StateEvent), `error` (TickcastError) or `message` ({kind, data}, sent to this user).
   * @template {'state' | 'error' | 'message'} Name
   * @param {Name} name
   * @param {(event: {state: StateEvent, error: TickcastError, message: {kind: string, data: any}}[Name]) => void} listener
   * @returns {() => void} ends the listening
   */
  on(name, listener) {
    this.#listeners.add(name, listener);
    return () => this.#listeners.remove(name, listener);
  }

  /** Connects, also after `close()` or a final refusal. Does nothing while it is on its way. */
  connect() {
    const { state } = this.#state;
    if (state === 'idle' || state === 'closed') {
      globalThis.addEventListener?.('online', this.#onOnline);
      this.#failures = 0;
      this.#open();
    } else if (state === 'reconnecting') {
      this.#retryNow();
    }
  }

  /** Closes for good; subscriptions are kept, and come back should `connect` be called again. */
  close() {
    this.#stop(new TickcastError(codes.closed, 'closed by this client'));
  }

  /**
   * Subscribes to one topic or several. Topics that nobody has written yet are fine: their snapshot has seq 0
   * and epoch '', and another comes with the first message.
   * @param {string | string[]} topics
   * @param {Handlers} handlers
   * @returns {Subscription}
   */
  subscribe(topics, handlers) {
    const list = Array.isArray(topics) ? topics : [topics];
    for (const topic of list) {
      if (typeof topic !== 'string' || !topicGrammar.test(topic)) {
        throw new TypeError(`"${topic}" is no topic; letters, digits and ._-:@/+(), are, at most 128 of them`);
      }
    }
    const subscription = new Subscription(this.#table, list, handlers, this.#report);
    if (this.#state.state === 'idle') {
      this.connect();
    }
    return subscription;
  }

  /**
   * Measures a round trip. Calls that overlap share one measurement.
   * @returns {Promise<number>} milliseconds; rejects with a TickcastError
   */
  ping() {
    if (!this.#link) {
      return Promise.reject(new TickcastError(codes.transport, 'not connected', { temporary: true }));
    }
    const started = this.#clock.now();
    this.#ping ??= this.#link
      .command('ping')
      .then(() => (this.#rtt = this.#clock.now() - started))
      .finally(() => (this.#ping = null));
    return this.#ping;
  }

  #open() {
    this.#retryTimer = null;
    const url = this.#urls[this.#urlIndex];
    this.#setState({ state: 'connecting', url, attempt: this.#failures });
    if (this.#state.state !== 'connecting') {
      return;
    }
    const { token, webSocket, answerMs, silenceMs } = this.#options;
    const options = { url, webSocket, clock: this.#clock, answerMs, silenceMs };
    const link = new Link(options, {
      token: () => (typeof token === 'function' ? token() : token),
      opened: (info) => this.#onOpened(link, url, info),
      received: (frame) => this.#onFrame(frame),
      complained: this.#report,
      ended: (error, final) => this.#onEnded(error, final),
      swept: (now) => this.#onSwept(now),
    });
    this.#link = link;
    link.start();
  }

  /** @param {Link} link @param {string} url @param {any} info */
  #onOpened(link, url, { client, user, version }) {
    this.#connectedAt = this.#clock.now();
    this.stats.connects++;
    this.#table.attach(link);
    this.#setState({ state: 'connected', url, attempt: this.#failures, client, user, version });
  }

  /** @param {any} frame */
  #onFrame(frame) {
    if (frame.type === 'message') {
      this.#listeners.emit('message', { kind: frame.kind, data: frame.data });
      return;
    }
    switch (this.#table.receive(frame)) {
      case 'update':
        this.stats.updates++;
        break;
      case 'snapshot':
        this.stats.snapshots++;
        break;
      case 'gap':
        this.stats.gaps++;
        break;
    }
  }

  /** @param {number} now */
  #onSwept(now) {
    // A server that accepts and drops at once must not be tried ever faster.
    if (now - this.#connectedAt > steadyMs) {
      this.#failures = 0;
    }
    this.#table.sweep(now);
  }

  /** @param {TickcastError} error @param {boolean} final */
  #onEnded(error, final) {
    this.#link = null;
    this.#table.detach();
    if (error.code === codes.closed) {
      return;
    }
    const canRenew = error.code === codes.tokenExpired && typeof this.#options.token === 'function';
    if (final && !canRenew) {
      this.#stop(error);
      this.#report(error);
      return;
    }
    // The delay grows with each round through all servers; within a round the next one is tried soon.
    const round = Math.floor(this.#failures / this.#urls.length);
    const { baseMs = 500, capMs = 20_000 } = this.#options.backoff ?? {};
    const retryInMs = backoff(round, { baseMs, capMs }, this.#random);
    this.#failures++;
    this.#urlIndex = (this.#urlIndex + 1) % this.#urls.length;
    this.#retryTimer = this.#clock.setTimeout(() => this.#open(), retryInMs);
    const url = this.#urls[this.#urlIndex];
    this.#setState({ state: 'reconnecting', url, attempt: this.#failures, retryInMs, error });
  }

  #retryNow() {
    if (this.#retryTimer !== null) {
      this.#clock.clearTimeout(this.#retryTimer);
      this.#open();
    }
  }

  /** @param {TickcastError} error */
  #stop(error) {
    if (this.#state.state === 'closed') {
      return;
    }
    globalThis.removeEventListener?.('online', this.#onOnline);
    this.#clock.clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    this.#link?.close();
    this.#setState({ state: 'closed', url: this.#state.url, attempt: this.#failures, error });
  }

  /** @param {StateEvent} event */
  #setState(event) {
    this.#state = event;
    this.#listeners.emit('state', event);
  }

  #report = (/** @type {TickcastError} */ error) => this.#listeners.emit('error', error);
}

/** @param {string | URL} given */
function webSocketUrl(given) {
  const url = new URL(given);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new TypeError(`"${given}" is no WebSocket URL; it begins with ws:// or wss://`);
  }
  url.hash = '';
  return url.href;
}
