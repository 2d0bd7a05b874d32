/** How numbers, times and ages are written. Pure, but for a cache of formats. */

const most = 12;
const none = '–';
const units = [
  { from: 1e9, unit: 1e9, letter: 'B' },
  { from: 1e6, unit: 1e6, letter: 'M' },
  { from: 1e4, unit: 1e3, letter: 'K' },
];
/** @type {Intl.NumberFormat[]} */
const formats = [];

/** @param {number} decimals */
function format(decimals) {
  return (formats[decimals] ??= new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }));
}

/**
 * Digits behind the point of a number as it stood in JSON: 0.1 has 1, 1e-7 has 7. At most 12.
 * @param {number} value
 */
export function decimalsOf(value) {
  const [mantissa, exponent = '0'] = String(value).split('e');
  const digits = (mantissa.split('.')[1] ?? '').length;
  return Math.max(0, Math.min(most, digits - Number(exponent)));
}

/**
 * The most digits a symbol's prices have shown so far: what all of them are written with, so that columns stand
 * still. Knows a bounded number of symbols; the one met longest ago goes first.
 */
export class Precision {
  #known = new Map();
  #capacity;

  constructor(capacity = 5000) {
    this.#capacity = capacity;
  }

  /** @param {string} symbol @param {...number} prices */
  see(symbol, ...prices) {
    let digits = this.#known.get(symbol) ?? 0;
    for (const price of prices) {
      if (Number.isFinite(price)) {
        digits = Math.max(digits, decimalsOf(price));
      }
    }
    this.#known.set(symbol, digits);
    if (this.#known.size > this.#capacity) {
      this.#known.delete(this.#known.keys().next().value);
    }
  }

  /** @param {string} symbol @returns {number} */
  of(symbol) {
    return this.#known.get(symbol) ?? 2;
  }
}

/** @param {number | undefined} value @param {number} decimals */
export function price(value, decimals) {
  return Number.isFinite(value) ? sign(format(decimals).format(/** @type {number} */ (value))) : none;
}

/** With its sign, plus included. @param {number | undefined} value @param {number} decimals */
export function change(value, decimals) {
  if (!Number.isFinite(value)) {
    return none;
  }
  const text = format(decimals).format(Math.abs(/** @type {number} */ (value)));
  const isZero = !/[1-9]/.test(text);
  return isZero ? text : `${/** @type {number} */ (value) < 0 ? '−' : '+'}${text}`;
}

/** @param {number | undefined} ratio 0.01 is +1.00% */
export function percent(ratio) {
  return Number.isFinite(ratio) ? `${change(/** @type {number} */ (ratio) * 100, 2)}%` : none;
}

/** The name under which Precision keeps the sizes of a symbol; no symbol can have it. @param {string} symbol */
export const sizesOf = (symbol) => `#${symbol}`;

/**
 * A size or volume: all its digits while it is small, K, M, B above.
 * @param {number | undefined} value
 * @param {number} [least] digits behind the point to fill up to
 */
export function amount(value, least = 0) {
  if (value === undefined || !Number.isFinite(value)) {
    return none;
  }
  for (const { from, unit, letter } of units) {
    if (Math.abs(value) >= from) {
      return format(2).format(value / unit) + letter;
    }
  }
  // Sums of doubles carry noise in the last digits; no venue trades in finer units than this.
  const rounded = Number(value.toPrecision(10));
  return format(Math.min(8, Math.max(least, decimalsOf(rounded)))).format(rounded);
}

/** A true minus, as wide as the plus. @param {string} text */
function sign(text) {
  return text.startsWith('-') ? `−${text.slice(1)}` : text;
}

/** @param {number} value */
const two = (value) => String(value).padStart(2, '0');

/** Local time of day. @param {number} us microseconds since 1970 UTC @param {boolean} [withMs] */
export function clock(us, withMs = false) {
  const date = new Date(us / 1000);
  const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return withMs ? `${text}.${String(date.getMilliseconds()).padStart(3, '0')}` : text;
}

/** Local date. @param {number} us */
export function date(us) {
  const day = new Date(us / 1000);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The browser's offset as "UTC+8" or "UTC−3:30". @param {number} [minutesWest] as getTimezoneOffset gives it */
export function zone(minutesWest = new Date().getTimezoneOffset()) {
  const minutes = Math.abs(minutesWest);
  if (minutes === 0) {
    return 'UTC';
  }
  const rest = minutes % 60;
  return `UTC${minutesWest < 0 ? '+' : '−'}${Math.floor(minutes / 60)}${rest ? `:${two(rest)}` : ''}`;
}

/** "0.4 s", "12 s", "3:07", "2:15:00". @param {number} ms */
export function age(ms) {
  if (!Number.isFinite(ms)) {
    return none;
  }
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) {
    return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  }
  if (seconds < 60) {
    return `${Math.floor(seconds)} s`;
  }
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = two(whole % 60);
  if (hours >= 48) {
    return `${Math.floor(hours / 24)} d`;
  }
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
