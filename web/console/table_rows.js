import { isFigure, writeCell } from './cells.js';
import { fill, h, mark } from './dom.js';

/**
 * @typedef {object} Line a row on display
 * @property {HTMLTableRowElement} row
 * @property {HTMLElement[]} cells
 * @property {string} key '' while it shows nothing
 * @property {HTMLElement | undefined} buttons
 * @property {any} data
 *
 * @typedef {object} RowOptions
 * @property {import('./cells.js').Column[]} columns
 * @property {(row: any) => string} key
 * @property {(row: () => any) => HTMLElement[]} [actions]
 * @property {(key: string) => void} open
 */

/** The rows of a table. Elements are made once and written anew: what has not changed is not touched. */
export class TableRows {
  element = h('tbody');
  #options;
  /** @type {Line[]} */
  #lines = [];

  /** @param {RowOptions} options */
  constructor(options) {
    this.#options = options;
  }

  get shown() {
    return this.#lines.filter(({ key }) => key !== '');
  }

  /** @param {string} key @returns {any} the row's data, where it is on display */
  of(key) {
    return key === '' ? undefined : this.#lines.find((line) => line.key === key)?.data;
  }

  /** @param {any[]} rows @param {string} chosen key */
  show(rows, chosen) {
    while (this.#lines.length < rows.length) {
      this.#lines.push(this.#make());
    }
    this.#lines.forEach((line, i) => {
      line.row.hidden = i >= rows.length;
      if (i < rows.length) {
        this.#write(line, rows[i], chosen);
      } else {
        line.key = '';
        delete line.row.dataset.row;
      }
    });
  }

  /** @returns {Line} */
  #make() {
    const { columns, actions, open } = this.#options;
    const cells = columns.map((column) =>
      h('td', { class: isFigure(column) ? 'figure' : null, data: { tier: String(column.tier ?? 1) } }),
    );
    const buttons = actions ? h('td', { class: 'buttons' }) : undefined;
    const row = h('tr', {}, cells, buttons);
    /** @type {Line} */
    const line = { row, cells, key: '', buttons, data: undefined };
    row.addEventListener('click', (event) => {
      const isOwn = /** @type {Element} */ (event.target).closest('a, button');
      if (!isOwn && !getSelection()?.toString()) {
        open(line.key);
      }
    });
    this.element.append(row);
    return line;
  }

  /** @param {Line} line @param {any} data @param {string} chosen */
  #write(line, data, chosen) {
    const { columns, key: keyOf, actions } = this.#options;
    const key = keyOf(data);
    line.data = data;
    if (line.key !== key) {
      line.key = key;
      line.row.dataset.row = key;
      if (line.buttons && actions) {
        // Buttons belong to what they name, not to the place where it stood when they were made.
        fill(
          line.buttons,
          actions(() => this.of(key) ?? data),
        );
      }
    }
    mark(line.row, 'aria-selected', String(key === chosen));
    columns.forEach((column, i) => writeCell(line.cells[i], column, data));
  }
}
