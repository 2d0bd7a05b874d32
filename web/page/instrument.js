import { now } from '../client/clock.js';
import { amended, isAmendment } from './amendment.js';
import { BarSeries, intervals } from './bar_series.js';
import { Day } from './day.js';
import { sizesOf } from './numbers.js';

const mostTrades = 50;

/**
 * @typedef {import('./day.js').Trade} Trade
 * @typedef {{time: number, bid: number, bid_size: number, ask: number, ask_size: number}} Quote
 *
 * @typedef {object} Surroundings
 * @property {import('../tickcast.js').Tickcast} client
 * @property {import('./feeds.js').Feeds} feeds
 * @property {import('./numbers.js').Precision} precision
 * @property {(what: 'trade' | 'quote' | 'bars') => void} changed
 */

/** Everything on display about the symbol that is looked at. Bounded; ends with `close`. */
export class Instrument {
  day = new Day();
  /** Newest last. @type {Trade[]} */
  trades = [];
  /** @type {Quote | undefined} */
  quote;
  /** @type {BarSeries} */
  series;
  /** @type {string | undefined} */
  feed;
  /** Whether the server calls this symbol silent while its feed is live. */
  isSilent = false;
  /** @type {import('../tickcast.js').TickcastError | undefined} */
  refusal;
  /** Of the venue, microseconds; NaN before the first tick. */
  dataTime = NaN;
  #tickAt = NaN;
  #around;
  #market;
  /** @type {import('../tickcast.js').Subscription} */
  #barSubscription;
  #barEpoch = '';
  /** Topics without a valid snapshot, and since when. @type {Map<string, number>} */
  #waiting = new Map();

  /**
   * @param {string} symbol
   * @param {'1s' | '1m'} interval
   * @param {Surroundings} around
   */
  constructor(symbol, interval, around) {
    this.symbol = symbol;
    this.interval = interval;
    this.#around = around;
    const topics = [`trade.${symbol}`, `quote.${symbol}`];
    this.#await(topics);
    this.#market = around.client.subscribe(topics, {
      snapshot: (data, { topic }) => (topic === topics[0] ? this.#onTrades(data) : this.#onQuoteSnapshot(data)),
      update: (data, { topic }) => (topic === topics[0] ? this.#onTrade(data) : this.#onQuote(data)),
      state: this.#onState,
      error: this.#onRefused,
    });
    this.series = new BarSeries(intervals[interval]);
    this.#barSubscription = this.#followBars();
  }

  /** Shows bars of another interval. @param {'1s' | '1m'} interval */
  setInterval(interval) {
    this.#barSubscription.unsubscribe();
    this.#waiting.delete(`bar.${this.interval}.${this.symbol}`);
    this.interval = interval;
    this.#barEpoch = '';
    this.series = new BarSeries(intervals[interval]);
    this.#barSubscription = this.#followBars();
    this.#around.changed('bars');
  }

  close() {
    this.#market.unsubscribe();
    this.#barSubscription.unsubscribe();
  }

  /** Since the last tick, by this machine's clock; NaN when there was none. @param {number} at now() */
  ageMs(at) {
    return at - this.#tickAt;
  }

  /** For how long some topic has had no valid snapshot; 0 when all have. @param {number} at now() */
  waitingMs(at) {
    return at - Math.min(at, ...this.#waiting.values());
  }

  #followBars() {
    const topic = `bar.${this.interval}.${this.symbol}`;
    this.#await([topic]);
    return this.#around.client.subscribe(topic, {
      snapshot: ({ bars = [] }, { epoch }) => {
        this.series.replace(bars, epoch !== '' && epoch === this.#barEpoch);
        this.#barEpoch = epoch;
        for (const { high, low, close } of bars.slice(-mostTrades)) {
          this.#around.precision.see(this.symbol, high, low, close);
        }
        this.#around.changed('bars');
      },
      update: (bar) => {
        this.series.put(bar);
        this.#around.changed('bars');
      },
      state: this.#onState,
      error: this.#onRefused,
    });
  }

  /** Takes the `feed` of a snapshot. @param {any} feed */
  #meet(feed) {
    this.feed = this.#around.feeds.meet(feed) ?? this.feed;
    this.isSilent = feed?.symbol_stale === true;
  }

  /** @param {any} data */
  #onTrades({ trades = [], day, feed }) {
    this.trades = trades.slice(-mostTrades);
    this.day.reset(day, this.trades[this.trades.length - 1]);
    this.#meet(feed);
    this.#seePrecision(...this.trades);
    this.#datedTick(this.trades[this.trades.length - 1]?.time);
    this.#around.changed('trade');
  }

  /** @param {Trade} trade */
  #onTrade(trade) {
    if (isAmendment(trade)) {
      this.#onAmendment(trade);
      return;
    }
    this.trades.push(trade);
    if (this.trades.length > mostTrades) {
      this.trades.shift();
    }
    this.day.add(trade);
    this.#seePrecision(trade);
    this.#tick(trade.time);
    this.series.touch(trade);
    this.#around.changed('trade');
  }

  /** @param {any} what */
  #onAmendment(what) {
    this.trades = amended(this.trades, what);
    this.day.reset(what.day, this.trades[this.trades.length - 1]);
    this.#around.changed('trade');
  }

  /** @param {any} data */
  #onQuoteSnapshot(data) {
    this.#meet(data.feed);
    this.quote = data.time === undefined ? undefined : data;
    this.#datedTick(data.time);
    this.#sawQuote();
  }

  /** @param {Quote} quote */
  #onQuote(quote) {
    this.quote = quote;
    this.#tick(quote.time);
    this.#sawQuote();
  }

  #sawQuote() {
    if (this.quote) {
      this.#around.precision.see(this.symbol, this.quote.bid, this.quote.ask);
    }
    this.#around.changed('quote');
  }

  /** @param {...Trade} trades */
  #seePrecision(...trades) {
    const { precision } = this.#around;
    precision.see(this.symbol, ...trades.map(({ price }) => price));
    precision.see(sizesOf(this.symbol), ...trades.map(({ size }) => size));
  }

  /** A tick that came just now. @param {number} timeUs */
  #tick(timeUs) {
    this.#tickAt = now();
    this.isSilent = false;
    this.dataTime = timeUs;
  }

  /** A tick out of a snapshot is as old as its own time says. @param {number | undefined} timeUs */
  #datedTick(timeUs) {
    if (timeUs === undefined) {
      return;
    }
    const at = now() - Math.max(0, Date.now() - timeUs / 1000);
    if (!(this.#tickAt > at)) {
      this.#tickAt = at;
      this.dataTime = timeUs;
    }
  }

  /** @param {string[]} topics */
  #await(topics) {
    for (const topic of topics) {
      this.#waiting.set(topic, now());
    }
  }

  #onState = (/** @type {import('../tickcast.js').TopicState} */ state, /** @type {string} */ topic) => {
    if (state === 'live') {
      this.#waiting.delete(topic);
      this.refusal = undefined;
    } else if (!this.#waiting.has(topic)) {
      this.#waiting.set(topic, now());
    }
  };

  #onRefused = (/** @type {import('../tickcast.js').TickcastError} */ error) => {
    this.refusal = error;
    this.#around.changed('trade');
  };
}
