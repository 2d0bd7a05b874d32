/** Nobody reads figures that change faster. */
const gapMs = 40;

/**
 * Gathers what has changed and draws it once, with the browser's next frame. A task that takes long is held back
 * in proportion, so that a fast market cannot use up the page's thread. Hidden pages draw nothing.
 */
export class Frames {
  /** @type {Set<() => void>} */
  #due = new Set();
  /** @type {WeakMap<() => void, number>} */
  #notBefore = new WeakMap();
  #isAsked = false;

  /** Draws `task` in the next frame, once, however often it is asked for. @param {() => void} task */
  ask = (task) => {
    this.#due.add(task);
    this.#next();
  };

  #next() {
    if (!this.#isAsked && this.#due.size > 0) {
      this.#isAsked = true;
      requestAnimationFrame(() => this.#draw());
    }
  }

  #draw() {
    this.#isAsked = false;
    for (const task of [...this.#due]) {
      const started = performance.now();
      if (started < (this.#notBefore.get(task) ?? 0)) {
        continue;
      }
      this.#due.delete(task);
      try {
        task();
      } catch (error) {
        console.error(error);
      }
      const spent = performance.now() - started;
      this.#notBefore.set(task, started + Math.max(gapMs, 4 * spent));
    }
    this.#next();
  }
}
