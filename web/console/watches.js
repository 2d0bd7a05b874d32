/**
 * @typedef {object} View
 * @property {number} status as of HTTP
 * @property {any} data
 *
 * @typedef {object} Watched
 * @property {string} path
 * @property {number} everyMs
 * @property {(view: View) => void} onView
 * @property {number} id 0 while the server does not know of it
 * @property {number} askedAt
 * @property {boolean} isAnswered since it was last asked
 * @property {boolean} wasAnswered ever
 */

/** What is kept current for the page on display, and what the server has been asked of it. */
export class Watches {
  #send;
  #now;
  #nextId;
  #isOn = false;
  /** @type {Set<Watched>} */
  #all = new Set();

  /**
   * @param {(message: object) => void} send
   * @param {() => number} now milliseconds
   * @param {() => number} nextId never used on this console before
   */
  constructor(send, now, nextId) {
    this.#send = send;
    this.#now = now;
    this.#nextId = nextId;
  }

  get areAllAnswered() {
    return [...this.#all].every(({ isAnswered }) => isAnswered);
  }
  /** Whether anything was ever shown of what is on display; a page that watches nothing shows all it has. */
  get wasShown() {
    return this.#all.size === 0 || [...this.#all].some(({ wasAnswered }) => wasAnswered);
  }
  /** For how long something has waited for its answer; 0: nothing does. */
  get waitingMs() {
    const since = [...this.#all].filter(({ isAnswered }) => !isAnswered).map(({ askedAt }) => askedAt);
    return since.length > 0 ? this.#now() - Math.min(...since) : 0;
  }

  /** Asks for all of it, or for none. @param {boolean} isOn */
  turn(isOn) {
    this.#isOn = isOn;
    for (const watched of this.#all) {
      isOn ? this.#ask(watched) : this.#forget(watched);
    }
  }

  /** The socket has gone, and with it all that the server knew. */
  reset() {
    this.#isOn = false;
    for (const watched of this.#all) {
      Object.assign(watched, { id: 0, isAnswered: false, askedAt: this.#now() });
    }
  }

  /** @param {string} path @param {number} everyMs @param {(view: View) => void} onView */
  add(path, everyMs, onView) {
    /** @type {Watched} */
    const watched = { path, everyMs, onView, id: 0, askedAt: 0, isAnswered: false, wasAnswered: false };
    this.#all.add(watched);
    this.#ask(watched);
    return {
      /** Looks at something else instead. @param {string} next */
      setPath: (next) => {
        if (next !== watched.path) {
          watched.path = next;
          this.#again(watched);
        }
      },
      /** Asks again at once, after an action that should show. */
      refresh: () => this.#again(watched),
      close: () => {
        this.#forget(watched);
        this.#all.delete(watched);
      },
    };
  }

  /** Hands a view to who asked for it; one that nobody asks for any more is dropped. @param {number} id @param {View} view */
  take(id, view) {
    const watched = [...this.#all].find((each) => each.id === id);
    if (watched) {
      watched.isAnswered = watched.wasAnswered = true;
      watched.onView(view);
    }
  }

  /** @param {Watched} watched */
  #again(watched) {
    this.#forget(watched);
    this.#ask(watched);
  }

  /** @param {Watched} watched */
  #ask(watched) {
    watched.isAnswered = false;
    watched.askedAt = this.#now();
    if (this.#isOn) {
      watched.id = this.#nextId();
      this.#send({ type: 'watch', id: watched.id, data: { path: watched.path, every_ms: watched.everyMs } });
    }
  }

  /** @param {Watched} watched */
  #forget(watched) {
    if (watched.id !== 0) {
      this.#send({ type: 'unwatch', id: watched.id });
      watched.id = 0;
    }
  }
}
