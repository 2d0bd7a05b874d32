import { heading, isFigure, writeCell } from './cells.js';
import { Details } from './details.js';
import { faultLine } from './context.js';
import { fill, h, mark, write } from './dom.js';
import { pager } from './pager.js';
import { formatRoute } from './route.js';
import { listPath, nextSort, readState, writeState } from './table_state.js';
import { say } from './text.js';

const filterMs = 250;
const pageRows = 10;

/**
 * @typedef {object} TableOptions
 * @property {string} page its name in the address
 * @property {string} path of the API
 * @property {import('./cells.js').Column[]} columns the first one names the row
 * @property {(row: any) => string} key
 * @property {string} [sort] the order to begin with
 * @property {string} [hint] the words in the empty filter box
 * @property {string} [empty] what to say where there are no rows at all
 * @property {{name: string, choices: () => [string, string][]}[]} [choices] exact filters: API name; value and text of each
 * @property {{word: string, query: Record<string, string>}[]} [presets]
 * @property {(row: any) => string | undefined} [open] where Enter and a click lead; without it they open the details
 * @property {(row: () => any) => HTMLElement[]} [actions] buttons for one row
 * @property {number} [everyMs]
 * @property {(list: any) => void} [onList] each list that comes
 *
 * @typedef {object} Line a row on display
 * @property {HTMLTableRowElement} row
 * @property {HTMLElement[]} cells
 * @property {string} key
 * @property {HTMLElement | undefined} buttons
 * @property {any} data
 */

/**
 * A list of the API as a table: sorted, filtered and cut into pages by the server, kept current while it is seen, all
 * of its state in the address. Keys: arrows move, Enter opens, Page keys turn, Escape closes.
 */
export class Table {
  #context;
  #options;
  /** @type {import('./table_state.js').TableState} */
  #state;
  #watch;
  /** @type {any} */
  #list;
  #body = h('tbody');
  #fault = faultLine();
  #note = h('p', { class: 'note', hidden: true });
  #empty = h('p', { class: 'empty', hidden: true });
  /** @type {{cell: HTMLElement, mark: HTMLElement, column: import('./cells.js').Column}[]} */
  #heads = [];
  /** @type {Line[]} */
  #rows = [];
  /** @type {HTMLInputElement} */
  #filter;
  /** @type {any} */
  #typing = null;
  #pager = pager((page) => this.#to({ page, at: '' }, true));
  #details;
  #scroller;
  /** @type {HTMLButtonElement[]} */
  #presets = [];
  /** @type {HTMLSelectElement[]} */
  #choices = [];
  #columns;

  /** @param {import('./context.js').Context} context @param {import('./route.js').Route} route @param {TableOptions} options */
  constructor(context, route, options) {
    this.#context = context;
    this.#options = options;
    this.#columns = options.columns.filter(({ tier = 1 }) => tier < 3);
    this.#state = this.#read(route.query);
    this.#filter = h('input', {
      type: 'search',
      class: 'filter',
      'data-filter': true,
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: say(options.hint ?? 'filter_hint'),
      'aria-label': say('filter'),
      on: { input: this.#onType, keydown: this.#onFilterKey },
    });
    this.#details = new Details(options.columns, {
      close: () => this.#to({ at: '' }, false),
      title: (row) => String(row[options.columns[0].key] ?? '–'),
      actions: (current) => options.actions?.(current) ?? [],
    });
    this.#scroller = h(
      'div',
      { class: 'scroller', tabindex: '0', 'aria-label': say(`page_${options.page}`), on: { keydown: this.#onKey } },
      h('table', {}, h('thead', {}, this.#headRow()), this.#body),
      this.#empty,
    );
    context.root.append(this.#toolbar(), this.#fault.element, this.#note, h('div', { class: 'split' }, this.#scroller, this.#details.element));
    this.#watch = context.live.watch(this.#path(), options.everyMs ?? 1000, this.#onView);
    this.#showState();
  }

  /** @param {import('./route.js').Route} route */
  update({ query }) {
    this.#state = this.#read(query);
    this.#watch.setPath(this.#path());
    this.#showState();
    this.#draw();
  }

  /** Asks again at once. */
  refresh() {
    this.#watch.refresh();
  }

  close() {
    clearTimeout(this.#typing);
    this.#watch.close();
  }

  get #more() {
    return this.#options.choices?.map(({ name }) => name) ?? [];
  }

  /** @param {Record<string, string>} query */
  #read(query) {
    return readState(query, { sort: this.#options.sort, more: this.#more });
  }

  #path() {
    return listPath(this.#options.path, this.#state);
  }

  /** @param {Partial<import('./table_state.js').TableState>} changes @param {boolean} isStep */
  #to(changes, isStep) {
    const query = writeState({ ...this.#state, ...changes }, { sort: this.#options.sort });
    this.#context.go(formatRoute(this.#options.page, '', query), isStep);
  }

  #headRow() {
    const row = h('tr');
    for (const column of this.#columns) {
      const { key, isFixed, tier = 1 } = column;
      const arrow = h('i', { 'aria-hidden': 'true' });
      const name = isFixed
        ? h('span', {}, heading(key))
        : h('button', { type: 'button', on: { click: () => this.#to({ sort: nextSort(this.#state.sort, key, isFigure(column)), page: 1 }, false) } }, heading(key), arrow);
      const cell = h('th', { scope: 'col', class: isFigure(column) ? 'figure' : null, data: { tier: String(tier), key } }, name);
      this.#heads.push({ cell, mark: arrow, column });
      row.append(cell);
    }
    if (this.#options.actions) {
      row.append(h('th', { class: 'buttons' }, h('span', { class: 'unseen' }, say('actions'))));
    }
    return row;
  }

  #toolbar() {
    const { presets = [], choices = [] } = this.#options;
    this.#presets = presets.map(({ word, query }) =>
      h('button', { type: 'button', on: { click: () => this.#to({ ...this.#read(query), filter: this.#state.filter, more: this.#state.more }, true) } }, say(word)),
    );
    this.#choices = choices.map(({ name, choices: list }) =>
      h(
        'select',
        { 'aria-label': heading(name), name, on: { change: (/** @type {any} */ { target }) => this.#to({ more: { ...this.#state.more, [name]: target.value }, page: 1 }, true) } },
        list().map(([value, text]) => h('option', { value }, text)),
      ),
    );
    return h(
      'div',
      { class: 'toolbar' },
      h('div', { class: 'filter-box' }, this.#filter, h('kbd', { 'aria-hidden': 'true' }, '/')),
      this.#choices,
      this.#presets.length > 0 ? h('div', { class: 'segments', role: 'group', 'aria-label': say('presets') }, this.#presets) : null,
      h('span', { class: 'space' }),
      this.#pager.text,
      this.#pager.buttons,
    );
  }

  /** Sort marks, filter and choices as the address has them. */
  #showState() {
    const { sort, filter, more } = this.#state;
    for (const { cell, mark: arrow, column } of this.#heads) {
      const order = sort === column.key ? 'ascending' : sort === `-${column.key}` ? 'descending' : 'none';
      mark(cell, 'aria-sort', order);
      write(arrow, order === 'none' ? '' : order === 'ascending' ? '▲' : '▼');
    }
    if (document.activeElement !== this.#filter) {
      this.#filter.value = filter;
    }
    this.#options.choices?.forEach(({ name }, i) => (this.#choices[i].value = more[name]));
    this.#options.presets?.forEach(({ query }, i) => this.#presets[i].setAttribute('aria-pressed', String(query.sort === sort)));
  }

  /** @param {import('./live.js').View} view */
  #onView = (view) => {
    if (this.#fault.take(view)) {
      this.#list = view.data;
      this.#options.onList?.(view.data);
      this.#draw();
    }
  };

  #draw() {
    const list = this.#list;
    if (!list) {
      return;
    }
    const rows = /** @type {any[]} */ (list.rows);
    this.#note.hidden = list.complete !== false;
    write(this.#note, list.complete === false ? say('incomplete') : '');
    this.#pager.show(this.#state.page, list);
    this.#empty.hidden = rows.length > 0;
    write(this.#empty, list.total === 0 && this.#options.empty ? say(this.#options.empty) : say('none_found'));
    while (this.#rows.length < rows.length) {
      this.#rows.push(this.#makeRow());
    }
    this.#rows.forEach((entry, i) => {
      entry.row.hidden = i >= rows.length;
      if (i < rows.length) {
        this.#writeRow(entry, rows[i]);
      }
    });
    const chosen = this.#rows.find(({ key, row }) => key === this.#state.at && !row.hidden);
    this.#details.show(this.#options.open ? '' : this.#state.at, chosen?.data, () => this.#rowOf(this.#state.at));
  }

  /** @param {string} key */
  #rowOf(key) {
    return this.#list?.rows.find((/** @type {any} */ row) => this.#options.key(row) === key);
  }

  #makeRow() {
    const cells = this.#columns.map((column) =>
      h('td', { class: `${isFigure(column) ? 'figure ' : ''}kind-${column.kind ?? 'text'}`, data: { tier: String(column.tier ?? 1) } }),
    );
    const row = h('tr', {}, cells);
    /** @type {Line} */
    const entry = { row, cells, key: '', buttons: undefined, data: undefined };
    row.addEventListener('click', (event) => {
      const isOwn = /** @type {Element} */ (event.target).closest('a, button');
      if (!isOwn && !getSelection()?.toString()) {
        this.#scroller.focus({ preventScroll: true });
        this.#open(entry.key);
      }
    });
    if (this.#options.actions) {
      entry.buttons = h('td', { class: 'buttons' });
      row.append(entry.buttons);
    }
    this.#body.append(row);
    return entry;
  }

  /** @param {Line} entry @param {any} data */
  #writeRow(entry, data) {
    const key = this.#options.key(data);
    entry.data = data;
    if (entry.key !== key) {
      entry.key = key;
      entry.row.dataset.row = key;
      if (entry.buttons) {
        // Buttons belong to what they name, not to the place where it stood when they were made.
        fill(entry.buttons, this.#options.actions?.(() => (entry.key === key ? entry.data : this.#rowOf(key) ?? data)) ?? []);
      }
    }
    mark(entry.row, 'aria-selected', String(key === this.#state.at));
    this.#columns.forEach((column, i) => writeCell(entry.cells[i], column, data));
  }

  /** @param {string} key */
  #open(key) {
    const href = this.#options.open?.(this.#rowOf(key));
    if (href !== undefined) {
      this.#context.go(href, true);
    } else {
      this.#to({ at: key }, false);
    }
  }

  #onType = () => {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#to({ filter: this.#filter.value.trim(), page: 1, at: '' }, false), filterMs);
  };

  #onFilterKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      if (this.#filter.value !== '') {
        this.#filter.value = '';
        this.#onType();
      } else {
        this.#scroller.focus();
      }
    } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      this.#scroller.focus();
      this.#move(0);
    }
  };

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.#scroller) {
      return;
    }
    const moves = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, PageDown: pageRows, PageUp: -pageRows, Home: -1e6, End: 1e6 });
    if (event.key in moves) {
      this.#move(moves[event.key]);
    } else if (event.key === 'Enter' && this.#state.at !== '') {
      this.#open(this.#state.at);
    } else if (event.key === 'Escape' && this.#state.at !== '') {
      this.#to({ at: '' }, false);
    } else if (event.key === 'ArrowRight' && !this.#pager.isLast()) {
      this.#to({ page: this.#state.page + 1, at: '' }, true);
    } else if (event.key === 'ArrowLeft' && !this.#pager.isFirst()) {
      this.#to({ page: this.#state.page - 1, at: '' }, true);
    } else {
      return;
    }
    event.preventDefault();
  };

  /** @param {number} by */
  #move(by) {
    const rows = this.#rows.filter(({ row }) => !row.hidden);
    if (rows.length === 0) {
      return;
    }
    const from = rows.findIndex(({ key }) => key === this.#state.at);
    const next = rows[Math.max(0, Math.min(rows.length - 1, (from < 0 ? (by > 0 ? -1 : 0) : from) + by))];
    next.row.scrollIntoView({ block: 'nearest' });
    this.#to({ at: next.key }, false);
  }
}
