// A chart of recorded minutes with four indicators, drawn by a page that knows nothing but /api/v1.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Server, binary, launchBrowser, suite } from './harness.mjs';

const recording = fileURLToPath(new URL('../../../shared/data/bars_1m/us_azo_1m_2024.csv.gz', import.meta.url));
const functions = ['sma(30)', 'bbands(20,2,2)', 'rsi(14)', 'macd(12,26,9)'];

/** In the page: asks, draws, and returns what it was answered. */
async function draw({ functions }) {
  const query = new URLSearchParams({ symbol: 'AZO', interval: '1m', limit: '390', functions: functions.join(',') });
  const answer = await (await fetch(`/api/v1/indicators?${query}`)).json();
  const times = answer.time.map((us) => new Date(us / 1000).toISOString().slice(5, 16).replace('T', ' '));
  const line = (name, pane, more = {}) => ({
    name,
    type: 'line',
    data: answer.values[name],
    showSymbol: false,
    lineStyle: { width: 1.2 },
    xAxisIndex: pane,
    yAxisIndex: pane,
    ...more,
  });
  const panes = [
    { top: 50, height: 380 },
    { top: 470, height: 120 },
    { top: 630, height: 150 },
  ];
  const chart = window.echarts.init(document.querySelector('#chart'), 'dark');
  chart.setOption({
    animation: false,
    backgroundColor: '#10151c',
    title: { text: `AZO 1m  ${functions.join('  ')}`, textStyle: { fontSize: 14 } },
    grid: panes.map((pane) => ({ left: 70, right: 20, ...pane })),
    xAxis: panes.map((_, gridIndex) => ({ type: 'category', data: times, gridIndex, axisLabel: { show: gridIndex === 2 } })),
    yAxis: panes.map((_, gridIndex) => ({ scale: true, gridIndex, splitLine: { lineStyle: { opacity: 0.15 } } })),
    series: [
      {
        type: 'candlestick',
        data: answer.time.map((_, n) => [answer.open[n], answer.close[n], answer.low[n], answer.high[n]].map(Number)),
      },
      line('sma(30)', 0),
      ...['upper', 'middle', 'lower'].map((band) => line(`bbands(20,2,2).${band}`, 0, { lineStyle: { width: 0.8, type: 'dashed' } })),
      line('rsi(14)', 1),
      line('macd(12,26,9).macd', 2),
      line('macd(12,26,9).signal', 2),
      line('macd(12,26,9).hist', 2, { type: 'bar' }),
    ],
  });
  const drawn = chart.getOption().series.map(({ name, data }) => ({ name, points: data.length }));
  return { answer, drawn };
}

suite('a chart from the HTTP API alone', {}, () => {
  let server, browser;

  before(async () => {
    server = await new Server({ simulated: false }).start();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  test('recorded minutes with four indicators', { skip: !existsSync(recording) && `no ${recording}` }, async () => {
    const { stdout } = await promisify(execFile)(binary, [
      'import',
      recording,
      ...['--to', join(server.directory, 'data'), '--admin', server.started.admin],
      ...['--token-file', server.started.admin_tokens],
    ]);
    const imported = JSON.parse(stdout.trim().split('\n').at(-1));
    assert.equal(imported.event, 'imported');
    assert.equal(imported.bad, 0);

    const page = await browser.newPage({ viewport: { width: 1440, height: 820 } });
    const faults = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    // Any answer of the server will do: what counts is its origin.
    await page.goto(`${server.http}/api/v1/openapi.json`);
    await page.setContent('<body style="margin:0"><div id="chart" style="width:1440px;height:820px"></div>');
    await page.addScriptTag({ url: '/vendor/echarts.min.js' });
    const { answer, drawn } = await page.evaluate(draw, { functions });
    assert.equal(answer.time.length, 390);
    assert.deepEqual(new Set(drawn.map(({ points }) => points)), new Set([390]));
    assert.equal(drawn.length, 9);
    const closes = answer.close.map(Number);
    for (let n = 29; n < 390; ++n) {
      const mean = closes.slice(n - 29, n + 1).reduce((sum, close) => sum + close, 0) / 30;
      assert.ok(Math.abs(answer.values['sma(30)'][n] - mean) < 1e-9 * mean, `sma(30) at ${answer.time[n]}`);
    }
    for (const [name, values] of Object.entries(answer.values))
      assert.ok(
        values.every((value) => Number.isFinite(value)),
        `${name}: bars before these have warmed it up`,
      );
    if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'history.png') });
    assert.deepEqual(faults, []);
    await page.close();
  });
});
