import { pageHead, faultLine } from '../context.js';
import { histogram, timeChart } from '../charts.js';
import { drainNode, undrainNode } from '../deeds.js';
import { fill, h, write, writeFigure } from '../dom.js';
import { byteRate, bytes, count, isNumber, micros, millis, percent, rate } from '../format.js';
import { attentionHref } from '../attention.js';
import { RateHistory } from '../rate_history.js';
import { stateMark, writeState } from '../states.js';
import { say } from '../text.js';
import { loadTable } from '../load_table.js';
import { tile } from '../tile.js';

const windowMs = 5 * 60_000;
/** What was seen of the rates stays while the user looks at other pages. */
const history = new RateHistory(windowMs);

/** @type {import('../context.js').PageMaker} */
export function overviewPage(context) {
  const { root, live, actions } = context;
  /** @type {any} */
  let now = {};
  const state = h('span');
  const facts = h('span', { class: 'facts' });
  const refresh = () => watch.refresh();
  const buttons = h(
    'span',
    { class: 'actions' },
    actions.button('drain', () => ({ ...drainNode(now.totals?.connections ?? 0, now.state ?? ''), done: refresh })),
    actions.button('undrain', () => ({ ...undrainNode(now.state ?? ''), done: refresh })),
  );
  const fault = faultLine();
  const attention = h('ul', { class: 'attention' });
  const attentionTitle = h('h2');
  const tiles = [
    tile('ticks_per_s', (value) => rate(value, '')),
    tile('frames_per_s', (value) => rate(value, '')),
    tile('bytes_per_s', byteRate),
    tile('connections', count),
    tile('cpu_percent', percent),
    tile('rss_bytes', bytes),
  ];
  const written = (/** @type {number} */ value) => rate(value, '').text;
  const flow = timeChart(
    say('flow_chart'),
    [
      { key: 'ticks_per_s', word: 'c_ticks_per_s', colour: 'accent' },
      { key: 'frames_per_s', word: 'c_frames_per_s', colour: 'green' },
      { key: 'events_per_s', word: 'c_events_per_s', colour: 'amber', isDashed: true },
    ],
    written,
    windowMs,
  );
  const latency = histogram(say('latency_chart'), (us) => micros(us).text);
  const latencyFigures = h('span', { class: 'facts' });
  const shards = loadTable('shards');
  const workers = loadTable('workers');
  const totals = h('dl', { class: 'totals' });
  root.append(
    pageHead('overview', state, facts, buttons),
    fault.element,
    h('section', { class: 'card attention-card' }, attentionTitle, attention),
    h(
      'section',
      { class: 'tiles' },
      tiles.map(({ element }) => element),
    ),
    h(
      'div',
      { class: 'columns' },
      h('section', { class: 'card chart-card' }, h('h2', {}, say('flow_chart'), legend()), flow.element),
      h('section', { class: 'card chart-card' }, h('h2', {}, say('latency_chart'), latencyFigures), latency.element),
    ),
    h(
      'div',
      { class: 'columns threads' },
      shards.element,
      workers.element,
      h('section', { class: 'card' }, h('h2', {}, say('totals')), totals),
    ),
  );

  const draw = () => {
    writeState(state, now.state);
    write(
      facts,
      [
        say('version', { version: now.version ?? '–' }),
        say('up_for', { time: millis(now.uptime_ms).text }),
        `pid ${now.pid ?? '–'}`,
      ].join(' · '),
    );
    drawAttention(attentionTitle, attention, now.attention ?? []);
    const figures = history.last ?? {};
    for (const each of tiles) {
      each.draw(figures[each.key], history.of(each.key));
    }
    flow.draw(history.points);
    const { latency: times } = now;
    if (times?.counts) {
      latency.draw(times);
      write(latencyFigures, `p50 ${micros(times.p50_us).text} · p99 ${micros(times.p99_us).text}`);
    }
    shards.draw(now.shards ?? []);
    workers.draw(now.workers ?? []);
    drawTotals(totals, now);
    actions.refresh(root);
  };
  const watch = live.watch('/api/overview', 1000, (view) => {
    if (fault.take(view)) {
      now = view.data;
      history.put(now);
      draw();
    }
  });
  return {
    restyle: () => {
      flow.restyle();
      latency.restyle();
    },
    close: () => {
      watch.close();
      flow.close();
      latency.close();
    },
  };
}

function legend() {
  const line = (/** @type {string} */ word, /** @type {string} */ tone) =>
    h('span', { class: `line-key ${tone}` }, say(word));
  return h(
    'span',
    { class: 'legend' },
    line('c_ticks_per_s', 'accent'),
    line('c_frames_per_s', 'green'),
    line('c_events_per_s', 'amber'),
  );
}

/** @param {HTMLElement} title @param {HTMLElement} list @param {any[]} items */
function drawAttention(title, list, items) {
  write(title, items.length > 0 ? say('attention_count', { count: items.length }) : say('attention'));
  const text = JSON.stringify(items) + document.documentElement.lang;
  // What has not changed stays as it is: a link under the pointer must not be replaced each second.
  if (list.dataset.shown === text) {
    return;
  }
  list.dataset.shown = text;
  fill(
    list,
    items.length === 0
      ? [h('li', { class: 'calm' }, stateMark('nothing', 'good'))]
      : items.map((item) =>
          h(
            'li',
            { data: { severity: item.severity } },
            stateMark(item.severity, item.severity === 'error' ? 'bad' : 'warn'),
            h('a', { href: attentionHref(item) }, item.what),
            item.target ? h('span', { class: 'target' }, item.target) : null,
          ),
        ),
  );
}

const totalNames = [
  'ticks',
  'events',
  'frames',
  'bytes',
  'commands',
  'topics',
  'symbols',
  'actors',
  'restarts',
  'refused',
  'over_budget',
];

/** @param {HTMLElement} list @param {any} now */
function drawTotals(list, { totals = {}, memory = {} }) {
  const entries = [
    ...totalNames
      .filter((name) => name in totals)
      .map((name) => ({ name, figure: name === 'bytes' ? bytes(totals[name]) : count(totals[name]) })),
    ...Object.entries(memory)
      .filter(([, value]) => isNumber(value))
      .map(([name, value]) => ({ name, figure: name.endsWith('bytes') ? bytes(value) : count(value) })),
  ];
  while (list.childElementCount < entries.length * 2) {
    list.append(h('dt'), h('dd'));
  }
  entries.forEach(({ name, figure }, i) => {
    write(list.children[2 * i], say(`c_${name}`));
    writeFigure(/** @type {HTMLElement} */ (list.children[2 * i + 1]), figure);
  });
}
