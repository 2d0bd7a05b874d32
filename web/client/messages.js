import { Acks } from './acks.js';
import { TickcastError, codes } from './errors.js';
import { guard } from './listeners.js';

const mostWaiting = 1000;
const patienceMs = 30_000;

/**
 * @typedef {object} Message what a backend or a plugin sent to this user
 * @property {string} kind
 * @property {any} data
 * @property {string} [epoch] with `seq` its number among the user's kept messages; absent from one that is not kept
 * @property {number} [seq]
 *
 * @typedef {(message: Message) => unknown} MessageHandler
 */

/**
 * A user's messages, handed over one after the other. A kept one is acknowledged once all its handlers have returned and
 * what they promised has come true; one that nobody here listens to waits for a handler, unacknowledged.
 */
export class Messages {
  /** @type {Map<string | null, Set<MessageHandler>>} null: of all kinds */
  #handlers = new Map();
  /** @type {Message[]} */
  #queue = [];
  /** Kept ones without a handler. @type {Message[]} */
  #held = [];
  /** The numbers of those that are queued, held, or in the hands of a handler. @type {Set<string>} */
  #here = new Set();
  #isBusy = false;
  #overflows = 0;
  /** Counts the users, so that what was handled for one says nothing about the next. */
  #reign = 0;
  /** What lets go of each handler that is being waited for. @type {Set<() => void>} */
  #running = new Set();
  #acks;
  #position;
  #clock;
  #report;

  /**
   * @param {import('./position.js').Position} position
   * @param {import('./link.js').Clock} clock
   * @param {(error: TickcastError) => void} report
   */
  constructor(position, clock, report) {
    this.#position = position;
    this.#clock = clock;
    this.#report = report;
    this.#acks = new Acks(report);
  }

  /** @param {string | null} kind null: all @param {MessageHandler} handler */
  add(kind, handler) {
    const set = this.#handlers.get(kind) ?? new Set();
    this.#handlers.set(kind, set.add(handler));
    const [wanted, others] = [/** @type {Message[]} */ ([]), /** @type {Message[]} */ ([])];
    this.#held.forEach((message) => (kind === null || message.kind === kind ? wanted : others).push(message));
    if (wanted.length > 0) {
      this.#held = others;
      this.#queue.unshift(...wanted);
      queueMicrotask(() => this.#pump());
    }
  }

  /** @param {string | null} kind @param {MessageHandler} handler */
  remove(kind, handler) {
    const set = this.#handlers.get(kind);
    set?.delete(handler);
    if (set?.size === 0) {
      this.#handlers.delete(kind);
    }
  }

  /** What `connect` tells of it. */
  get shown() {
    const position = this.#position.shown;
    return position ? { messages: position } : {};
  }

  /**
   * The server has let this user in. Returns false where it was shown the position of another: the connection must
   * begin anew.
   * @param {import('./link.js').Link} link
   * @param {string} user '' for anonymous ones, whose like has no kept messages
   */
  attach(link, user) {
    if (user !== '' && user !== this.#position.user) {
      const wasShown = this.#position.shown !== undefined;
      this.#forget(user);
      if (wasShown) {
        return false;
      }
    }
    this.#acks.attach(link);
    return true;
  }

  detach() {
    this.#acks.detach();
  }

  /** Once a second while connected. */
  sweep() {
    this.#acks.flush();
  }

  /** Hands over no more of what is here; kept ones come again. */
  stop() {
    for (const { epoch, seq } of [...this.#queue, ...this.#held]) {
      this.#here.delete(`${epoch} ${seq}`);
    }
    this.#queue = [];
    this.#held = [];
    this.#running.forEach((letGo) => letGo());
  }

  /** @param {any} frame */
  receive({ kind, data, epoch, seq }) {
    if (typeof epoch !== 'string' || !Number.isSafeInteger(seq)) {
      this.#enqueue({ kind, data });
      return;
    }
    if (!this.#position.meet(epoch, seq)) {
      this.#acks.add(epoch, seq);
    } else if (!this.#here.has(`${epoch} ${seq}`)) {
      this.#enqueue({ kind, data, epoch, seq });
    }
  }

  /** @param {{from: number, to: number}} gap of messages that are no longer kept */
  skip({ from, to }) {
    this.#position.skip(from, to);
  }

  /** @param {Message} message */
  #enqueue(message) {
    const isKept = message.seq !== undefined;
    if (this.#queue.length + this.#held.length >= mostWaiting) {
      this.#overflows++ || this.#report(overflow());
      return;
    }
    if (isKept) {
      this.#here.add(`${message.epoch} ${message.seq}`);
    }
    this.#queue.push(message);
    this.#pump();
  }

  #pump() {
    while (!this.#isBusy && this.#queue.length > 0) {
      const message = /** @type {Message} */ (this.#queue.shift());
      const handlers = [...(this.#handlers.get(message.kind) ?? []), ...(this.#handlers.get(null) ?? [])];
      if (handlers.length > 0) {
        this.#hand(message, handlers);
      } else if (message.seq !== undefined) {
        this.#held.push(message);
      }
    }
    if (this.#queue.length === 0) {
      this.#overflows = 0;
    }
  }

  /** @param {Message} message @param {MessageHandler[]} handlers */
  #hand(message, handlers) {
    let hasFailed = false;
    const failed = (/** @type {TickcastError} */ error) => {
      hasFailed = true;
      this.#report(error);
    };
    const reign = this.#reign;
    const done = () => reign === this.#reign && this.#settle(message, !hasFailed);
    this.#isBusy = true;
    const promises = handlers.map((handler) => guard(() => handler(message), failed)).filter((each) => each);
    if (promises.length === 0) {
      this.#isBusy = false;
      done();
      return;
    }
    const letGo = () => {
      if (this.#running.delete(letGo)) {
        this.#clock.clearTimeout(timer);
        this.#isBusy = false;
        this.#pump();
      }
    };
    const timer = this.#clock.setTimeout(() => {
      this.#report(tooLong(message.kind));
      letGo();
    }, patienceMs);
    this.#running.add(letGo);
    Promise.all(promises).then(() => {
      done();
      letGo();
    });
  }

  /** @param {Message} message @param {boolean} isHandled */
  #settle({ epoch, seq }, isHandled) {
    if (epoch === undefined || seq === undefined) {
      return;
    }
    this.#here.delete(`${epoch} ${seq}`);
    if (isHandled) {
      this.#position.close(epoch, seq);
      this.#acks.add(epoch, seq);
    }
  }

  /** @param {string} user who it is from now on */
  #forget(user) {
    this.#reign++;
    this.#queue = [];
    this.#held = [];
    this.#here.clear();
    this.#acks.reset();
    this.#position.reset(user);
  }
}

function overflow() {
  const text = `${mostWaiting} messages wait for their handlers; further ones are left out, kept ones come again`;
  return new TickcastError(codes.overflow, text, { temporary: true });
}

/** @param {string} kind */
function tooLong(kind) {
  const text = `a handler of "${kind}" has not come to an end for ${patienceMs} ms; further messages no longer wait for it`;
  return new TickcastError(codes.listener, text, { temporary: true });
}
