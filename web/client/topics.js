import { TickcastError, codes } from './errors.js';
import { OwnUpdates } from './own_updates.js';
import { Topic } from './topic.js';
import { backoff } from './backoff.js';
import { batches } from './batches.js';

const snapshotMs = 10_000;
const calmMs = 60_000;
const again = { baseMs: 500, capMs: 30_000 };

/**
 * @typedef {import('./topic.js').TopicListener} TopicListener
 *
 * @typedef {object} TopicLink what the table needs of a connection
 * @property {(type: string, data: object) => Promise<any>} command
 * @property {boolean} isCongested
 */

/**
 * The topics somebody here listens to: which the server must send, and which must be subscribed anew. One server
 * subscription serves all listeners of a topic.
 */
export class TopicTable {
  /** @type {Map<string, Topic>} */
  #topics = new Map();
  /** @type {Set<Topic>} */
  #dirty = new Set();
  /** Left, by which command, and the server has not said so yet: frames may be on their way. @type {Map<string, object>} */
  #leaving = new Map();
  /** What we publish and do not want back. */
  own = new OwnUpdates((name, at) => this.#onOwn(name, at));
  /** @type {TopicLink | null} */
  #link = null;
  #flushIsDue = false;
  #now;
  #random;
  #report;

  /** @param {{now: () => number, random: () => number, report: (error: TickcastError) => void}} environment */
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
      topic = new Topic(name);
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
        topic.setState('waiting');
      }
    }
    this.#dirty.clear();
  }

  /**
   * A frame about a topic. Returns what it was taken as, '' when it was left out, or null when the topic is none of
   * ours.
   * @param {any} frame
   * @returns {'' | 'snapshot' | 'update' | 'gap' | null}
   */
  receive(frame) {
    const topic = this.#topics.get(frame.topic);
    if (!topic) {
      return this.#leaving.has(frame.topic) ? '' : null;
    }
    if (topic.wire === 'out') {
      return '';
    }
    const taken = topic.receive(frame, this.#now(), this.#report, this.own.count(topic.name));
    if (taken === 'broken') {
      this.#again(topic);
      return 'gap';
    }
    return taken;
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

  /** @param {string} name @param {{epoch: string, seq: number}} [at] */
  #onOwn(name, at) {
    const topic = this.#topics.get(name);
    if (topic?.goOn(this.own.count(name), at) === 'broken') {
      this.#again(topic);
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
    topic.setState('waiting');
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
        topic.setState('waiting');
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
    const names = batch.map((topic) => topic.name);
    if (type === 'unsubscribe') {
      names.forEach((name) => this.#leaving.set(name, names));
    }
    const hasLeft = () => names.forEach((name) => this.#leaving.get(name) === names && this.#leaving.delete(name));
    link.command(type, { topics: names }).then(hasLeft, (error) => {
      hasLeft();
      this.#onRefused(link, type, batch, turns, error);
    });
  }

  /**
   * @param {TopicLink} link
   * @param {'subscribe' | 'unsubscribe'} type
   * @param {Topic[]} batch
   * @param {number[]} turns of the batch's topics when it was sent
   * @param {TickcastError} error
   */
  #onRefused(link, type, batch, turns, error) {
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
    topic.setState('refused');
    const kind = /** @type {typeof TickcastError} */ (error.constructor);
    const own = new kind(error.code, error.message, { topic: topic.name });
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
