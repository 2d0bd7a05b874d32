import { faultLine, pageHead } from '../context.js';
import { fill, h, write } from '../dom.js';
import { filterBox } from '../filter_box.js';
import { plain } from '../format.js';
import { formatRoute } from '../route.js';
import { say } from '../text.js';

/** @type {import('../context.js').PageMaker} */
export function configPage(context, route) {
  let query = route.query;
  /** @type {any[]} */
  let sections = [];
  const fault = faultLine();
  const choose = (/** @type {Record<string, string>} */ changes) =>
    context.go(formatRoute('config', '', { ...query, ...changes }), false);
  const filter = filterBox({
    hint: 'hint_config',
    value: query.filter,
    onText: (text) => choose({ filter: text }),
    onLeave: () => list.focus(),
    onDown: () => list.focus(),
  });
  const changed = h('input', {
    type: 'checkbox',
    on: { change: () => choose({ changed: changed.checked ? 'yes' : '' }) },
  });
  const counts = h('span', { class: 'counts' });
  const list = h('div', { class: 'scroller config', tabindex: '0', 'aria-label': say('page_config') });
  context.root.append(
    pageHead('config'),
    h(
      'div',
      { class: 'toolbar' },
      filter.element,
      h('label', { class: 'check' }, changed, h('span', {}, say('changed_only'))),
      h('span', { class: 'space' }),
      counts,
    ),
    fault.element,
    list,
  );

  const draw = () => {
    changed.checked = query.changed === 'yes';
    const needle = (query.filter ?? '').toLowerCase();
    const fits = (/** @type {string} */ section, /** @type {any} */ entry) =>
      (query.changed !== 'yes' || entry.changed) &&
      `${section}.${entry.key} ${JSON.stringify(entry.value)} ${entry.meaning}`.toLowerCase().includes(needle);
    const parts = sections
      .map(({ name, keys }) => ({ name, keys: keys.filter((/** @type {any} */ entry) => fits(name, entry)) }))
      .filter(({ keys }) => keys.length > 0);
    const all = sections.flatMap(({ keys }) => keys);
    write(
      counts,
      say('config_counts', {
        shown: parts.reduce((sum, { keys }) => sum + keys.length, 0),
        all: all.length,
        changed: all.filter((entry) => entry.changed).length,
      }),
    );
    fill(list, parts.length > 0 ? parts.map(section) : [h('p', { class: 'empty' }, say('none_found'))]);
  };
  const watch = context.live.watch('/api/config', 5000, (view) => {
    if (fault.take(view)) {
      sections = view.data.sections;
      draw();
    }
  });
  return {
    update: (next) => {
      query = next.query;
      filter.show(query.filter ?? '');
      draw();
    },
    close: () => {
      filter.close();
      watch.close();
    },
  };
}

/** @param {{name: string, keys: any[]}} part */
function section({ name, keys }) {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, `[${name}]`),
    h(
      'table',
      { class: 'plain' },
      h(
        'tbody',
        {},
        keys.map((entry) =>
          h(
            'tr',
            { data: { changed: String(entry.changed) } },
            h('td', { class: 'key' }, entry.key),
            h(
              'td',
              { class: 'value' },
              h('code', {}, plain(entry.value).text),
              entry.changed
                ? h('small', { class: 'changed' }, say('changed_from', { value: plain(entry.default).text }))
                : null,
            ),
            h(
              'td',
              { class: 'meaning' },
              entry.meaning,
              ' ',
              h('small', { class: 'hot' }, say(entry.hot ? 'hot' : 'cold')),
            ),
          ),
        ),
      ),
    ),
  );
}
