import { pageHead } from '../context.js';
import { resumeFeed, suspendFeed } from '../deeds.js';
import { h } from '../dom.js';
import { formatRoute } from '../route.js';
import { Table } from '../table.js';
import { say } from '../text.js';

/** @type {import('../cells.js').Column[]} */
const columns = [
  { key: 'name' },
  { key: 'state', kind: 'state', value: (row) => (row.suspended ? 'suspended' : row.state) },
  { key: 'since', kind: 'time', tier: 2 },
  { key: 'silent_ms', kind: 'ms' },
  { key: 'ticks_per_s', kind: 'rate' },
  { key: 'peers', kind: 'count', tier: 2 },
  { key: 'gaps', kind: 'count', tier: 3 },
  { key: 'gap_lost', kind: 'count', tier: 4 },
  { key: 'lost', kind: 'count', tier: 2 },
  { key: 'refused', kind: 'count', tier: 3 },
  { key: 'in_flight', kind: 'count', tier: 2 },
  { key: 'restarts', kind: 'count', tier: 2 },
  { key: 'reason', tier: 2, isFixed: true },
  { key: 'kind', tier: 4 },
  { key: 'endpoint', tier: 4 },
  { key: 'simulated', kind: 'flag', tier: 4 },
  { key: 'priority', kind: 'count', tier: 4 },
  { key: 'ticks', kind: 'count', tier: 4 },
  { key: 'events', kind: 'count', tier: 4 },
  { key: 'messages', kind: 'count', tier: 4 },
  { key: 'repeated', kind: 'count', tier: 4 },
  { key: 'not_owner', kind: 'count', tier: 4 },
  { key: 'paused', kind: 'count', tier: 4 },
  { key: 'suspended', kind: 'flag', tier: 4 },
];

/** @type {import('../context.js').PageMaker} */
export function feedsPage(context, route) {
  context.root.append(
    pageHead('feeds', h('a', { href: formatRoute('actors', '', { kind: 'feed' }) }, say('feed_actors'))),
  );
  const { actions } = context;
  const refresh = () => table.refresh();
  const table = new Table(context, route, {
    page: 'feeds',
    path: '/api/feeds',
    columns,
    key: ({ name }) => name,
    empty: 'no_feeds',
    actions: (row) => [
      actions.button('suspend', () => ({ ...suspendFeed(row()), done: refresh })),
      actions.button('resume', () => ({ ...resumeFeed(row()), done: refresh })),
    ],
  });
  return table;
}
