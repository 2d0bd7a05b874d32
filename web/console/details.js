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
  #titleOf;
  #actionsOf;
  #title = h('h2');
  #note = h('p', { class: 'note', hidden: true });
  #list = h('dl');
  #actions = h('div', { class: 'actions' });
  /** @type {HTMLElement[]} */
  #values = [];
  #key = '';
  /** The chosen row as it was last seen. @type {any} */
  #data;

  /**
   * @param {import('./cells.js').Column[]} columns
   * @param {{close: () => void, title: (row: any) => string, actions: (row: () => any) => HTMLElement[]}} options
   */
  constructor(columns, { close, title, actions }) {
    this.#columns = columns;
    this.#titleOf = title;
    this.#actionsOf = actions;
    for (const { key } of columns) {
      const value = h('dd');
      this.#values.push(value);
      this.#list.append(h('dt', {}, heading(key)), value);
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
      this.#list,
    );
  }

  /** @param {string} key '' closes it @param {any} row undefined: not on this page of the table */
  show(key, row) {
    this.element.hidden = key === '';
    if (key === '') {
      this.#key = '';
      return;
    }
    // A row that has left stays as it was; of one that was never seen nothing is known.
    const isKnown = row !== undefined || this.#key === key;
    this.#list.hidden = this.#actions.hidden = !isKnown;
    this.#note.hidden = row !== undefined;
    if (row === undefined) {
      write(this.#note, say(isKnown ? 'row_gone' : 'row_elsewhere'));
      write(this.#title, isKnown ? (this.#title.textContent ?? '') : key);
      this.#key = isKnown ? key : '';
      return;
    }
    this.#data = row;
    write(this.#title, this.#titleOf(row));
    if (this.#key !== key) {
      this.#key = key;
      fill(
        this.#actions,
        this.#actionsOf(() => this.#data),
      );
    }
    this.#columns.forEach((column, i) => writeCell(this.#values[i], column, row));
  }
}
