import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { ask, confirm, fresh, go, openConsole, rows } from './console_page.mjs';
import { FakeAdmin } from './fake_admin.mjs';
import { refusal } from './fake_views.mjs';
import { eventually, launchBrowser, suite } from './harness.mjs';

const operator = 'operator-token';
const number = (text) => Number(text.replace(/[^\d.-]/g, ''));
const isSorted = (values) => values.every((value, i) => i === 0 || values[i - 1] >= value);

suite("the console's pages over a made-up server", { timeout: 240_000, needsServer: false }, () => {
  let browser;
  let fake;
  let page;
  const text = (selector) => page.innerText(selector);
  /** A body with a page that is signed in and live; its console must stay clean. */
  const shows = (name, hash, body, options) =>
    it(name, async () => {
      page = await openConsole(browser, fake.http, { token: operator, hash, ...options });
      await body();
      assert.deepEqual(page.faults, []);
    });

  before(async () => {
    fake = await new FakeAdmin().start();
    browser = await launchBrowser();
  });
  afterEach(async () => {
    Object.assign(fake, { isAway: false, isStuck: false, delayMs: 0 });
    fake.faults.clear();
    fake.refusals.clear();
    await page?.context().close();
  });
  after(async () => {
    await browser?.close();
    await fake?.stop();
  });

  shows('overview: says what needs attention first, worst first, and leads there', '', async () => {
    const severities = await page.$$eval('.attention li', (items) => items.map(({ dataset }) => dataset.severity));
    assert.ok(severities.length > 3);
    assert.equal(severities[0], 'error');
    assert.ok(severities.lastIndexOf('error') < severities.indexOf('warning'));
    await page.click('.attention a:has-text("binance")');
    await fresh(page, 'live');
    assert.deepEqual(
      (await rows(page)).map(({ name }) => name),
      ['binance'],
    );
    assert.equal(new URL(page.url()).hash, '#/feeds?filter=binance');
  });

  shows('overview: figures move, with lines and charts of them', '#/overview', async () => {
    const figure = () => text('[data-figure=ticks_per_s] b');
    const first = await figure();
    await eventually(figure, (now) => now !== first && /K$/.test(now), 'another rate');
    await eventually(
      () => page.getAttribute('[data-figure=ticks_per_s] polyline', 'points'),
      (points) => points.split(' ').length > 2,
      'a line',
    );
    assert.equal(await page.locator('.chart canvas').count(), 2);
    assert.equal(await page.locator('[data-table=shards] tbody tr').count(), 2);
    assert.match(await text('.page-head'), /serving[\s\S]*version 0\.2\.0/);
  });

  shows('tree: shows strategy, spent budget as n of m, state, and many children as counts', '#/tree', async () => {
    const tree = await text('.tree');
    assert.match(tree, /one_for_one · budget 6 of 10 in 60 s/);
    assert.match(tree, /rest_for_one/);
    assert.match(tree, /waiting for restart/);
    assert.match(tree, /19,9\d\d × quote topic/);
    await page.waitForSelector('.many:has-text("% busy")');
    await page.click('.many a:has-text("quote topic")');
    await fresh(page, 'live');
    const list = await rows(page);
    assert.equal(list.length, 50);
    assert.ok(list.every(({ kind }) => kind === 'quote topic'));
    assert.match(await text('.counts'), /19,9\d\d that match \(50,000 in all\)/);
  });

  shows('tree: folds, filters, and is used by keys', '#/tree', async () => {
    const seen = () => page.$$eval('.node-row', (all) => all.filter((row) => row.offsetParent).length);
    const all = await seen();
    await page.click('text=Close all');
    assert.ok((await seen()) < all);
    await page.click('text=Open all');
    assert.equal(await seen(), all);
    await page.keyboard.press('/');
    await page.keyboard.type('binance');
    await eventually(seen, (count) => count === 3, 'root, feeds and binance');
    await page.fill('.filter', '');
    await page.focus('.tree');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    await eventually(seen, (count) => count === 1, 'the root folded');
    await page.keyboard.press('ArrowRight');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    assert.equal(await page.getAttribute('[aria-selected=true]', 'data-path'), 'root/topics/directory');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.page[data-page=actors] h1:has-text("directory")');
  });

  shows('actors: sorted, filtered and paged by the server; the address keeps all of it', '#/actors', async () => {
    assert.match(await text('.counts'), /1–50 of 50,000/);
    assert.ok(isSorted((await rows(page)).map(({ mailbox }) => number(mailbox))));
    await page.click('text=Busy >> nth=0');
    await eventually(
      async () => (await rows(page)).map(({ busy }) => number(busy)),
      (busy) => isSorted(busy) && busy[0] > 90,
      'the busiest first',
    );
    await page.click('th[data-key=name] button');
    await page.click('[aria-label^="Next page"]');
    await eventually(
      () => text('.counts'),
      (counts) => counts.startsWith('51–100'),
      'the second page',
    );
    await page.fill('.filter', 'sim.*');
    await eventually(
      () => rows(page),
      (list) => list.length === 12 && list.every(({ name }) => name.startsWith('SIM.')),
      'the simulated symbols',
    );
    assert.equal(new URL(page.url()).hash, '#/actors?sort=name&filter=sim.*');
    await page.reload();
    await fresh(page, 'live');
    assert.equal((await rows(page)).length, 12, 'and it survives a reload');
    await page.selectOption('select[name=kind]', 'feed');
    await eventually(
      () => rows(page),
      (list) => list.length === 0,
      'no feed of that name',
    );
    await page.goBack();
    await eventually(
      () => rows(page),
      (list) => list.length === 12,
      'back',
    );
  });

  shows('tables: by keys alone', '#/actors?filter=SIM.*&sort=name', async () => {
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.matches('[data-filter]')), true);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await text('[aria-selected=true] td'), 'SIM.BETA');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("SIM.BETA")');
    await page.goBack();
    await go(page, '#/connections');
    await page.focus('.split .scroller');
    await page.keyboard.press('ArrowRight');
    await eventually(
      () => text('.where'),
      (where) => where === '2 / 200',
      'the next page',
    );
    await page.keyboard.press('ArrowDown');
    await page.waitForSelector('.details:not([hidden])');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.details', { state: 'hidden' });
  });

  shows('actor: all of it, with its own words, histogram and restarts', '#/actors?filter=vwap_signal', async () => {
    await page.click('tbody a');
    await page.waitForSelector('h1:has-text("vwap_signal")');
    await fresh(page, 'live');
    assert.match(await text('.pairs'), /Mailbox\s+12/);
    assert.match(await text('.described'), /subscribers[\s\S]*shard 0\s+41/);
    assert.match(await text('.supervision'), /root\/plugins · one_for_one · permanent/);
    assert.match(await text('.page'), /division by zero/);
    assert.equal(await page.locator('.chart canvas').count(), 1);
  });

  shows('actor: one that does not answer is shown all the same, and said so', '#/actors?filter=slow_one', async () => {
    await page.click('tbody a');
    await page.waitForSelector('text=has not answered within half a second');
    assert.equal(await page.getAttribute('.page-head .state', 'data-level'), 'bad');
  });

  shows('actor: restarts, stops, and says why one cannot', '#/actors?filter=SIM.ALPHA', async () => {
    await page.click('tbody a');
    await page.waitForSelector('.page [data-action=restart][aria-disabled=false]');
    const question = await ask(page, 'restart', '.page-head');
    assert.match(question, /root\/shards\/0 starts it again/);
    assert.match(question, /quote topic SIM\.ALPHA/);
    assert.match(question, /POST \/api\/actors\/\d+\/restart \{\}/);
    assert.match(await confirm(page), /Restart asked for: quote topic SIM\.ALPHA/);
    await page.waitForSelector('text=restarted by an operator');
    assert.match(await page.getAttribute('.page-head [data-action=stop]', 'title'), /no supervisor's child/);
    await go(page, '#/actors?filter=spread_alert');
    await page.click('tbody a');
    await page.waitForSelector('.page [data-action=stop][aria-disabled=false]');
    await ask(page, 'stop', '.page-head');
    await confirm(page);
    assert.deepEqual(fake.acted.at(-1)[1], {});
    await go(page, '#/actors?kind=dispatcher');
    await page.click('tbody a');
    await page.waitForSelector('.page [data-action=stop][aria-disabled=false]');
    await ask(page, 'stop', '.page-head');
    await page.click('dialog [type=submit]');
    await page.waitForSelector('dialog .fault:has-text("the engine cannot be without")');
    await page.check('dialog [name=force]');
    await confirm(page);
    assert.deepEqual(fake.acted.at(-1)[1], { force: true });
    page.faults = page.faults.filter((fault) => !fault.includes('409'));
  });

  shows('tree: a stopped child can be started again', '#/tree', async () => {
    fake.engine.stopped.add('root/services/egress');
    await page.waitForSelector('[data-path="root/services/egress"] .state[data-state=stopped]');
    assert.match(await ask(page, 'start', '[data-path="root/services/egress"]'), /"child":"egress"/);
    await confirm(page);
    await page.waitForSelector('[data-path="root/services/egress"] .state[data-state=running]');
  });

  shows('actor: traces messages live, as many and as long as asked', '#/actors?filter=SIM.GAMMA', async () => {
    await page.click('tbody a');
    await page.waitForSelector('.page [data-action=trace][aria-disabled=false]');
    await ask(page, 'trace', '.page-head');
    await page.fill('dialog [name=count]', '5000');
    await page.waitForSelector('dialog .fault:has-text("from 1 to 1000")');
    assert.equal(await page.isDisabled('dialog [type=submit]'), true);
    await page.fill('dialog [name=count]', '6');
    await page.fill('dialog [name=seconds]', '20');
    await page.fill('dialog [name=filter]', 'price 61');
    await confirm(page);
    assert.deepEqual(fake.acted.at(-1)[1], { count: 6, seconds: 20, filter: 'price 61' });
    await page.waitForSelector('.trace .state[data-state=running]');
    await page.waitForSelector('.trace .state[data-state=full]');
    assert.equal(await page.locator('.trace tbody tr').count(), 6);
    assert.match(await text('.trace'), /18 messages seen, 6 match/);
  });

  shows('feeds: state by word and shape, details of one, suspended and resumed', '#/feeds', async () => {
    const states = Object.fromEntries((await rows(page)).map(({ name, state }) => [name, state]));
    assert.deepEqual(
      [states.pull, states.sub, states.binance, states.replay],
      ['●live', '▲stale', '▲restarting', '■down'],
    );
    await page.click('tr[data-row=sub] td');
    await page.waitForSelector('.details:not([hidden])');
    assert.match(await text('.details'), /silent for 42 s; 10 s are allowed/);
    assert.match(await text('.details'), /tcp:\/\/10\.0\.1\.17:5556/);
    assert.match(await ask(page, 'suspend', 'tr[data-row=pull]'), /pull \(zmq-pull, tcp:\/\/127\.0\.0\.1:5557\)/);
    await confirm(page);
    await page.waitForSelector('tr[data-row=pull] .state[data-state=suspended]');
    assert.equal(await page.getAttribute('tr[data-row=pull] [data-action=suspend]', 'aria-disabled'), 'true');
    await ask(page, 'resume', 'tr[data-row=pull]');
    await confirm(page);
    await page.waitForSelector('tr[data-row=pull] .state[data-state=live]');
  });

  shows('topics: by kind and pattern, with their feed', '#/topics', async () => {
    await page.fill('.filter', 'bar.1m.SIM.*');
    await eventually(
      () => rows(page),
      (list) => list.length === 12 && list.every(({ topic }) => topic.startsWith('bar.1m.SIM.')),
      'the bars of the simulator',
    );
    assert.match((await rows(page)).find(({ topic }) => topic.endsWith('THETA')).state, /■quarantined/);
    await page.click('tbody a:has-text("simulator") >> nth=0');
    await page.waitForSelector('.page[data-page=feeds] .details:not([hidden]) h2:has-text("simulator")');
  });

  shows('connections: kicks the one that was meant, with code and reason', '#/connections', async () => {
    const [first] = await rows(page);
    const question = await ask(page, 'kick', `tr[data-row="${first.row}"]`);
    assert.ok(question.includes(first.remote));
    await page.fill('dialog [name=code]', '200');
    await page.waitForSelector('dialog .fault:has-text("from 3000 to 3999")');
    await page.fill('dialog [name=code]', '3010');
    await page.fill('dialog [name=reason]', 'reads too slowly');
    await confirm(page);
    assert.deepEqual(fake.acted.at(-1), [
      `/api/connections/${first.row}/kick`,
      { code: 3010, reason: 'reads too slowly' },
    ]);
    await page.waitForSelector(`tr[data-row="${first.row}"]`, { state: 'detached' });
  });

  shows('users: lead to their connections', '#/users', async () => {
    await page.fill('.filter', 'olga');
    await eventually(
      () => rows(page),
      (list) => list[0]?.user.startsWith('olga'),
      'olga',
    );
    await page.click('tbody a');
    await page.waitForSelector('.page[data-page=connections]');
    await eventually(
      () => rows(page),
      (list) => list.length > 0 && list.every(({ user }) => user.includes('olga')),
      'her connections',
    );
  });

  shows('plugins: loads, reloads and unloads', '#/plugins', async () => {
    assert.match((await rows(page)).find(({ name }) => name === 'vwap_signal').budget, /4 \/ 5/);
    await ask(page, 'load');
    await page.fill('dialog [name=name]', 'pairs');
    await page.fill('dialog [name=library]', '/opt/quant/libpairs.so');
    await page.fill('dialog [name=parameters]', '{"left":');
    await page.waitForSelector('dialog .fault:has-text("must be JSON")');
    await page.fill('dialog [name=parameters]', '{"left":"BTCUSDT"}');
    await confirm(page);
    assert.deepEqual(fake.acted.at(-1)[1], {
      name: 'pairs',
      library: '/opt/quant/libpairs.so',
      parameters: { left: 'BTCUSDT' },
    });
    await page.waitForSelector('tr[data-row=pairs]');
    await ask(page, 'reload', 'tr[data-row=flow_imbalance]');
    await confirm(page);
    await page.waitForSelector('tr[data-row=flow_imbalance] .state[data-state=running]');
    await ask(page, 'unload', 'tr[data-row=pairs]');
    await confirm(page);
    await page.waitForSelector('tr[data-row=pairs]', { state: 'detached' });
  });

  shows('restarts: a chart over the last hour and the list, newest first, seen live', '#/restarts', async () => {
    assert.equal(await page.locator('.chart canvas').count(), 1);
    const [first] = await rows(page);
    fake.engine.act(`/api/actors/${fake.engine.actors.find(({ name }) => name === 'SIM.PSI').id}/restart`, {});
    await eventually(
      () => rows(page),
      ([now]) => now.child === 'SIM.PSI' && now.row !== first.row,
      'the new one',
    );
  });

  shows('log: goes on by itself, holds, filters, and sets levels', '#/log', async () => {
    const lines = () => page.locator('.line').count();
    const before = await lines();
    assert.ok(before > 100);
    await eventually(lines, (now) => now > before, 'more lines');
    const times = await page.$$eval('.line time', (all) => all.map(({ title }) => title));
    assert.deepEqual(times, [...times].sort(), 'each once and in order');
    await page.click('text=Pause');
    const held = await lines();
    await page.waitForSelector('.counts:has-text("wait")');
    assert.equal(await lines(), held);
    await page.click('text=Go on');
    await eventually(lines, (now) => now > held, 'what waited');
    await page.selectOption('select[name=level]', 'error');
    await eventually(
      () => page.$$eval('.line', (all) => [...new Set(all.map(({ dataset }) => dataset.level))]),
      (levels) => levels.join() === 'error',
      'errors alone',
    );
    await ask(page, 'log_level', '.page-head');
    await page.selectOption('dialog [name=component]', 'feeds');
    await page.selectOption('dialog [name=level]', 'trace');
    await confirm(page);
    assert.deepEqual(fake.acted.at(-1), ['/api/log-level', { component: 'feeds', level: 'trace' }]);
    await page.click('summary');
    await page.waitForSelector('.levels >> text=feeds: trace');
  });

  shows('configuration: searched, changed ones marked', '#/config', async () => {
    assert.match(await text('.counts'), /15 of 15 keys; 6 changed/);
    await page.check('text=Changed only');
    await eventually(
      () => page.locator('.config tr').count(),
      (count) => count === 6,
      'the changed ones',
    );
    await page.fill('.filter', 'stalled');
    await eventually(
      () => text('.config'),
      (all) => /stalled_ms\s+10000\s+changed; default 30000/.test(all),
      'one key',
    );
    await eventually(
      () => new URL(page.url()).hash,
      (hash) => hash === '#/config?changed=yes&filter=stalled',
      'the address',
    );
  });

  shows('audit: who, what, and what came of it', '#/audit', async () => {
    fake.refusals.set('suspend', refusal(409, 'conflict', 'it is being restarted'));
    await page.evaluate(async () => {
      const init = {
        method: 'POST',
        body: '{}',
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer operator-token' },
      };
      await fetch('api/feeds/sub/suspend', init);
    });
    const [first] = await eventually(
      () => rows(page),
      ([row]) => row?.action === 'suspend' && row.target === 'sub',
      'the line',
    );
    assert.deepEqual([first.who, first.role, first.outcome], ['ana', 'operator', '■it is being restarted']);
    page.faults = page.faults.filter((fault) => !fault.includes('409'));
  });

  shows('drains over a window, shows it, and accepts again', '', async () => {
    const question = await ask(page, 'drain');
    assert.match(question, /closes its 9,?999|closes its 10,?000|closes its \d+ clients/);
    await page.fill('dialog [name=seconds]', '3');
    await confirm(page);
    assert.deepEqual(fake.acted.at(-1), ['/api/drain', { seconds: 3 }]);
    await page.waitForSelector('.page-head .state[data-state=draining]');
    assert.equal(await page.getAttribute('[data-action=drain]', 'aria-disabled'), 'true');
    await page.waitForSelector('.page-head .state[data-state=drained]');
    await eventually(
      () => text('[data-figure=connections] b'),
      (connections) => connections === '0',
      'nobody left',
    );
    await ask(page, 'undrain');
    await confirm(page);
    await page.waitForSelector('.page-head .state[data-state=serving]');
  });

  shows('an address that names nothing says so', '#/nonsense', async () => {
    assert.match(await text('.page'), /no such page/);
  });
});
