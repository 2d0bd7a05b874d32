import { h } from './dom.js';
import { say } from './text.js';

const pauseMs = 250;

/**
 * The box that "/" leads to. What is typed is told after a pause, so that not each letter asks the server.
 * @param {object} options
 * @param {string} options.hint the words in it while it is empty
 * @param {string} [options.value]
 * @param {(text: string) => void} options.onText
 * @param {() => void} [options.onLeave] Escape in the empty box
 * @param {() => void} [options.onDown] the arrow down, or Enter
 */
export function filterBox({ hint, value = '', onText, onLeave, onDown }) {
  /** @type {any} */
  let typing;
  const type = () => {
    clearTimeout(typing);
    typing = setTimeout(() => onText(input.value.trim()), pauseMs);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      if (input.value !== '') {
        input.value = '';
        type();
      } else {
        onLeave?.();
      }
    } else if (onDown && (event.key === 'ArrowDown' || event.key === 'Enter')) {
      event.preventDefault();
      onDown();
    }
  };
  const input = h('input', {
    type: 'search',
    class: 'filter',
    'data-filter': true,
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: say(hint),
    'aria-label': say('filter'),
    value,
    on: { input: type, keydown: onKey },
  });
  return {
    element: h('div', { class: 'filter-box' }, input, h('kbd', { 'aria-hidden': 'true' }, '/')),
    /** Shows what the address says, unless somebody types. @param {string} text */
    show(text) {
      if (document.activeElement !== input) {
        input.value = text;
      }
    },
    close: () => clearTimeout(typing),
  };
}
