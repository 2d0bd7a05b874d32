import { ask } from './dialog.js';
import { h } from './dom.js';
import { say } from './text.js';

/**
 * Something an operator can do. All of its words are made when somebody asks for it, of what is true then.
 * @typedef {object} Action
 * @property {string} name names its words: `do_<name>`, `ask_<name>`, `done_<name>`
 * @property {string} target to whom, as a person reads it
 * @property {string} path of the POST
 * @property {import('./dialog.js').Field[]} [fields]
 * @property {(values: Record<string, any>) => object} [body] of what was given; by default all of it
 * @property {boolean} [isGrave]
 * @property {string} [unfit] why it cannot be done now; '' or undefined: it can
 * @property {Record<string, string | number>} [values] put into the words
 * @property {(answer: any) => void} [done]
 */

/** What a button is asked for again and again. @typedef {{refresh: () => void}} Refreshed */

/** @type {WeakMap<Element, () => void>} */
const refreshers = new WeakMap();

/** Asks, does, and says what came of it; one action on one target at a time. */
export class ActionDesk {
  #session;
  #toasts;
  #age;
  /** @type {Set<string>} */
  #underWay = new Set();

  /**
   * @param {import('./session.js').Session} session
   * @param {import('./toast.js').Toasts} toasts
   * @param {() => string} age a sentence when what is on display is old, else ''
   */
  constructor(session, toasts, age) {
    this.#session = session;
    this.#toasts = toasts;
    this.#age = age;
  }

  /**
   * A button for an action. Disabled with the reason for those who may not, while it cannot be done, and while it
   * is under way.
   * @param {string} name
   * @param {() => Action} of
   * @param {{label?: string, icon?: string}} [look]
   */
  button(name, of, { label = say(`do_${name}`) } = {}) {
    const element = h(
      'button',
      { type: 'button', class: 'act', data: { action: name }, on: { click: () => this.#start(of()) } },
      label,
    );
    const refresh = () => {
      const { path, unfit } = of();
      const reason = this.#reason(path, unfit);
      // Not the attribute `disabled`: the reason must be found by keyboard and pointer.
      element.setAttribute('aria-disabled', String(reason !== ''));
      element.title = reason || say(`tip_${name}`);
      element.classList.toggle('busy', this.#underWay.has(path));
    };
    refreshers.set(element, refresh);
    refresh();
    return element;
  }

  /** Looks again at which buttons can be used. @param {ParentNode} [root] */
  refresh(root = document) {
    for (const element of root.querySelectorAll('[data-action]')) {
      refreshers.get(element)?.();
    }
  }

  /** @param {string} path @param {string} [unfit] */
  #reason(path, unfit = '') {
    if (!this.#session.mayAct) {
      return say('needs_operator', { name: this.#session.who?.name ?? '', role: this.#session.who?.role ?? '' });
    }
    return this.#underWay.has(path) ? say('under_way') : unfit;
  }

  /** @param {Action} action */
  #start(action) {
    const { name, target, path, fields = [], body = (values) => values, isGrave, unfit, values = {}, done } = action;
    const reason = this.#reason(path, unfit);
    if (reason !== '') {
      this.#toasts.show(reason, 'bad');
      return;
    }
    const words = { target, ...values };
    ask({
      title: say(`do_${name}`),
      sentence: say(`ask_${name}`, words),
      target,
      fields,
      isGrave,
      label: say(`do_${name}`),
      warning: this.#age() || undefined,
      request: (given) => `POST ${path} ${JSON.stringify(body(given))}`,
      run: async (given) => {
        this.#set(path, true);
        try {
          const answer = await this.#session.post(path, body(given));
          this.#toasts.show(say(`done_${name}`, words), 'good');
          done?.(answer);
        } catch (error) {
          const { code, message } = /** @type {import('./session.js').ApiError} */ (error);
          const sentence =
            code === 'network' ? say('not_reached') : code === 'timeout' && !message ? say('no_answer') : message;
          this.#toasts.show(say('failed_action', { what: say(`do_${name}`), target, message: sentence }), 'bad');
          throw new Error(sentence, { cause: error });
        } finally {
          this.#set(path, false);
        }
      },
    });
  }

  /** @param {string} path @param {boolean} isUnderWay */
  #set(path, isUnderWay) {
    if (isUnderWay) {
      this.#underWay.add(path);
    } else {
      this.#underWay.delete(path);
    }
    this.refresh();
  }
}
