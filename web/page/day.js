const dayUs = 86_400_000_000;

/**
 * @typedef {object} Trade as the protocol has it
 * @property {number} time
 * @property {number} price
 * @property {number} size
 * @property {'buy' | 'sell'} [side]
 * @property {number | string} [id]
 *
 * @typedef {object} Move
 * @property {number} absolute
 * @property {number} ratio
 * @property {'previous_close' | 'open'} basis what it is measured against
 */

/**
 * The day's figures of one symbol: the server's at the snapshot, carried on by each trade, across the turn of the
 * (UTC) day too.
 */
export class Day {
  /** @type {number | undefined} */ open;
  /** @type {number | undefined} */ high;
  /** @type {number | undefined} */ low;
  /** @type {number | undefined} */ volume;
  /** @type {number | undefined} */ previousClose;
  /** @type {number | undefined} */ last;
  #day = -Infinity;

  /** @param {any} day the snapshot's `day`, absent before the day's first trade @param {Trade | undefined} last */
  reset(day, last) {
    this.open = day?.open;
    this.high = day?.high;
    this.low = day?.low;
    this.volume = day?.volume;
    this.previousClose = day?.previous_close;
    this.last = last?.price;
    this.#day = last ? Math.floor(last.time / dayUs) : -Infinity;
  }

  /** Takes the server's figures after a trade was cancelled or corrected; the last price stays. @param {any} day */
  amend(day) {
    this.open = day?.open;
    this.high = day?.high;
    this.low = day?.low;
    this.volume = day?.volume;
    this.previousClose = day?.previous_close;
  }

  /** @param {Trade} trade */
  add({ time, price, size }) {
    const day = Math.floor(time / dayUs);
    if (day > this.#day) {
      this.previousClose = this.#day === -Infinity ? this.previousClose : this.last;
      this.open = this.high = this.low = price;
      this.volume = 0;
      this.#day = day;
    }
    this.high = Math.max(this.high ?? price, price);
    this.low = Math.min(this.low ?? price, price);
    this.volume = (this.volume ?? 0) + size;
    this.last = price;
  }

  /** Against the previous close where there is one, else the day's first trade. @returns {Move | undefined} */
  get move() {
    const basis = this.previousClose === undefined ? 'open' : 'previous_close';
    const from = this.previousClose ?? this.open;
    if (from === undefined || this.last === undefined) {
      return undefined;
    }
    const absolute = this.last - from;
    return { absolute, ratio: from === 0 ? NaN : absolute / from, basis };
  }
}
