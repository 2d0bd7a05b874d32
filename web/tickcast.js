/**
 * Tickcast's client for browsers and Node: live topics, messages and calls over one WebSocket that keeps itself alive.
 *
 *     import { Tickcast } from './tickcast.js';
 *     const tickcast = new Tickcast('ws://127.0.0.1:8080/ws');
 *     const subscription = tickcast.subscribe('trade.SIM.ALPHA', {
 *       snapshot: (data) => show(data.trades),
 *       update: (trade) => append(trade),
 *     });
 *     tickcast.onMessage('fill', (fill) => celebrate(fill));
 *     const order = await tickcast.call('order.place', { symbol: 'SIM.ALPHA', size: 1 });
 *
 * docs/browser.md tells the rest.
 */
import { DisconnectedError, TickcastError, codes } from './client/errors.js';
import { PresenceWatch } from './client/presence.js';
import { Session } from './client/session.js';
import { Subscription, checkTopic } from './client/subscription.js';

export {
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
} from './client/errors.js';
export { PresenceWatch, Subscription };

/**
 * @typedef {import('./client/topic.js').Position} Position
 * @typedef {import('./client/topic.js').Gap} Gap
 * @typedef {import('./client/topic.js').TopicState} TopicState
 * @typedef {import('./client/subscription.js').Handlers} Handlers
 * @typedef {import('./client/connection.js').State} State
 * @typedef {import('./client/connection.js').StateEvent} StateEvent
 * @typedef {import('./client/messages.js').Message} Message
 * @typedef {import('./client/given.js').GivenEvent} GivenEvent
 * @typedef {import('./client/presence.js').PresenceHandlers} PresenceHandlers
 * @typedef {import('./client/presence.js').PresenceList} PresenceList
 * @typedef {import('./client/calls.js').CallOptions} CallOptions
 * @typedef {import('./client/identity.js').Secret} Secret
 * @typedef {import('./client/identity.js').Credentials} Credentials
 * @typedef {import('./client/link.js').Clock} Clock
 * @typedef {import('./client/session.js').Options} Options
 * @typedef {import('./client/session.js').Stats} Stats
 * @typedef {import('./client/session.js').Events} Events
 */

/** A client. Connects with the first thing that needs a connection, or with `connect`. */
export class Tickcast {
  #session;
  #rtt = NaN;
  /** @type {Promise<number> | null} */
  #ping = null;

  /**
   * @param {string | URL | (string | URL)[]} urls one server, or several that are tried in turn
   * @param {Options} [options]
   */
  constructor(urls, options = {}) {
    const list = (Array.isArray(urls) ? urls : [urls]).map(webSocketUrl);
    if (list.length === 0) {
      throw new TypeError('give at least one URL');
    }
    this.#session = new Session(list, options);
    this.stats = this.#session.stats;
  }

  /** Where it stands. @returns {State} */
  get state() {
    return this.#session.connection.event.state;
  }

  /** The last `state` event. */
  get stateEvent() {
    return this.#session.connection.event;
  }

  /** The last round trip in milliseconds; NaN before the first `ping`. */
  get rtt() {
    return this.#rtt;
  }

  /**
   * Listens to an event.
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(event: Events[Name]) => unknown} listener
   * @returns {() => void} ends the listening
   */
  on(name, listener) {
    const { listeners, messages } = this.#session;
    listeners.check(name, listener);
    if (name === 'message') {
      const handler = /** @type {(message: Message) => unknown} */ (listener);
      messages.add(null, handler);
      return () => messages.remove(null, handler);
    }
    listeners.add(name, listener);
    return () => listeners.remove(name, listener);
  }

  /**
   * Handles the messages of a kind that backends send to this user. A kept message is acknowledged when all its handlers
   * have returned and their promises are fulfilled; where one fails it comes again. The next one waits until then.
   * Connects when idle.
   * @param {string} kind
   * @param {(data: any, message: Message) => unknown} handler
   * @returns {() => void} ends the listening
   */
  onMessage(kind, handler) {
    if (typeof kind !== 'string' || typeof handler !== 'function') {
      throw new TypeError('onMessage takes the kind of message and a function');
    }
    const each = (/** @type {Message} */ message) => handler(message.data, message);
    this.#session.messages.add(kind, each);
    this.#session.wake();
    return () => this.#session.messages.remove(kind, each);
  }

  /** Connects, also after `close()`, a sign-in that was refused or an end for good. Does nothing while on its way. */
  connect() {
    this.#session.connection.connect();
  }

  /** Closes for good; subscriptions are kept, and come back should `connect` be called again. */
  close() {
    this.#session.connection.close();
    this.#session.messages.stop();
  }

  /**
   * Settles when it is connected: with the state event, or with why it is given up. Connects when idle.
   * @returns {Promise<StateEvent>}
   */
  ready() {
    this.#session.wake();
    return this.#session.connection.ready();
  }

  /**
   * Connects anew as somebody else; subscriptions and handlers are kept. Calls under way are refused as `mayHaveHappened`.
   * @param {Secret | Credentials} who a token, a function that gives one, or `{ apiKey }`
   * @returns {Promise<StateEvent>} settles as `ready()`
   */
  signIn(who) {
    this.#session.identity.become(who !== null && typeof who === 'object' ? who : { token: who });
    this.#session.restart();
    return this.#session.connection.ready();
  }

  /**
   * Connects anew as nobody; a session cookie still counts, so end the session first.
   * @returns {Promise<StateEvent>} settles as `ready()`
   */
  signOut() {
    return this.signIn(undefined);
  }

  /**
   * Gives a new token of the same user on the living connection. With a `token` function this happens by itself.
   * @param {string} [token] left out: the function is asked
   * @returns {Promise<{expires?: number}>} rejects with a TickcastError; the old token then stands until it runs out
   */
  refresh(token) {
    return this.#session.identity.refresh(token);
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
    list.forEach(checkTopic);
    const subscription = new Subscription(this.#session.table, list, handlers, this.#session.environment.report);
    this.#session.wake();
    return subscription;
  }

  /**
   * Publishes to an event topic. With `echo` false the update does not come back to this client.
   * @param {string} topic
   * @param {unknown} data
   * @param {CallOptions & {echo?: boolean}} [options]
   * @returns {Promise<Position>} the update's; rejects as `call` does
   */
  async publish(topic, data, { echo = true, ...options } = {}) {
    checkTopic(topic);
    const { calls, table } = this.#session;
    if (echo) {
      return calls.command('publish', { topic, data }, options);
    }
    const answered = table.own.begin(topic);
    try {
      return await calls.command('publish', { topic, data, echo }, options, answered);
    } finally {
      answered();
    }
  }

  /**
   * Who is subscribed to a topic now.
   * @param {string} topic
   * @param {CallOptions} [options]
   * @returns {Promise<PresenceList>}
   */
  async presence(topic, options = {}) {
    checkTopic(topic);
    return this.#session.calls.command('presence', { topic }, options);
  }

  /**
   * Who is subscribed to a topic, now and from now on: `list`, then each `join` and `leave` after it, without a hole.
   * @param {string} topic
   * @param {PresenceHandlers} handlers
   * @returns {PresenceWatch} `stop()` ends it
   */
  watchPresence(topic, handlers) {
    checkTopic(topic);
    return new PresenceWatch(topic, handlers, {
      subscribe: (events, own) => this.subscribe(events, own),
      ask: (asked) => this.presence(asked),
      ...this.#session.environment,
    });
  }

  /**
   * Calls a backend or a plugin. It is sent at most once: a connection that breaks before the answer makes it fail with
   * `mayHaveHappened`, and nothing is repeated. Waits for a connection that is on its way, never for one that is lost.
   * @param {string} type
   * @param {unknown} [data]
   * @param {CallOptions} [options]
   * @returns {Promise<any>} the answer; rejects with a subclass of TickcastError, or with the signal's reason
   */
  async call(type, data, options) {
    return this.#session.calls.call(type, data, options);
  }

  /**
   * Sends to a backend or a plugin what is not answered.
   * @param {string} type
   * @param {unknown} [data]
   * @returns {boolean} whether it went into the socket; false: not connected, or too much waits there
   */
  send(type, data) {
    return this.#session.calls.send(type, data);
  }

  /**
   * Measures a round trip. Calls that overlap share one measurement.
   * @returns {Promise<number>} milliseconds; rejects with a TickcastError
   */
  ping() {
    const { link } = this.#session.connection;
    if (!link) {
      return Promise.reject(new DisconnectedError(codes.transport, 'not connected', { temporary: true }));
    }
    const { clock } = this.#session.environment;
    const started = clock.now();
    this.#ping ??= link
      .command('ping')
      .then(() => (this.#rtt = clock.now() - started))
      .finally(() => (this.#ping = null));
    return this.#ping;
  }
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
