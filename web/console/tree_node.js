import { restartActor, startChild, stopActor } from './deeds.js';
import { fill, h, mark, write } from './dom.js';
import { count, isNumber, share } from './format.js';
import { formatRoute } from './route.js';
import { levelOf, writeState } from './states.js';
import { say } from './text.js';

/** Deeper ones are closed at first. */
const openDepth = 3;

/** One line of the tree and what is below it; lives on while the server names it. */
export class TreeNode {
  #context;
  #depth;
  #path = '';
  #parent;
  #choose;
  /** @type {any} */
  #data = {};
  /** What the kinds below had used when last looked at. @type {Map<string, {at: number, sum: number, used?: number}>} */
  #work = new Map();
  /** @type {Map<string, TreeNode>} */
  #children = new Map();
  #isOpen;
  #twist = h('button', { type: 'button', class: 'twist', tabindex: '-1', on: { click: () => this.#toggle() } });
  #name = h('span', { class: 'node-name' });
  #link = h('a');
  #kind = h('small');
  #state = h('span');
  #facts = h('span', { class: 'node-facts' });
  #budget = h('span', { class: 'budget' });
  #buttons = h('span', { class: 'node-actions' });
  #buttonsOf = '';
  #many = h('div', { class: 'many' });
  #below = h('div', { class: 'below', role: 'group' });
  #row;
  element;

  /** @param {import('./context.js').Context} context @param {number} depth @param {string} parent its path @param {(path: string) => void} choose */
  constructor(context, depth, parent, choose) {
    this.#context = context;
    this.#depth = depth;
    this.#parent = parent;
    this.#choose = choose;
    this.#isOpen = depth < openDepth;
    this.#row = h(
      'div',
      { class: 'node-row', role: 'treeitem', on: { click: () => choose(this.#path) } },
      this.#twist,
      this.#name,
      this.#kind,
      this.#state,
      this.#budget,
      this.#facts,
      this.#buttons,
    );
    this.#row.style.setProperty('--depth', String(depth));
    this.#name.append(this.#link);
    this.element = h('div', { class: 'node' }, this.#row, this.#many, this.#below);
  }

  /** @param {any} data as of `/api/tree` */
  show(data) {
    this.#data = data;
    const {
      name,
      kind,
      id,
      state = 'running',
      restarts,
      last_reason: reason,
      due_ms: due,
      restart,
      many = [],
      children = [],
    } = data;
    this.#path = data.path ?? (this.#parent ? `${this.#parent}/${name}` : name);
    mark(this.#row, 'data-path', this.#path);
    write(this.#link, name);
    if (id === null || id === undefined) {
      this.#link.removeAttribute('href');
    } else {
      mark(this.#link, 'href', formatRoute('actors', String(id)));
    }
    write(this.#kind, kind ?? '');
    writeState(this.#state, state, state === 'waiting for restart' ? 'warn' : levelOf(state));
    this.#writeBudget();
    const facts = [
      restart,
      restarts > 0 ? say('restarted_times', { times: restarts }) : '',
      due !== null && due !== undefined && state !== 'running' ? say('due_in', { time: (due / 1000).toFixed(1) }) : '',
      reason ? say('last_reason', { reason }) : '',
    ];
    write(this.#facts, facts.filter(Boolean).join(' · '));
    this.#facts.title = reason ?? '';
    this.#writeButtons();
    this.#writeMany(many);
    this.#writeChildren(children);
    this.#showOpen();
  }

  /** Shows those that the words fit, and what they are below. Returns whether there is any. @param {string} needle @returns {boolean} */
  filter(needle) {
    const isOwn =
      needle === '' || `${this.#path} ${this.#data.kind} ${this.#data.state}`.toLowerCase().includes(needle);
    let isAny = false;
    for (const child of this.#children.values()) {
      isAny = child.filter(isOwn ? '' : needle) || isAny;
    }
    this.element.hidden = !isOwn && !isAny;
    this.element.classList.toggle('sought', needle !== '' && isAny);
    return isOwn || isAny;
  }

  /** @param {{nodes: number, away: number}} sums */
  count(sums) {
    sums.nodes++;
    sums.away += this.#data.state === 'waiting for restart' ? 1 : 0;
    for (const child of this.#children.values()) {
      child.count(sums);
    }
  }

  /** @param {boolean} isOpen */
  setAll(isOpen) {
    this.#isOpen = isOpen || this.#depth === 0;
    this.#showOpen();
    for (const child of this.#children.values()) {
      child.setAll(isOpen);
    }
  }

  /** Opens the way to a path. @param {string} path */
  reveal(path) {
    if (path.startsWith(`${this.#path}/`)) {
      this.#isOpen = true;
      this.#showOpen();
      for (const child of this.#children.values()) {
        child.reveal(path);
      }
    }
  }

  #toggle() {
    this.#isOpen = !this.#isOpen;
    this.#showOpen();
  }

  #showOpen() {
    const hasBelow = this.#children.size > 0 || this.#many.childElementCount > 0;
    this.#twist.hidden = !hasBelow;
    this.#below.hidden = this.#many.hidden = !this.#isOpen;
    mark(this.#twist, 'aria-expanded', String(this.#isOpen));
    mark(this.#twist, 'aria-label', say(this.#isOpen ? 'fold' : 'unfold', { name: this.#data.name ?? '' }));
    write(this.#twist, this.#isOpen ? '▾' : '▸');
  }

  #writeBudget() {
    const { strategy, intensity, period_ms: period, spent = 0, each_its_own: isEach } = this.#data;
    this.#budget.hidden = intensity === undefined || intensity === null;
    if (this.#budget.hidden) {
      return;
    }
    const values = { strategy: strategy ?? '', spent, intensity, period: ((period ?? 0) / 1000).toFixed(0) };
    write(this.#budget, say(!strategy ? 'budget' : isEach ? 'budget_each' : 'budget_all', values));
    const used = intensity > 0 ? spent / intensity : 0;
    mark(this.#budget, 'data-level', used >= 1 ? 'bad' : used >= 0.5 ? 'warn' : 'idle');
    this.#budget.title = strategy ? say('budget_help', values) : '';
  }

  #writeButtons() {
    const { id, state, strategy, name } = this.#data;
    const kind =
      state === 'stopped'
        ? 'stopped'
        : id !== null && id !== undefined && this.#depth > 0 && !strategy
          ? `running ${id}`
          : '';
    if (kind === this.#buttonsOf) {
      return;
    }
    this.#buttonsOf = kind;
    const { actions } = this.#context;
    const self = () => ({ ...this.#data, id: String(this.#data.id), parent: this.#parent });
    fill(
      this.#buttons,
      kind === ''
        ? []
        : kind === 'stopped'
          ? [actions.button('start', () => startChild(this.#parent, name))]
          : [actions.button('restart', () => restartActor(self())), actions.button('stop', () => stopActor(self()))],
    );
  }

  /** @param {any[]} many */
  #writeMany(many) {
    while (this.#many.childElementCount > many.length) {
      this.#many.lastElementChild?.remove();
    }
    many.forEach(({ kind, count: number, mailbox, busy_ms: work }, i) => {
      const link = this.#many.children[i] ?? this.#many.appendChild(h('a', {}, h('b'), h('span')));
      mark(link, 'href', formatRoute('actors', '', { kind, filter: this.#path }));
      write(link.children[0], say('many', { count: count(number).text, kind }));
      const busy = this.#busyOf(kind, work);
      const facts = [
        isNumber(busy) ? say('many_busy', { busy: share(busy).text }) : '',
        isNumber(mailbox) ? say('many_mailbox', { mailbox: count(mailbox).text }) : '',
      ];
      write(link.children[1], facts.filter(Boolean).join(' · '));
    });
  }

  /**
   * The share of a CPU that a kind has used since the last look; the server gives the time they have used in all.
   * @param {string} kind @param {number} sum milliseconds
   */
  #busyOf(kind, sum) {
    const now = performance.now();
    const last = this.#work.get(kind);
    if (!last || now - last.at > 500) {
      // A sum that falls has lost an actor that ended.
      const used = last && sum >= last.sum ? (sum - last.sum) / (now - last.at) : undefined;
      this.#work.set(kind, { at: now, sum, used });
    }
    return this.#work.get(kind)?.used;
  }

  /** @param {any[]} children */
  #writeChildren(children) {
    const seen = new Set();
    for (const data of children) {
      seen.add(data.name);
      let node = this.#children.get(data.name);
      if (!node) {
        node = new TreeNode(this.#context, this.#depth + 1, this.#path, this.#choose);
        this.#children.set(data.name, node);
      }
      node.show(data);
      if (this.#below.children[seen.size - 1] !== node.element) {
        this.#below.insertBefore(node.element, this.#below.children[seen.size - 1] ?? null);
      }
    }
    for (const [name, node] of this.#children) {
      if (!seen.has(name)) {
        node.element.remove();
        this.#children.delete(name);
      }
    }
  }
}
