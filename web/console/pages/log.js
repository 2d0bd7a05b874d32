import { faultLine, pageHead } from '../context.js';
import { logLevels, setLogLevel } from '../deeds.js';
import { fill, h, write } from '../dom.js';
import { filterBox } from '../filter_box.js';
import { LogLines } from '../log_lines.js';
import { formatRoute } from '../route.js';
import { say } from '../text.js';

/** @type {import('../context.js').PageMaker} */
export function logPage(context, route) {
  const { root, live, actions } = context;
  let query = route.query;
  /** @type {{component: string, level: string}[]} */
  let components = [];
  const fault = faultLine();
  const choose = (/** @type {Record<string, string>} */ changes) =>
    context.go(formatRoute('log', '', { ...query, ...changes }), false);
  const level = h(
    'select',
    { 'aria-label': say('c_level'), name: 'level', on: { change: () => choose({ level: level.value }) } },
    [
      h('option', { value: '' }, say('any_level')),
      ...logLevels.slice(1).map((name) => h('option', { value: name }, say('at_least', { level: name }))),
    ],
  );
  const component = h('select', {
    'aria-label': say('c_component'),
    name: 'component',
    on: { change: () => choose({ component: component.value }) },
  });
  const filter = filterBox({
    hint: 'hint_log',
    value: query.filter,
    onText: (text) => choose({ filter: text }),
    onLeave: () => lines.element.focus(),
    onDown: () => lines.element.focus(),
  });
  const pause = h(
    'button',
    { type: 'button', 'aria-pressed': 'false', on: { click: () => hold(!lines.isHeld) } },
    say('pause'),
  );
  const counts = h('span', { class: 'counts' });
  const lines = new LogLines(live, fault, ({ shown, held, lost }) => {
    write(
      counts,
      [
        say('log_counts', { shown }),
        held > 0 ? say('log_held', { held }) : '',
        lost > 0 ? say('log_lost', { lost }) : '',
      ]
        .filter(Boolean)
        .join(' · '),
    );
  });
  /** @param {boolean} isHeld */
  const hold = (isHeld) => {
    lines.hold(isHeld);
    pause.setAttribute('aria-pressed', String(isHeld));
    write(pause, say(isHeld ? 'go_on' : 'pause'));
  };
  const levels = h('div', { class: 'levels' });
  root.append(
    pageHead(
      'log',
      actions.button('log_level', () => ({
        ...setLogLevel(
          components.map((each) => each.component),
          query.component || '*',
          'debug',
        ),
        done: () => levelWatch.refresh(),
      })),
    ),
    h('div', { class: 'toolbar' }, filter.element, level, component, pause, h('span', { class: 'space' }), counts),
    fault.element,
    h('details', { class: 'card levels-card' }, h('summary', {}, say('levels_now')), levels),
    lines.element,
  );

  const show = () => {
    level.value = query.level ?? '';
    component.value = query.component ?? '';
    filter.show(query.filter ?? '');
    lines.look({ level: query.level ?? '', component: query.component ?? '', filter: query.filter ?? '' });
  };
  const showComponents = () => {
    const names = components.map((each) => each.component);
    const known = query.component && !names.includes(query.component) ? [...names, query.component] : names;
    fill(component, [
      h('option', { value: '' }, say('any_component')),
      ...known.map((name) => h('option', { value: name }, name)),
    ]);
    component.value = query.component ?? '';
    fill(
      levels,
      components.map((each) =>
        actions.button(
          'log_level',
          () => ({ ...setLogLevel(names, each.component, each.level), done: () => levelWatch.refresh() }),
          { label: `${each.component}: ${each.level}` },
        ),
      ),
    );
  };
  const levelWatch = live.watch('/api/log-levels', 5000, ({ status, data }) => {
    if (status === 200) {
      components = data.components;
      showComponents();
    }
  });
  showComponents();
  show();
  return {
    update: (next) => {
      query = next.query;
      show();
    },
    close: () => {
      filter.close();
      levelWatch.close();
      lines.close();
    },
  };
}
