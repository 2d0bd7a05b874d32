import { h } from './dom.js';
import { say } from './text.js';

const shownMs = 8_000;
const most = 4;

/** Lines about what came of the actions: good ones leave by themselves, bad ones wait to be read. */
export class Toasts {
  #element;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text @param {'good' | 'bad'} level */
  show(text, level) {
    const line = h(
      'div',
      { class: 'toast', role: level === 'bad' ? 'alert' : 'status', data: { level } },
      h('i', { 'aria-hidden': 'true' }, level === 'bad' ? '■' : '✓'),
      h('span', {}, text),
      h(
        'button',
        { type: 'button', class: 'icon', 'aria-label': say('close'), on: { click: () => line.remove() } },
        '✕',
      ),
    );
    this.#element.append(line);
    while (this.#element.childElementCount > most) {
      this.#element.firstElementChild?.remove();
    }
    if (level === 'good') {
      setTimeout(() => line.remove(), shownMs);
    }
  }
}
