import { heading, isFigure } from './cells.js';
import { faultLine } from './context.js';
import { Details } from './details.js';
import { h, write } from './dom.js';
import { filterBox } from './filter_box.js';
import { pager } from './pager.js';
import { formatRoute } from './route.js';
import { tableHead } from './table_head.js';
import { TableRows } from './table_rows.js';
import { listPath, nextSort, readState, writeState } from './table_state.js';
import { say } from './text.js';

/** Rows that the Page keys move by. */
const pageRows = 10;
/** @type {Record<string, number>} */
const moves = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, PageDown: pageRows, PageUp: -pageRows, Home: -1e6, End: 1e6 };

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
 * @property {{word: string, sort: string}[]} [presets] orders that are asked for often
 * @property {(row: any) => string | undefined} [open] where Enter and a click lead; without it they open the details
 * @property {(row: () => any) => HTMLElement[]} [actions] buttons for one row
 * @property {number} [everyMs]
 */

/**
 * A list of the API as a table: sorted, filtered and cut into pages by the server, kept current while it is seen, all
 * of its state in the address. Keys: arrows move, Enter opens, Page keys move further, Escape closes.
 */
export class Table {
  #context;
  #options;
  /** @type {import('./table_state.js').TableState} */
  #state;
  #watch;
  /** @type {any} */
  #list;
  #fault = faultLine();
  #note = h('p', { class: 'note', hidden: true });
  #empty = h('p', { class: 'empty', hidden: true });
  #pager = pager((page) => this.#to({ page, at: '' }, true));
  /** @type {HTMLButtonElement[]} */
  #presets = [];
  /** @type {HTMLSelectElement[]} */
  #choices = [];
  #filter;
  #head;
  #rows;
  #details;
  #scroller;

  /** @param {import('./context.js').Context} context @param {import('./route.js').Route} route @param {TableOptions} options */
  constructor(context, route, options) {
    const { columns: all, key, actions, hint = 'filter_hint', page, path, everyMs = 1000 } = options;
    this.#context = context;
    this.#options = options;
    this.#state = this.#read(route.query);
    const columns = all.filter(({ tier = 1 }) => tier < 4);
    this.#filter = filterBox({
      hint,
      value: this.#state.filter,
      onText: (filter) => this.#to({ filter, page: 1, at: '' }, false),
      onLeave: () => this.#scroller.focus(),
      onDown: () => {
        this.#scroller.focus();
        this.#move(0);
      },
    });
    this.#head = tableHead(
      columns,
      (column) => this.#to({ sort: nextSort(this.#state.sort, column.key, isFigure(column)), page: 1 }, false),
      actions !== undefined,
    );
    this.#rows = new TableRows({
      columns,
      key,
      actions,
      open: (chosen) => {
        this.#scroller.focus({ preventScroll: true });
        this.#open(chosen);
      },
    });
    this.#details = new Details(all, {
      close: () => this.#to({ at: '' }, false),
      title: (row) => String(row[all[0].key] ?? '–'),
      actions: (current) => actions?.(current) ?? [],
    });
    this.#scroller = h(
      'div',
      { class: 'scroller', tabindex: '0', 'aria-label': say(`page_${page}`), on: { keydown: this.#onKey } },
      h('table', {}, this.#head.element, this.#rows.element),
      this.#empty,
    );
    context.root.append(
      this.#toolbar(),
      this.#fault.element,
      this.#note,
      h('div', { class: 'split' }, this.#scroller, this.#details.element),
    );
    this.#watch = context.live.watch(listPath(path, this.#state), everyMs, this.#onView);
    this.#showState();
  }

  /** @param {import('./route.js').Route} route */
  update({ query }) {
    this.#state = this.#read(query);
    this.#watch.setPath(listPath(this.#options.path, this.#state));
    this.#showState();
    this.#draw();
  }

  /** Asks again at once. */
  refresh() {
    this.#watch.refresh();
  }

  close() {
    this.#filter.close();
    this.#watch.close();
  }

  /** @param {Record<string, string>} query */
  #read(query) {
    const { sort, choices = [] } = this.#options;
    return readState(query, { sort, more: choices.map(({ name }) => name) });
  }

  /** @param {Partial<import('./table_state.js').TableState>} changes @param {boolean} isStep */
  #to(changes, isStep) {
    const query = writeState({ ...this.#state, ...changes }, { sort: this.#options.sort });
    this.#context.go(formatRoute(this.#options.page, '', query), isStep);
  }

  #toolbar() {
    const { presets = [], choices = [] } = this.#options;
    this.#presets = presets.map(({ word, sort }) =>
      h('button', { type: 'button', on: { click: () => this.#to({ sort, page: 1, at: '' }, true) } }, say(word)),
    );
    this.#choices = choices.map(({ name, choices: list }) => {
      const change = (/** @type {any} */ { target }) =>
        this.#to({ more: { ...this.#state.more, [name]: target.value }, page: 1, at: '' }, true);
      return h(
        'select',
        { 'aria-label': heading(name), name, on: { change } },
        list().map(([value, text]) => h('option', { value }, text)),
      );
    });
    return h(
      'div',
      { class: 'toolbar' },
      this.#filter.element,
      this.#choices,
      presets.length > 0
        ? h('div', { class: 'segments', role: 'group', 'aria-label': say('presets') }, this.#presets)
        : null,
      h('span', { class: 'space' }),
      this.#pager.text,
      this.#pager.buttons,
    );
  }

  /** Sort marks, filter and choices as the address has them. */
  #showState() {
    const { presets, choices } = this.#options;
    const { sort, filter, more } = this.#state;
    this.#head.show(sort);
    this.#filter.show(filter);
    choices?.forEach(({ name }, i) => (this.#choices[i].value = more[name]));
    presets?.forEach((preset, i) => this.#presets[i].setAttribute('aria-pressed', String(preset.sort === sort)));
  }

  /** @param {import('./live.js').View} view */
  #onView = (view) => {
    if (this.#fault.take(view)) {
      this.#list = view.data;
      this.#draw();
    }
  };

  #draw() {
    const list = this.#list;
    if (!list) {
      return;
    }
    const { at, page } = this.#state;
    const { empty, actions, open } = this.#options;
    this.#note.hidden = list.complete !== false;
    write(this.#note, list.complete === false ? say('incomplete') : '');
    this.#pager.show(page, list);
    this.#empty.hidden = list.rows.length > 0;
    write(this.#empty, list.total === 0 && empty ? say(empty) : say('none_found'));
    this.#rows.show(list.rows, at);
    this.#details.show(open ? '' : at, this.#rows.of(at));
    if (actions) {
      this.#context.actions.refresh(this.#context.root);
    }
  }

  /** @param {string} key */
  #open(key) {
    const href = this.#options.open?.(this.#rows.of(key));
    if (href !== undefined) {
      this.#context.go(href, true);
    } else {
      this.#to({ at: key }, false);
    }
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.#scroller) {
      return;
    }
    const { at, page } = this.#state;
    if (Object.hasOwn(moves, event.key)) {
      this.#move(moves[event.key]);
    } else if (event.key === 'Enter' && at !== '') {
      this.#open(at);
    } else if (event.key === 'Escape' && at !== '') {
      this.#to({ at: '' }, false);
    } else if (event.key === 'ArrowRight' && !this.#pager.isLast()) {
      this.#to({ page: page + 1, at: '' }, true);
    } else if (event.key === 'ArrowLeft' && !this.#pager.isFirst()) {
      this.#to({ page: page - 1, at: '' }, true);
    } else {
      return;
    }
    event.preventDefault();
  };

  /** @param {number} by */
  #move(by) {
    const rows = this.#rows.shown;
    if (rows.length === 0) {
      return;
    }
    const from = rows.findIndex(({ key }) => key === this.#state.at);
    const start = from >= 0 ? from : by > 0 ? -1 : 0;
    const next = rows[Math.max(0, Math.min(rows.length - 1, start + by))];
    next.row.scrollIntoView({ block: 'nearest' });
    this.#to({ at: next.key }, false);
  }
}
