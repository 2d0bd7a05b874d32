import { now } from '../client/clock.js';
import { age } from '../page/numbers.js';
import { Settings } from '../page/settings.js';
import { ActionDesk } from './actions.js';
import { h, mark, write } from './dom.js';
import { judge } from './freshness.js';
import { Live } from './live.js';
import { makerOf, pages } from './pages.js';
import { signInPanel } from './pages/sign_in.js';
import { parseRoute } from './route.js';
import { Session } from './session.js';
import { writeState } from './states.js';
import { say, writeWords } from './text.js';
import { Toasts } from './toast.js';

/** How often it is judged whether what is seen is current. */
const judgeMs = 250;

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const base = new URL('.', document.baseURI);
const settings = new Settings();
/** @type {import('./session.js').Store} */
const nothingKept = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
const session = new Session({ base, store: storage() });
const liveUrl = new URL('api/live', base);
liveUrl.protocol = liveUrl.protocol === 'https:' ? 'wss:' : 'ws:';
const live = new Live({
  url: liveUrl.href,
  webSocket: WebSocket,
  clock: { now, setTimeout: (call, ms) => setTimeout(call, ms), clearTimeout: (handle) => clearTimeout(handle) },
  token: () => session.token,
  // Whether the token is the reason is the session's to find out: it signs out by itself.
  refused: () => void session.get('/api/whoami').catch(() => {}),
});
const toasts = new Toasts(byId('toasts'));
const actions = new ActionDesk(session, toasts, () => (verdict.level === 'stale' ? staleSentence(verdict) : ''));

/** @type {import('./freshness.js').Verdict} */
let verdict = { level: 'empty', reason: 'connecting', ageMs: NaN };
/** @type {import('./context.js').Page | undefined} */
let page;
let shownPage = '';

function storage() {
  try {
    return sessionStorage;
  } catch {
    return nothingKept;
  }
}

/** @param {string} hash @param {boolean} [isStep] */
function go(hash, isStep = true) {
  if (isStep) {
    history.pushState(null, '', hash);
  } else {
    history.replaceState(null, '', hash);
  }
  show();
}

/** Shows what the address names. */
function show() {
  if (!session.who) {
    return;
  }
  const route = parseRoute(location.hash);
  const name = `${route.page}/${route.id}`;
  if (page?.update && shownPage === name) {
    page.update(route);
  } else {
    open(route);
    shownPage = name;
  }
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('#pages a'))) {
    const isHere = link.dataset.page === route.page;
    mark(link, 'aria-current', isHere ? 'page' : 'false');
    if (isHere) {
      link.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  }
}

/** @param {import('./route.js').Route} route */
function open(route) {
  close();
  const root = h('div', { class: 'page', data: { page: route.page } });
  byId('page').replaceChildren(root);
  document.title = `${say(`page_${route.page}`)} · Tickcast`;
  const make = makerOf(route);
  if (make) {
    page = make({ root, live, session, actions, settings, go }, route);
  } else {
    root.append(h('p', { class: 'empty' }, say('no_such_page')));
  }
  judgeNow();
}

function close() {
  page?.close();
  page = undefined;
  shownPage = '';
}

/** Somebody has come or gone. */
function signed() {
  const { who } = session;
  document.body.dataset.signed = who ? 'yes' : 'no';
  write(byId('who-name'), who?.name ?? '');
  write(byId('who-role'), who ? say(`role_${who.role}`) : '');
  byId('who').title = who ? say(`role_${who.role}_may`) : '';
  if (who) {
    live.start();
    show();
  } else {
    close();
    live.stop();
    byId('page').replaceChildren(signInPanel(session));
  }
  judgeNow();
}

/** @param {import('./freshness.js').Verdict} verdict */
function staleSentence({ reason, ageMs }) {
  return say(`stale_${reason}`, { age: age(ageMs) });
}

function judgeNow() {
  verdict = session.who ? judge(live.signs) : { level: 'empty', reason: 'connecting', ageMs: NaN };
  const root = document.documentElement;
  mark(root, 'data-freshness', verdict.level);
  mark(root, 'data-reason', verdict.reason);
  const banner = byId('banner');
  const isBad = verdict.level === 'stale' || (verdict.level === 'empty' && verdict.reason !== 'connecting');
  banner.hidden = !session.who || !isBad;
  if (isBad) {
    write(banner, verdict.level === 'stale' ? staleSentence(verdict) : say(`empty_${verdict.reason}`));
  }
  const isLive = verdict.level === 'live';
  const word = isLive ? 'live' : verdict.level === 'stale' ? 'stale' : live.state;
  writeState(byId('link-state'), word, isLive ? 'good' : verdict.level === 'stale' ? 'bad' : 'idle');
  write(byId('link-more'), isLive && Number.isFinite(live.roundTripMs) ? `${Math.round(live.roundTripMs)} ms` : '');
}

function writeAll() {
  writeWords(document);
  byId('pages').replaceChildren(
    ...pages.map(({ name }) => h('a', { href: `#/${name}`, data: { page: name } }, say(`page_${name}`))),
  );
  signed();
}

settings.onChange((choice) => {
  if (choice === 'language') {
    close();
    writeAll();
  } else {
    page?.restyle?.();
  }
});
byId('theme').addEventListener('click', () => settings.set('theme', settings.theme === 'dark' ? 'light' : 'dark'));
byId('language').addEventListener('click', () => settings.set('language', settings.language === 'en' ? 'zh' : 'en'));
byId('sign-out').addEventListener('click', () => session.signOut());
addEventListener('hashchange', show);
addEventListener('popstate', show);
document.addEventListener('visibilitychange', () => live.setSeen(!document.hidden));
addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  if (event.key === '/' && !isTyping && !document.querySelector('dialog[open]')) {
    const filter = /** @type {HTMLInputElement | null} */ (document.querySelector('[data-filter]'));
    if (filter) {
      event.preventDefault();
      filter.focus();
      filter.select();
    }
  }
});
session.onChange(signed);
live.onChange(judgeNow);
live.setSeen(!document.hidden);
setInterval(judgeNow, judgeMs);
if (session.token) {
  writeWords(document);
  session.resume().then(writeAll);
} else {
  writeAll();
}
