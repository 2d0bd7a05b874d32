import { pageHead } from '../context.js';
import { loadPlugin, reloadPlugin, unloadPlugin } from '../deeds.js';
import { Table } from '../table.js';

/** What is spent of a restart budget, as "2 of 5". @param {any} budget */
export function spentOf(budget) {
  if (budget !== null && typeof budget === 'object') {
    return `${budget.spent ?? 0} / ${budget.intensity ?? '–'}`;
  }
  return budget;
}

/** @type {import('../cells.js').Column[]} */
const columns = [
  { key: 'name' },
  { key: 'state', kind: 'state' },
  { key: 'version' },
  { key: 'isolation', tier: 2 },
  { key: 'restarts', kind: 'count', tier: 2 },
  { key: 'budget', tier: 2, isFixed: true, value: (row) => spentOf(row.budget) },
  {
    key: 'mailbox',
    kind: 'count',
    tier: 2,
    level: (row) => (row.mailbox_bound && row.mailbox >= row.mailbox_bound ? 'bad' : undefined),
  },
  { key: 'mailbox_bound', kind: 'count', tier: 4 },
  { key: 'dropped', kind: 'count' },
  { key: 'p99_us', kind: 'us', tier: 2 },
  { key: 'longest_ms', kind: 'ms', tier: 2 },
  { key: 'last_error', tier: 2, isFixed: true },
  { key: 'library', tier: 4 },
  { key: 'handled', kind: 'count', tier: 4 },
  { key: 'published', kind: 'count', tier: 4 },
  { key: 'refused', kind: 'count', tier: 4 },
  { key: 'p50_us', kind: 'us', tier: 4 },
  { key: 'parameters', kind: 'json', tier: 4 },
  { key: 'subscriptions', kind: 'json', tier: 4 },
];

/** @type {import('../context.js').PageMaker} */
export function pluginsPage(context, route) {
  const { actions } = context;
  const refresh = () => table.refresh();
  context.root.append(
    pageHead(
      'plugins',
      actions.button('load', () => ({ ...loadPlugin(), done: refresh })),
    ),
  );
  const table = new Table(context, route, {
    page: 'plugins',
    path: '/api/plugins',
    columns,
    key: ({ name }) => name,
    empty: 'no_plugins',
    actions: (row) => [
      actions.button('reload', () => ({ ...reloadPlugin(row()), done: refresh })),
      actions.button('unload', () => ({ ...unloadPlugin(row()), done: refresh })),
    ],
  });
  return table;
}
