import { pageHead } from '../context.js';
import { kickConnection } from '../deeds.js';
import { formatRoute } from '../route.js';
import { Table } from '../table.js';

/** @type {import('../cells.js').Column[]} */
const columns = [
  { key: 'remote' },
  { key: 'user', tier: 2, href: (row) => (row.user ? formatRoute('users', '', { filter: row.user }) : undefined) },
  { key: 'state', kind: 'state', tier: 2, isFixed: true },
  { key: 'queue_bytes', kind: 'bytes' },
  { key: 'lag_ms', kind: 'ms', level: (row) => (row.lag_ms > 5000 ? 'bad' : row.lag_ms > 1000 ? 'warn' : undefined) },
  { key: 'rtt_ms', kind: 'ms', tier: 2 },
  { key: 'dropped', kind: 'count' },
  { key: 'subscriptions', kind: 'count', tier: 2 },
  { key: 'bytes', kind: 'bytes', tier: 2 },
  { key: 'opened', kind: 'time', tier: 2 },
  { key: 'encoding', tier: 2 },
  { key: 'shard', tier: 2 },
  { key: 'id', tier: 4 },
  {
    key: 'actor',
    tier: 4,
    isFixed: true,
    href: (row) => (row.actor ? formatRoute('actors', String(row.actor)) : undefined),
  },
  { key: 'frames', kind: 'count', tier: 4 },
  { key: 'received', kind: 'count', tier: 4 },
];

/** @type {import('../context.js').PageMaker} */
export function connectionsPage(context, route) {
  context.root.append(pageHead('connections'));
  const { actions } = context;
  const table = new Table(context, route, {
    page: 'connections',
    path: '/api/connections',
    columns,
    key: ({ id }) => String(id),
    sort: '-queue_bytes',
    hint: 'hint_connections',
    empty: 'no_connections',
    presets: [
      { word: 'top_queue', sort: '-queue_bytes' },
      { word: 'top_lag', sort: '-lag_ms' },
      { word: 'top_dropped', sort: '-dropped' },
      { word: 'newest', sort: '-opened' },
    ],
    actions: (row) => [actions.button('kick', () => ({ ...kickConnection(row()), done: () => table.refresh() }))],
  });
  return table;
}
