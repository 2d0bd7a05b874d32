import { TickcastError, codes } from './errors.js';

const mostOpen = 1000;

/**
 * @typedef {object} Kept what is kept of a position where it is to be remembered
 * @property {string} user
 * @property {string} epoch
 * @property {number} highest
 * @property {number[]} open
 *
 * @typedef {{getItem: (key: string) => string | null, setItem: (key: string, value: string) => void}} Keeper
 *   such as `localStorage`
 */

/**
 * Which of a user's kept messages this client has handled: all up to the highest it has been given, but for those
 * that are open. Holes between are messages that another device has acknowledged.
 */
export class Position {
  #user = '';
  #epoch = '';
  #highest = 0;
  /** @type {Set<number>} */
  #open = new Set();
  #key;
  #keeper;
  #report;

  /**
   * @param {string | undefined} key where to remember it; nowhere when left out
   * @param {Keeper | undefined} keeper
   * @param {(error: TickcastError) => void} report
   */
  constructor(key, keeper, report) {
    this.#key = key;
    this.#keeper = keeper;
    this.#report = report;
    const kept = this.#read();
    if (kept) {
      this.#take(kept);
    }
  }

  get user() {
    return this.#user;
  }

  get epoch() {
    return this.#epoch;
  }

  /** For `connect`; undefined while there is none. */
  get shown() {
    return this.#epoch === '' ? undefined : { epoch: this.#epoch, seq: this.#handled };
  }

  /** Up to where all is handled. */
  get #handled() {
    let lowest = this.#highest + 1;
    for (const seq of this.#open) {
      lowest = Math.min(lowest, seq);
    }
    return lowest - 1;
  }

  /** Begins anew, for that user. @param {string} user */
  reset(user) {
    this.#take({ user, epoch: '', highest: 0, open: [] });
  }

  /**
   * A message has come. Returns whether it is one to handle; false: it is handled already.
   * @param {string} epoch
   * @param {number} seq
   */
  meet(epoch, seq) {
    if (epoch !== this.#epoch) {
      this.#take({ user: this.#user, epoch, highest: seq - 1, open: [] });
    }
    if (seq <= this.#highest) {
      return this.#open.has(seq);
    }
    this.#highest = seq;
    this.#open.add(seq);
    if (this.#open.size > mostOpen) {
      this.#open.delete(this.#handled + 1);
    }
    return true;
  }

  /** It is handled. @param {string} epoch @param {number} seq */
  close(epoch, seq) {
    if (epoch === this.#epoch && this.#open.delete(seq)) {
      this.#write();
    }
  }

  /** The server has these no more. @param {number} from @param {number} to */
  skip(from, to) {
    if (this.#epoch === '') {
      return;
    }
    for (const seq of this.#open) {
      if (seq >= from && seq <= to) {
        this.#open.delete(seq);
      }
    }
    this.#highest = Math.max(this.#highest, to);
    this.#write();
  }

  /** @param {Kept} kept */
  #take({ user, epoch, highest, open }) {
    this.#user = user;
    this.#epoch = epoch;
    this.#highest = highest;
    this.#open = new Set(open);
  }

  #read() {
    const text = this.#guarded(() => this.#keeper?.getItem(this.#key ?? ''));
    const { user, epoch, highest, open } = parsed(text) ?? {};
    const isWhole =
      typeof user === 'string' &&
      typeof epoch === 'string' &&
      Number.isSafeInteger(highest) &&
      Array.isArray(open) &&
      open.length <= mostOpen &&
      open.every(Number.isSafeInteger);
    return isWhole ? /** @type {Kept} */ ({ user, epoch, highest, open }) : undefined;
  }

  /** Another tab may be further: what it has handled is not forgotten. */
  #write() {
    if (this.#key === undefined) {
      return;
    }
    const kept = this.#read();
    const isBehind = kept?.user === this.#user && kept.epoch === this.#epoch && kept.highest > this.#highest;
    if (!isBehind) {
      const value = { user: this.#user, epoch: this.#epoch, highest: this.#highest, open: [...this.#open] };
      this.#guarded(() => this.#keeper?.setItem(this.#key ?? '', JSON.stringify(value)));
    }
  }

  /**
   * Storage may be full or forbidden: then it is told once, and nothing is remembered.
   * @template T
   * @param {() => T} call
   * @returns {T | undefined}
   */
  #guarded(call) {
    if (this.#key === undefined) {
      return undefined;
    }
    try {
      return call();
    } catch (cause) {
      this.#key = undefined;
      const text = `the position cannot be remembered: ${cause instanceof Error ? cause.message : cause}`;
      // Later, so that who has just made the client can listen.
      queueMicrotask(() => this.#report(new TickcastError(codes.storage, text, { cause })));
      return undefined;
    }
  }
}

/** What is not ours is as good as nothing. @param {string | null | undefined} text */
function parsed(text) {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
