/**
 * @typedef {object} Bar as the protocol has it; `time` is its start in microseconds
 * @property {number} time
 * @property {number} open
 * @property {number} high
 * @property {number} low
 * @property {number} close
 * @property {number} volume
 * @property {number} [value] price × size, summed up
 * @property {number} [vwap]
 * @property {number} [trades]
 * @property {boolean} [closed]
 * @property {number} [rev] 0, and one more with each change after it has closed
 */

/** Lengths of the intervals the page offers, in microseconds. */
export const intervals = Object.freeze({ '1s': 1_000_000, '1m': 60_000_000 });

/**
 * The bars on display: a bounded, ordered row whose truth is the bar topic. Between two messages of that topic the
 * trades that came since move the forming bar's close, high and low; the next message of the topic replaces that.
 */
export class BarSeries {
  /** @type {Bar[]} */
  #bars = [];
  #lengthUs;
  #capacity;
  /** Rises with every change. */
  revision = 0;
  /** Rises when bars came or went. */
  shape = 0;

  /** @param {number} lengthUs of one bar @param {number} [capacity] bars kept, the newest */
  constructor(lengthUs, capacity = 1500) {
    this.#lengthUs = lengthUs;
    this.#capacity = capacity;
  }

  /** @returns {readonly Bar[]} oldest first */
  get bars() {
    return this.#bars;
  }

  get last() {
    return this.#bars[this.#bars.length - 1];
  }

  /**
   * A snapshot. What is older than its first bar stays, when it is known that nothing lies between.
   * @param {Bar[]} bars
   * @param {boolean} isSameEpoch
   */
  replace(bars, isSameEpoch) {
    const fresh = bars.filter(isBar).sort((a, b) => a.time - b.time);
    const overlaps = fresh.length > 0 && this.#bars.some((bar) => bar.time === fresh[0].time);
    const older = isSameEpoch && overlaps ? this.#bars.filter((bar) => bar.time < fresh[0].time) : [];
    this.#bars = [...older, ...fresh].slice(-this.#capacity);
    this.#changed(true);
  }

  /** An update of the bar topic: a bar of a known time replaces that bar. @param {Bar} bar */
  put(bar) {
    if (!isBar(bar)) {
      return;
    }
    let at = this.#bars.length;
    while (at > 0 && this.#bars[at - 1].time > bar.time) {
      at--;
    }
    const isKnown = at > 0 && this.#bars[at - 1].time === bar.time;
    if (isKnown) {
      this.#bars[at - 1] = bar;
    } else {
      this.#bars.splice(at, 0, bar);
      if (this.#bars.length > this.#capacity) {
        this.#bars.shift();
      }
    }
    this.#changed(!isKnown);
  }

  /** A trade since the topic's last message. @param {{time: number, price: number}} trade */
  touch({ time, price }) {
    const last = this.last;
    if (!last || last.closed || time < last.time || time >= last.time + this.#lengthUs) {
      return;
    }
    const { high, low } = last;
    this.#bars[this.#bars.length - 1] = {
      ...last,
      close: price,
      high: Math.max(high, price),
      low: Math.min(low, price),
    };
    this.#changed(false);
  }

  /** @param {boolean} isShape */
  #changed(isShape) {
    this.revision++;
    if (isShape) {
      this.shape++;
    }
  }
}

/** @param {any} bar */
function isBar(bar) {
  return (
    bar !== null && typeof bar === 'object' && [bar.time, bar.open, bar.high, bar.low, bar.close].every(Number.isFinite)
  );
}
