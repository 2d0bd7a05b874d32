/**
 * What every page is given.
 * @typedef {object} Context
 * @property {HTMLElement} root where it builds itself; empty
 * @property {import('./live.js').Live} live
 * @property {import('./session.js').Session} session
 * @property {import('./actions.js').ActionDesk} actions
 * @property {import('../page/settings.js').Settings} settings
 * @property {(hash: string, isStep?: boolean) => void} go to another address; `isStep`: one that "back" returns from
 *
 * A page on display.
 * @typedef {object} Page
 * @property {(route: import('./route.js').Route) => void} [update] the address has changed within the page
 * @property {() => void} [restyle] the theme has changed
 * @property {() => void} close nothing may be watched afterwards
 *
 * @typedef {(context: Context, route: import('./route.js').Route) => Page} PageMaker
 */

import { h } from './dom.js';
import { say } from './text.js';

/**
 * The head of a page: its name, one sentence on how to read it, and what can be done.
 * @param {string} name as in the address
 * @param {...import('./dom.js').Child} more
 */
export function pageHead(name, ...more) {
  return h(
    'header',
    { class: 'page-head' },
    h('h1', {}, say(`page_${name}`)),
    h('p', { class: 'lead' }, say(`lead_${name}`)),
    h('div', { class: 'tools' }, ...more),
  );
}

/** A place for the sentence of a view that is an error. */
export function faultLine() {
  const element = h('p', { class: 'fault', role: 'alert', hidden: true });
  return {
    element,
    /** Shows it where there is one. Returns whether the view can be used. @param {import('./live.js').View} view */
    take({ status, data }) {
      const isGood = status === 200;
      element.hidden = isGood;
      element.textContent = isGood ? '' : `${say('refused_view', { status })} ${data?.error?.message ?? ''}`;
      return isGood;
    },
  };
}
