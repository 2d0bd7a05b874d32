import { h, write } from './dom.js';
import { say } from './text.js';

/** An actor's own words: a JSON object as a tree that can be folded, and that keeps what was folded. */
export function described() {
  const element = h('div', { class: 'described' });
  /** @type {Set<string>} */
  const folded = new Set();
  let shown = '';

  /** @param {string} path @param {string} name @param {unknown} value @returns {HTMLElement} */
  const node = (path, name, value) => {
    if (value === null || typeof value !== 'object') {
      return h(
        'div',
        { class: 'leaf' },
        h('span', { class: 'name' }, name),
        h(
          'code',
          { class: `type-${value === null ? 'null' : typeof value}` },
          typeof value === 'string' ? value : JSON.stringify(value),
        ),
      );
    }
    const entries = Object.entries(value);
    const parts = h(
      'details',
      {
        open: !folded.has(path),
        on: {
          toggle: () => {
            if (parts.open) {
              folded.delete(path);
            } else {
              folded.add(path);
            }
          },
        },
      },
      h(
        'summary',
        {},
        h('span', { class: 'name' }, name),
        h('small', {}, Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`),
      ),
      entries.map(([key, part]) => node(`${path}/${key}`, key, part)),
    );
    return parts;
  };

  return {
    element,
    /** @param {any} value null: it did not answer; what was said last stays */
    show(value) {
      if (value === null || value === undefined) {
        if (shown === '') {
          write(element, '–');
        }
        return;
      }
      const text = JSON.stringify(value);
      if (text !== shown) {
        shown = text;
        const entries = Object.entries(value);
        element.replaceChildren(
          ...(entries.length > 0 ? entries.map(([key, part]) => node(key, key, part)) : [say('nothing_described')]),
        );
      }
    },
  };
}
