import { DisconnectedError, TickcastError } from './errors.js';

const mostInCommand = 500;
const mostPending = 5000;

/**
 * Acknowledges what is handled: one command under way at a time, which takes all that has gathered meanwhile. What
 * the server has not confirmed is sent again on the next connection.
 */
export class Acks {
  /** By what names it. @type {Map<string, {epoch: string, seq: number}>} */
  #pending = new Map();
  /** @type {import('./link.js').Link | null} */
  #link = null;
  #isUnderWay = false;
  #report;

  /** @param {(error: TickcastError) => void} report */
  constructor(report) {
    this.#report = report;
  }

  /** @param {import('./link.js').Link} link */
  attach(link) {
    this.#link = link;
    this.#isUnderWay = false;
    this.flush();
  }

  detach() {
    this.#link = null;
  }

  /** Forgets all, for somebody else. */
  reset() {
    this.#pending.clear();
  }

  /** @param {string} epoch @param {number} seq */
  add(epoch, seq) {
    this.#pending.set(name(epoch, seq), { epoch, seq });
    if (this.#pending.size > mostPending) {
      const [oldest] = this.#pending.keys();
      this.#pending.delete(oldest);
    }
    if (this.#pending.size === 1) {
      queueMicrotask(() => this.flush());
    }
  }

  /** Sends what has gathered, unless one is under way. Also called once a second, for what was refused for the moment. */
  flush() {
    const link = this.#link;
    const [first] = this.#pending.values();
    if (!link || this.#isUnderWay || !first || link.isCongested) {
      return;
    }
    const { epoch } = first;
    const ofEpoch = [...this.#pending.values()].filter((each) => each.epoch === epoch);
    const seq = ofEpoch.slice(0, mostInCommand).map((each) => each.seq);
    this.#isUnderWay = true;
    link.request('ack', { epoch, seq }, (error) => {
      this.#isUnderWay = false;
      if (error instanceof DisconnectedError || error?.temporary) {
        return;
      }
      if (error) {
        this.#report(error);
      }
      seq.forEach((each) => this.#pending.delete(name(epoch, each)));
      this.flush();
    });
  }
}

/** @param {string} epoch @param {number} seq */
function name(epoch, seq) {
  return `${epoch} ${seq}`;
}
