import { pageHead } from '../context.js';
import { formatRoute } from '../route.js';
import { Table } from '../table.js';
import { say } from '../text.js';

/** @type {import('../cells.js').Column[]} */
const columns = [
  { key: 'topic' },
  { key: 'state', kind: 'state' },
  { key: 'updates_per_s', kind: 'rate' },
  { key: 'subscribers', kind: 'count' },
  { key: 'seq', kind: 'count', tier: 2 },
  { key: 'epoch', tier: 2, isFixed: true },
  {
    key: 'feed',
    tier: 2,
    href: (row) => (row.feed ? formatRoute('feeds', '', { filter: row.feed, at: row.feed }) : undefined),
  },
  { key: 'kind', tier: 2 },
  { key: 'shard', tier: 2 },
];

const kinds = ['trade', 'quote', 'bar', 'book', 'feed', 'monitor', 'signal', 'user'];

/** @type {import('../context.js').PageMaker} */
export function topicsPage(context, route) {
  context.root.append(pageHead('topics'));
  return new Table(context, route, {
    page: 'topics',
    path: '/api/topics',
    columns,
    key: ({ topic }) => topic,
    hint: 'hint_topics',
    empty: 'no_topics',
    presets: [
      { word: 'top_rate', sort: '-updates_per_s' },
      { word: 'top_subscribers', sort: '-subscribers' },
    ],
    choices: [
      {
        name: 'kind',
        choices: () => [['', say('any_kind')], ...kinds.map((kind) => /** @type {[string, string]} */ ([kind, kind]))],
      },
    ],
  });
}
