import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Feeder, Server, chartData, eventually, freshness, launchBrowser, openPage, suite } from './harness.mjs';

/** Runs a body with a server, a browser and, where there is no simulated market, a feeder; ends them all. */
async function staged(options, body) {
  const server = await new Server(options).start();
  const browser = await launchBrowser();
  const feeder = server.simulated ? undefined : new Feeder(server);
  try {
    await body({ server, browser, feeder });
  } finally {
    await browser.close();
    await feeder?.stop();
    await server.remove();
  }
}

const isGreyed = (page) => page.$eval('#chart', (chart) => getComputedStyle(chart).filter.includes('grayscale'));

suite('what a trader sees when something breaks', { timeout: 180_000 }, () => {
  it('a feed that falls silent greys the chart, and its next tick brings it back', async () => {
    await staged({ simulated: false, staleMs: 1000 }, async ({ server, browser, feeder }) => {
      feeder.trade('ACME', '100.5');
      const page = await openPage(browser, server, { hash: '#ACME' });
      feeder.every(200, () => feeder.trade('ACME', '100.75'));
      await freshness(page, 'live');
      assert.equal(await isGreyed(page), false);
      await eventually(
        () => page.textContent('#last'),
        (price) => price === '100.75',
        'the price of the feed',
      );
      assert.equal(await page.isVisible('#simulated'), false);
      feeder.rest();
      await freshness(page, 'stale', 'feed_stale');
      assert.equal(await isGreyed(page), true);
      assert.match(await page.textContent('#banner-text'), /not current/);
      assert.equal(await page.getAttribute('#feed', 'data-state'), 'stale');
      feeder.trade('ACME', '101');
      await freshness(page, 'live');
      assert.equal(await isGreyed(page), false);
      await eventually(
        () => page.textContent('#last'),
        (price) => price === '101.00',
        'two decimals, as seen before',
      );
      assert.deepEqual(page.faults, []);
    });
  });

  it('an old price of a live feed turns grey too, and its age goes on counting', async () => {
    await staged({ simulated: false, staleMs: 0 }, async ({ server, browser, feeder }) => {
      feeder.trade('ACME', '100.5', { timeMs: Date.now() - 3_600_000 });
      const page = await openPage(browser, server, { hash: '#ACME' });
      await freshness(page, 'stale', 'no_tick');
      assert.match(await page.textContent('#age'), /^(59:5\d|1:00:\d\d) ago$/);
      const age = await page.textContent('#age');
      await eventually(
        () => page.textContent('#age'),
        (now) => now !== age,
        'the age to go on',
      );
      feeder.trade('ACME', '100.6', { timeMs: Date.now() - 3_500_000 });
      await freshness(page, 'live');
      assert.equal(await page.isVisible('#data-time'), true, 'but the data says that its time is another');
    });
  });

  it('a candle moves with each trade, though its bar is pushed rarely', async () => {
    await staged({ simulated: false, staleMs: 0, pushMs: 10_000 }, async ({ server, browser, feeder }) => {
      // All in one minute, whatever the clock says.
      const timeMs = Math.floor(Date.now() / 60_000) * 60_000;
      feeder.trade('ACME', '100', { timeMs });
      const page = await openPage(browser, server, { hash: '#ACME' });
      const last = async () => (await chartData(page)).candles.at(-1);
      await eventually(last, (candle) => candle?.[1] === 100, 'the first candle');
      for (const [i, price] of [103, 98, 101].entries()) {
        feeder.trade('ACME', String(price), { timeMs: timeMs + i });
        await eventually(last, (candle) => candle[1] === price, `the candle at ${price}`, 3000);
      }
      assert.deepEqual(await last(), [100, 101, 98, 103]);
    });
  });

  it('a server that is killed and started again is found again', async () => {
    await staged({}, async ({ server, browser }) => {
      const page = await openPage(browser, server);
      await freshness(page, 'live');
      const bars = (await chartData(page)).candles.length;
      await server.stop('SIGKILL');
      await freshness(page, 'stale', 'offline');
      assert.equal(await isGreyed(page), true);
      assert.match(await page.textContent('#banner-text'), /reconnecting/);
      assert.equal(await page.getAttribute('#connection', 'data-state'), 'reconnecting');
      await server.start();
      await freshness(page, 'live', undefined, 40_000);
      assert.equal(await page.isVisible('#banner'), false);
      await eventually(
        () => chartData(page),
        ({ candles }) => candles.length > 0,
        `candles again (${bars} before)`,
      );
      const price = await page.textContent('#last');
      await eventually(
        () => page.textContent('#last'),
        (now) => now !== price,
        'the price to move again',
      );
    });
  });

  it('a server that stops cleanly is found again as well', async () => {
    await staged({}, async ({ server, browser }) => {
      const page = await openPage(browser, server);
      await freshness(page, 'live');
      await server.stop('SIGTERM');
      await freshness(page, 'stale', 'offline');
      await server.start();
      await freshness(page, 'live', undefined, 40_000);
    });
  });

  it('a server that freezes is noticed within seconds, though its connection stands', async () => {
    await staged({}, async ({ server, browser }) => {
      const page = await openPage(browser, server);
      await freshness(page, 'live');
      await eventually(
        () => page.textContent('#rtt'),
        (rtt) => rtt !== '',
        'a round trip',
      );
      server.signal('SIGSTOP');
      await freshness(page, 'stale', undefined, 12_000);
      assert.equal(await isGreyed(page), true);
      server.signal('SIGCONT');
      await freshness(page, 'live', undefined, 40_000);
    });
  });

  it('however long it runs, it keeps a bounded number of bars, trades and elements', async () => {
    await staged({ simulated: false, staleMs: 0 }, async ({ server, browser, feeder }) => {
      const start = Math.floor(Date.now() / 1000) * 1000 - 3_000_000;
      feeder.trade('ACME', '100', { timeMs: start });
      const page = await openPage(browser, server, { hash: '#ACME' });
      await page.click('#intervals [data-interval="1s"]');
      await eventually(
        () => chartData(page),
        ({ times }) => times.length > 0,
        'the first bar',
      );
      for (let i = 1; i <= 2500; i++) {
        feeder.trade('ACME', String(100 + (i % 50) / 10), { timeMs: start + i * 1000 });
        if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const lastUs = (start + 2500 * 1000) * 1000;
      const { times, candles, volumes } = await eventually(
        () => chartData(page),
        ({ times: all }) => all[all.length - 1] === lastUs,
        'the last bar',
      );
      assert.deepEqual([times.length, candles.length, volumes.length], [1500, 1500, 1500]);
      assert.equal(await page.$$eval('#tape tr', (rows) => rows.length), 50);
      assert.ok((await page.$$eval('*', (all) => all.length)) < 1000);
    });
  });

  it('a list of thousands has rows and subscriptions only for what is in sight', async () => {
    await staged({ simulated: false, staleMs: 0 }, async ({ server, browser, feeder }) => {
      const symbols = Array.from({ length: 3000 }, (_, i) => `S${String(i).padStart(4, '0')}`);
      const pushAll = (price) => symbols.forEach((symbol) => feeder.trade(symbol, price));
      pushAll('10');
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      const topics = new Set();
      page.on('websocket', (socket) => {
        socket.on('framesent', ({ payload }) => {
          const { type, data } = JSON.parse(payload);
          for (const topic of data?.topics ?? []) {
            if (type === 'subscribe') topics.add(topic);
            else topics.delete(topic);
          }
        });
      });
      const { symbols: listed } = await eventually(
        async () => (await fetch(`${server.http}/api/v1/symbols`)).json(),
        (answer) => answer.symbols.length === 3000,
        'all symbols in the list',
      );
      assert.deepEqual([...listed].sort(), symbols);
      await page.goto(`${server.http}/`);
      const priced = () =>
        page.$$eval('#watchlist .row:not([hidden])', (rows) =>
          rows.filter((row) => row.dataset.state === 'live').map((row) => row.dataset.symbol),
        );
      await eventually(priced, (rows) => rows.includes('S0000'), 'the first rows');
      await page.focus('#watchlist');
      await page.keyboard.press('End');
      await eventually(priced, (rows) => rows.includes('S2999'), 'the last rows');
      assert.equal(await page.textContent('#name'), 'S2999');
      assert.ok((await page.$$eval('#watchlist .row', (rows) => rows.length)) < 60);
      await eventually(
        () => [...topics].length,
        (count) => count < 60,
        'the first rows to be left',
      );
      assert.ok(topics.has('trade.S2999') && !topics.has('trade.S0000'));
    });
  });
});
