// node fresh_oracle.mjs INDICATOR_TABLE FOLDER : makes seeded series with that program, has TA-Lib (npm talib-web,
// looked for from FOLDER) compute the same, and compares. Exit status 1: they differ; 77: talib-web is not installed.
import { execFileSync } from 'node:child_process';
import { loadTalib } from './talib.mjs';

const [program, folder] = process.argv.slice(2);
const cancels = 1e-6;
const drifts = 1e-11; // its weighted sums, over a long series
const averages = { sma: 0, ema: 1, wma: 2, dema: 3, tema: 4, trima: 5, kama: 6, mama: 7, t3: 8 };
const close = ['close'];
const highLow = ['high', 'low'];
const highLowClose = ['high', 'low', 'close'];
const withVolume = [...highLowClose, 'volume'];

/**
 * What is compared. `degree`: the power of the price that the outputs grow with. `slack`: what part of the largest value
 * TA-Lib's own roundings may be; where its sums of squares cancel that is much, and oracle_test.cpp compares with an
 * exact computation instead. `not`: series for which TA-Lib's answer is nothing but its roundings, or a threshold below
 * which it takes small numbers for zero.
 */
const functions = [
  ...['SMA', 'EMA', 'WMA', 'DEMA', 'TEMA', 'TRIMA', 'KAMA'].flatMap((name) =>
    [2, 5, 30].map((period) => ({ name, inputs: close, options: [period], degree: 1 }))),
  { name: 'MAMA', inputs: close, options: [0.5, 0.05], outputs: ['mama', 'fama'], degree: 1, not: ['still'] },
  { name: 'T3', inputs: close, options: [5, 0.7], degree: 1 },
  { name: 'T3', inputs: close, options: [9, 0.3], degree: 1 },
  ...Object.keys(averages).filter((type) => type !== 'kama').flatMap((type) => [
    { name: 'MA', inputs: close, options: [7, type], degree: 1 },
    { name: 'APO', inputs: close, options: [4, 9, type], degree: 1 },
    { name: 'PPO', inputs: close, options: [9, 4, type], degree: 0 },
    { name: 'STOCH', inputs: highLowClose, options: [5, 3, type, 4, type], outputs: ['slowk', 'slowd'], degree: 0 },
  ].map((f) => ({ ...f, not: type === 'mama' ? ['still', 'trend'] : [], slack: type === 'wma' ? drifts : undefined }))),
  { name: 'MACDEXT', inputs: close, options: [5, 'wma', 11, 'ema', 4, 'sma'], outputs: ['macd', 'signal', 'hist'], degree: 1, slack: drifts },
  { name: 'BBANDS', inputs: close, options: [5, 2, 2, 'sma'], outputs: ['upper', 'middle', 'lower'], degree: 1, slack: cancels },
  { name: 'BBANDS', inputs: close, options: [20, 1.5, 2.5, 'ema'], outputs: ['upper', 'middle', 'lower'], degree: 1, slack: cancels },
  { name: 'ACCBANDS', inputs: highLowClose, options: [20], outputs: ['upper', 'middle', 'lower'], degree: 1 },
  { name: 'MIDPOINT', inputs: close, options: [14], degree: 1 },
  { name: 'MIDPRICE', inputs: highLow, options: [14], degree: 1 },
  { name: 'SAR', inputs: highLow, options: [0.02, 0.2], degree: 1 },
  { name: 'SAR', inputs: highLow, options: [0.1, 0.15], degree: 1 },
  { name: 'MACD', inputs: close, options: [12, 26, 9], outputs: ['macd', 'signal', 'hist'], degree: 1 },
  { name: 'MACD', inputs: close, options: [20, 5, 3], outputs: ['macd', 'signal', 'hist'], degree: 1 },
  { name: 'MACDFIX', inputs: close, options: [9], outputs: ['macd', 'signal', 'hist'], degree: 1 },
  { name: 'MOM', inputs: close, options: [10], degree: 1 },
  ...['ROC', 'ROCP', 'ROCR', 'ROCR100'].map((name) => ({ name, inputs: close, options: [10], degree: 0 })),
  { name: 'TRIX', inputs: close, options: [9], degree: 0 },
  { name: 'RSI', inputs: close, options: [14], degree: 0 },
  { name: 'CMO', inputs: close, options: [14], degree: 0 },
  { name: 'IMI', inputs: ['open', 'close'], options: [14], degree: 0, not: ['flat', 'still'] },
  { name: 'BOP', inputs: ['open', ...highLowClose], options: [], degree: 0 },
  { name: 'CCI', inputs: highLowClose, options: [14], degree: 0, slack: cancels, not: ['flat', 'still'] },
  { name: 'STOCHF', inputs: highLowClose, options: [5, 3, 'sma'], outputs: ['fastk', 'fastd'], degree: 0 },
  { name: 'STOCHRSI', inputs: close, options: [14, 5, 3, 'sma'], outputs: ['fastk', 'fastd'], degree: 0 },
  { name: 'WILLR', inputs: highLowClose, options: [14], degree: 0 },
  { name: 'ULTOSC', inputs: highLowClose, options: [7, 14, 28], degree: 0 },
  { name: 'ULTOSC', inputs: highLowClose, options: [9, 3, 5], degree: 0 },
  { name: 'AROON', inputs: highLow, options: [14], outputs: ['down', 'up'], degree: 0 },
  { name: 'AROONOSC', inputs: highLow, options: [5], degree: 0 },
  ...['PLUS_DM', 'MINUS_DM'].flatMap((name) =>
    [1, 2, 14].map((period) => ({ name, inputs: highLow, options: [period], degree: 1 }))),
  ...['PLUS_DI', 'MINUS_DI', 'DX', 'ADX', 'ADXR'].flatMap((name) =>
    [2, 14].map((period) => ({ name, inputs: highLowClose, options: [period], degree: 0, not: period === 2 ? ['still'] : [] }))),
  { name: 'TRANGE', inputs: highLowClose, options: [], degree: 1 },
  ...[1, 14].map((period) => ({ name: 'ATR', inputs: highLowClose, options: [period], degree: 1 })),
  { name: 'NATR', inputs: highLowClose, options: [14], degree: 0 },
  { name: 'STDDEV', inputs: close, options: [5, 1.5], degree: 1, slack: cancels },
  { name: 'VAR', inputs: close, options: [5, 1], degree: 2, slack: cancels },
  { name: 'AVGDEV', inputs: close, options: [14], degree: 1 },
  { name: 'OBV', inputs: ['close', 'volume'], options: [], degree: 0 },
  { name: 'AD', inputs: withVolume, options: [], degree: 0 },
  { name: 'ADOSC', inputs: withVolume, options: [3, 10], degree: 0 },
  { name: 'MFI', inputs: withVolume, options: [14], degree: 0 },
  ...['LINEARREG', 'LINEARREG_SLOPE', 'LINEARREG_INTERCEPT', 'TSF'].map((name) => (
    { name, inputs: close, options: [14], degree: 1 })),
  { name: 'LINEARREG_ANGLE', inputs: close, options: [14], degree: 0, not: ['cheap'] },
  { name: 'BETA', inputs: highLow, options: [5], degree: 0, slack: cancels, not: ['trend', 'still'] },
  { name: 'CORREL', inputs: highLow, options: [30], degree: 0, slack: cancels, not: ['flat', 'still'] },
  ...['MIN', 'MAX', 'SUM'].map((name) => ({ name, inputs: close, options: [9], degree: 1 })),
  { name: 'MINMAX', inputs: close, options: [9], outputs: ['min', 'max'], degree: 1 },
  { name: 'AVGPRICE', inputs: ['open', ...highLowClose], options: [], degree: 1 },
  { name: 'MEDPRICE', inputs: highLow, options: [], degree: 1 },
  { name: 'TYPPRICE', inputs: highLowClose, options: [], degree: 1 },
  { name: 'WCLPRICE', inputs: highLowClose, options: [], degree: 1 },
  { name: 'HT_DCPERIOD', inputs: close, options: [], degree: 0 },
  { name: 'HT_DCPHASE', inputs: close, options: [], degree: 0, slack: 1e-9, not: ['flat', 'still'] },
  { name: 'HT_PHASOR', inputs: close, options: [], outputs: ['inphase', 'quadrature'], degree: 1 },
  { name: 'HT_SINE', inputs: close, options: [], outputs: ['sine', 'leadsine'], degree: 0, slack: 1e-9, not: ['flat', 'still'] },
  { name: 'HT_TRENDLINE', inputs: close, options: [], degree: 1 },
  { name: 'HT_TRENDMODE', inputs: close, options: [], degree: 0, integer: true, not: ['flat', 'still'] },
];

const series = [
  ['walk', 2000, 1], ['walk', 2000, 2], ['walk', 2000, 3], ['gaps', 2000, 4], ['still', 1000, 5], ['trend', 300, 6],
  ['cheap', 1000, 7], ['silent', 500, 8], ['flat', 300, 9],
];

const callOf = (f) => f.name.toLowerCase() + (f.options.length === 0 ? '' : `(${f.options})`);
const outputsOf = (f) => (f.outputs ?? ['']).map((name) => callOf(f) + (name && `.${name}`));

function compare(talib, [kind, bars, seed], f, ours) {
  // What TA-Lib takes for zero depends on the price; ours does not. So low prices are asked of it as high ones.
  const scale = kind === 'cheap' ? 2 ** 33 : 1;
  const inputs = f.inputs.map((name) => (name === 'volume' ? ours[name] : ours[name].map((x) => x * scale)));
  const options = f.options.map((option) => averages[option] ?? option);
  const wanted = (f.outputs ?? ['']).map(() => (f.integer ? 'integer' : 'real'));
  const columns = talib.run(f.name, inputs, options, wanted);
  const faults = [];
  outputsOf(f).forEach((name, o) => {
    // What comes of prices is rounded as they are, what is a ratio as 100 % is.
    const level = Math.max(...columns[o].map(Math.abs), f.degree > 0 ? Math.max(...inputs[0]) ** f.degree : 100);
    for (let i = 0; i < bars; i += 1) {
      const theirs = columns[o][i];
      const value = ours[name][i] === null ? null : ours[name][i] * scale ** f.degree;
      const tolerance = Math.max(1e-9 * Math.abs(theirs), (f.slack ?? 1e-12) * level);
      if ((theirs === null) === (value === null) && !(Math.abs(theirs - value) > tolerance)) continue;
      faults.push(`${kind} ${seed}: ${name} of bar ${i} is ${value}, TA-Lib's ${theirs}`);
      break;
    }
  });
  return faults;
}

let talib;
try {
  talib = await loadTalib(folder);
} catch (error) {
  console.log(`skipped: npm's talib-web is not installed in ${folder} (${error.message})`);
  process.exit(77);
}
let compared = 0;
const faults = [];
for (const made of series) {
  const calls = functions.map(callOf);
  const text = execFileSync(program, [...made.map(String), ...calls], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const ours = JSON.parse(text);
  for (const f of functions) {
    if (f.not?.includes(made[0])) continue;
    faults.push(...compare(talib, made, f, ours));
    compared += outputsOf(f).length;
  }
}
console.log(faults.join('\n'));
console.log(`${compared} columns compared with TA-Lib, ${faults.length} differ`);
process.exit(faults.length > 0 || compared === 0 ? 1 : 0);
