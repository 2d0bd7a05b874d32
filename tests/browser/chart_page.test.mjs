import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Server, chartData, eventually, freshness, launchBrowser, openPage, suite } from './harness.mjs';

/** At least three bars, some of them less than a minute apart. */
const areSeconds = ({ times }) => times.length > 2 && times.some((time, i) => i > 0 && time - times[i - 1] < 60e6);
const text = (page, id) => page.textContent(`#${id}`);

suite('the chart page over the simulated market', { timeout: 120_000 }, () => {
  let browser;
  let server;
  /** Runs a body with a page that shows live prices; its console must stay clean. */
  const live = async (options, body) => {
    const page = await openPage(browser, server, options);
    try {
      await freshness(page, 'live');
      await body(page);
      assert.deepEqual(page.faults, []);
    } finally {
      await page.context().close();
    }
  };
  const shows = (name, body, options) => it(name, () => live(options, body));

  before(async () => {
    server = await new Server().start();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  shows(
    'loads with a clean console and nothing from elsewhere, and says that the market is simulated',
    async (page) => {
      assert.equal(await page.isVisible('#simulated'), true);
      // A quote may come first.
      await eventually(
        () => text(page, 'last'),
        (last) => /^[\d,]+(\.\d+)?$/.test(last),
        'a price',
      );
      assert.match(await text(page, 'age'), /^\d\.\d s ago$/);
      assert.equal(await page.getAttribute('#connection', 'data-state'), 'connected');
      assert.equal(await page.getAttribute('#feed', 'data-state'), 'live');
      await eventually(
        () => text(page, 'bid'),
        (bid) => bid !== '–',
        'a bid',
      );
    },
  );

  shows('shows candles that move with each tick, and a line at the last price', async (page) => {
    const first = await eventually(
      () => chartData(page),
      ({ candles }) => candles.length > 0,
      'candles',
    );
    const state = ({ candles }) => JSON.stringify([candles.length, candles[candles.length - 1]]);
    await eventually(
      () => chartData(page),
      (now) => state(now) !== state(first),
      'the last candle to move',
    );
    const { candles, line, times, volumes } = await chartData(page);
    const [open, close, lowest, highest] = candles[candles.length - 1];
    assert.ok(lowest <= Math.min(open, close) && highest >= Math.max(open, close), 'ECharts order of a candle');
    assert.equal(line, close, 'the line is where the forming candle closes');
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    assert.equal(volumes.length, candles.length);
  });

  shows('lists every symbol with its price and its change, and says against what', async (page) => {
    await eventually(
      () => page.$$eval('#watchlist .row:not([hidden])', (rows) => rows.map((row) => row.innerText)),
      (rows) => rows.length === 12 && rows.every((row) => /^SIM\.\w+\s+[\d,.]+\s+[+−]?\d+\.\d\d%$/.test(row.trim())),
      'twelve rows with figures',
    );
    assert.match(await text(page, 'list-basis'), /first trade|previous close/);
    assert.match(await text(page, 'basis'), /first trade|previous close/);
  });

  shows('shows the last trades, newest first, at most fifty', async (page) => {
    const rows = await eventually(
      () => page.$$eval('#tape tr:not([hidden])', (all) => all.map((row) => row.innerText.split('\t'))),
      (all) => all.length > 3,
      'trades',
    );
    assert.ok(rows.length <= 50);
    const times = rows.map(([time]) => time);
    assert.deepEqual(times, [...times].sort().reverse());
    assert.match(rows[0][1], /^[▲▼] [\d,.]+$/);
  });

  shows('keeps prices at one number of decimals', async (page) => {
    const decimals = await page.$$eval('#tape tr:not([hidden]) .price', (cells) => [
      ...new Set(cells.map((cell) => (cell.textContent.split('.')[1] ?? '').length)),
    ]);
    assert.equal(decimals.length, 1);
  });

  shows('switches the symbol by click, by keyboard and by address', async (page) => {
    const symbols = await page.$$eval('#watchlist .row:not([hidden])', (rows) => rows.map((row) => row.dataset.symbol));
    const sorted = [...symbols].sort();
    await page.click(`#watchlist .row[data-symbol="${sorted[3]}"]`);
    assert.equal(await text(page, 'name'), sorted[3]);
    assert.equal(new URL(page.url()).hash, `#${sorted[3]}`);
    await page.focus('#watchlist');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await eventually(
      () => text(page, 'name'),
      (name) => name === sorted[5],
      'the symbol two below',
    );
    assert.equal(await page.getAttribute('#watchlist .row[aria-selected="true"]', 'data-symbol'), sorted[5]);
    await page.evaluate((symbol) => (location.hash = symbol), sorted[0]);
    await eventually(
      () => text(page, 'name'),
      (name) => name === sorted[0],
      'the symbol of the address',
    );
    await freshness(page, 'live');
    await eventually(
      () => chartData(page),
      ({ candles }) => candles.length > 0,
      'candles',
    );
  });

  shows('finds symbols by part of their name', async (page) => {
    await page.keyboard.press('/');
    await page.keyboard.type('no such thing');
    assert.equal(await page.isVisible('#watchlist-note'), true);
    await page.fill('#search', 'sim.a');
    await page.keyboard.press('Enter');
    assert.match(await text(page, 'name'), /^SIM\.A/);
  });

  shows('switches the interval and remembers it', async (page) => {
    await page.click('#intervals [data-interval="1s"]');
    const seconds = await eventually(() => chartData(page), areSeconds, 'bars of a second');
    const last = Math.max(...seconds.times);
    await eventually(
      () => chartData(page),
      ({ times }) => Math.max(...times) > last,
      'a new bar each second',
    );
    await page.reload();
    assert.equal(await page.getAttribute('#intervals [data-interval="1s"]', 'aria-pressed'), 'true');
    await page.click('#intervals [data-interval="1m"]');
    await eventually(
      () => chartData(page),
      ({ times }) => times.length && times.every((t) => t % 60e6 === 0),
      'minutes',
    );
  });

  shows('begins with bars of a second while there are few minutes, unless one was chosen', async (page) => {
    await page.waitForSelector('#intervals [data-interval="1s"][aria-pressed="true"]');
    await page.click('#intervals [data-interval="1s"]');
    assert.equal(await page.evaluate(() => localStorage.getItem('tickcast.interval')), '1s', 'chosen, if not changed');
    await page.click('#intervals [data-interval="1m"]');
    await page.reload();
    await freshness(page, 'live');
    await eventually(
      () => chartData(page),
      ({ candles }) => candles.length > 0,
      'candles',
    );
    assert.equal(await page.getAttribute('#intervals [data-interval="1m"]', 'aria-pressed'), 'true');
  });

  shows('speaks English and Chinese, and remembers which', async (page) => {
    await page.click('#language');
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
    assert.equal(await text(page, 'connection-text'), '已连接');
    await page.reload();
    await freshness(page, 'live');
    assert.match(await text(page, 'age'), /前$/);
    const words = await page.$$eval('[data-say]', (all) => all.map((element) => element.textContent));
    assert.deepEqual(
      words.filter((word) => /^[a-z]+_/.test(word) || word === ''),
      [],
    );
    await page.click('#language');
    assert.equal(await text(page, 'connection-text'), 'Connected');
  });

  shows(
    'starts in Chinese where the browser does',
    async (page) => assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN'),
    { locale: 'zh-CN' },
  );

  const followsTheme = async (page) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(await page.getAttribute('html', 'data-theme'), 'light');
    const light = await ground();
    await page.click('#theme');
    assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
    assert.notEqual(await ground(), light);
    await page.reload();
    assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
    await freshness(page, 'live');
    await eventually(
      () => chartData(page),
      ({ candles }) => candles.length > 0,
      'candles',
    );
  };
  shows("follows the system's theme, can be switched, and remembers it", followsTheme, { colorScheme: 'light' });

  shows('swaps the colours of up and down for markets that read red as up', async (page) => {
    const rising = () =>
      page.evaluate(
        () => window.echarts.getInstanceByDom(document.getElementById('chart')).getOption().series[0].itemStyle.color,
      );
    const green = await rising();
    await page.click('#colours');
    assert.notEqual(await rising(), green);
  });

  shows('zooms and moves by keyboard and finds back to the latest bar', async (page) => {
    await page.click('#intervals [data-interval="1s"]');
    await eventually(
      () => chartData(page),
      ({ times }) => areSeconds({ times }) && times.length > 20,
      'enough bars',
      40_000,
    );
    await page.focus('#chart');
    for (let i = 0; i < 12; i++) await page.keyboard.press('+');
    await page.keyboard.press('Home');
    assert.equal((await chartData(page)).window[0], 0);
    await page.waitForSelector('#latest', { state: 'visible' });
    await page.click('#latest');
    const { window: shown, times } = await chartData(page);
    assert.ok(shown[1] >= times.length - 1);
    await page.waitForSelector('#latest', { state: 'hidden' });
  });

  shows('shows the bar under the pointer', async (page) => {
    await page.click('#intervals [data-interval="1s"]');
    await eventually(
      () => chartData(page),
      ({ times }) => areSeconds({ times }) && times.length > 5,
      'bars',
      20_000,
    );
    const last = await text(page, 'legend-time');
    const box = await (await page.$('#chart')).boundingBox();
    await page.mouse.move(box.x + 20, box.y + box.height / 3);
    await eventually(
      () => text(page, 'legend-time'),
      (time) => time !== last && time !== '–',
      'an earlier bar',
    );
  });

  shows('stands still while prices move', async (page) => {
    const boxes = () =>
      page.evaluate(() =>
        ['#chart', '#age', '#day-open', '#legend', '#best', '.tape', '#connection', '#watchlist'].map((name) => {
          const { x, y, width, height } = document.querySelector(name).getBoundingClientRect();
          // The legend and the chip end where their text ends; nothing stands behind them.
          const isOpenEnded = name === '#legend' || name === '#connection';
          return [name, ...[x, y, isOpenEnded ? 0 : width, height].map(Math.round)].join(' ');
        }),
      );
    await eventually(
      () => text(page, 'rtt'),
      (rtt) => rtt !== '',
      'a round trip',
    );
    const before = await boxes();
    await page.waitForTimeout(2000);
    assert.deepEqual(await boxes(), before);
  });

  for (const hash of ['#%', '#<script>alert(1)</script>', `#${'x'.repeat(500)}`, '#%E4%BD%A0%E5%A5%BD']) {
    const calm = async (page) => {
      assert.match(await text(page, 'name'), /^SIM\./);
      assert.equal(await page.isVisible('#notice'), true);
      assert.match(new URL(page.url()).hash, /^#SIM\./);
    };
    shows(`takes ${hash.slice(0, 30)} for an address calmly`, calm, { hash });
  }

  it('waits for a symbol that nobody has traded yet', async () => {
    const page = await openPage(browser, server, { hash: '#NOBODY.YET' });
    await freshness(page, 'empty', 'no_data');
    assert.equal(await text(page, 'name'), 'NOBODY.YET');
    assert.match(await text(page, 'banner-text'), /NOBODY\.YET/);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  shows('every control has a name, and the keyboard reaches all of them', async (page) => {
    const nameless = await page.$$eval('button, input, [tabindex="0"]', (all) =>
      all
        .filter((element) => !(element.getAttribute('aria-label') || element.textContent.trim()))
        .map((element) => element.id || element.outerHTML),
    );
    assert.deepEqual(nameless, []);
    const reached = new Set();
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.dataset.interval));
    }
    for (const id of ['colours', 'language', 'theme', 'search', 'watchlist', '1s', '1m', 'chart']) {
      assert.ok(reached.has(id), `Tab reaches ${id}`);
    }
  });

  for (const locale of ['en-US', 'zh-CN']) {
    const phone = { viewport: { width: 360, height: 720 }, hasTouch: true, isMobile: true, locale };
    const fits = async (page) => {
      for (const view of ['symbols', 'trades', 'chart']) {
        await page.click(`#views [data-view="${view}"]`);
        const { wide, seen } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth,
          seen: window.innerWidth,
        }));
        assert.ok(wide <= seen, `${view}: ${wide} > ${seen}`);
      }
      await page.click('#views [data-view="symbols"]');
      await page.click('#watchlist .row[data-index="2"]');
      assert.equal(await page.isVisible('#chart'), true, 'choosing a symbol leads to its chart');
      assert.equal(await page.isVisible('#inside-bid'), true);
    };
    shows(`fits a phone without scrolling sideways (${locale})`, fits, phone);
  }

  for (const width of [320, 720, 721, 900, 1001, 1240, 1241, 1440, 1441, 1920]) {
    const fits = async (page) => {
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      const cut = await page.$$eval('#last, #move, .move-line, #age, #day-high, #bid, #ask', (all) =>
        all
          .filter((element) => getComputedStyle(element).visibility !== 'hidden' && element.offsetParent)
          .filter((element) => {
            const isOutside = element.getBoundingClientRect().right > window.innerWidth + 0.5;
            return isOutside || element.scrollWidth > element.clientWidth + 1;
          })
          .map((element) => element.id || element.className),
      );
      assert.deepEqual(cut, []);
    };
    shows(`fits ${width} pixels`, fits, { viewport: { width, height: 800 } });
  }
});
