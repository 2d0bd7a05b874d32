import { TickcastError } from './errors.js';
import { backoff } from './backoff.js';
import { guard } from './listeners.js';

const again = { baseMs: 500, capMs: 20_000 };
const mostEarly = 10_000;

/**
 * @typedef {object} Member
 * @property {string} [user] absent for an anonymous client
 * @property {string} [name]
 *
 * @typedef {object} PresenceList
 * @property {string} topic
 * @property {string} epoch of the topic `presence.TOPIC`
 * @property {number} seq
 * @property {number} connections all of them
 * @property {number} anonymous
 * @property {{user: string, name?: string, connections: number}[]} users
 *
 * @typedef {object} PresenceHandlers all optional
 * @property {(list: PresenceList) => void} [list] who is there; replaces all that came before, and may come at any time
 * @property {(member: Member) => void} [join] since then
 * @property {(member: Member) => void} [leave]
 * @property {(error: TickcastError) => void} [error] the server refuses it; without a handler it is an `error` event
 */

/**
 * Who is there on a topic: its events are subscribed to first, then the list is asked for, and of the events those go on
 * that the list does not hold yet. After a gap or a reconnect the list is asked for anew.
 */
export class PresenceWatch {
  #topic;
  #handlers;
  #environment;
  #subscription;
  /** Counts the lists asked for; an answer to an older question is left out. */
  #round = 0;
  #failures = 0;
  /** Events that wait for the list; null while the list is known. @type {{data: any, epoch: string, seq: number}[] | null} */
  #early = [];
  #base = { epoch: '', seq: 0 };
  /** @type {any} */
  #timer = null;
  #isOver = false;

  /**
   * @param {string} topic
   * @param {PresenceHandlers} handlers
   * @param {object} environment
   * @param {(topics: string, handlers: import('./subscription.js').Handlers) => {unsubscribe: () => void}} environment.subscribe
   * @param {(topic: string) => Promise<PresenceList>} environment.ask
   * @param {import('./link.js').Clock} environment.clock
   * @param {() => number} environment.random
   * @param {(error: TickcastError) => void} environment.report
   */
  constructor(topic, handlers, environment) {
    this.#topic = topic;
    this.#handlers = handlers;
    this.#environment = environment;
    this.#subscription = environment.subscribe(`presence.${topic}`, {
      snapshot: () => this.#ask(),
      update: (data, at) => this.#onEvent({ data, epoch: at.epoch, seq: at.seq }),
      state: (state) => state === 'waiting' && this.#forget(),
      error: (error) => this.#refuse(error),
    });
  }

  /** Ends it; no handler is called after this. */
  stop() {
    this.#isOver = true;
    this.#forget();
    this.#subscription.unsubscribe();
  }

  #forget() {
    this.#round++;
    this.#environment.clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#early = [];
  }

  async #ask() {
    this.#forget();
    const round = this.#round;
    try {
      const list = await this.#environment.ask(this.#topic);
      if (round === this.#round) {
        this.#onList(list);
      }
    } catch (error) {
      if (round === this.#round) {
        this.#onRefused(/** @type {TickcastError} */ (error));
      }
    }
  }

  /** @param {PresenceList} list */
  #onList(list) {
    this.#failures = 0;
    this.#base = { epoch: list.epoch, seq: list.seq };
    const early = this.#early ?? [];
    this.#early = null;
    this.#call(() => this.#handlers.list?.(list));
    early.forEach((event) => this.#onEvent(event));
  }

  /** @param {{data: any, epoch: string, seq: number}} event */
  #onEvent(event) {
    if (this.#early) {
      this.#early.push(event);
      if (this.#early.length > mostEarly) {
        this.#ask();
      }
      return;
    }
    const { data, epoch, seq } = event;
    if (epoch !== this.#base.epoch) {
      // The list and the events are of different counts, so nobody can tell which holds which.
      this.#ask();
    } else if (seq > this.#base.seq) {
      const { event: what, user, name } = data ?? {};
      const handler = what === 'join' ? this.#handlers.join : what === 'leave' ? this.#handlers.leave : undefined;
      this.#call(() => handler?.({ user, name }));
    }
  }

  /** @param {TickcastError} error */
  #onRefused(error) {
    if (error.temporary) {
      const { clock, random } = this.#environment;
      this.#timer = clock.setTimeout(() => this.#ask(), backoff(this.#failures++, again, random));
    } else {
      this.#refuse(error);
    }
  }

  /** @param {TickcastError} error */
  #refuse(error) {
    const { report } = this.#environment;
    if (!this.#isOver) {
      guard(() => (this.#handlers.error ?? report)(error), report);
    }
  }

  /** @param {() => void} call */
  #call(call) {
    if (!this.#isOver) {
      guard(call, this.#environment.report);
    }
  }
}
