import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { ask, confirm, fresh, go, openConsole, rows, signIn } from './console_page.mjs';
import { FakeAdmin } from './fake_admin.mjs';
import { refusal } from './fake_views.mjs';
import { eventually, launchBrowser, suite } from './harness.mjs';

const pages = [
  '#/overview',
  '#/tree',
  '#/actors',
  '#/actors/36',
  '#/feeds?at=binance',
  '#/topics',
  '#/connections',
  '#/users',
  '#/plugins',
  '#/restarts',
  '#/log',
  '#/config',
  '#/audit',
];

suite(
  'whom the console lets in, and that it never looks fresh when it is not',
  { timeout: 240_000, needsServer: false },
  () => {
    let browser;
    let fake;
    /** A body with a server of its own and a page. */
    const shows = (name, body, options = {}) =>
      it(name, async () => {
        fake = await new FakeAdmin({ actors: 2000, connections: 200 }).start();
        const page = await openConsole(browser, fake.http, { token: 'operator-token', ...options });
        try {
          await body(page);
        } finally {
          await page.context().close();
          await fake.stop();
        }
      });
    const clean = (page) => assert.deepEqual(page.faults, []);
    const kept = (page) =>
      page.evaluate(() => [sessionStorage.length, localStorage.getItem('tickcast.token'), document.cookie]);

    before(async () => {
      browser = await launchBrowser();
    });
    after(async () => {
      await browser?.close();
    });

    shows(
      'a wrong token is refused in words, the right one opens, and leaving forgets it',
      async (page) => {
        await page.fill('input[name=token]', 'guess');
        await page.keyboard.press('Enter');
        await page.waitForSelector('text=does not know this token');
        assert.deepEqual(await kept(page), [0, null, '']);
        await signIn(page, 'operator-token');
        await fresh(page, 'live');
        assert.equal(await page.innerText('#who'), 'ana\noperator');
        assert.deepEqual(await kept(page), [1, null, ''], 'kept for this tab alone, and in no cookie');
        await page.reload();
        await fresh(page, 'live');
        await page.click('#sign-out');
        await page.waitForSelector('.sign-in');
        assert.deepEqual(await kept(page), [0, null, '']);
        await eventually(
          () => fake.sockets,
          (count) => count === 0,
          'no socket left',
        );
      },
      { token: undefined },
    );

    shows('a token that is removed while somebody works signs them out and says why', async (page) => {
      fake.tokens.delete('operator-token');
      await page.waitForSelector('text=no longer accepted');
      assert.equal(await page.isVisible('.page'), false);
      assert.deepEqual(await kept(page), [0, null, '']);
    });

    shows('a token that expired while the server was away is not called a lost connection', async (page) => {
      fake.isAway = true;
      fake.dropSockets();
      await fresh(page, 'stale', 'offline');
      fake.tokens.delete('operator-token');
      fake.isAway = false;
      await page.waitForSelector('text=no longer accepted', { timeout: 15_000 });
    });

    shows(
      'a viewer sees every action disabled with the reason, and none is sent',
      async (page) => {
        assert.equal(await page.innerText('#who'), 'grafana\nviewer');
        const disabled = async () =>
          page.$$eval('[data-action]', (all) => all.map((each) => [each.getAttribute('aria-disabled'), each.title]));
        for (const hash of ['#/overview', '#/tree', '#/actors/36', '#/feeds', '#/connections', '#/plugins', '#/log']) {
          await go(page, hash);
          await page.waitForSelector('[data-action]', { state: 'attached' });
          const all = await disabled();
          assert.ok(
            all.every(([is, why]) => is === 'true' && why === 'grafana is a viewer: only operators may act.'),
            `${hash} ${JSON.stringify(all)}`,
          );
        }
        await go(page, '#/connections');
        await page.click('[data-action=kick] >> nth=0', { force: true });
        await page.waitForSelector('.toast:has-text("only operators may act")');
        assert.equal(await page.locator('dialog').count(), 0);
        assert.deepEqual(fake.acted, []);
        clean(page);
      },
      { token: 'viewer-token' },
    );

    shows('a connection that breaks is seen at once, counted up, and mended by itself', async (page) => {
      await go(page, '#/feeds');
      fake.isAway = true;
      fake.dropSockets();
      await fresh(page, 'stale', 'offline');
      assert.match(
        await page.innerText('#banner'),
        /Connection to the server lost.*What you see is old: no news for \d/,
      );
      assert.match(await page.$eval('#page', (element) => getComputedStyle(element).filter), /grayscale/);
      assert.match(await page.innerText('#link'), /stale/);
      await page.waitForSelector('#banner:has-text("no news for 4.")', { timeout: 8000 });
      assert.equal((await rows(page)).length, 6, 'what was seen last stays');
      fake.isAway = false;
      await fresh(page, 'live', undefined, 15_000);
      assert.equal(await page.isVisible('#banner'), false);
      await eventually(
        () => fake.watched.filter((path) => path.startsWith('/api/feeds')).length,
        (count) => count === 1,
        'it is watched once again',
      );
    });

    shows('a server that is stuck with its socket open is seen too', async (page) => {
      await go(page, '#/config');
      fake.isStuck = true;
      await fresh(page, 'stale', 'silent');
      assert.match(await page.innerText('#banner'), /The server does not answer.*no news for \d/);
      fake.isStuck = false;
      await fresh(page, 'live', undefined, 25_000);
    });

    shows('a page without news stays live while the server answers', async (page) => {
      await go(page, '#/config');
      await new Promise((resolve) => setTimeout(resolve, 7000));
      await fresh(page, 'live');
      clean(page);
    });

    shows('an action on what is old says so in its question', async (page) => {
      await go(page, '#/connections');
      fake.isAway = true;
      fake.dropSockets();
      await fresh(page, 'stale');
      assert.match(await ask(page, 'kick', 'tbody tr:nth-child(1)'), /▲ Connection to the server lost/);
      await page.click('dialog [type=submit]');
      await page.waitForSelector('dialog .fault:has-text("the server cannot be reached")');
      await page.keyboard.press('Escape');
      await page.waitForSelector('dialog', { state: 'detached' });
      assert.deepEqual(fake.acted, []);
    });

    shows("an action that is refused keeps its dialog, with the server's sentence", async (page) => {
      await go(page, '#/feeds');
      fake.refusals.set('suspend', refusal(409, 'conflict', 'the feed is being restarted; try again'));
      await ask(page, 'suspend', 'tr[data-row=pull]');
      await page.click('dialog [type=submit]');
      await page.waitForSelector('dialog .fault:has-text("the feed is being restarted; try again")');
      await page.waitForSelector('.toast[data-level=bad]:has-text("the feed is being restarted")');
      await confirm(page);
      assert.equal(fake.acted.length, 2);
    });

    shows('an action is sent once, however often it is pressed, and disabled while under way', async (page) => {
      await go(page, '#/feeds');
      fake.delayMs = 1500;
      await ask(page, 'suspend', 'tr[data-row=pull]');
      await page.click('dialog [type=submit]');
      await page.keyboard.press('Enter');
      await page.click('dialog [type=submit]', { force: true, timeout: 500 }).catch(() => {});
      assert.equal(await page.getAttribute('tr[data-row=pull] [data-action=suspend]', 'aria-disabled'), 'true');
      await page.waitForSelector('.toast[data-level=good]');
      assert.equal(fake.acted.length, 1);
      clean(page);
    });

    shows('Escape and "Cancel" do nothing', async (page) => {
      await ask(page, 'drain');
      await page.keyboard.press('Escape');
      await page.waitForSelector('dialog', { state: 'detached' });
      await ask(page, 'drain');
      await page.click('dialog >> text=Cancel');
      await page.waitForSelector('dialog', { state: 'detached' });
      assert.deepEqual(fake.acted, []);
    });

    shows('a view that is refused shows why, and comes back', async (page) => {
      await go(page, '#/plugins');
      fake.faults.set('/api/plugins', refusal(504, 'timeout', 'the plugin host did not answer'));
      await page.waitForSelector('.fault:has-text("refuses this view (504): the plugin host did not answer")');
      fake.faults.clear();
      await page.waitForSelector('.fault', { state: 'hidden' });
      clean(page);
    });

    shows('an actor that has ended stays on display as gone', async (page) => {
      await go(page, '#/actors/30');
      fake.engine.byId.delete('30');
      await page.waitForSelector('.page[data-gone=true] .fault:has-text("there is no actor 30")');
      await page.click('text=look for its successor');
      await page.waitForSelector('.split');
      assert.match(new URL(page.url()).hash, /kind=quote\+topic/);
    });

    shows('only the page on display is watched, and nothing while it is hidden', async (page) => {
      const watched = () =>
        fake.watched.filter((path) => path !== '/api/whoami').map((path) => path.replace(/\?.*/, ''));
      for (const [hash, paths] of [
        ['#/feeds', ['/api/feeds']],
        ['#/log', ['/api/log', '/api/log-levels']],
        ['#/tree', ['/api/tree']],
      ]) {
        await go(page, hash);
        await eventually(
          () => watched().sort().join(),
          (now) => now === paths.join(),
          hash,
        );
      }
      const hide = (is) =>
        page.evaluate((hidden) => {
          Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event('visibilitychange'));
        }, is);
      await hide(true);
      await eventually(
        () => fake.watched.length,
        (count) => count === 0,
        'nothing watched',
      );
      await hide(false);
      await eventually(
        () => watched().join(),
        (now) => now === '/api/tree',
        'the tree again',
      );
      await fresh(page, 'live');
      clean(page);
    });

    shows('what the server says is text, whatever it looks like', async (page) => {
      const evil = '<img src=x onerror="globalThis.owned=1">';
      Object.assign(fake.engine.feeds[0], { reason: evil, endpoint: `javascript:${evil}` });
      fake.engine.logLines.push({
        seq: ++fake.engine.logSeq,
        at: Date.now() * 1000,
        level: 'error',
        component: evil,
        text: evil,
      });
      Object.assign(fake.engine.byId.get('36'), { last_error: evil, parent: evil });
      for (const hash of ['#/feeds?at=pull', '#/log', '#/actors/36', '#/actors?filter=SIM.*', '#/overview']) {
        await go(page, hash);
        if (hash !== '#/overview')
          assert.ok((await page.innerText('.page')).includes('<img src=x') || hash.includes('filter'), hash);
        assert.equal(await page.locator('.page img').count(), 0);
      }
      assert.equal(await page.evaluate(() => globalThis.owned), undefined);
      clean(page);
    });

    for (const [language, theme] of [
      ['zh-CN', 'light'],
      ['en-US', 'dark'],
    ]) {
      shows(
        `every page speaks ${language} on a phone in the ${theme} theme, without running over its edge`,
        async (page) => {
          for (const hash of pages) {
            await go(page, hash);
            const { over, missing } = await page.evaluate(() => {
              const view = document.querySelector('.page');
              const words = document.body.innerText.match(/\b(c|page|state|do|lead|hint)_\w+/g);
              return {
                over: Math.max(view.scrollWidth - view.clientWidth, document.documentElement.scrollWidth - innerWidth),
                missing: words?.filter((word) => !/^(state|c)_?$/.test(word)) ?? [],
              };
            });
            assert.ok(over <= 0, `${hash} is ${over} px too wide`);
            assert.deepEqual(missing, [], hash);
            const isChinese = /[\u4e00-\u9fff]/.test(await page.innerText('#pages'));
            assert.equal(isChinese, language === 'zh-CN', hash);
          }
          assert.equal(await page.getAttribute('html', 'data-theme'), theme);
          clean(page);
        },
        { locale: language, colorScheme: theme, viewport: { width: 390, height: 844 }, hasTouch: true },
      );
    }

    shows('theme and language are switched, and remembered', async (page) => {
      await page.click('#theme');
      await page.click('#language');
      await fresh(page, 'live');
      await page.reload();
      await fresh(page, 'live');
      assert.equal(await page.getAttribute('html', 'data-theme'), 'light');
      assert.match(await page.innerText('#pages'), /总览/);
      assert.match(await page.title(), /总览/);
      clean(page);
    });

    shows('dialogs on a phone fit, and actions are reached from the details', async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await go(page, '#/connections');
      await page.click('tbody tr:nth-child(2) td');
      await page.waitForSelector('.details:not([hidden])');
      await ask(page, 'kick', '.details');
      const box = await page.locator('dialog').boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y >= 0 && box.y + box.height <= 844);
      await confirm(page);
      clean(page);
    });
  },
);
