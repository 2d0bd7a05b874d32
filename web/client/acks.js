import { DisconnectedError, TickcastError } from './errors.js';

const mostInCommand = 500;
const mostPending = 5000;

/**
 * Acknowledges what is handled: one command under way at a time, which takes all that has gathered meanwhile. What
 * the server has not confirmed is sent again on the next connection.
 */
export class Acks {
  #epoch = '';
  /** @type {Set<number>} */
  #pending = new Set();
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
    this.#epoch = '';
    this.#pending.clear();
  }

  /** @param {string} epoch @param {number} seq */
  add(epoch, seq) {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#pending.clear();
    }
    this.#pending.add(seq);
    if (this.#pending.size > mostPending) {
      const [oldest] = this.#pending;
      this.#pending.delete(oldest);
    }
    if (this.#pending.size === 1) {
      queueMicrotask(() => this.flush());
    }
  }

  /** Sends what has gathered, unless one is under way. Also called once a second, for what was refused for the moment. */
  flush() {
    const link = this.#link;
    if (!link || this.#isUnderWay || this.#pending.size === 0 || link.isCongested) {
      return;
    }
    const epoch = this.#epoch;
    const seq = [...this.#pending].slice(0, mostInCommand);
    this.#isUnderWay = true;
    link.request('ack', { epoch, seq }, (error) => {
      this.#isUnderWay = false;
      if (error instanceof DisconnectedError || error?.temporary) {
        return;
      }
      if (error) {
        this.#report(error);
      }
      if (epoch === this.#epoch) {
        seq.forEach((each) => this.#pending.delete(each));
      }
      this.flush();
    });
  }
}
