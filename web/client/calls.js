import { DisconnectedError, TemporaryError, TickcastError, TimeoutError, codes } from './errors.js';

const typeGrammar = /^[A-Za-z0-9._-]{1,64}$/;
const mostWaiting = 256;
const defaultMs = 30_000;
/** Types of the protocol itself; this library sends them where they are due. */
const ownTypes = new Set(
  'connect refresh subscribe unsubscribe history ping pong publish presence ack reply error'.split(' '),
);

/**
 * @typedef {object} CallOptions
 * @property {number} [timeoutMs] how long the answer may take, 30 s; Infinity: for ever
 * @property {AbortSignal} [signal] stops waiting; what was sent may be done nevertheless
 *
 * @typedef {import('./link.js').Link} Link
 */

/**
 * Commands of the page's own that are answered once: sent at most once, never again by themselves. One that is made
 * while the connection is on its way waits for it; one that is made while there is none is refused at once.
 */
export class Calls {
  #clock;
  #state;
  /** @type {Link | null} */
  #link = null;
  /** @type {Set<Call>} */
  #waiting = new Set();

  /**
   * @param {import('./link.js').Clock} clock
   * @param {() => import('./connection.js').State} state connects first when idle
   */
  constructor(clock, state) {
    this.#clock = clock;
    this.#state = state;
  }

  /** @param {Link} link */
  attach(link) {
    this.#link = link;
    for (const call of this.#waiting) {
      this.#waiting.delete(call);
      call.start(link);
    }
  }

  /** @param {TickcastError} error why there is none */
  detach(error) {
    this.#link = null;
    for (const call of this.#waiting) {
      call.fail(notSent(error));
    }
  }

  /**
   * Sends without an answer.
   * @param {string} type
   * @param {unknown} data
   * @returns {boolean} whether it went into the socket
   */
  send(type, data = {}) {
    checkType(type);
    return this.#link !== null && !this.#link.isCongested && this.#link.tell(type, data);
  }

  /**
   * @param {string} type
   * @param {unknown} data
   * @param {CallOptions} options
   * @returns {Promise<any>} rejects with a TickcastError, or with the signal's reason
   */
  call(type, data = {}, options = {}) {
    checkType(type);
    return this.command(type, data, options);
  }

  /**
   * As `call`, for any type. `answered` sees the answer in the turn in which it comes, before what follows it.
   * @param {string} type
   * @param {unknown} data
   * @param {CallOptions} options
   * @param {(answer: any) => void} [answered]
   * @returns {Promise<any>}
   */
  command(type, data, options, answered = () => {}) {
    const call = new Call({ type, data, answered }, options, this.#clock, () => this.#waiting.delete(call));
    if (this.#link) {
      call.start(this.#link);
    } else if (this.#state() !== 'connecting') {
      call.fail(notSent());
    } else if (this.#waiting.size >= mostWaiting) {
      call.fail(busy(`${mostWaiting} calls wait for the connection already`));
    } else if (!call.isOver) {
      this.#waiting.add(call);
    }
    return call.promise;
  }
}

/** One call: it starts once, and is over with the answer, the time, the signal or the link, whichever comes first. */
class Call {
  #order;
  #clock;
  #over;
  #signal;
  /** @type {any} */
  #timer = null;
  #wasSent = false;
  /** What makes the link forget it. */
  #forget = () => {};
  #onAbort = () => this.fail(this.#signal?.reason);
  /** @type {(answer: any) => void} */
  #resolve = () => {};
  /** @type {(error: unknown) => void} */
  #reject = () => {};
  isOver = false;

  /**
   * @param {{type: string, data: unknown, answered: (answer: any) => void}} order
   * @param {CallOptions} options
   * @param {import('./link.js').Clock} clock
   * @param {() => void} over called when it is over
   */
  constructor(order, { timeoutMs = defaultMs, signal }, clock, over) {
    this.#order = order;
    this.#clock = clock;
    this.#over = over;
    this.#signal = signal;
    /** @type {Promise<any>} */
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal?.aborted) {
      this.isOver = true;
      this.#reject(signal.reason);
      return;
    }
    signal?.addEventListener('abort', this.#onAbort);
    if (timeoutMs !== Infinity) {
      this.#timer = clock.setTimeout(() => this.fail(late(order.type, timeoutMs, this.#wasSent)), timeoutMs);
    }
  }

  /** @param {Link} link */
  start(link) {
    if (this.isOver) {
      return;
    }
    if (link.isCongested) {
      this.fail(busy('1 MiB waits to be sent already'));
      return;
    }
    this.#wasSent = true;
    const { type, data, answered } = this.#order;
    const onAnswer = (/** @type {TickcastError | null} */ error, /** @type {any} */ answer) => {
      if (error) {
        this.fail(error);
      } else {
        answered(answer);
        this.#end(() => this.#resolve(answer));
      }
    };
    this.#forget = link.request(type, data, onAnswer, Infinity);
  }

  /** @param {unknown} error */
  fail(error) {
    this.#end(() => this.#reject(error));
  }

  /** @param {() => void} settle */
  #end(settle) {
    if (this.isOver) {
      return;
    }
    this.isOver = true;
    this.#clock.clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#forget();
    this.#over();
    settle();
  }
}

/** @param {string} type */
function checkType(type) {
  if (typeof type !== 'string' || !typeGrammar.test(type)) {
    throw new TypeError(`"${type}" is no type; letters, digits and ._- are, at most 64 of them`);
  }
  if (ownTypes.has(type)) {
    throw new TypeError(`"${type}" is the protocol's own; use the method for it`);
  }
}

/** @param {string} what */
function busy(what) {
  return new TemporaryError(codes.tooManyRequests, `${what}; try again later`, { temporary: true });
}

/** @param {TickcastError} [error] why there is no connection, where that is known */
function notSent(error) {
  const why = error ? `: ${error.message}` : '';
  const more = { temporary: error?.temporary ?? true, cause: error };
  return new DisconnectedError(codes.transport, `not connected, so nothing was sent${why}`, more);
}

/** @param {string} type @param {number} timeoutMs @param {boolean} wasSent */
function late(type, timeoutMs, wasSent) {
  const text = wasSent ? `"${type}" was not answered within ${timeoutMs} ms` : `no connection within ${timeoutMs} ms`;
  return new TimeoutError(codes.timeout, text, { temporary: true, mayHaveHappened: wasSent });
}
