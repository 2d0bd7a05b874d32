import { h, write } from './dom.js';
import { count } from './format.js';
import { pageSize, pagesOf } from './table_state.js';
import { say } from './text.js';

/**
 * Which rows are on display, of how many, and the way to the others.
 * @param {(page: number) => void} turn
 */
export function pager(turn) {
  let page = 1;
  let last = 1;
  const step = (/** @type {string} */ text, /** @type {string} */ word, /** @type {() => number} */ to) =>
    h('button', { type: 'button', 'aria-label': say(word), title: say(word), on: { click: () => turn(to()) } }, text);
  const buttons = [
    step('«', 'first_page', () => 1),
    step('‹', 'previous_page', () => page - 1),
    step('›', 'next_page', () => page + 1),
    step('»', 'last_page', () => last),
  ];
  const where = h('span', { class: 'where' });
  const text = h('span', { class: 'counts', 'aria-live': 'polite' });
  return {
    text,
    buttons: h('div', { class: 'pager' }, buttons[0], buttons[1], where, buttons[2], buttons[3]),
    /** @param {number} now @param {{matched: number, total: number, rows: any[]}} list */
    show(now, { matched, total, rows }) {
      page = now;
      last = pagesOf(matched);
      const from = (page - 1) * pageSize;
      const values = {
        from: count(from + 1).text,
        to: count(from + rows.length).text,
        matched: count(matched).text,
        total: count(total).text,
      };
      write(
        text,
        rows.length === 0 ? say('no_rows_of', values) : say(matched === total ? 'rows_of' : 'rows_of_matched', values),
      );
      write(where, say('page_of', { page, last }));
      buttons.forEach((button, i) => (button.disabled = i < 2 ? page <= 1 : page >= last));
    },
    isFirst: () => page <= 1,
    isLast: () => page >= last,
  };
}
