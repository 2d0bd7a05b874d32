import { pageHead } from '../context.js';
import { formatRoute } from '../route.js';
import { Table } from '../table.js';
import { say } from '../text.js';

/** @type {import('../cells.js').Column[]} */
const columns = [
  { key: 'user', value: (row) => row.user ?? say('not_signed_in') },
  { key: 'name', tier: 2 },
  {
    key: 'connections',
    kind: 'count',
    href: (row) => (row.user ? formatRoute('connections', '', { filter: row.user }) : undefined),
  },
  { key: 'subscriptions', kind: 'count' },
  { key: 'queue_bytes', kind: 'bytes' },
  { key: 'bytes', kind: 'bytes', tier: 2 },
];

/** @type {import('../context.js').PageMaker} */
export function usersPage(context, route) {
  context.root.append(pageHead('users'));
  return new Table(context, route, {
    page: 'users',
    path: '/api/users',
    columns,
    key: ({ user }) => user ?? '·',
    sort: '-connections',
    empty: 'no_users',
  });
}
