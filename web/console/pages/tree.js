import { faultLine, pageHead } from '../context.js';
import { h, mark, write } from '../dom.js';
import { filterBox } from '../filter_box.js';
import { formatRoute } from '../route.js';
import { say } from '../text.js';
import { TreeNode } from '../tree_node.js';

const everyMs = 2000;
const idleMs = 2 * everyMs + 500;

/** @type {import('../context.js').PageMaker} */
export function treePage(context, route) {
  const fault = faultLine();
  const filter = filterBox({
    hint: 'hint_tree',
    value: route.query.filter,
    onText: (text) => context.go(formatRoute('tree', '', { filter: text }), false),
    onLeave: () => tree.focus(),
    onDown: () => tree.focus(),
  });
  const tree = h('div', {
    class: 'tree',
    role: 'tree',
    tabindex: '0',
    'aria-label': say('page_tree'),
    on: { keydown: onKey },
  });
  const summary = h('span', { class: 'counts' });
  context.root.append(
    pageHead('tree'),
    h(
      'div',
      { class: 'toolbar' },
      filter.element,
      h('button', { type: 'button', on: { click: () => root?.setAll(true) } }, say('open_all')),
      h('button', { type: 'button', on: { click: () => root?.setAll(false) } }, say('close_all')),
      h('span', { class: 'space' }),
      summary,
    ),
    fault.element,
    h('div', { class: 'scroller' }, tree),
  );
  /** @type {TreeNode | undefined} */
  let root;
  /** @type {{data: any, at: number} | undefined} */
  let last;
  let chosen = route.query.at ?? '';
  let needle = (route.query.filter ?? '').toLowerCase();
  let isRevealed = chosen === '';

  const draw = () => {
    if (!root) {
      return;
    }
    const counts = { nodes: 0, away: 0 };
    root.filter(needle);
    root.count(counts);
    write(summary, say('tree_counts', counts));
    for (const row of tree.querySelectorAll('.node-row')) {
      mark(row, 'aria-selected', String(/** @type {HTMLElement} */ (row).dataset.path === chosen));
    }
  };
  const watch = context.live.watch('/api/tree', everyMs, (view) => {
    if (!fault.take(view)) {
      return;
    }
    if (!root) {
      root = new TreeNode(context, 0, '', (path) => {
        chosen = path;
        draw();
      });
      tree.append(root.element);
    }
    last = { data: view.data.root, at: performance.now() };
    root.show(last.data);
    draw();
    context.actions.refresh(tree);
    if (!isRevealed) {
      isRevealed = true;
      root.reveal(chosen);
      tree.querySelector(`[aria-selected='true']`)?.scrollIntoView({ block: 'center' });
    }
  });

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.target !== tree || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const rows = /** @type {HTMLElement[]} */ ([...tree.querySelectorAll('.node-row')]).filter(
      (row) => row.offsetParent !== null,
    );
    const index = rows.findIndex((row) => row.dataset.path === chosen);
    const at = rows[index];
    const toggle = /** @type {HTMLElement | null | undefined} */ (at?.querySelector('.twist'));
    const isOpen = toggle?.getAttribute('aria-expanded') === 'true';
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const next = rows[Math.max(0, Math.min(rows.length - 1, index + (event.key === 'ArrowDown' ? 1 : -1)))];
      chosen = next?.dataset.path ?? '';
      next?.scrollIntoView({ block: 'nearest' });
      draw();
    } else if (event.key === 'ArrowRight' && toggle && !isOpen) {
      toggle.click();
    } else if (event.key === 'ArrowLeft' && toggle && isOpen) {
      toggle.click();
    } else if (event.key === 'Enter') {
      at?.querySelector('a')?.click();
    } else {
      return;
    }
    event.preventDefault();
  }

  // A tree in which nothing changes is not sent again: then nobody in it works.
  const idle = setInterval(() => {
    if (last && root && context.live.state === 'connected' && performance.now() - last.at > idleMs) {
      root.show(last.data);
    }
  }, idleMs);

  return {
    update: ({ query }) => {
      filter.show(query.filter ?? '');
      needle = (query.filter ?? '').toLowerCase();
      if (query.at !== undefined && query.at !== chosen) {
        chosen = query.at;
        root?.reveal(chosen);
      }
      draw();
    },
    close: () => {
      clearInterval(idle);
      filter.close();
      watch.close();
    },
  };
}
