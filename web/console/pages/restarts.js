import { stackedBars } from '../charts.js';
import { pageHead } from '../context.js';
import { h } from '../dom.js';
import { bucketsOf } from '../restart_buckets.js';
import { formatRoute } from '../route.js';
import { outcomeLevel } from '../states.js';
import { Table } from '../table.js';
import { say } from '../text.js';

/** @type {import('../cells.js').Column[]} */
const columns = [
  { key: 'at', kind: 'time', isFixed: true },
  { key: 'supervisor', tier: 2, isFixed: true, href: (row) => formatRoute('tree', '', { at: row.supervisor }) },
  { key: 'child', isFixed: true },
  { key: 'outcome', kind: 'state', isFixed: true, level: outcomeLevel },
  { key: 'down_ms', kind: 'ms', isFixed: true },
  { key: 'reason', isFixed: true },
];

/** @type {import('../context.js').PageMaker} */
export function restartsPage(context, route) {
  context.root.append(pageHead('restarts'));
  const bars = stackedBars(say('restarts_chart'), [
    { key: 'restarted', word: 'state_restarted', colour: 'green' },
    { key: 'waiting', word: 'state_waiting', colour: 'amber' },
    { key: 'gave_up', word: 'state_gave_up', colour: 'red' },
  ]);
  context.root.append(
    h('section', { class: 'card chart-card short' }, h('h2', {}, say('restarts_chart')), bars.element),
  );
  const watch = context.live.watch('/api/restarts?limit=500', 2000, ({ status, data }) => {
    if (status === 200) {
      bars.draw(bucketsOf(data.rows, data.at / 1000));
    }
  });
  const table = new Table(context, route, {
    page: 'restarts',
    path: '/api/restarts',
    columns,
    key: ({ at, supervisor, child }) => `${at} ${supervisor}/${child}`,
    empty: 'no_restarts',
  });
  return {
    update: (next) => table.update(next),
    restyle: () => bars.restyle(),
    close: () => {
      table.close();
      watch.close();
      bars.close();
    },
  };
}
