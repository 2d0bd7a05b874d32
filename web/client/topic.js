import { TickcastError, codes } from './errors.js';

const mostOwn = 1000;
const mostHeld = 1000;

/**
 * @typedef {{topic: string, epoch: string, seq: number}} Position
 * @typedef {{topic: string, from: number, to: number, lost: number, reason: 'server' | 'hole' | 'double'}} Gap
 * @typedef {'waiting' | 'live' | 'refused'} TopicState
 *
 * @typedef {object} TopicListener
 * @property {(topic: string, data: any, at: Position) => void} onSnapshot
 * @property {(topic: string, data: any, at: Position) => void} onUpdate
 * @property {(gap: Gap) => void} onGap
 * @property {(topic: string, error: TickcastError) => void} onError
 * @property {(topic: string, state: TopicState) => void} onState
 *
 * @typedef {'' | 'snapshot' | 'update' | 'gap' | 'broken'} Taken what a frame was taken as; broken: a hole or a
 *   double, the topic must be subscribed anew; '' : it was left out
 */

/**
 * One topic: who listens, what position it has, and whether it may be trusted. Nothing is delivered after a hole until
 * the next snapshot, and nothing to a listener that has had no snapshot yet. Keeps no market data.
 */
export class Topic {
  /** @type {Map<TopicListener, {ready: boolean}>} ready: has had its snapshot */
  listeners = new Map();
  /** @type {TopicState} */
  state = 'waiting';
  /** What the server will think once it has read all we sent. @type {'out' | 'in'} */
  wire = 'out';
  /** Leave and subscribe anew. */
  rejoin = false;
  /** Counts what was sent about it, so that late answers are known. */
  turn = 0;
  /** When we began to wait for a snapshot. */
  since = 0;
  notBefore = 0;
  /** Resubscriptions and refusals in a row. */
  strikes = 0;
  liveAt = 0;
  #epoch = '';
  #seq = 0;
  /** What we published ourselves and the server does not send back to us. @type {{epoch: string, seqs: Set<number>}} */
  #own = { epoch: '', seqs: new Set() };
  /** Updates behind a hole that may be our own, until the server has answered. @type {any[]} */
  #held = [];

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /** @param {TopicState} state */
  setState(state) {
    if (this.state === state) {
      return;
    }
    this.state = state;
    this.#held = [];
    for (const [listener, mark] of this.listeners) {
      mark.ready &&= state === 'live';
      listener.onState(this.name, state);
    }
  }

  /** The update of that number is not sent to us: its hole is none. @param {string} epoch @param {number} seq */
  #passOver(epoch, seq) {
    if (this.#own.epoch !== epoch) {
      this.#own = { epoch, seqs: new Set() };
    }
    const { seqs } = this.#own;
    if (seqs.size < mostOwn && !(epoch === this.#epoch && seq <= this.#seq)) {
      seqs.add(seq);
    }
    this.#passOverOwn();
  }

  /**
   * The server has answered to a publication of ours: goes on with what was held for that.
   * @param {number} underWay how many it has not answered yet
   * @param {{epoch: string, seq: number}} [at] of the one that it has, where it was taken
   * @returns {Taken}
   */
  goOn(underWay, at) {
    if (at) {
      this.#passOver(at.epoch, at.seq);
    }
    for (const held = this.#held; held.length > 0 && held === this.#held;) {
      if (this.#mayBeOwn(held[0], underWay)) {
        return '';
      }
      if (this.#take(held.shift()) === 'broken') {
        this.#held = [];
        return 'broken';
      }
    }
    return '';
  }

  /** Whether the hole before this update may be what we published and the server has not answered yet. */
  #mayBeOwn(/** @type {any} */ { seq, epoch }, /** @type {number} */ underWay) {
    const hole = seq - this.#seq - 1;
    return hole > 0 && hole <= underWay && (epoch === undefined || epoch === this.#epoch);
  }

  #passOverOwn() {
    while (this.#own.epoch === this.#epoch && this.#own.seqs.delete(this.#seq + 1)) {
      this.#seq++;
    }
  }

  /**
   * @param {any} frame
   * @param {number} now
   * @param {(error: TickcastError) => void} report
   * @param {number} underWay how many publications of ours, not to be sent back to us, the server has not answered yet
   * @returns {Taken}
   */
  receive(frame, now, report, underWay) {
    switch (frame.type) {
      case 'snapshot':
        return this.#onSnapshot(frame, now, report);
      case 'update':
        return this.#onUpdate(frame, underWay);
      case 'gap':
        return this.#onGap(frame.data ?? {}, now);
      default:
        return '';
    }
  }

  /** @param {any} frame @param {number} now @param {(error: TickcastError) => void} report @returns {Taken} */
  #onSnapshot(frame, now, report) {
    if (!Number.isSafeInteger(frame.seq)) {
      report(new TickcastError(codes.malformed, 'a snapshot without a seq', { topic: this.name }));
      return '';
    }
    this.#epoch = String(frame.epoch ?? '');
    this.#seq = frame.seq;
    this.#held = [];
    this.liveAt = now;
    for (const seq of this.#own.seqs) {
      if (seq <= this.#seq || this.#own.epoch !== this.#epoch) {
        this.#own.seqs.delete(seq);
      }
    }
    const at = { topic: this.name, epoch: this.#epoch, seq: this.#seq };
    this.#passOverOwn();
    for (const [listener, mark] of this.listeners) {
      mark.ready = true;
      listener.onSnapshot(this.name, frame.data ?? {}, at);
    }
    this.setState('live');
    return 'snapshot';
  }

  /** @param {any} frame @param {number} underWay @returns {Taken} */
  #onUpdate(frame, underWay) {
    if (this.state !== 'live') {
      return '';
    }
    // An answer may come after updates that follow what it is about.
    if (this.#held.length < mostHeld && (this.#held.length > 0 || this.#mayBeOwn(frame, underWay))) {
      this.#held.push(frame);
      return 'update';
    }
    return this.#take(frame);
  }

  /** @param {any} frame @returns {Taken} */
  #take(frame) {
    const expected = this.#seq + 1;
    const isOtherEpoch = frame.epoch !== undefined && frame.epoch !== this.#epoch;
    if (frame.seq !== expected || isOtherEpoch) {
      const isDouble = !isOtherEpoch && frame.seq < expected;
      const seq = Number.isSafeInteger(frame.seq) ? frame.seq : expected;
      this.#tellGap({
        topic: this.name,
        from: isDouble ? seq : expected,
        to: isDouble ? seq : Math.max(expected, seq - 1),
        lost: isDouble || isOtherEpoch ? 0 : Math.max(0, seq - expected),
        reason: isDouble ? 'double' : 'hole',
      });
      return 'broken';
    }
    this.#seq = expected;
    this.#passOverOwn();
    const at = { topic: this.name, epoch: this.#epoch, seq: expected };
    for (const [listener, mark] of this.listeners) {
      if (mark.ready) {
        listener.onUpdate(this.name, frame.data, at);
      }
    }
    return 'update';
  }

  /** @param {any} data @param {number} now @returns {Taken} */
  #onGap({ from = this.#seq + 1, to = from, lost = 0 }, now) {
    this.#tellGap({ topic: this.name, from, to, lost, reason: 'server' });
    this.since = now;
    this.setState('waiting');
    return 'gap';
  }

  /** @param {Gap} gap */
  #tellGap(gap) {
    for (const listener of this.listeners.keys()) {
      listener.onGap(gap);
    }
  }
}
