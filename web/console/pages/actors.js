import { pageHead } from '../context.js';
import { formatRoute } from '../route.js';
import { say } from '../text.js';
import { Table } from '../table.js';

/** @type {import('../cells.js').Column[]} */
const columns = [
  { key: 'name', href: (row) => formatRoute('actors', row.id) },
  { key: 'kind' },
  {
    key: 'state',
    kind: 'state',
    tier: 2,
    isFixed: true,
    level: (row) => (row.running_ms > 1000 ? 'bad' : row.state === 'running' ? 'good' : 'idle'),
  },
  { key: 'mailbox', kind: 'count' },
  { key: 'oldest_ms', kind: 'ms', level: (row) => (row.oldest_ms > 1000 ? 'bad' : undefined) },
  { key: 'busy', kind: 'share' },
  { key: 'received_per_s', kind: 'rate', tier: 2 },
  { key: 'p50_us', kind: 'us', tier: 2 },
  { key: 'p99_us', kind: 'us', tier: 2 },
  { key: 'restarts', kind: 'count', tier: 2 },
  { key: 'thread', tier: 2 },
  { key: 'parent', tier: 3, href: (row) => (row.parent ? formatRoute('tree', '', { at: row.parent }) : undefined) },
  { key: 'last_error', tier: 2, isFixed: true },
];

/** What `kind` may be, in the project's vocabulary. */
const kinds = [
  'supervisor',
  'feed',
  'dispatcher',
  'quote topic',
  'broadcaster',
  'connection',
  'directory',
  'event topic',
  'user agent',
  'chart agent',
  'gatekeeper',
  'service bus',
  'plugin',
];

/** @type {import('../context.js').PageMaker} */
export function actorsPage(context, route) {
  context.root.append(pageHead('actors'));
  return new Table(context, route, {
    page: 'actors',
    path: '/api/actors',
    columns,
    key: ({ id }) => String(id),
    sort: '-mailbox',
    hint: 'hint_actors',
    open: (row) => row && formatRoute('actors', row.id),
    presets: [
      { word: 'top_mailbox', sort: '-mailbox' },
      { word: 'top_busy', sort: '-busy' },
      { word: 'top_age', sort: '-oldest_ms' },
      { word: 'top_restarts', sort: '-restarts' },
    ],
    choices: [
      {
        name: 'kind',
        choices: () => {
          const asked = route.query.kind;
          const all = asked && !kinds.includes(asked) ? [...kinds, asked] : kinds;
          return [['', say('any_kind')], ...all.map((kind) => /** @type {[string, string]} */ ([kind, kind]))];
        },
      },
    ],
  });
}
