import { TickcastError, codes } from './errors.js';

/**
 * Event listeners by name. A listener that throws disturbs nobody: what it threw goes to `report`.
 */
export class Listeners {
  /** @type {Map<string, Set<(event: any) => void>>} */
  #byName = new Map();
  /** @type {ReadonlySet<string>} */
  #names;

  /** @param {string[]} names the events there are */
  constructor(names) {
    this.#names = new Set(names);
  }

  /**
   * Throws where there is no such event, or the listener is none.
   * @param {string} name
   * @param {(event: any) => void} listener
   */
  check(name, listener) {
    if (!this.#names.has(name)) {
      throw new TypeError(`there is no event "${name}"; there are ${[...this.#names].join(', ')}`);
    }
    if (typeof listener !== 'function') {
      throw new TypeError(`the listener for "${name}" must be a function`);
    }
  }

  /**
   * @param {string} name
   * @param {(event: any) => void} listener
   */
  add(name, listener) {
    let set = this.#byName.get(name);
    if (!set) {
      this.#byName.set(name, (set = new Set()));
    }
    set.add(listener);
  }

  /**
   * @param {string} name
   * @param {(event: any) => void} listener
   */
  remove(name, listener) {
    this.#byName.get(name)?.delete(listener);
  }

  /**
   * Calls all listeners of `name`; an `error` that nobody listens to, or whose listener throws, is logged.
   * @param {string} name
   * @param {any} event
   */
  emit(name, event) {
    const set = this.#byName.get(name);
    if (!set?.size) {
      if (name === 'error') {
        console.error(event);
      }
      return;
    }
    for (const listener of [...set]) {
      guard(
        () => listener(event),
        (error) => (name === 'error' ? console.error(error) : this.emit('error', error)),
      );
    }
  }
}

/**
 * Runs a listener; what it throws, or rejects with when it is asynchronous, becomes a TickcastError.
 * @param {() => unknown} call
 * @param {(error: TickcastError) => void} report
 * @returns {Promise<unknown> | undefined} of an asynchronous one, settled after it; never rejects
 */
export function guard(call, report) {
  /** @param {unknown} cause */
  const failed = (cause) => {
    const text = cause instanceof Error ? cause.message : String(cause);
    report(new TickcastError(codes.listener, `a listener threw: ${text}`, { cause }));
  };
  try {
    const result = call();
    if (isThenable(result)) {
      return Promise.resolve(result).catch(failed);
    }
  } catch (cause) {
    failed(cause);
  }
  return undefined;
}

/** @param {unknown} value @returns {value is PromiseLike<unknown>} */
function isThenable(value) {
  return typeof (/** @type {any} */ (value)?.then) === 'function';
}
