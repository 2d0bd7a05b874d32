import { TickcastError, codes } from './errors.js';
import { backoff } from './backoff.js';
import { batches } from './batches.js';

const snapshotMs = 10_000;
const calmMs = 60_000;
const again = { baseMs: 500, capMs: 30_000 };

/**
 * @typedef {object} TopicListener
 * @property {(topic: string, data: any, at: Position) => void} onSnapshot
 * @property {(topic: string, data: any, at: Position) => void} onUpdate
 * @property {(gap: Gap) => void} onGap
 * @property {(topic: string, error: TickcastError) => void} onError
 * @property {(topic: string, state: TopicState) => void} onState
 *
 * @typedef {{topic: string, epoch: string, seq: number}} Position
 * @typedef {{topic: string, from: number, to: number, lost: number, reason: 'server' | 'hole' | 'double'}} Gap
 * @typedef {'waiting' | 'live' | 'refused'} TopicState
 *
 * @typedef {object} TopicLink what the table needs of a connection
 * @property {(type: string, data: object) => Promise<any>} command
 * @property {boolean} isCongested
 *
 * @typedef {object} Topic
 * @property {string} name
 * @property {Map<TopicListener, {ready: boolean}>} listeners ready: has had its snapshot
 * @property {TopicState} state
 * @property {'out' | 'in'} wire what the server will think once it has read all we sent
 * @property {boolean} rejoin leave and subscribe anew
 * @property {number} turn counts what was sent about it, so that late answers are known
 * @property {number} since when we began to wait for a snapshot
 * @property {number} notBefore
 * @property {number} strikes resubscriptions and refusals in a row
 * @property {number} liveAt
 * @property {string} epoch
 * @property {number} seq
 */

/**
 * The topics somebody here listens to: which the server must send, what position each has, and whether it may
 * be trusted. One server subscription serves all listeners of a topic. Nothing is delivered after a hole until
 * the next snapshot, and nothing to a listener that has had no snapshot yet. Keeps no market data.
 */
export class TopicTable {
  /** @type {Map<string, Topic>} */
  #topics = new Map();
  /** @type {Set<Topic>} */
  #dirty = new Set();
  /** @type {TopicLink | null} */
  #link = null;
  #flushIsDue = false;
  #now;
  #random;
  #report;

  /**
   * @param {{now: () => number, random: () => number, report: (error: TickcastError) => void}} environment
   */
  constructor({ now, random, report }) {
    this.#now = now;
    this.#random = random;
    this.#report = report;
  }

  get size() {
    return this.#topics.size;
  }

  /**
   * @param {string} name
   * @param {TopicListener} listener
   */
  add(name, listener) {
    let topic = this.#topics.get(name);
    if (!topic) {
      topic = {
        name,
        listeners: new Map(),
        state: 'waiting',
        wire: 'out',
        rejoin: false,
        turn: 0,
        since: 0,
        notBefore: 0,
        strikes: 0,
        liveAt: 0,
        epoch: '',
        seq: 0,
      };
      this.#topics.set(name, topic);
    }
    // The server sends a snapshot only to a new subscription, so a late listener costs a fresh one.
    topic.rejoin ||= topic.state === 'live';
    topic.listeners.set(listener, { ready: false });
    this.#touch(topic);
  }

  /**
   * @param {string} name
   * @param {TopicListener} listener
   */
  remove(name, listener) {
    const topic = this.#topics.get(name);
    if (!topic?.listeners.delete(listener) || topic.listeners.size > 0) {
      return;
    }
    if (topic.wire === 'in') {
      this.#touch(topic);
    } else {
      this.#topics.delete(name);
      this.#dirty.delete(topic);
    }
  }

  /**
   * A connection is there; everything is subscribed on it.
   * @param {TopicLink} link
   */
  attach(link) {
    this.#link = link;
    for (const topic of this.#topics.values()) {
      topic.notBefore = 0;
      this.#touch(topic);
    }
  }

  /** The connection is gone, and every subscription with it. */
  detach() {
    this.#link = null;
    for (const topic of [...this.#topics.values()]) {
      topic.wire = 'out';
      topic.rejoin = false;
      topic.turn++;
      if (topic.listeners.size === 0) {
        this.#topics.delete(topic.name);
      } else {
        this.#setState(topic, 'waiting');
      }
    }
    this.#dirty.clear();
  }

  /**
   * A frame about a topic. Returns what it was taken as, or '' when it was left out.
   * @param {any} frame
   * @returns {'' | 'snapshot' | 'update' | 'gap'}
   */
  receive(frame) {
    const topic = this.#topics.get(frame.topic);
    if (!topic || topic.wire === 'out') {
      return '';
    }
    switch (frame.type) {
      case 'snapshot':
        return this.#onSnapshot(topic, frame);
      case 'update':
        return this.#onUpdate(topic, frame);
      case 'gap':
        return this.#onGap(topic, frame.data ?? {});
      default:
        return '';
    }
  }

  /**
   * Once a second: what waited long enough is tried again, and a snapshot that never came is asked for anew.
   * @param {number} now
   */
  sweep(now) {
    for (const topic of this.#topics.values()) {
      if (topic.state === 'live' && topic.strikes > 0 && now - topic.liveAt > calmMs) {
        topic.strikes = 0;
      }
      if (topic.state === 'waiting' && topic.wire === 'in' && !topic.rejoin && now - topic.since > snapshotMs) {
        this.#again(topic);
      }
    }
    this.#flush();
  }

  /** @param {Topic} topic @param {any} frame */
  #onSnapshot(topic, frame) {
    if (!Number.isSafeInteger(frame.seq)) {
      this.#report(new TickcastError(codes.malformed, 'a snapshot without a seq', { topic: topic.name }));
      return '';
    }
    topic.epoch = String(frame.epoch ?? '');
    topic.seq = frame.seq;
    topic.liveAt = this.#now();
    const at = { topic: topic.name, epoch: topic.epoch, seq: topic.seq };
    for (const [listener, mark] of topic.listeners) {
      mark.ready = true;
      listener.onSnapshot(topic.name, frame.data ?? {}, at);
    }
    this.#setState(topic, 'live');
    return 'snapshot';
  }

  /** @param {Topic} topic @param {any} frame */
  #onUpdate(topic, frame) {
    if (topic.state !== 'live') {
      return '';
    }
    const expected = topic.seq + 1;
    const isOtherEpoch = frame.epoch !== undefined && frame.epoch !== topic.epoch;
    if (frame.seq !== expected || isOtherEpoch) {
      const isDouble = !isOtherEpoch && frame.seq < expected;
      const seq = Number.isSafeInteger(frame.seq) ? frame.seq : expected;
      this.#tellGap(topic, {
        topic: topic.name,
        from: isDouble ? seq : expected,
        to: isDouble ? seq : Math.max(expected, seq - 1),
        lost: isDouble || isOtherEpoch ? 0 : Math.max(0, seq - expected),
        reason: isDouble ? 'double' : 'hole',
      });
      this.#again(topic);
      return 'gap';
    }
    topic.seq = expected;
    const at = { topic: topic.name, epoch: topic.epoch, seq: expected };
    for (const [listener, mark] of topic.listeners) {
      if (mark.ready) {
        listener.onUpdate(topic.name, frame.data, at);
      }
    }
    return 'update';
  }

  /** @param {Topic} topic @param {any} data */
  #onGap(topic, { from = topic.seq + 1, to = from, lost = 0 }) {
    this.#tellGap(topic, { topic: topic.name, from, to, lost, reason: 'server' });
    topic.since = this.#now();
    this.#setState(topic, 'waiting');
    return /** @type {const} */ ('gap');
  }

  /** @param {Topic} topic @param {Gap} gap */
  #tellGap(topic, gap) {
    for (const listener of topic.listeners.keys()) {
      listener.onGap(gap);
    }
  }

  /** @param {Topic} topic @param {TopicState} state */
  #setState(topic, state) {
    if (topic.state === state) {
      return;
    }
    topic.state = state;
    for (const [listener, mark] of topic.listeners) {
      mark.ready &&= state === 'live';
      listener.onState(topic.name, state);
    }
  }

  /**
   * Subscribes anew, each time in a row later than the last, so that a broken topic is no storm.
   * @param {Topic} topic
   */
  #again(topic) {
    const now = this.#now();
    topic.notBefore = topic.strikes === 0 ? now : now + backoff(topic.strikes, again, this.#random);
    topic.strikes++;
    topic.rejoin = true;
    this.#setState(topic, 'waiting');
    this.#touch(topic);
  }

  /** @param {Topic} topic */
  #touch(topic) {
    this.#dirty.add(topic);
    if (!this.#flushIsDue && this.#link) {
      this.#flushIsDue = true;
      queueMicrotask(() => {
        this.#flushIsDue = false;
        this.#flush();
      });
    }
  }

  /** Sends what changed since the last flush, in as few commands as the protocol allows. */
  #flush() {
    const link = this.#link;
    if (!link || link.isCongested) {
      return;
    }
    const now = this.#now();
    const leaving = [];
    const joining = [];
    for (const topic of [...this.#dirty]) {
      if (topic.notBefore > now) {
        continue;
      }
      this.#dirty.delete(topic);
      const isWanted = topic.listeners.size > 0;
      if (topic.wire === 'in' && (topic.rejoin || !isWanted)) {
        leaving.push(topic);
        topic.wire = 'out';
      }
      topic.rejoin = false;
      if (isWanted && topic.wire === 'out') {
        joining.push(topic);
        topic.wire = 'in';
        topic.since = now;
        this.#setState(topic, 'waiting');
      }
    }
    for (const batch of batches(leaving)) {
      this.#send(link, 'unsubscribe', batch);
    }
    for (const batch of batches(joining)) {
      this.#send(link, 'subscribe', batch);
    }
    for (const topic of leaving) {
      if (topic.wire === 'out') {
        this.#topics.delete(topic.name);
      }
    }
  }

  /**
   * Sends one command. When it is refused for good it changed nothing, so of many topics all are out; halves
   * find out which one it was.
   * @param {TopicLink} link
   * @param {'subscribe' | 'unsubscribe'} type
   * @param {Topic[]} batch
   */
  #send(link, type, batch) {
    const turns = batch.map((topic) => ++topic.turn);
    link.command(type, { topics: batch.map((topic) => topic.name) }).catch((error) => {
      if (this.#link !== link) {
        return;
      }
      const current = batch.filter((topic, i) => topic.turn === turns[i]);
      if (current.length > 1 && !error.temporary && error.code !== codes.limitExceeded) {
        const middle = current.length >> 1;
        this.#send(link, type, current.slice(0, middle));
        this.#send(link, type, current.slice(middle));
        return;
      }
      for (const topic of current) {
        if (type === 'subscribe') {
          this.#onJoinRefused(topic, error);
        } else {
          this.#onLeaveRefused(topic, error);
        }
      }
    });
  }

  /** @param {Topic} topic @param {TickcastError} error */
  #onJoinRefused(topic, error) {
    if (error.code === codes.alreadySubscribed) {
      this.#again(topic);
      return;
    }
    topic.wire = 'out';
    if (error.temporary) {
      topic.notBefore = this.#now() + backoff(topic.strikes++, again, this.#random);
      this.#touch(topic);
      return;
    }
    this.#setState(topic, 'refused');
    const own = new TickcastError(error.code, error.message, { topic: topic.name });
    for (const listener of topic.listeners.keys()) {
      listener.onError(topic.name, own);
    }
  }

  /** @param {Topic} topic @param {TickcastError} error */
  #onLeaveRefused(topic, error) {
    if (!error.temporary) {
      this.#report(error);
    } else if (!this.#topics.has(topic.name)) {
      this.#topics.set(topic.name, topic);
      topic.wire = 'in';
      topic.notBefore = this.#now() + backoff(topic.strikes++, again, this.#random);
      this.#touch(topic);
    }
  }
}
