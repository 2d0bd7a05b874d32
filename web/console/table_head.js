import { heading, isFigure } from './cells.js';
import { h, mark, write } from './dom.js';
import { say } from './text.js';

/**
 * The headings of a table, which sort it.
 * @param {import('./cells.js').Column[]} columns
 * @param {(column: import('./cells.js').Column) => void} sort
 * @param {boolean} hasButtons
 */
export function tableHead(columns, sort, hasButtons) {
  const cells = columns.map((column) => {
    const { key, isFixed, tier = 1 } = column;
    const arrow = h('i', { 'aria-hidden': 'true' });
    const name = isFixed
      ? h('span', {}, heading(key))
      : h('button', { type: 'button', on: { click: () => sort(column) } }, heading(key), arrow);
    const given = { scope: 'col', class: isFigure(column) ? 'figure' : null, data: { tier: String(tier), key } };
    return { key, arrow, cell: h('th', given, name) };
  });
  const row = h(
    'tr',
    {},
    cells.map(({ cell }) => cell),
    hasButtons ? h('th', { class: 'buttons' }, h('span', { class: 'unseen' }, say('actions'))) : null,
  );
  return {
    element: h('thead', {}, row),
    /** Marks by what is sorted. @param {string} sort as in the address */
    show(sort) {
      for (const { key, arrow, cell } of cells) {
        const order = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none';
        mark(cell, 'aria-sort', order);
        write(arrow, order === 'none' ? '' : order === 'ascending' ? '▲' : '▼');
      }
    },
  };
}
