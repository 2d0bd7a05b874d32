import { valueOf, writeCell, heading } from '../cells.js';
import { histogram } from '../charts.js';
import { faultLine } from '../context.js';
import { restartActor, stopActor, traceActor } from '../deeds.js';
import { described } from '../described.js';
import { fill, h, mark, write } from '../dom.js';
import { micros } from '../format.js';
import { restartList } from '../restart_list.js';
import { formatRoute } from '../route.js';
import { writeState } from '../states.js';
import { say } from '../text.js';
import { TraceView } from '../trace_view.js';

/** @type {import('../cells.js').Column[]} */
const fields = [
  { key: 'id' },
  { key: 'path', href: ({ path }) => (path ? formatRoute('tree', '', { at: path }) : undefined) },
  { key: 'parent', href: ({ parent }) => (parent ? formatRoute('tree', '', { at: parent }) : undefined) },
  { key: 'thread' },
  { key: 'started', kind: 'time' },
  { key: 'mailbox', kind: 'count' },
  { key: 'oldest_ms', kind: 'ms' },
  { key: 'running_ms', kind: 'ms' },
  { key: 'received', kind: 'count' },
  { key: 'sent', kind: 'count' },
  { key: 'received_per_s', kind: 'rate' },
  { key: 'busy', kind: 'share' },
  { key: 'busy_ms', kind: 'ms' },
  { key: 'p50_us', kind: 'us' },
  { key: 'p99_us', kind: 'us' },
  { key: 'restarts', kind: 'count' },
  { key: 'last_error' },
  { key: 'last_error_at', kind: 'time' },
];

/** @type {import('../context.js').PageMaker} */
export function actorPage(context, route) {
  const { root, live, actions } = context;
  const id = route.id;
  /** @type {any} */
  let now = { id, kind: '', name: '' };
  const fault = faultLine();
  const successor = h('p', { class: 'note', hidden: true });
  const name = h('h1', {}, id);
  const kind = h('p', { class: 'lead' });
  const state = h('span');
  const values = fields.map(({ key }) => ({ term: h('dt', {}, heading(key)), value: h('dd') }));
  const supervision = h('p', { class: 'supervision' });
  const incomplete = h('p', { class: 'note', hidden: true }, say('not_described'));
  const own = described();
  const times = histogram(say('handler_chart'), (us) => micros(us).text);
  const restarts = restartList();
  const trace = new TraceView(context);
  const whyNoRestart = () => (now.kind === 'connection' ? say('nobody_restarts') : '');
  const whyNoStop = () => (now.supervision === null ? say('no_child') : '');
  root.append(
    h(
      'header',
      { class: 'page-head' },
      h('nav', { class: 'crumbs' }, h('a', { href: formatRoute('actors') }, say('page_actors')), ' ›'),
      name,
      kind,
      h(
        'div',
        { class: 'tools' },
        state,
        h(
          'span',
          { class: 'actions' },
          actions.button('trace', () => traceActor(now, (answer) => trace.follow(String(answer.trace)))),
          actions.button('restart', () => ({ ...restartActor(now), unfit: whyNoRestart() })),
          actions.button('stop', () => ({ ...stopActor(now), unfit: whyNoStop() })),
        ),
      ),
    ),
    fault.element,
    successor,
    h(
      'div',
      { class: 'columns wide' },
      h(
        'section',
        { class: 'card' },
        h('h2', {}, say('figures')),
        supervision,
        h('dl', { class: 'pairs' }, values.map(({ term, value }) => [term, value]).flat()),
      ),
      h(
        'div',
        {},
        h('section', { class: 'card chart-card short' }, h('h2', {}, say('handler_chart')), times.element),
        h('section', { class: 'card' }, h('h2', {}, say('described')), incomplete, own.element),
      ),
    ),
    trace.element,
    h('section', { class: 'card' }, h('h2', {}, say('page_restarts')), restarts.element),
  );

  const watch = live.watch(`/api/actors/${encodeURIComponent(id)}`, 1000, (view) => {
    // An actor that has ended stays on display, marked as gone.
    mark(root, 'data-gone', String(view.status === 404));
    successor.hidden = view.status !== 404 || !now.name;
    if (successor.childElementCount === 0 && now.name) {
      const href = formatRoute('actors', '', { kind: now.kind, filter: now.path });
      successor.append(h('a', { href }, say('successor')));
    }
    if (!fault.take(view)) {
      return;
    }
    now = view.data;
    write(name, now.name || id);
    write(kind, now.kind ?? '');
    writeState(state, now.state, now.running_ms > 1000 ? 'bad' : now.state === 'running' ? 'good' : 'idle');
    fields.forEach((column, i) => {
      const { term, value } = values[i];
      term.hidden = value.hidden = valueOf(column, now) === undefined;
      writeCell(value, column, now);
    });
    const { supervisor, child, strategy, restart } = now.supervision ?? {};
    fill(
      supervision,
      supervisor
        ? [
            say('supervised_by'),
            ' ',
            h('a', { href: formatRoute('tree', '', { at: `${supervisor}/${child}` }) }, supervisor),
            ` · ${strategy} · ${restart}`,
          ]
        : [say(now.kind === 'connection' ? 'nobody_restarts' : 'owned_by', { owner: now.parent ?? '–' })],
    );
    incomplete.hidden = now.described !== null && now.complete !== false;
    own.show(now.described);
    if (now.histogram) {
      times.draw(now.histogram);
    }
    restarts.show(now.restarts_list ?? []);
    actions.refresh(root);
  });
  return {
    restyle: () => times.restyle(),
    close: () => {
      watch.close();
      trace.close();
      times.close();
    },
  };
}
