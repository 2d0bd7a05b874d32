// node indicators.mjs LIBRARY FILE : what indicators cost in `talib-web` or `technicalindicators`, over the bars of FILE
// (a line each: open,high,low,close,volume), as JSON like indicator_cost's.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [library, file] = process.argv.slice(2);
const names = ['open', 'high', 'low', 'close', 'volume'];
const rows = readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(',').map(Number));
const series = Object.fromEntries(names.map((name, i) => [name, rows.map((row) => row[i])]));
const candles = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
const require = createRequire(import.meta.url);

/** Nanoseconds of CPU a bar that `work` takes. */
function cost(work) {
  const begin = process.cpuUsage();
  work();
  const used = process.cpuUsage(begin);
  return ((used.user + used.system) * 1000) / rows.length;
}

/** Its C functions, on inputs that lie in the module's memory already: nothing is copied in or out. */
async function talibWeb() {
  const { fetch } = globalThis;
  delete globalThis.fetch; // with it the loader takes Node for a browser
  const module = await require('talib-web').init();
  globalThis.fetch = fetch;
  const bytes = 8 * rows.length;
  const place = Object.fromEntries(names.map((name) => [name, module._malloc(bytes)]));
  const outputs = [1, 2, 3].map(() => module._malloc(bytes));
  const counts = [module._malloc(4), module._malloc(4)];
  for (const name of names) module.HEAPF64.set(series[name], place[name] / 8);
  const c = ['close'];
  const hl = ['high', 'low'];
  const hlc = [...hl, 'close'];
  const hlcv = [...hlc, 'volume'];
  const average = ['SMA', 'EMA', 'WMA', 'DEMA', 'TEMA', 'TRIMA', 'KAMA'].map((name) => [name, c, [30]]);
  const calls = [
    ...average, ['MAMA', c, [0.5, 0.05], 2], ['T3', c, [5, 0.7]], ['BBANDS', c, [20, 2, 2, 0], 3], ['ACCBANDS', hlc, [20], 3],
    ['MIDPOINT', c, [14]], ['MIDPRICE', hl, [14]], ['SAR', hl, [0.02, 0.2]], ['MACD', c, [12, 26, 9], 3],
    ['APO', c, [12, 26, 1]], ['PPO', c, [12, 26, 1]], ['MOM', c, [10]], ['ROC', c, [10]], ['TRIX', c, [30]],
    ['RSI', c, [14]], ['CMO', c, [14]], ['BOP', ['open', ...hlc], []], ['CCI', hlc, [14]], ['WILLR', hlc, [14]],
    ['STOCH', hlc, [5, 3, 0, 3, 0], 2], ['STOCHF', hlc, [5, 3, 0], 2], ['STOCHRSI', c, [14, 5, 3, 0], 2],
    ['ULTOSC', hlc, [7, 14, 28]], ['AROON', hl, [14], 2], ['AROONOSC', hl, [14]], ['PLUS_DM', hl, [14]],
    ['PLUS_DI', hlc, [14]], ['DX', hlc, [14]], ['ADX', hlc, [14]], ['ADXR', hlc, [14]], ['TRANGE', hlc, []],
    ['ATR', hlc, [14]], ['NATR', hlc, [14]], ['STDDEV', c, [5, 1]], ['VAR', c, [5, 1]], ['AVGDEV', c, [14]],
    ['OBV', ['close', 'volume'], []], ['AD', hlcv, []], ['ADOSC', hlcv, [3, 10]], ['MFI', hlcv, [14]],
    ['LINEARREG', c, [14]], ['BETA', hl, [5]], ['CORREL', hl, [30]], ['MIN', c, [30]], ['SUM', c, [30]],
    ['TYPPRICE', hlc, []], ['HT_DCPERIOD', c, []], ['HT_DCPHASE', c, []], ['HT_SINE', c, [], 2], ['HT_TRENDLINE', c, []],
  ];
  return calls.map(([name, inputs, options, count = 1]) => {
    const given = [0, rows.length - 1, ...inputs.map((input) => place[input]), ...options, ...counts, ...outputs.slice(0, count)];
    return [name.toLowerCase(), { batch: () => module[`_TA_${name}`](...given) }];
  });
}

function technicalIndicators() {
  const library = require('technicalindicators');
  const { open, high, low, close, volume } = series;
  const ohlc = { high, low, close };
  const calls = [
    ['sma', 'SMA', { period: 30, values: close }], ['ema', 'EMA', { period: 30, values: close }],
    ['wma', 'WMA', { period: 30, values: close }], ['rma', 'WEMA', { period: 30, values: close }],
    ['macd', 'MACD', { fastPeriod: 12, slowPeriod: 26, signalPeriod: 9, SimpleMAOscillator: false, SimpleMASignal: false, values: close }],
    ['rsi', 'RSI', { period: 14, values: close }], ['bbands', 'BollingerBands', { period: 20, stdDev: 2, values: close }],
    ['roc', 'ROC', { period: 10, values: close }], ['trix', 'TRIX', { period: 30, values: close }],
    ['stddev', 'SD', { period: 5, values: close }], ['atr', 'ATR', { period: 14, ...ohlc }], ['trange', 'TrueRange', ohlc],
    ['adx', 'ADX', { period: 14, ...ohlc }], ['cci', 'CCI', { period: 14, ...ohlc }],
    ['stoch', 'Stochastic', { period: 5, signalPeriod: 3, ...ohlc }], ['willr', 'WilliamsR', { period: 14, ...ohlc }],
    ['sar', 'PSAR', { step: 0.02, max: 0.2, high, low }], ['ao', 'AwesomeOscillator', { fastPeriod: 5, slowPeriod: 34, high, low }],
    ['obv', 'OBV', { close, volume }], ['ad', 'ADL', { ...ohlc, volume }], ['mfi', 'MFI', { period: 14, ...ohlc, volume }],
    ['vwap', 'VWAP', { ...ohlc, volume }], ['ichimoku', 'IchimokuCloud', { conversionPeriod: 9, basePeriod: 26, spanPeriod: 52, displacement: 26, high, low }],
  ];
  return calls.map(([name, type, given]) => {
    const Type = library[type];
    const empty = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, Array.isArray(value) ? [] : value]));
    const running = new Type(empty);
    const steps = 'values' in given ? close : candles;
    return [name, {
      batch: () => Type.calculate({ ...given }),
      update: () => { for (const each of steps) running.nextValue(each); },
    }];
  });
}

const measured = {};
for (const [name, work] of library === 'talib-web' ? await talibWeb() : technicalIndicators()) {
  measured[name] = {};
  for (const [kind, run] of Object.entries(work)) {
    try {
      run(); // the compiler's turn
      measured[name][kind] = cost(run);
    } catch (error) {
      console.error(`${library}: ${name} ${kind}: ${error.message}`);
    }
  }
}
console.log(JSON.stringify(measured));
