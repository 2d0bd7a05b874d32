import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { attentionHref } from '../../../web/console/attention.js';
import {
  bytes,
  byteRate,
  count,
  micros,
  millis,
  percent,
  plain,
  preciseTime,
  rate,
  share,
  time,
} from '../../../web/console/format.js';
import { judge } from '../../../web/console/freshness.js';
import { RateHistory } from '../../../web/console/rate_history.js';
import { bucketsOf } from '../../../web/console/restart_buckets.js';
import { formatRoute, parseRoute } from '../../../web/console/route.js';
import { levelOf, stateWord } from '../../../web/console/states.js';
import { listPath, nextSort, pagesOf, readState, writeState } from '../../../web/console/table_state.js';
import { words } from '../../../web/console/text.js';
import { linePoints } from '../../../web/console/tile.js';

const texts = (write, values) => values.map((value) => write(value).text);

test('figures: counts keep their digits while they are read at a glance, and their exact value for ever', () => {
  assert.deepEqual(texts(count, [0, 42, 9_999, 99_999, 100_000, 1_046_991, 9_214_551_002]), [
    '0',
    '42',
    '9,999',
    '99,999',
    '100 K',
    '1.05 M',
    '9.21 G',
  ]);
  assert.equal(count(1_046_991).title, '1,046,991');
});

test('figures: what is not known is a dash, never a zero', () => {
  for (const write of [count, rate, bytes, byteRate, micros, millis, share, percent, time, preciseTime, plain]) {
    assert.equal(write(null).text, '–', write.name);
    assert.equal(write(undefined).text, '–', write.name);
  }
  assert.equal(count(NaN).text, '–');
});

test('figures: no unit is crossed by rounding', () => {
  assert.equal(bytes(1023).text, '1023 B');
  assert.equal(bytes(1024).text, '1.00 KiB');
  assert.equal(bytes(1024 * 1024 - 1).text, '1.00 MiB');
  assert.equal(rate(999).text, '999 /s');
  assert.equal(rate(999_999).text, '1.00 M/s');
  assert.equal(rate(12_031, '').text, '12.0 K');
  assert.equal(rate(0.5).text, '0.50 /s');
});

test('figures: durations are written in the unit people say', () => {
  assert.deepEqual(texts(micros, [0, 3, 2.5, 340, 12_400, 1_200_000, 187_000_000]), [
    '0 µs',
    '3 µs',
    '2.5 µs',
    '340 µs',
    '12.4 ms',
    '1.20 s',
    '3:07',
  ]);
  assert.deepEqual(texts(millis, [0, 999, 48_200, 93_784_000]), ['0 ms', '999 ms', '48 s', '26:03:04']);
  assert.deepEqual(texts(share, [0, 0.998, 1.42]), ['0.0 %', '99.8 %', '142.0 %']);
});

test('figures: a time of another day names the day', () => {
  const now = Date.parse('2026-11-20T12:00:00');
  const at = (text) => Date.parse(text) * 1000;
  assert.equal(time(at('2026-11-20T03:04:05'), now).text, '03:04:05');
  assert.equal(time(at('2026-11-19T03:04:05'), now).text, '11-19 03:04:05');
  assert.equal(preciseTime(at('2026-11-20T03:04:05.678'), now).text, '03:04:05.678');
  assert.match(time(at('2026-11-20T03:04:05'), now).title, /^2026-11-\d\d .* UTC$/);
});

test('routes: an address comes back as it was written, with every sign a name may have', () => {
  const query = { filter: 'a&b=c/#?%', sort: '-mailbox', page: '2' };
  assert.deepEqual(parseRoute(formatRoute('actors', '12/3 4', query)), { page: 'actors', id: '12/3 4', query });
  assert.deepEqual(parseRoute(''), { page: 'overview', id: '', query: {} });
  assert.deepEqual(parseRoute('#/feeds'), { page: 'feeds', id: '', query: {} });
  assert.equal(parseRoute('#/%zz').page, '%zz');
  assert.equal(formatRoute('feeds', '', { filter: '', page: undefined }), '#/feeds');
});

test('tables: the address holds what differs from the usual, and nothing else', () => {
  const defaults = { sort: '-mailbox', more: ['kind'] };
  const usual = readState({}, defaults);
  assert.deepEqual(usual, { sort: '-mailbox', filter: '', page: 1, more: { kind: '' }, at: '' });
  assert.equal(formatRoute('actors', '', writeState(usual, defaults)), '#/actors');
  const query = { sort: 'name', filter: 'SIM*', page: '3', kind: 'feed', at: '7' };
  assert.deepEqual(
    parseRoute(formatRoute('actors', '', writeState(readState(query, defaults), defaults))).query,
    query,
  );
  assert.equal(readState({ page: '-4' }).page, 1);
  assert.equal(readState({ page: 'x' }).page, 1);
});

test('tables: the server is asked for one page, sorted and filtered by it', () => {
  const state = readState({ sort: '-busy', filter: 'a b', page: '3', kind: 'quote topic' }, { more: ['kind'] });
  assert.equal(
    listPath('/api/actors', state),
    '/api/actors?offset=100&limit=50&sort=-busy&filter=a+b&kind=quote+topic',
  );
  assert.equal(listPath('/api/audit', readState({})), '/api/audit?offset=0&limit=50');
  assert.deepEqual([0, 1, 50, 51, 50_000].map(pagesOf), [1, 1, 1, 2, 1000]);
});

test('tables: figures sort from the largest, words from the first, and a second click turns round', () => {
  assert.equal(nextSort('', 'mailbox', true), '-mailbox');
  assert.equal(nextSort('-mailbox', 'mailbox', true), 'mailbox');
  assert.equal(nextSort('', 'name', false), 'name');
  assert.equal(nextSort('name', 'name', false), '-name');
});

test('freshness: what is old is never called live', () => {
  const signs = { link: 'connected', silentMs: 100, waitingMs: 0, seenMs: 100 };
  assert.equal(judge(signs).level, 'live');
  assert.deepEqual(judge({ ...signs, silentMs: 12_000 }), { level: 'stale', reason: 'silent', ageMs: 12_000 });
  assert.deepEqual(judge({ ...signs, link: 'reconnecting', seenMs: 7_000 }), {
    level: 'stale',
    reason: 'offline',
    ageMs: 7_000,
  });
  assert.deepEqual(judge({ ...signs, waitingMs: 3_000 }).reason, 'waiting');
  assert.equal(judge({ ...signs, waitingMs: 3_000, seenMs: NaN }).level, 'empty');
  assert.equal(judge({ ...signs, waitingMs: 10, seenMs: 60_000 }).level, 'stale', 'back from the background');
  assert.equal(judge({ link: 'connecting', silentMs: NaN, waitingMs: 0, seenMs: NaN }).level, 'empty');
});

test('restarts: each falls into its minute by what came of it, old ones into none', () => {
  const now = 3_600_000 * 100 + 1;
  const at = (ms) => (now - ms) * 1000;
  const buckets = bucketsOf(
    [
      { at: at(0), outcome: 'waiting' },
      { at: at(10_000), outcome: 'gave up' },
      { at: at(70_000), outcome: 'restarted' },
      { at: at(3_700_000), outcome: 'restarted' },
    ],
    now,
  );
  assert.equal(buckets.length, 60);
  assert.deepEqual(
    buckets.slice(-3).map(({ restarted, gave_up: gone, waiting }) => [restarted, gone, waiting]),
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  );
  assert.equal(
    buckets.reduce((sum, { restarted }) => sum + restarted, 0),
    1,
  );
});

test('rates: the lines are bounded, show a hole where nobody looked, and begin anew with another server', () => {
  const history = new RateHistory(10_000);
  const put = (ms, ticks, uptime = ms) =>
    history.put({ at: ms * 1000, uptime_ms: uptime, rates: { ticks_per_s: ticks } });
  for (let i = 1; i <= 30; i++) put(i * 1000, i);
  assert.equal(history.points.length, 11);
  put(38_000, 38);
  assert.deepEqual(
    history.points.map(({ ticks_per_s: ticks }) => ticks),
    [28, 29, 30, undefined, 38],
  );
  assert.deepEqual(history.of('ticks_per_s'), [28, 29, 30, 38]);
  put(39_000, 1, 500);
  assert.deepEqual(history.of('ticks_per_s'), [1]);
});

test('rates: a line begins at zero, so that a small change looks small', () => {
  assert.equal(linePoints([5]), '');
  assert.equal(linePoints([0, 10]), '0.0,26.0 120.0,2.0');
  assert.equal(linePoints([0, 0]), '0.0,26.0 120.0,26.0');
});

test('attention: leads to the list narrowed to its target, or to the thing itself', () => {
  assert.equal(attentionHref({ page: 'feeds', target: 'binance' }), '#/feeds?filter=binance');
  assert.equal(attentionHref({ page: 'actors', target: '27' }), '#/actors/27');
  assert.equal(attentionHref({ page: 'actors/27', target: 'x' }), '#/actors/27');
  assert.equal(attentionHref({ page: 'tree', target: 'root/feeds' }), '#/tree?at=root%2Ffeeds');
  assert.equal(attentionHref({ page: 'connections', target: 'shard 0' }), '#/connections');
  assert.equal(attentionHref({ page: 'log', target: 'log' }), '#/log');
  assert.equal(attentionHref({ page: '//evil.example', target: null }), '#/overview');
});

test('states: each has a level and a word, and an unknown one stays as the server says it', () => {
  assert.equal(levelOf('gave up'), 'bad');
  assert.equal(levelOf('waiting for restart'), 'warn');
  assert.equal(levelOf('constructor'), 'idle');
  assert.equal(stateWord('half asleep'), 'half asleep');
  assert.equal(stateWord(null), '–');
});

test('words: every one is there in both languages, with the same values put in', () => {
  const put = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const [name, pair] of Object.entries(words)) {
    assert.equal(pair.length, 2, name);
    assert.deepEqual(put(pair[0]), put(pair[1]), name);
  }
});

test('words: every one that the pages ask for is in the table', () => {
  const folder = new URL('../../../web/console/', import.meta.url);
  const sources = [
    ...readdirSync(folder)
      .filter((name) => name.endsWith('.js') || name.endsWith('.html'))
      .map((name) => new URL(name, folder)),
    ...readdirSync(new URL('pages/', folder)).map((name) => new URL(`pages/${name}`, folder)),
  ].map((file) => readFileSync(file, 'utf8'));
  const asked = new Set();
  for (const source of sources) {
    for (const [, name] of source.matchAll(/\bsay\('(\w+)'/g)) asked.add(name);
    for (const [, name] of source.matchAll(/data-say(?:-\w+)?="(\w+)"/g)) asked.add(name);
    for (const [, name] of source.matchAll(/\bword: '(\w+)'/g)) asked.add(name);
    for (const [, name] of source.matchAll(/\b(?:hint|empty): '(\w+)'/g)) asked.add(name);
    for (const [, name] of source.matchAll(/\bkey: '(\w+)', (?:kind|tier|isFixed|href|value)/g)) asked.add(`c_${name}`);
    for (const [, name] of source.matchAll(/actions\.button\('(\w+)'/g))
      for (const part of ['do', 'tip', 'ask', 'done']) asked.add(`${part}_${name}`);
  }
  assert.ok(asked.size > 150, `${asked.size} found`);
  assert.deepEqual(
    [...asked].filter((name) => !Object.hasOwn(words, name)),
    [],
  );
});
