import { heading, writeCell } from './cells.js';
import { fill, h, write } from './dom.js';
import { say } from './text.js';

/**
 * Everything about the chosen row of a table, beside it or, on a phone, over it. Lives on with the row; a row that
 * has left the table stays, and is said to be old.
 */
export class Details {
  /** @type {HTMLElement} */
  element;
  #columns;
  #title = h('h2');
  #note = h('p', { class: 'note', hidden: true });
  #actions = h('div', { class: 'actions' });
  /** @type {HTMLElement[]} */
  #values = [];
  #key = '';

  /**
   * @param {import('./cells.js').Column[]} columns
   * @param {{close: () => void, title: (row: any) => string, actions: (row: () => any) => HTMLElement[]}} options
   */
  constructor(columns, { close, title, actions }) {
    this.#columns = columns;
    this.titleOf = title;
    this.actionsOf = actions;
    const list = h('dl');
    for (const { key } of columns) {
      const value = h('dd');
      this.#values.push(value);
      list.append(h('dt', {}, heading(key)), value);
    }
    this.element = h(
      'aside',
      { class: 'details', 'aria-label': say('details'), hidden: true },
      h(
        'header',
        {},
        this.#title,
        h(
          'button',
          { type: 'button', class: 'icon', 'aria-label': say('close'), title: say('close'), on: { click: close } },
          '✕',
        ),
      ),
      this.#note,
      this.#actions,
      list,
    );
  }

  /** @param {string} key '' closes it @param {any} row undefined: not on this page of the table @param {() => any} current */
  show(key, row, current) {
    this.element.hidden = key === '';
    if (key === '') {
      this.#key = '';
      return;
    }
    if (row === undefined) {
      this.#note.hidden = false;
      write(this.#note, say('row_gone'));
      if (this.#key !== key) {
        write(this.#title, key);
      }
      return;
    }
    this.#note.hidden = true;
    write(this.#title, this.titleOf(row));
    if (this.#key !== key) {
      this.#key = key;
      fill(this.#actions, this.actionsOf(current));
    }
    this.#columns.forEach((column, i) => writeCell(this.#values[i], column, row));
  }
}
