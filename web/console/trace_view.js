import { h, write } from './dom.js';
import { micros, preciseTime } from './format.js';
import { writeState } from './states.js';
import { say } from './text.js';

/** The messages of one actor as they come, while a trace runs and after it. */
export class TraceView {
  #context;
  #body = h('tbody');
  #state = h('span');
  #counts = h('span', { class: 'facts' });
  #empty = h('p', { class: 'empty' }, say('trace_waits'));
  /** @type {ReturnType<import('./live.js').Live['watch']> | undefined} */
  #watch;
  #last = -1;
  element;

  /** @param {import('./context.js').Context} context */
  constructor(context) {
    this.#context = context;
    const head = ['seq', 'at', 'message', 'from', 'took_us', 'text'];
    this.element = h(
      'section',
      { class: 'card trace', hidden: true },
      h('h2', {}, say('trace'), this.#state, this.#counts),
      h(
        'div',
        { class: 'scroller' },
        h(
          'table',
          { class: 'plain' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              head.map((key) => h('th', { class: key.endsWith('_us') ? 'figure' : null }, say(`c_${key}`))),
            ),
          ),
          this.#body,
        ),
        this.#empty,
      ),
    );
  }

  /** @param {string} id of the trace */
  follow(id) {
    this.close();
    this.#last = -1;
    this.#body.replaceChildren();
    this.element.hidden = false;
    this.element.scrollIntoView({ block: 'nearest' });
    this.#watch = this.#context.live.watch(`/api/trace/${encodeURIComponent(id)}`, 500, ({ status, data }) => {
      if (status !== 200) {
        write(this.#counts, data?.error?.message ?? '');
        return;
      }
      this.#show(data);
    });
  }

  close() {
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** @param {any} trace */
  #show({ state, left_ms: left, seen, matched, rows }) {
    writeState(this.#state, state, state === 'running' ? 'good' : 'idle');
    write(
      this.#counts,
      [
        say('trace_counts', { seen, matched }),
        state === 'running' ? say('trace_left', { seconds: (left / 1000).toFixed(1) }) : '',
      ]
        .filter(Boolean)
        .join(' · '),
    );
    // Rows are only ever added: those on display stay as they are, and so does what is selected in them.
    for (const row of rows) {
      if (row.seq > this.#last) {
        this.#last = row.seq;
        this.#body.append(
          h(
            'tr',
            {},
            h('td', { class: 'figure' }, row.seq),
            h('td', {}, preciseTime(row.at).text),
            h('td', { class: 'kind-name' }, row.message),
            h('td', {}, row.from ?? '–'),
            h('td', { class: 'figure' }, micros(row.took_us).text),
            h('td', {}, h('code', {}, row.text)),
          ),
        );
      }
    }
    this.#empty.hidden = this.#body.childElementCount > 0;
    write(this.#empty, state === 'running' ? say('trace_waits') : say('trace_none'));
    if (state === 'over' || state === 'full') {
      this.close();
    }
  }
}
