import { isAmendment } from './amendment.js';
import { Day } from './day.js';
import { flash, ratioDirection, sparkline } from './marks.js';
import { change, percent, price } from './numbers.js';
import { say } from './text.js';

const rowHeight = 44;
/** Rows kept ready above and below what is seen. */
const spare = 8;
const sparkPoints = 60;
/** A row must have been in sight for so long before it is subscribed, so that scrolling past costs nothing. */
const settleMs = 150;

/**
 * @typedef {object} Row what is known of one symbol in sight
 * @property {string} symbol
 * @property {Day} day
 * @property {number[]} spark
 * @property {string | undefined} feed
 * @property {boolean} isLive
 * @property {boolean} isChanged
 * @property {number} flash sign of the last move, 0 once shown
 * @property {import('../tickcast.js').Subscription} subscription
 *
 * @typedef {object} Surroundings
 * @property {import('../tickcast.js').Tickcast} client
 * @property {import('./feeds.js').Feeds} feeds
 * @property {import('./numbers.js').Precision} precision
 * @property {(task: () => void) => void} ask of the next frame
 * @property {(symbol: string) => void} choose
 */

/**
 * The list of symbols. However many there are, only those in sight have elements and subscriptions, and only what
 * is subscribed shows a price.
 */
export class Watchlist {
  #around;
  #scroller;
  #spacer;
  #note;
  /** @type {string[]} */
  #all = [];
  /** @type {string[]} */
  #shown = [];
  #filter = '';
  #chosen = '';
  #noteWord = 'connecting';
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {HTMLElement[]} */
  #elements = [];
  /** @type {any} */
  #settle = null;

  /**
   * @param {{scroller: HTMLElement, spacer: HTMLElement, search: HTMLInputElement, note: HTMLElement}} parts
   * @param {Surroundings} around
   */
  constructor({ scroller, spacer, search, note }, around) {
    this.#around = around;
    this.#scroller = scroller;
    this.#spacer = spacer;
    this.#note = note;
    scroller.addEventListener('scroll', () => this.#moved(), { passive: true });
    scroller.addEventListener('keydown', this.#onKey);
    spacer.addEventListener('click', (event) => {
      const row = /** @type {HTMLElement} */ (event.target).closest('.row');
      const symbol = /** @type {HTMLElement | null} */ (row)?.dataset.symbol;
      if (symbol) {
        around.choose(symbol);
      }
    });
    search.addEventListener('input', () => {
      this.#filter = search.value.trim().toLowerCase();
      this.#arrange();
    });
    search.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && this.#shown.length > 0) {
        around.choose(this.#shown[0]);
      } else if (event.key === 'ArrowDown') {
        event.preventDefault();
        scroller.focus();
      }
    });
    new ResizeObserver(() => this.#moved()).observe(scroller);
  }

  /** @param {string[]} symbols all there are @param {string} [word] what to say when there are none */
  setSymbols(symbols, word = 'no_symbols') {
    this.#noteWord = word;
    if (symbols.length !== this.#all.length || symbols.some((symbol, i) => symbol !== this.#all[i])) {
      this.#all = [...symbols];
    }
    this.#arrange();
  }

  /** @param {string} symbol */
  setChosen(symbol) {
    this.#chosen = symbol;
    this.#reveal();
    this.#touchAll();
  }

  /** Everything is to be written anew: language, feed states. */
  refresh() {
    this.#arrange();
    this.#touchAll();
  }

  /** What the changes on display are measured against. @returns {'previous_close' | 'open' | undefined} */
  get basis() {
    let basis;
    for (const { day } of this.#rows.values()) {
      const own = day.move?.basis;
      if (own === 'open') {
        return 'open';
      }
      basis ??= own;
    }
    return basis;
  }

  #arrange() {
    this.#shown = this.#filter ? this.#all.filter((symbol) => symbol.toLowerCase().includes(this.#filter)) : this.#all;
    this.#spacer.style.height = `${this.#shown.length * rowHeight}px`;
    this.#note.textContent = this.#all.length === 0 ? say(this.#noteWord) : say('none_found');
    this.#note.hidden = this.#shown.length > 0;
    this.#moved();
  }

  #reveal() {
    const at = this.#shown.indexOf(this.#chosen);
    if (at < 0) {
      return;
    }
    const { scrollTop, clientHeight } = this.#scroller;
    if (at * rowHeight < scrollTop) {
      this.#scroller.scrollTop = at * rowHeight;
    } else if ((at + 1) * rowHeight > scrollTop + clientHeight) {
      this.#scroller.scrollTop = (at + 1) * rowHeight - clientHeight;
    }
  }

  /** @returns {[number, number]} */
  #inSight() {
    const { scrollTop, clientHeight } = this.#scroller;
    const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
    const last = clientHeight === 0 ? first : Math.ceil((scrollTop + clientHeight) / rowHeight) + spare;
    return [first, Math.min(this.#shown.length, last)];
  }

  #moved() {
    this.#around.ask(this.draw);
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#subscribe(), this.#rows.size === 0 ? 0 : settleMs);
  }

  #subscribe() {
    const [first, last] = this.#inSight();
    const wanted = new Set(this.#shown.slice(first, last));
    for (const [symbol, row] of this.#rows) {
      if (!wanted.has(symbol)) {
        row.subscription.unsubscribe();
        this.#rows.delete(symbol);
      }
    }
    for (const symbol of wanted) {
      if (!this.#rows.has(symbol)) {
        this.#rows.set(symbol, this.#follow(symbol));
      }
    }
    this.#touchAll();
  }

  /** @param {string} symbol @returns {Row} */
  #follow(symbol) {
    const { client, feeds, precision } = this.#around;
    const touch = (/** @type {Row} */ row) => {
      row.isChanged = true;
      this.#around.ask(this.draw);
    };
    /** @type {Row} */
    const row = {
      symbol,
      day: new Day(),
      spark: [],
      feed: undefined,
      isLive: false,
      isChanged: true,
      flash: 0,
      subscription: client.subscribe(`trade.${symbol}`, {
        snapshot: ({ trades = [], day, feed }) => {
          row.day.reset(day, trades[trades.length - 1]);
          row.spark = trades.slice(-sparkPoints).map((/** @type {any} */ trade) => trade.price);
          row.feed = feeds.meet(feed) ?? row.feed;
          precision.see(symbol, ...row.spark);
          touch(row);
        },
        update: (trade) => {
          if (isAmendment(trade)) {
            row.day.amend(trade.day);
            touch(row);
            return;
          }
          row.flash = Math.sign(trade.price - (row.day.last ?? trade.price)) || row.flash;
          row.day.add(trade);
          row.spark.push(trade.price);
          if (row.spark.length > sparkPoints) {
            row.spark.shift();
          }
          precision.see(symbol, trade.price);
          touch(row);
        },
        state: (state) => {
          row.isLive = state === 'live';
          touch(row);
        },
        error: () => touch(row),
      }),
    };
    return row;
  }

  #touchAll() {
    for (const row of this.#rows.values()) {
      row.isChanged = true;
    }
    this.#around.ask(this.draw);
  }

  draw = () => {
    const [first, last] = this.#inSight();
    while (this.#elements.length < last - first) {
      const element = makeRow();
      this.#elements.push(element);
      this.#spacer.append(element);
    }
    for (const element of this.#elements) {
      element.hidden = true;
    }
    let active = '';
    for (let i = first; i < last; i++) {
      const element = this.#elements[i % this.#elements.length];
      const symbol = this.#shown[i];
      element.hidden = false;
      if (element.dataset.symbol !== symbol || element.dataset.index !== String(i)) {
        this.#place(element, symbol, i);
      }
      const isChosen = symbol === this.#chosen;
      element.setAttribute('aria-selected', String(isChosen));
      if (isChosen) {
        active = element.id;
      }
      const row = this.#rows.get(symbol);
      if (row?.isChanged || element.dataset.state === 'new') {
        this.#fill(element, row);
      }
    }
    if (active) {
      this.#scroller.setAttribute('aria-activedescendant', active);
    } else {
      this.#scroller.removeAttribute('aria-activedescendant');
    }
  };

  /** @param {HTMLElement} element @param {string} symbol @param {number} index */
  #place(element, symbol, index) {
    element.dataset.symbol = symbol;
    element.dataset.index = String(index);
    element.dataset.state = 'new';
    element.id = `symbol-${index}`;
    element.style.transform = `translateY(${index * rowHeight}px)`;
    element.setAttribute('aria-posinset', String(index + 1));
    element.setAttribute('aria-setsize', String(this.#shown.length));
    cell(element, 'name').textContent = symbol;
    cell(element, 'name').title = symbol;
  }

  /** @param {HTMLElement} element @param {Row | undefined} row */
  #fill(element, row) {
    const move = row?.day.move;
    const decimals = this.#around.precision.of(row?.symbol ?? '');
    const feed = this.#around.feeds.get(row?.feed);
    const isCurrent = row?.isLive && (feed === undefined || feed.state === 'live' || feed.state === 'gap');
    element.dataset.state = isCurrent ? 'live' : 'stale';
    element.dataset.direction = ratioDirection(move?.ratio);
    cell(element, 'last').textContent = price(row?.day.last, decimals);
    cell(element, 'move').textContent = percent(move?.ratio);
    cell(element, 'move').title = move ? `${change(move.absolute, decimals)} ${say(`vs_${move.basis}`)}` : '';
    element.querySelector('polyline')?.setAttribute('points', sparkline(row?.spark ?? []));
    if (row) {
      if (row.flash !== 0 && isCurrent) {
        flash(cell(element, 'last'), row.flash);
      }
      row.flash = 0;
      row.isChanged = false;
    }
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / rowHeight) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (step === undefined || this.#shown.length === 0) {
      return;
    }
    event.preventDefault();
    const at = this.#shown.indexOf(this.#chosen);
    const next = Math.max(0, Math.min(this.#shown.length - 1, at + step));
    this.#around.choose(this.#shown[next]);
  };
}

/** @returns {HTMLElement} */
function makeRow() {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById('row-template'));
  return /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
}

/** @param {HTMLElement} row @param {string} name @returns {HTMLElement} */
function cell(row, name) {
  return /** @type {HTMLElement} */ (row.querySelector(`.${name}`));
}
