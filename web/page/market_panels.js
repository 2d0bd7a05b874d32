import { age, amount, change, clock, percent, price } from './numbers.js';
import { direction, flash, ratioDirection } from './marks.js';
import { say } from './text.js';

/** @typedef {import('./instrument.js').Instrument} Instrument */
/** @typedef {import('./bar_series.js').Bar} Bar */

/**
 * Writes where it differs, so that the browser lays out only what has changed.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** The head of the page: last price, change, the day's figures. */
export class Headline {
  #shownPrice = NaN;
  #shownSymbol = '';

  /** @param {Instrument} instrument @param {number} decimals */
  draw({ symbol, day, trades, quote }, decimals) {
    const last = trades[trades.length - 1]?.price ?? day.last;
    const move = day.move;
    const element = byId('last');
    write(byId('name'), symbol);
    write(element, price(last, decimals));
    write(byId('move'), move ? `${change(move.absolute, decimals)} (${percent(move.ratio)})` : '–');
    write(byId('basis'), move ? say(`vs_${move.basis}`) : '');
    byId('headline').dataset.direction = direction(move?.absolute);
    if (last !== undefined && symbol === this.#shownSymbol && last !== this.#shownPrice) {
      flash(element, last - this.#shownPrice);
    }
    this.#shownPrice = last ?? NaN;
    this.#shownSymbol = symbol;
    write(byId('day-open'), price(day.open, decimals));
    write(byId('day-high'), price(day.high, decimals));
    write(byId('day-low'), price(day.low, decimals));
    write(byId('day-volume'), amount(day.volume));
    this.#drawQuote(quote, decimals);
    document.title = last === undefined ? `${symbol} · Tickcast` : `${price(last, decimals)} ${symbol} · Tickcast`;
  }

  /** @param {import('./instrument.js').Quote | undefined} quote @param {number} decimals */
  #drawQuote(quote, decimals) {
    const bidSize = quote?.bid_size ?? 0;
    const askSize = quote?.ask_size ?? 0;
    for (const prefix of ['', 'inside-']) {
      write(byId(`${prefix}bid`), bidSize > 0 ? price(quote?.bid, decimals) : '–');
      write(byId(`${prefix}ask`), askSize > 0 ? price(quote?.ask, decimals) : '–');
    }
    write(byId('bid-size'), bidSize > 0 ? amount(bidSize) : '–');
    write(byId('ask-size'), askSize > 0 ? amount(askSize) : '–');
    const spread = quote && bidSize > 0 && askSize > 0 ? quote.ask - quote.bid : undefined;
    write(byId('spread'), price(spread, decimals));
    const share = bidSize + askSize > 0 ? bidSize / (bidSize + askSize) : 0.5;
    byId('balance-bid').style.transform = `scaleX(${share.toFixed(3)})`;
  }
}

/** The last trades, newest first, in rows that are made once. */
export class Tape {
  /** @type {HTMLTableRowElement[]} */
  #rows = [];

  /** @param {Instrument} instrument @param {number} decimals @param {number} sizeDecimals */
  draw({ trades }, decimals, sizeDecimals) {
    const body = byId('tape');
    while (this.#rows.length < trades.length) {
      const row = document.createElement('tr');
      row.append(
        ...['time', 'price', 'size'].map((name) => Object.assign(document.createElement('td'), { className: name })),
      );
      this.#rows.push(row);
      body.append(row);
    }
    this.#rows.forEach((row, i) => {
      const trade = trades[trades.length - 1 - i];
      row.hidden = trade === undefined;
      if (trade === undefined) {
        return;
      }
      const [time, paid, size] = row.cells;
      const before = trades[trades.length - 2 - i];
      const sign =
        trade.side === 'buy' ? 1 : trade.side === 'sell' ? -1 : Math.sign(trade.price - (before?.price ?? trade.price));
      row.dataset.direction = direction(sign);
      row.title = trade.side ? say(trade.side) : '';
      write(time, clock(trade.time));
      write(paid, `${trade.side === 'buy' ? '▲' : trade.side === 'sell' ? '▼' : ' '} ${price(trade.price, decimals)}`);
      write(size, amount(trade.size, sizeDecimals));
    });
  }
}

/** Open, high, low, close and volume of one bar, above the chart. */
export class Legend {
  /** @param {Bar | undefined} bar @param {number} decimals */
  draw(bar, decimals) {
    const move = bar && bar.open !== 0 ? (bar.close - bar.open) / bar.open : undefined;
    byId('legend').dataset.direction = ratioDirection(move);
    write(byId('legend-time'), bar ? clock(bar.time) : '–');
    write(byId('legend-o'), price(bar?.open, decimals));
    write(byId('legend-h'), price(bar?.high, decimals));
    write(byId('legend-l'), price(bar?.low, decimals));
    write(byId('legend-c'), price(bar?.close, decimals));
    write(byId('legend-v'), amount(bar?.volume));
    write(byId('legend-move'), percent(move));
  }
}

/** The age of the last tick. @param {number} ms @param {import('./freshness.js').Verdict['level']} level */
export function drawAge(ms, level) {
  write(byId('age'), Number.isNaN(ms) ? '–' : say('ago', { age: age(ms) }));
  byId('age').dataset.level = level;
}
