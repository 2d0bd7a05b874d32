import { h, write } from './dom.js';
import { preciseTime } from './format.js';
import { say } from './text.js';
import { writeState } from './states.js';

/** Lines kept on display, and lines that wait while it is held. */
const mostLines = 1000;
const perLook = 500;
/** So close to its end the tail is followed. */
const nearPixels = 40;

/** @typedef {{level: string, component: string, filter: string}} Wanted */

/**
 * The newest lines of the log, added as they come. Only what is new is asked for: each look begins after the last line
 * that was seen.
 */
export class LogLines {
  #live;
  #fault;
  #onCounts;
  #list = h('div', { class: 'log', role: 'log', tabindex: '0', 'aria-label': say('page_log') });
  /** @type {ReturnType<import('./live.js').Live['watch']> | undefined} */
  #watch;
  /** @type {Wanted} */
  #wanted = { level: '', component: '', filter: '' };
  #wantedText = '';
  #last = 0;
  /** @type {any[]} */
  #held = [];
  #lost = 0;
  isHeld = false;
  element = this.#list;

  /**
   * @param {import('./live.js').Live} live
   * @param {ReturnType<typeof import('./context.js').faultLine>} fault
   * @param {(counts: {shown: number, held: number, lost: number}) => void} onCounts
   */
  constructor(live, fault, onCounts) {
    this.#live = live;
    this.#fault = fault;
    this.#onCounts = onCounts;
  }

  /** Begins anew with other lines. @param {Wanted} wanted */
  look(wanted) {
    const text = JSON.stringify(wanted);
    if (text === this.#wantedText) {
      return;
    }
    this.#wantedText = text;
    this.#wanted = wanted;
    this.#last = this.#lost = 0;
    this.#held = [];
    this.#list.replaceChildren();
    this.#watch ??= this.#live.watch(this.#path(), 500, this.#onView);
    this.#watch.setPath(this.#path());
  }

  /** @param {boolean} isHeld */
  hold(isHeld) {
    this.isHeld = isHeld;
    if (!isHeld) {
      this.#add(this.#held.splice(0));
    }
    this.#tell();
  }

  close() {
    this.#watch?.close();
  }

  #path() {
    const query = new URLSearchParams({ limit: String(perLook) });
    if (this.#last > 0) {
      query.set('after', String(this.#last));
    }
    for (const [name, value] of Object.entries(this.#wanted)) {
      if (value !== '') {
        query.set(name, value);
      }
    }
    return `/api/log?${query}`;
  }

  #onView = (/** @type {import('./live.js').View} */ view) => {
    if (!this.#fault.take(view)) {
      return;
    }
    const isFirst = this.#last === 0;
    const rows = view.data.rows.filter((/** @type {any} */ { seq }) => seq > this.#last);
    if (!isFirst) {
      this.#lost += view.data.lost ?? 0;
    }
    if (rows.length > 0) {
      this.#last = rows[rows.length - 1].seq;
      if (this.isHeld && !isFirst) {
        this.#held = [...this.#held, ...rows].slice(-mostLines);
      } else {
        this.#add(rows);
      }
      this.#watch?.setPath(this.#path());
    }
    this.#tell();
  };

  /** @param {any[]} rows */
  #add(rows) {
    const list = this.#list;
    const isFollowed = list.scrollHeight - list.scrollTop - list.clientHeight < nearPixels;
    list.append(...rows.map(line));
    while (list.childElementCount > mostLines) {
      list.firstElementChild?.remove();
    }
    if (isFollowed) {
      list.scrollTop = list.scrollHeight;
    }
  }

  #tell() {
    this.#onCounts({ shown: this.#list.childElementCount, held: this.#held.length, lost: this.#lost });
  }
}

/** @param {any} row */
function line({ at, level, component, text }) {
  const { text: time, title } = preciseTime(at);
  const mark = h('span');
  writeState(mark, level);
  const words = h('span', { class: 'words' });
  write(words, text);
  return h(
    'div',
    { class: 'line', data: { level } },
    h('time', { title }, time),
    mark,
    h('span', { class: 'component' }, component),
    words,
  );
}
