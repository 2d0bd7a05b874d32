import { pageHead } from '../context.js';
import { Table } from '../table.js';

/** @type {import('../cells.js').Column[]} */
const columns = [
  { key: 'at', kind: 'time', isFixed: true },
  { key: 'who', isFixed: true },
  { key: 'role', tier: 2, isFixed: true },
  { key: 'action', isFixed: true },
  { key: 'target', isFixed: true },
  { key: 'data', kind: 'json', tier: 2, isFixed: true },
  { key: 'outcome', kind: 'state', isFixed: true, level: (row) => (row.outcome === 'done' ? 'good' : 'bad') },
  { key: 'remote', tier: 2, isFixed: true },
];

/** @type {import('../context.js').PageMaker} */
export function auditPage(context, route) {
  context.root.append(pageHead('audit'));
  return new Table(context, route, {
    page: 'audit',
    path: '/api/audit',
    columns,
    key: ({ at, action, target }) => `${at} ${action} ${target}`,
    empty: 'no_audit',
    everyMs: 2000,
  });
}
