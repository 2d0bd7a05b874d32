import { heading, writeCell } from './cells.js';
import { h } from './dom.js';
import { outcomeLevel } from './states.js';
import { say } from './text.js';

/** @type {import('./cells.js').Column[]} */
const columns = [
  { key: 'at', kind: 'time' },
  { key: 'outcome', kind: 'state', level: outcomeLevel },
  { key: 'down_ms', kind: 'ms' },
  { key: 'reason' },
];

/** The restarts of one actor, as given. */
export function restartList() {
  const body = h('tbody');
  const table = h(
    'table',
    { class: 'plain' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        columns.map(({ key }) => h('th', {}, heading(key))),
      ),
    ),
    body,
  );
  const empty = h('p', { class: 'empty' }, say('no_restarts'));
  let shown = '';
  return {
    element: h('div', { class: 'scroller' }, table, empty),
    /** @param {any[]} rows */
    show(rows) {
      empty.hidden = rows.length > 0;
      table.hidden = rows.length === 0;
      const text = JSON.stringify(rows);
      if (text !== shown) {
        shown = text;
        body.replaceChildren(
          ...rows.map((row) =>
            h(
              'tr',
              {},
              columns.map((column) => {
                const cell = h('td');
                writeCell(cell, column, row);
                return cell;
              }),
            ),
          ),
        );
      }
    },
  };
}
