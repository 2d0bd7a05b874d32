import { Tickcast } from '../tickcast.js';
import { hashOf, symbolOf } from './address.js';
import { CandleChart } from './candle_chart.js';
import { Feeds } from './feeds.js';
import { Frames } from './frames.js';
import { Instrument } from './instrument.js';
import { Headline, Legend, Tape, byId, write } from './market_panels.js';
import { Precision, sizesOf } from './numbers.js';
import { Settings } from './settings.js';
import { Status } from './status.js';
import { say, writeWords } from './text.js';
import { Watchlist } from './watchlist.js';

const symbolsEveryMs = 10_000;
/** With fewer minutes than this, seconds show more. */
const fewBars = 5;

const settings = new Settings();
const frames = new Frames();
const precision = new Precision();
const client = new Tickcast(new URL('ws', document.baseURI));
client.on('error', (error) => console.warn(`${error.name} ${error.code}: ${error.message}`));
const feeds = new Feeds(client, () => watchlist.refresh());
const watchlist = new Watchlist(
  {
    scroller: byId('watchlist'),
    spacer: byId('watchlist-rows'),
    search: /** @type {HTMLInputElement} */ (byId('search')),
    note: byId('watchlist-note'),
  },
  { client, feeds, precision, ask: frames.ask, choose },
);
const status = new Status({ client, feeds, instrument: () => instrument });
const headline = new Headline();
const tape = new Tape();
const legend = new Legend();

/** @type {Instrument | undefined} */
let instrument;
/** @type {CandleChart | undefined} */
let chart;
/** Symbols of the address may be unknown to the list; they are shown all the same. @type {string[]} */
let symbols = [];

const drawMarket = () => {
  if (instrument) {
    headline.draw(instrument, precision.of(instrument.symbol));
    const sizes = sizesOf(instrument.symbol);
    tape.draw(instrument, precision.of(instrument.symbol), precision.of(sizes));
  }
  write(byId('list-basis'), watchlist.basis ? say(`all_basis_${watchlist.basis}`) : '');
};

const drawChart = () => {
  if (!instrument) {
    return;
  }
  const { trades, day, series, symbol } = instrument;
  chart?.draw(trades[trades.length - 1]?.price ?? day.last, precision.of(symbol));
  byId('no-bars').hidden = series.bars.length > 0 || chart === undefined;
  drawLegend();
};

const drawLegend = () => {
  if (instrument) {
    legend.draw(chart ? chart.pointedBar : instrument.series.last, precision.of(instrument.symbol));
  }
  byId('latest').hidden = chart?.isFollowing ?? true;
};

let isFirstLook = true;
/** A server that has just begun has few bars of a minute to show. */
function preferSeconds() {
  if (isFirstLook && instrument && instrument.series.bars.length > 0) {
    isFirstLook = false;
    if (instrument.series.bars.length < fewBars) {
      settings.suggest('interval', '1s');
    }
  }
}

/** @param {'trade' | 'quote' | 'bars'} what */
function changed(what) {
  preferSeconds();
  if (what !== 'bars') {
    frames.ask(drawMarket);
  }
  if (what !== 'quote') {
    frames.ask(drawChart);
  }
}

/** Looks at another symbol. @param {string} symbol */
function choose(symbol) {
  if (instrument?.symbol !== symbol) {
    instrument?.close();
    instrument = new Instrument(symbol, settings.interval, { client, feeds, precision, changed });
    chart?.show(instrument.series);
    watchlist.setChosen(symbol);
    changed('trade');
    status.look();
  }
  if (symbolOf(location.hash).symbol !== symbol) {
    history.replaceState(null, '', hashOf(symbol));
  }
  showView('chart');
}

/** Follows the address, where it names a symbol; else the first of the list. */
function followAddress() {
  const named = symbolOf(location.hash);
  const symbol = named.symbol ?? instrument?.symbol ?? symbols[0];
  if (symbol === undefined) {
    return;
  }
  choose(symbol);
  if (named.symbol === undefined && named.isBad) {
    const notice = byId('notice');
    notice.textContent = say('bad_hash', { symbol });
    notice.hidden = false;
    setTimeout(() => (notice.hidden = true), 6000);
  }
}

async function loadSymbols() {
  if (!document.hidden || symbols.length === 0) {
    try {
      const response = await fetch(new URL('api/v1/symbols', document.baseURI), { cache: 'no-store' });
      const body = await response.json();
      if (!response.ok || !Array.isArray(body.symbols)) {
        throw new Error(`status ${response.status}`);
      }
      symbols = body.symbols.filter((/** @type {unknown} */ symbol) => typeof symbol === 'string').sort();
      watchlist.setSymbols(symbols);
      if (!instrument) {
        followAddress();
      }
    } catch (error) {
      console.warn(`symbols: ${error}`);
      watchlist.setSymbols(symbols, 'symbols_failed');
    }
  }
  setTimeout(loadSymbols, symbols.length === 0 ? 1000 : symbolsEveryMs);
}

/** On narrow screens one of the three is seen at a time. @param {string} view */
function showView(view) {
  document.body.dataset.view = view;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('#views button'))) {
    button.setAttribute('aria-pressed', String(button.dataset.view === view));
  }
}

function writeAll() {
  writeWords(document);
  byId('colours').dataset.up = settings.up;
  byId('colours').title = `${say('colours')} (${say(`colours_now_${settings.up}`)})`;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('#intervals button'))) {
    button.setAttribute('aria-pressed', String(button.dataset.interval === settings.interval));
  }
  watchlist.refresh();
  changed('trade');
  status.look();
}

settings.onChange((choice) => {
  if (choice === 'interval' && instrument) {
    instrument.setInterval(settings.interval);
    chart?.show(instrument.series);
  }
  if (choice === 'theme' || choice === 'up') {
    chart?.restyle();
  }
  writeAll();
});
byId('theme').addEventListener('click', () => settings.set('theme', settings.theme === 'dark' ? 'light' : 'dark'));
byId('language').addEventListener('click', () => settings.set('language', settings.language === 'en' ? 'zh' : 'en'));
byId('colours').addEventListener('click', () => settings.set('up', settings.up === 'green' ? 'red' : 'green'));
byId('latest').addEventListener('click', () => chart?.follow());
byId('intervals').addEventListener('click', (event) => {
  const { interval } = /** @type {HTMLElement} */ (event.target).dataset;
  if (interval === '1s' || interval === '1m') {
    settings.set('interval', interval);
  }
});
byId('views').addEventListener('click', (event) => {
  const { view } = /** @type {HTMLElement} */ (event.target).closest('button')?.dataset ?? {};
  if (view) {
    showView(view);
  }
});
addEventListener('hashchange', followAddress);
addEventListener('keydown', (event) => {
  if (event.key === '/' && !(event.target instanceof HTMLInputElement)) {
    event.preventDefault();
    showView('symbols');
    byId('search').focus();
  }
});

const { echarts } = /** @type {any} */ (globalThis);
if (echarts) {
  chart = new CandleChart(byId('chart'), echarts, () => frames.ask(drawLegend));
} else {
  byId('chart-failed').hidden = false;
}
showView('chart');
writeAll();
client.connect();
if (symbolOf(location.hash).symbol) {
  followAddress();
}
loadSymbols();
