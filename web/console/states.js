import { h, mark, write } from './dom.js';
import { has, say } from './text.js';

/**
 * How grave a state is, and with it the shape that stands before its word: ● good, ▲ look at it, ■ act, ○ at rest.
 * @typedef {'good' | 'warn' | 'bad' | 'idle'} Level
 */

/** @type {Record<string, Level>} */
const levels = {
  live: 'good',
  running: 'good',
  serving: 'good',
  restarted: 'good',
  open: 'good',
  done: 'good',
  loaded: 'good',
  ready: 'good',
  stale: 'warn',
  gap: 'warn',
  restarting: 'warn',
  draining: 'warn',
  starting: 'warn',
  stopping: 'warn',
  closing: 'warn',
  ending: 'warn',
  slow: 'warn',
  waiting_for_restart: 'warn',
  warning: 'warn',
  warn: 'warn',
  full: 'warn',
  down: 'bad',
  error: 'bad',
  critical: 'bad',
  failed: 'bad',
  stuck: 'bad',
  gave_up: 'bad',
  quarantined: 'bad',
};
const shapes = { good: '●', warn: '▲', bad: '■', idle: '○' };

/** @param {string} state */
const slug = (state) => state.toLowerCase().replace(/[^a-z0-9]+/g, '_');

/** How grave what came of a restart is. @param {{outcome: string}} restart @returns {Level} */
export const outcomeLevel = ({ outcome }) =>
  outcome === 'restarted' ? 'good' : outcome === 'waiting' ? 'warn' : 'bad';

/** @param {unknown} state @returns {Level} */
export function levelOf(state) {
  const name = slug(String(state ?? ''));
  return Object.hasOwn(levels, name) ? levels[name] : 'idle';
}

/** The state's word in the user's language, or as the server wrote it. @param {unknown} state */
export function stateWord(state) {
  if (state === null || state === undefined || state === '') {
    return '–';
  }
  const word = `state_${slug(String(state))}`;
  return has(word) ? say(word) : String(state);
}

/**
 * Writes a state into an element, as shape and word.
 * @param {HTMLElement} element
 * @param {unknown} state
 * @param {Level} [level] where it is not the state's usual one
 */
export function writeState(element, state, level = levelOf(state)) {
  if (element.childElementCount === 0) {
    element.replaceChildren(h('i', { 'aria-hidden': 'true' }), h('span'));
    element.classList.add('state');
  }
  mark(element, 'data-level', level);
  mark(element, 'data-state', String(state ?? ''));
  write(/** @type {Element} */ (element.firstElementChild), shapes[level]);
  write(/** @type {Element} */ (element.lastElementChild), stateWord(state));
}

/** @param {unknown} state @param {Level} [level] */
export function stateMark(state, level) {
  const element = h('span');
  writeState(element, state, level);
  return element;
}
