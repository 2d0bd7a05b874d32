import { TickcastError } from './errors.js';
import { guard } from './listeners.js';

const topicGrammar = /^[A-Za-z0-9._\-:@/+(),]{1,128}$/;

/**
 * @typedef {import('./topic.js').Position} Position
 * @typedef {import('./topic.js').Gap} Gap
 * @typedef {import('./topic.js').TopicState} TopicState
 *
 * @typedef {object} Handlers all optional; what they throw becomes an `error` event
 * @property {(data: any, at: Position) => void} [snapshot] replaces all that came before; may come at any time
 * @property {(data: any, at: Position) => void} [update] exactly the one after the last, always
 * @property {(gap: Gap) => void} [gap] updates are missing, or one came twice; a snapshot follows by itself
 * @property {(error: TickcastError) => void} [error] the topic is refused; it is tried again after a reconnect
 * @property {(state: TopicState, topic: string) => void} [state] only `live` data may be called current
 */

/** One or several topics with one set of handlers. Made by `Tickcast.subscribe`. */
export class Subscription {
  #table;
  #listener;

  /**
   * @param {import('./topics.js').TopicTable} table
   * @param {string[]} topics
   * @param {Handlers} handlers
   * @param {(error: TickcastError) => void} report
   */
  constructor(table, topics, handlers, report) {
    this.#table = table;
    /** The topics, without doubles. */
    this.topics = Object.freeze([...new Set(topics)]);
    /** @type {import('./topic.js').TopicListener} */
    const listener = {
      onSnapshot: (_, data, at) => guard(() => handlers.snapshot?.(data, at), report),
      onUpdate: (_, data, at) => guard(() => handlers.update?.(data, at), report),
      onGap: (gap) => guard(() => handlers.gap?.(gap), report),
      onError: (_, error) => (handlers.error ? guard(() => handlers.error?.(error), report) : report(error)),
      onState: (topic, state) => guard(() => handlers.state?.(state, topic), report),
    };
    this.#listener = listener;
    for (const topic of this.topics) {
      table.add(topic, listener);
    }
  }

  /** Ends it; no handler is called after this. Other subscriptions of the same topics go on. */
  unsubscribe() {
    for (const topic of this.topics) {
      this.#table.remove(topic, this.#listener);
    }
  }
}

/** @param {unknown} topic */
export function checkTopic(topic) {
  if (typeof topic !== 'string' || !topicGrammar.test(topic)) {
    throw new TypeError(`"${topic}" is no topic; letters, digits and ._-:@/+(), are, at most 128 of them`);
  }
}
