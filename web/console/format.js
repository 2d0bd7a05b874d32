import { age, clock, date } from '../page/numbers.js';

/**
 * How figures are written: short and in a unit people read, the exact value for whoever hovers. Pure.
 * @typedef {object} Written
 * @property {string} text
 * @property {string} [title] the exact value, where `text` is rounded
 */

export const none = '–';
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
const thousands = ['', 'K', 'M', 'G', 'T', 'P'];
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** @param {unknown} value @returns {value is number} */
export const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

/** Three digits that count. @param {number} value */
const short = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2));

/** @param {number} value @param {number} base @param {string[]} names */
function scaled(value, base, names) {
  let step = 0;
  while (Math.abs(value) >= (step === 0 ? base : base * 0.9995) && step < names.length - 1) {
    value /= base;
    step++;
  }
  return { value, name: names[step], step };
}

/** A whole number: all its digits up to 99,999, rounded above. @param {unknown} value @returns {Written} */
export function count(value) {
  if (!isNumber(value)) {
    return { text: none };
  }
  const exact = grouped.format(value);
  if (Math.abs(value) < 100_000) {
    return { text: exact };
  }
  const { value: rest, name } = scaled(value, 1000, thousands);
  return { text: `${short(rest)} ${name}`, title: exact };
}

/** A mean a second. @param {unknown} value @param {string} [unit] @returns {Written} */
export function rate(value, unit = '/s') {
  if (!isNumber(value)) {
    return { text: none };
  }
  const { value: rest, name } = scaled(value, 1000, thousands);
  const text = name === '' && Number.isInteger(value) ? String(value) : short(rest);
  return { text: `${text} ${name}${unit}`.trimEnd(), title: `${grouped.format(value)} /s` };
}

/** @param {unknown} value @returns {Written} */
export function bytes(value) {
  if (!isNumber(value)) {
    return { text: none };
  }
  const { value: rest, name, step } = scaled(value, 1024, binary);
  return { text: `${step === 0 ? value : short(rest)} ${name}`, title: `${grouped.format(value)} B` };
}

/** @param {unknown} value bytes a second @returns {Written} */
export function byteRate(value) {
  const { text, title } = bytes(value);
  return text === none ? { text } : { text: `${text}/s`, title: `${title}/s` };
}

/** A duration as people say it: "340 µs", "12.4 ms", "1.20 s", "3:07". @param {unknown} value @returns {Written} */
export function micros(value) {
  if (!isNumber(value)) {
    return { text: none };
  }
  const title = `${grouped.format(value)} µs`;
  const size = Math.abs(value);
  if (size < 1000) {
    return { text: `${size < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value)} µs`, title };
  }
  if (size < 1e6) {
    return { text: `${short(value / 1e3)} ms`, title };
  }
  return { text: size < 60e6 ? `${short(value / 1e6)} s` : age(value / 1e3), title };
}

/** @param {unknown} value milliseconds @returns {Written} */
export function millis(value) {
  if (!isNumber(value)) {
    return { text: none };
  }
  const title = `${grouped.format(value)} ms`;
  return value < 1000 ? { text: `${Math.round(value)} ms`, title } : { text: age(value), title };
}

/** @param {unknown} value 1 is all of it @returns {Written} */
export function share(value) {
  return isNumber(value)
    ? { text: `${(value * 100).toFixed(1)} %`, title: `${grouped.format(value * 100)} %` }
    : { text: none };
}

/** @param {unknown} value in percent @returns {Written} */
export function percent(value) {
  return share(isNumber(value) ? value / 100 : value);
}

/**
 * Local time of day, with the date when it is another day.
 * @param {unknown} us microseconds since 1970 UTC
 * @param {number} [nowMs]
 * @returns {Written}
 */
export function time(us, nowMs = Date.now()) {
  if (!isNumber(us) || us <= 0) {
    return { text: none };
  }
  const day = date(us);
  const text = day === date(nowMs * 1000) ? clock(us) : `${day.slice(5)} ${clock(us)}`;
  return { text, title: new Date(us / 1000).toISOString().replace('T', ' ').replace('Z', ' UTC') };
}

/** With milliseconds, for logs. @param {unknown} us @param {number} [nowMs] @returns {Written} */
export function preciseTime(us, nowMs) {
  const { text, title } = time(us, nowMs);
  return isNumber(us) && text !== none ? { text: `${text}.${clock(us, true).slice(-3)}`, title } : { text };
}

/** @param {unknown} value @returns {Written} */
export function plain(value) {
  if (value === null || value === undefined || value === '') {
    return { text: none };
  }
  return { text: typeof value === 'object' ? JSON.stringify(value) : String(value) };
}
