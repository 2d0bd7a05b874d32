import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, symbolOf } from '../../../web/page/address.js';
import { amended, isAmendment } from '../../../web/page/amendment.js';
import { BarSeries } from '../../../web/page/bar_series.js';
import { Day } from '../../../web/page/day.js';
import { judge } from '../../../web/page/freshness.js';
import { ratioDirection, sparkline } from '../../../web/page/marks.js';
import { Precision, age, amount, change, decimalsOf, percent, price, zone } from '../../../web/page/numbers.js';
import { setLanguage } from '../../../web/page/language.js';
import { say, words } from '../../../web/page/text.js';

const second = 1_000_000;
const bar = (time, close = 1, more = {}) => ({ time, open: 1, high: 2, low: 0.5, close, volume: 10, ...more });

test('bars: a known time replaces, a new one appends, an old one finds its place', () => {
  const series = new BarSeries(second);
  series.replace([bar(2 * second), bar(1 * second)], false);
  series.put(bar(2 * second, 1.5));
  series.put(bar(4 * second));
  series.put(bar(3 * second));
  assert.deepEqual(
    series.bars.map(({ time }) => time / second),
    [1, 2, 3, 4],
  );
  assert.equal(series.bars[1].close, 1.5);
});

test('bars: never more than the capacity, the oldest go', () => {
  const series = new BarSeries(second, 3);
  for (let i = 0; i < 10; i++) series.put(bar(i * second));
  assert.deepEqual(
    series.bars.map(({ time }) => time / second),
    [7, 8, 9],
  );
  series.replace(
    [0, 1, 2, 3, 4].map((i) => bar(i * second)),
    false,
  );
  assert.equal(series.bars.length, 3);
});

test('bars: a trade moves the forming bar until the topic speaks again', () => {
  const series = new BarSeries(second);
  series.put(bar(second, 1));
  series.touch({ time: 1.2 * second, price: 3 });
  assert.deepEqual([series.last.close, series.last.high, series.last.low], [3, 3, 0.5]);
  series.put(bar(second, 1.1));
  assert.deepEqual([series.last.close, series.last.high], [1.1, 2]);
});

test('bars: a trade outside the forming bar, or after its close, moves nothing', () => {
  const series = new BarSeries(second);
  series.put(bar(second, 1));
  const { revision } = series;
  series.touch({ time: 2 * second, price: 9 });
  series.touch({ time: 0.9 * second, price: 9 });
  series.put(bar(second, 1, { closed: true }));
  series.touch({ time: 1.5 * second, price: 9 });
  assert.equal(series.last.high, 2);
  assert.equal(series.revision, revision + 1);
});

test('bars: older ones stay over a new snapshot only where nothing can be missing', () => {
  const old = [1, 2, 3].map((i) => bar(i * second));
  const kept = (snapshot, isSameEpoch) => {
    const series = new BarSeries(second);
    series.replace(old, false);
    series.replace(snapshot, isSameEpoch);
    return series.bars.map(({ time }) => time / second);
  };
  assert.deepEqual(kept([bar(3 * second), bar(4 * second)], true), [1, 2, 3, 4]);
  assert.deepEqual(kept([bar(3 * second), bar(4 * second)], false), [3, 4]);
  assert.deepEqual(kept([bar(9 * second)], true), [9]);
});

test('bars: what is no bar is left out', () => {
  const series = new BarSeries(second);
  series.replace([null, {}, bar(NaN), bar(second)], false);
  series.put({ time: 5 });
  assert.equal(series.bars.length, 1);
});

const dayUs = 86_400 * second;

test('day: measures against the previous close, or says that it is the first trade', () => {
  const day = new Day();
  day.reset({ open: 10, high: 12, low: 9, volume: 5 }, { time: 0, price: 11 });
  assert.deepEqual(day.move, { absolute: 1, ratio: 0.1, basis: 'open' });
  day.reset({ open: 10, high: 12, low: 9, volume: 5, previous_close: 8 }, { time: 0, price: 10 });
  assert.deepEqual(day.move, { absolute: 2, ratio: 0.25, basis: 'previous_close' });
});

test("day: yesterday's last price becomes the previous close at the turn of the day", () => {
  const day = new Day();
  day.reset({ open: 10, high: 12, low: 9, volume: 5 }, { time: dayUs - 1, price: 11 });
  day.add({ time: dayUs, price: 22, size: 3 });
  assert.deepEqual([day.open, day.high, day.low, day.volume], [22, 22, 22, 3]);
  assert.deepEqual(day.move, { absolute: 11, ratio: 1, basis: 'previous_close' });
});

test('day: the first trade of all opens it', () => {
  const day = new Day();
  day.reset(undefined, undefined);
  assert.equal(day.move, undefined);
  day.add({ time: 5, price: 4, size: 1 });
  assert.deepEqual(day.move, { absolute: 0, ratio: 0, basis: 'open' });
});

const healthy = {
  connection: 'connected',
  wasConnected: true,
  waitingMs: 0,
  unansweredMs: 0,
  ageMs: 100,
  isSilent: false,
  feed: 'live',
};

for (const [name, change, expected] of [
  ['a fresh price of a live feed is live', {}, ['live', 'live']],
  ['a lost connection is stale at once', { connection: 'reconnecting' }, ['stale', 'offline']],
  [
    'before the first connection there is nothing to grey',
    { connection: 'connecting', wasConnected: false, ageMs: NaN },
    ['empty', 'connecting'],
  ],
  ['a final close is stale', { connection: 'closed' }, ['stale', 'closed']],
  ['a server that does not answer is stale', { unansweredMs: 4100 }, ['stale', 'silent']],
  ['a topic without snapshot is stale after a moment', { waitingMs: 1600 }, ['stale', 'waiting']],
  ['but not within that moment', { waitingMs: 900 }, ['live', 'live']],
  ['a stale feed is stale though ticks are young', { feed: 'stale' }, ['stale', 'feed_stale']],
  ['a feed that is down is stale', { feed: 'down' }, ['stale', 'feed_down']],
  ['a feed that restarts is stale', { feed: 'restarting' }, ['stale', 'feed_restarting']],
  ['a symbol in quarantine is stale', { feed: 'quarantined' }, ['stale', 'feed_quarantined']],
  ['a symbol that the server calls silent is stale', { isSilent: true }, ['stale', 'symbol_silent']],
  ['of a feed that is down the feed is named', { isSilent: true, feed: 'down' }, ['stale', 'feed_down']],
  ['a gap is said without greying', { feed: 'gap' }, ['quiet', 'feed_gap']],
  ['an old tick is stale though all else is well', { ageMs: 15_100 }, ['stale', 'no_tick']],
  ['also after a gap', { ageMs: 15_100, feed: 'gap' }, ['stale', 'no_tick']],
  ['a middle-aged tick is quiet', { ageMs: 6000 }, ['quiet', 'slow']],
  ['a symbol without any tick is empty', { ageMs: NaN, feed: undefined }, ['empty', 'no_data']],
]) {
  test(`freshness: ${name}`, () => {
    const { level, reason } = judge({ ...healthy, ...change });
    assert.deepEqual([level, reason], expected);
  });
}

test('numbers: decimals as they arrive, and the most that were seen', () => {
  assert.deepEqual([1, 0.1, 61234.5, 1e-7, 1.5e-7, 1e21].map(decimalsOf), [0, 1, 1, 7, 8, 0]);
  const precision = new Precision(2);
  precision.see('A', 1.25, 1.5, NaN);
  assert.equal(precision.of('A'), 2);
  precision.see('B', 1);
  precision.see('C', 1.123);
  assert.equal(precision.of('C'), 3);
  precision.see('A', 7);
  assert.equal(precision.of('A'), 0, 'the oldest was forgotten');
});

test('numbers: signs, groups and dashes', () => {
  assert.equal(price(61234.5, 2), '61,234.50');
  assert.equal(price(-37.63, 2), '−37.63');
  assert.equal(price(undefined, 2), '–');
  assert.equal(change(0.5, 2), '+0.50');
  assert.equal(change(-0.5, 2), '−0.50');
  assert.equal(change(-0.0001, 2), '0.00');
  assert.equal(percent(0.01234), '+1.23%');
  assert.equal(percent(NaN), '–');
  assert.deepEqual([0.30000000000000004, 12.5, 12345, 2.5e6, 3e9].map(amount), [
    '0.3',
    '12.5',
    '12.35K',
    '2.50M',
    '3.00B',
  ]);
});

test('numbers: an age reads naturally at every size', () => {
  assert.deepEqual([0, 480, 9990, 10_000, 59_999, 60_000, 187_000, 8_100_000, 3 * 86_400_000, NaN].map(age), [
    '0.0 s',
    '0.4 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1:00',
    '3:07',
    '2:15:00',
    '3 d',
    '–',
  ]);
  assert.deepEqual([0, -480, 210].map(zone), ['UTC', 'UTC+8', 'UTC−3:30']);
});

test('marks: what is written as zero has no direction, and flat prices draw a level line', () => {
  assert.deepEqual([0.01, -0.01, 0.00001, undefined, NaN].map(ratioDirection), ['up', 'down', 'flat', 'flat', 'flat']);
  assert.equal(sparkline([5, 5]), '0.0,11.0 64.0,11.0');
  assert.equal(sparkline([5]), '');
});

test('address: takes symbols as they are and turns rubbish away', () => {
  assert.deepEqual(symbolOf('#SIM.ALPHA'), { symbol: 'SIM.ALPHA' });
  assert.deepEqual(symbolOf('#BINANCE:BTC/USDT'), { symbol: 'BINANCE:BTC/USDT' });
  assert.deepEqual(symbolOf(''), { symbol: undefined, isBad: false });
  for (const rubbish of ['#%', '#<img>', '#a b', `#${'x'.repeat(101)}`, '#%E4%BD%A0']) {
    assert.deepEqual(symbolOf(rubbish), { symbol: undefined, isBad: true });
  }
  for (const symbol of ['600519.SH', 'BINANCE:BTC/USDT', 'A+B(C),D@E']) {
    assert.deepEqual(symbolOf(hashOf(symbol)), { symbol });
  }
});

test('text: every word is there in both languages, with the same values to fill in', () => {
  const values = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join();
  for (const [word, [english, chinese]] of Object.entries(words)) {
    assert.ok(english && chinese, word);
    assert.equal(values(chinese), values(english), word);
  }
});

test('text: both languages fill in the same values', () => {
  setLanguage('zh');
  assert.equal(say('updates', { count: 3 }), '3 条/秒');
  setLanguage('en');
  assert.equal(say('updates', { count: 3 }), '3 updates/s');
});

test('amendments: a cancelled trade goes, a corrected one stands otherwise', () => {
  const trades = [
    { id: 1, price: 10, size: 1 },
    { id: 'x', price: 11, size: 2 },
  ];
  const cancel = { id: 1, cancelled: true };
  const correct = { id: 'x', price: 12, size: 3, corrected: true };
  assert.deepEqual(amended(trades, cancel), [trades[1]]);
  assert.deepEqual(amended(trades, correct)[1], { id: 'x', price: 12, size: 3 });
  assert.deepEqual(amended(trades, { id: 9, cancelled: true }), trades);
  assert.ok(isAmendment(cancel) && isAmendment(correct) && !isAmendment(trades[0]));
});

test('day: an amendment brings the day with it and leaves the last price', () => {
  const day = new Day();
  day.add({ time: 1, price: 10, size: 1 });
  day.add({ time: 2, price: 99, size: 5 });
  day.amend({ open: 10, high: 10, low: 10, volume: 1, trades: 1 });
  assert.deepEqual([day.high, day.volume, day.last], [10, 1, 99]);
});
