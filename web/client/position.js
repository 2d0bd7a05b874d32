import { TickcastError, codes } from './errors.js';

const mostEpochs = 8;
const mostOpen = 1000;

/**
 * @typedef {object} Mark how far one epoch is handled: all up to `highest` but for those that are open
 * @property {number} highest the highest number that has come
 * @property {Set<number>} open
 *
 * @typedef {{getItem: (key: string) => string | null, setItem: (key: string, value: string) => void}} Keeper
 *   such as `localStorage`
 */

/**
 * Which of a user's kept messages this client has handled. Holes between are messages that another device has
 * acknowledged. Messages of several epochs may come side by side: those that a server kept over its restarts.
 */
export class Position {
  #user = '';
  /** By epoch; the one that got on last stands last. @type {Map<string, Mark>} */
  #marks = new Map();
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
    this.#user = kept?.user ?? '';
    this.#marks = kept?.marks ?? new Map();
  }

  get user() {
    return this.#user;
  }

  /** For `connect`: up to where all of an epoch is handled; undefined while there is none. */
  get shown() {
    const last = [...this.#marks].at(-1);
    return last && { epoch: last[0], seq: lowestOpen(last[1]) - 1 };
  }

  /** Begins anew, for that user. @param {string} user */
  reset(user) {
    this.#user = user;
    this.#marks = new Map();
  }

  /**
   * A message has come. Returns whether it is one to handle; false: it is handled already.
   * @param {string} epoch
   * @param {number} seq
   */
  meet(epoch, seq) {
    const mark = this.#marks.get(epoch) ?? { highest: seq - 1, open: new Set() };
    if (seq <= mark.highest) {
      return mark.open.has(seq);
    }
    mark.highest = seq;
    mark.open.add(seq);
    if (mark.open.size > mostOpen) {
      mark.open.delete(lowestOpen(mark));
    }
    this.#marks.delete(epoch);
    this.#marks.set(epoch, mark);
    cut(this.#marks);
    return true;
  }

  /** It is handled. @param {string} epoch @param {number} seq */
  close(epoch, seq) {
    if (this.#marks.get(epoch)?.open.delete(seq)) {
      this.#write();
    }
  }

  /** The server has these of the epoch that was shown no more. @param {number} from @param {number} to */
  skip(from, to) {
    const mark = [...this.#marks.values()].at(-1);
    if (!mark) {
      return;
    }
    for (const seq of mark.open) {
      if (seq >= from && seq <= to) {
        mark.open.delete(seq);
      }
    }
    mark.highest = Math.max(mark.highest, to);
    this.#write();
  }

  /** @returns {{user: string, marks: Map<string, Mark>} | undefined} */
  #read() {
    const { user, epochs } = parsed(this.#guarded(() => this.#keeper?.getItem(this.#key ?? ''))) ?? {};
    if (typeof user !== 'string' || !Array.isArray(epochs) || !epochs.every(isMark)) {
      return undefined;
    }
    return {
      user,
      marks: cut(new Map(epochs.map(({ epoch, highest, open }) => [epoch, { highest, open: new Set(open) }]))),
    };
  }

  /** Another tab may be further: what it has handled is not forgotten. */
  #write() {
    if (this.#key === undefined) {
      return;
    }
    const kept = this.#read();
    const marks = new Map(kept?.user === this.#user ? kept.marks : []);
    for (const [epoch, mark] of this.#marks) {
      const theirs = marks.get(epoch);
      marks.delete(epoch);
      marks.set(epoch, theirs && theirs.highest > mark.highest ? theirs : mark);
    }
    const epochs = [...cut(marks)].map(([epoch, { highest, open }]) => ({ epoch, highest, open: [...open] }));
    this.#guarded(() => this.#keeper?.setItem(this.#key ?? '', JSON.stringify({ user: this.#user, epochs })));
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

/** The number after the last of which all before are handled. @param {Mark} mark */
function lowestOpen({ highest, open }) {
  let lowest = highest + 1;
  for (const seq of open) {
    lowest = Math.min(lowest, seq);
  }
  return lowest;
}

/** Forgets the epochs that got on longest ago. @param {Map<string, Mark>} marks */
function cut(marks) {
  for (const epoch of [...marks.keys()].slice(0, -mostEpochs)) {
    marks.delete(epoch);
  }
  return marks;
}

/** What is not ours is as good as nothing. @param {string | null | undefined} text */
function parsed(text) {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** @param {any} kept */
function isMark(kept) {
  return (
    typeof kept?.epoch === 'string' &&
    Number.isSafeInteger(kept.highest) &&
    Array.isArray(kept.open) &&
    kept.open.length <= mostOpen &&
    kept.open.every(Number.isSafeInteger)
  );
}
