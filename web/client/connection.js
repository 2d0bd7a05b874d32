import { Link } from './link.js';
import { SignInError, TickcastError, DisconnectedError, codes } from './errors.js';
import { backoff } from './backoff.js';

const steadyMs = 10_000;

/**
 * @typedef {import('./link.js').Clock} Clock
 *
 * @typedef {'idle' | 'connecting' | 'connected' | 'reconnecting' | 'signedOut' | 'closed'} State
 *   idle: nothing was asked for yet; reconnecting: lost, and waiting to try again; signedOut: the server does not take
 *   who we are (any more), and nothing is tried until `signIn` or `connect`; closed: by `close()`, or for good by the server
 *
 * @typedef {object} StateEvent
 * @property {State} state
 * @property {string} url the server it is about
 * @property {number} attempt failures in a row so far
 * @property {number} [retryInMs] with `reconnecting`
 * @property {TickcastError} [error] why, with `reconnecting`, `signedOut` and `closed`
 * @property {string} [client] with `connected`, as the server names us
 * @property {string} [user] with `connected`; absent for anonymous clients
 * @property {string} [name] with `connected`, the user's for people, where it is known
 * @property {number} [expires] with `connected`, when the sign-in runs out, in microseconds since 1970, where it does
 * @property {string} [version] with `connected`, the server's
 *
 * @typedef {object} ConnectionOptions
 * @property {any} webSocket
 * @property {Clock} clock
 * @property {() => number} random
 * @property {number} answerMs
 * @property {number} silenceMs
 * @property {{baseMs?: number, capMs?: number}} [backoff]
 *
 * @typedef {object} ConnectionOwner
 * @property {() => object | Promise<object>} introduction the `data` of `connect`
 * @property {() => boolean} canRenew whether a token that has run out can be had anew
 * @property {(link: Link, info: any) => void} opened before the state becomes `connected`
 * @property {(frame: any) => void} received
 * @property {(error: TickcastError) => void} lost the link is gone, or none came about
 * @property {(event: StateEvent) => void} changed
 * @property {(error: TickcastError) => void} complained
 * @property {(now: number) => void} swept once a second while connected
 */

/** Keeps one link alive: opens it, opens it anew with back-off on the next server, and stays away when told to. */
export class Connection {
  #urls;
  #options;
  #owner;
  /** @type {Link | null} */
  #link = null;
  /** @type {StateEvent} */
  #state;
  #urlIndex = 0;
  #failures = 0;
  #connectedAt = 0;
  /** @type {any} */
  #retryTimer = null;
  /** @type {{resolve: (event: StateEvent) => void, reject: (error: TickcastError) => void}[]} */
  #waiters = [];
  #onOnline = () => this.#retryNow();

  /**
   * @param {string[]} urls
   * @param {ConnectionOptions} options
   * @param {ConnectionOwner} owner
   */
  constructor(urls, options, owner) {
    this.#urls = urls;
    this.#options = options;
    this.#owner = owner;
    this.#state = { state: 'idle', url: urls[0], attempt: 0 };
  }

  /** The last state event. */
  get event() {
    return this.#state;
  }

  /** The link, where one is open or on its way. */
  get link() {
    return this.#link;
  }

  /** Connects, also after an end for good. Does nothing while it is on its way. */
  connect() {
    const { state } = this.#state;
    if (state === 'idle' || state === 'closed' || state === 'signedOut') {
      globalThis.addEventListener?.('online', this.#onOnline);
      this.#failures = 0;
      this.#open();
    } else if (state === 'reconnecting') {
      this.#retryNow();
    }
  }

  /** Connects anew at once, whatever the state; `error` is what those who wait for the link that goes are told. */
  restart(/** @type {TickcastError} */ error) {
    this.#drop(error);
    globalThis.addEventListener?.('online', this.#onOnline);
    this.#failures = 0;
    this.#open();
  }

  close() {
    this.#stop('closed', new DisconnectedError(codes.closed, 'closed by this client'));
  }

  /**
   * Settles with the next `connected`, or when it is, or was, given up. Nobody needs to listen to a rejection.
   * @returns {Promise<StateEvent>}
   */
  ready() {
    if (this.#state.state === 'connected') {
      return Promise.resolve(this.#state);
    }
    const { state, error } = this.#state;
    const isOver = state === 'closed' || state === 'signedOut';
    const ready = new Promise((resolve, reject) => (isOver ? reject(error) : this.#waiters.push({ resolve, reject })));
    ready.catch(() => {});
    return ready;
  }

  #open() {
    this.#retryTimer = null;
    const url = this.#urls[this.#urlIndex];
    this.#setState({ state: 'connecting', url, attempt: this.#failures });
    if (this.#state.state !== 'connecting' || this.#link) {
      return;
    }
    const { webSocket, clock, answerMs, silenceMs } = this.#options;
    const link = new Link(
      { url, webSocket, clock, answerMs, silenceMs },
      {
        introduction: this.#owner.introduction,
        opened: (info) => this.#onOpened(link, url, info),
        received: this.#owner.received,
        complained: this.#owner.complained,
        ended: (error, final) => this.#onEnded(link, error, final),
        swept: (now) => this.#onSwept(now),
      },
    );
    this.#link = link;
    link.start();
  }

  /** @param {Link} link @param {string} url @param {any} info */
  #onOpened(link, url, info) {
    this.#connectedAt = this.#options.clock.now();
    this.#owner.opened(link, info);
    if (this.#link !== link) {
      return;
    }
    const { client, user, name, expires, version } = info;
    this.#setState({ state: 'connected', url, attempt: this.#failures, client, user, name, expires, version });
    if (this.#state.state === 'connected') {
      this.#waiters.splice(0).forEach(({ resolve }) => resolve(this.#state));
    }
  }

  /** @param {number} now */
  #onSwept(now) {
    // A server that accepts and drops at once must not be tried ever faster.
    if (now - this.#connectedAt > steadyMs) {
      this.#failures = 0;
    }
    this.#owner.swept(now);
  }

  /** @param {Link} link @param {TickcastError} error @param {boolean} final */
  #onEnded(link, error, final) {
    if (this.#link !== link) {
      return;
    }
    this.#link = null;
    this.#owner.lost(error);
    if (this.#link || (this.#state.state !== 'connecting' && this.#state.state !== 'connected')) {
      return;
    }
    const canRenew = error.code === codes.tokenExpired && this.#owner.canRenew();
    if (final && !canRenew) {
      this.#stop(error instanceof SignInError ? 'signedOut' : 'closed', error);
      this.#owner.complained(error);
      return;
    }
    // The delay grows with each round through all servers; within a round the next one is tried soon.
    const round = Math.floor(this.#failures / this.#urls.length);
    const { baseMs = 500, capMs = 20_000 } = this.#options.backoff ?? {};
    const retryInMs = backoff(round, { baseMs, capMs }, this.#options.random);
    this.#failures++;
    this.#urlIndex = (this.#urlIndex + 1) % this.#urls.length;
    this.#retryTimer = this.#options.clock.setTimeout(() => this.#open(), retryInMs);
    const url = this.#urls[this.#urlIndex];
    this.#setState({ state: 'reconnecting', url, attempt: this.#failures, retryInMs, error });
  }

  #retryNow() {
    if (this.#retryTimer !== null) {
      this.#options.clock.clearTimeout(this.#retryTimer);
      this.#open();
    }
  }

  /** Lets go of link and timer, without a change of state. @param {TickcastError} error */
  #drop(error) {
    globalThis.removeEventListener?.('online', this.#onOnline);
    this.#options.clock.clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    const link = this.#link;
    this.#link = null;
    link?.close();
    if (link) {
      this.#owner.lost(error);
    }
  }

  /** @param {'closed' | 'signedOut'} state @param {TickcastError} error */
  #stop(state, error) {
    if (this.#state.state === 'closed') {
      return;
    }
    this.#drop(error);
    this.#setState({ state, url: this.#state.url, attempt: this.#failures, error });
    this.#waiters.splice(0).forEach(({ reject }) => reject(error));
  }

  /** @param {StateEvent} event */
  #setState(event) {
    this.#state = event;
    this.#owner.changed(event);
  }
}
