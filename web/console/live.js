import { backoff } from '../client/backoff.js';
import { Watches } from './watches.js';

const retry = { baseMs: 500, capMs: 10_000 };
/** How often the server is asked whether it is there: a view that has not changed is not sent again. */
const probeMs = 2_000;
/** After so long without a word the socket is given up and a new one opened. */
const giveUpMs = 15_000;
/** So long may it take to be let in. */
const openMs = 8_000;
const probePath = '/api/whoami';

/**
 * @typedef {import('./watches.js').View} View
 * @typedef {'idle' | 'connecting' | 'connected' | 'reconnecting'} LinkState
 *
 * @typedef {object} Clock where time comes from; tests bring their own
 * @property {() => number} now milliseconds, never running back
 * @property {(call: () => void, ms: number) => any} setTimeout
 * @property {(handle: any) => void} clearTimeout
 *
 * @typedef {object} LiveOptions
 * @property {string} url
 * @property {any} webSocket the WebSocket class
 * @property {Clock} clock
 * @property {() => string} token
 * @property {() => void} refused the server did not let us in: somebody should look why
 * @property {() => number} [random]
 */

/**
 * What is on display, kept current through one WebSocket. Only what is watched is asked for, and nothing while
 * nobody looks. A socket that ends or falls silent is replaced, with back-off, and asked for all of it again.
 */
export class Live {
  #options;
  #random;
  /** @type {any} */
  #socket = null;
  /** @type {LinkState} */
  #state = 'idle';
  #isWanted = false;
  #isSeen = true;
  #isOpen = false;
  #failures = 0;
  /** @type {any} */
  #timer = null;
  #nextId = 1;
  #watches;
  #heardAt = NaN;
  #currentAt = NaN;
  #probe = { id: 0, at: 0 };
  #roundTripMs = NaN;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {LiveOptions} options */
  constructor(options) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#watches = new Watches(
      (message) => this.#send(message),
      options.clock.now,
      () => this.#nextId++,
    );
  }

  get state() {
    return this.#state;
  }
  /** How long the server's last answer to us took; NaN: not known. */
  get roundTripMs() {
    return this.#roundTripMs;
  }
  /** What tells whether the display is current (freshness.js). @returns {import('./freshness.js').Signs} */
  get signs() {
    const now = this.#options.clock.now();
    return {
      link: this.#state,
      silentMs: now - this.#heardAt,
      waitingMs: this.#watches.waitingMs,
      seenMs: this.#watches.wasShown ? now - this.#currentAt : NaN,
    };
  }

  /** @param {() => void} listener called when the state has changed */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  start() {
    if (!this.#isWanted) {
      this.#isWanted = true;
      this.#connect();
    }
  }

  stop() {
    this.#isWanted = false;
    this.#failures = 0;
    this.#drop();
    this.#heardAt = this.#currentAt = this.#roundTripMs = NaN;
    this.#set('idle');
  }

  /** Whether anybody looks: a hidden page watches nothing and does not try to reconnect. @param {boolean} isSeen */
  setSeen(isSeen) {
    if (isSeen === this.#isSeen) {
      return;
    }
    this.#isSeen = isSeen;
    if (isSeen && this.#isWanted && !this.#socket) {
      this.#failures = 0;
      this.#options.clock.clearTimeout(this.#timer);
      this.#connect();
      return;
    }
    if (this.#isOpen) {
      this.#watches.turn(isSeen);
      this.#options.clock.clearTimeout(this.#timer);
      if (isSeen) {
        this.#heardAt = this.#options.clock.now();
        this.#sweep();
      }
    }
  }

  /**
   * Keeps a GET of the API current.
   * @param {string} path
   * @param {number} everyMs
   * @param {(view: View) => void} onView called with the first view, and with each that differs
   */
  watch(path, everyMs, onView) {
    return this.#watches.add(path, everyMs, onView);
  }

  #connect() {
    const { webSocket, url, clock, token } = this.#options;
    this.#set(this.#state === 'idle' ? 'connecting' : this.#state);
    let socket;
    try {
      socket = new webSocket(url);
    } catch {
      this.#retry();
      return;
    }
    this.#socket = socket;
    socket.onopen = () => this.#send({ type: 'connect', data: { token: token() } });
    socket.onmessage = (/** @type {any} */ event) => this.#receive(event.data);
    socket.onerror = () => {};
    socket.onclose = () => {
      // A socket that never let us in may have been refused.
      if (!this.#isOpen) {
        this.#options.refused();
      }
      this.#retry();
    };
    this.#timer = clock.setTimeout(() => this.#retry(), openMs);
  }

  /** @param {unknown} text */
  #receive(text) {
    let message;
    try {
      message = JSON.parse(String(text));
    } catch {
      return;
    }
    const now = this.#options.clock.now();
    this.#heardAt = now;
    if (message.type === 'reply' && !this.#isOpen) {
      this.#opened();
    } else if (message.type === 'error' && !this.#isOpen) {
      this.#options.refused();
      this.#retry();
    } else if (message.type === 'view') {
      this.#onView(message, now);
    } else if (message.type === 'error') {
      this.#onView({ id: message.id, status: message.data?.status ?? 400, data: { error: message.data } }, now);
    }
    if (this.#isOpen && this.#watches.areAllAnswered) {
      this.#currentAt = now;
    }
  }

  /** @param {{id: number, status: number, data: any}} message @param {number} now */
  #onView({ id, status, data }, now) {
    if (status === 401) {
      this.#options.refused();
      return;
    }
    if (id === this.#probe.id) {
      this.#roundTripMs = now - this.#probe.at;
      this.#send({ type: 'unwatch', id });
      this.#probe.id = 0;
      this.#tell();
      return;
    }
    this.#watches.take(id, { status, data });
  }

  #opened() {
    this.#isOpen = true;
    this.#failures = 0;
    this.#options.clock.clearTimeout(this.#timer);
    this.#watches.turn(this.#isSeen);
    this.#set('connected');
    if (this.#isSeen) {
      this.#sweep();
    }
  }

  #sweep() {
    const now = this.#options.clock.now();
    if (now - this.#heardAt > giveUpMs) {
      this.#retry();
      return;
    }
    if (this.#probe.id === 0) {
      this.#probe = { id: this.#nextId++, at: now };
      this.#send({ type: 'watch', id: this.#probe.id, data: { path: probePath, every_ms: 60_000 } });
    }
    this.#timer = this.#options.clock.setTimeout(() => this.#sweep(), probeMs);
  }

  #retry() {
    this.#drop();
    if (!this.#isWanted) {
      return;
    }
    this.#set(this.#state === 'connecting' && this.#failures === 0 ? 'connecting' : 'reconnecting');
    const pause = 200 + backoff(this.#failures++, retry, this.#random);
    if (this.#isSeen) {
      this.#timer = this.#options.clock.setTimeout(() => this.#connect(), pause);
    }
  }

  #drop() {
    this.#options.clock.clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#isOpen = false;
    this.#probe.id = 0;
    this.#watches.reset();
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      try {
        socket.close(1000);
      } catch {
        // A socket that cannot be closed is gone already.
      }
    }
  }

  /** @param {object} message */
  #send(message) {
    if (this.#socket?.readyState === 1) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  /** @param {LinkState} state */
  #set(state) {
    if (state !== this.#state) {
      this.#state = state;
      this.#tell();
    }
  }

  #tell() {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
