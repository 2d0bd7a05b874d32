import { h, mark, write, writeFigure } from './dom.js';
import { bytes, count, micros, millis, plain, preciseTime, rate, share, time } from './format.js';
import { writeState } from './states.js';
import { say } from './text.js';

/**
 * How the values of a field are written.
 * @typedef {'text' | 'name' | 'state' | 'count' | 'bytes' | 'rate' | 'us' | 'ms' | 'share' | 'time' | 'log_time' | 'flag' | 'json'} Kind
 *
 * @typedef {object} Column
 * @property {string} key the field, by which the server also sorts
 * @property {Kind} [kind]
 * @property {1 | 2 | 3 | 4} [tier] 1: always in the table; 2: not on a phone; 3: on a wide screen; 4: in the details alone
 * @property {boolean} [isFixed] the server does not sort by it
 * @property {(row: any) => unknown} [value] where it is not the field as it stands
 * @property {(row: any) => string | undefined} [href]
 * @property {(row: any) => import('./states.js').Level | undefined} [level]
 */

/** @type {Record<string, (value: any) => import('./format.js').Written>} */
const writers = {
  count,
  bytes,
  rate: (value) => rate(value, ''),
  us: micros,
  ms: millis,
  share,
  time: (value) => time(value),
  log_time: (value) => preciseTime(value),
  flag: (value) => ({ text: value === true ? say('yes') : value === false ? say('no') : '–' }),
};
const figures = new Set(['count', 'bytes', 'rate', 'us', 'ms', 'share']);

/** @param {Column} column */
export const isFigure = ({ kind = 'text' }) => figures.has(kind);

/** The heading of a column. @param {string} key */
export const heading = (key) => say(`c_${key}`);

/** @param {Column} column @param {any} row */
export function valueOf({ key, value }, row) {
  return value ? value(row) : row[key];
}

/**
 * Writes a row's value into its cell; what has not changed is not touched.
 * @param {HTMLElement} cell
 * @param {Column} column
 * @param {any} row
 */
export function writeCell(cell, column, row) {
  const { kind = 'text', href, level } = column;
  const value = valueOf(column, row);
  if (kind === 'state') {
    const element = /** @type {HTMLElement} */ (cell.firstElementChild ?? cell.appendChild(h('span')));
    writeState(element, value, level?.(row));
    return;
  }
  const written = (writers[kind] ?? plain)(value);
  const address = href?.(row);
  if (level) {
    mark(cell, 'data-level', level(row) ?? '');
  }
  if (address === undefined) {
    const isLong = !writers[kind] && written.text.length > 16;
    writeFigure(cell, isLong ? { text: written.text, title: written.text } : written);
    return;
  }
  let link = /** @type {HTMLAnchorElement | null} */ (cell.firstElementChild);
  if (!link) {
    cell.textContent = '';
    link = cell.appendChild(h('a'));
  }
  mark(link, 'href', address);
  write(link, written.text);
  cell.title = written.title ?? written.text;
}
