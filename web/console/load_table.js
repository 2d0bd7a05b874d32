import { heading, isFigure, writeCell } from './cells.js';
import { h } from './dom.js';
import { say } from './text.js';

/** @type {import('./cells.js').Column[]} */
const known = [
  { key: 'name' },
  { key: 'load', kind: 'share', level: ({ load }) => (load > 0.9 ? 'warn' : undefined) },
  { key: 'actors', kind: 'count' },
  { key: 'connections', kind: 'count' },
  { key: 'queue_bytes', kind: 'bytes' },
  { key: 'turns_per_s', kind: 'rate' },
  { key: 'stuck_ms', kind: 'ms', level: ({ stuck_ms: stuck }) => (stuck > 1000 ? 'bad' : undefined) },
];

/** The threads of one kind, one a line, with the figures that the server gives of them. @param {string} name */
export function loadTable(name) {
  const head = h('tr');
  const body = h('tbody');
  const element = h(
    'section',
    { class: 'card load', data: { table: name }, hidden: true },
    h('h2', {}, say(name)),
    h('table', {}, h('thead', {}, head), body),
  );
  let shape = '';
  /** @type {import('./cells.js').Column[]} */
  let columns = [];
  return {
    element,
    /** @param {any[]} rows */
    draw(rows) {
      element.hidden = rows.length === 0;
      const present = known.filter(({ key }) => rows.some((row) => key in row));
      const next = `${present.map(({ key }) => key)} ${rows.length}`;
      if (next !== shape) {
        shape = next;
        columns = present;
        head.replaceChildren(
          ...columns.map((column) => h('th', { class: isFigure(column) ? 'figure' : null }, heading(column.key))),
        );
        body.replaceChildren(
          ...rows.map(() =>
            h(
              'tr',
              {},
              columns.map((column) => h('td', { class: isFigure(column) ? 'figure' : null })),
            ),
          ),
        );
      }
      rows.forEach((row, i) =>
        columns.forEach((column, k) =>
          writeCell(/** @type {HTMLElement} */ (body.children[i].children[k]), column, row),
        ),
      );
    },
  };
}
