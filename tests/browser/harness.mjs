// A real server, a real Chromium, and a feed to push by hand.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
export const binary = process.env.TICKCAST_BINARY ?? join(root, 'build/release/tickcast');
const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why these tests cannot run here, or false. */
function missing({ needsServer }) {
  if (needsServer && !existsSync(binary)) return `no server at ${binary}: build it, or set TICKCAST_BINARY`;
  if (!existsSync(chromiumPath)) return `no Chromium at ${chromiumPath}: apt-get install chromium, or set CHROMIUM`;
  if (!existsSync(join(root, 'web/node_modules/playwright-core'))) return 'no playwright-core: run npm ci in web/';
  return false;
}

/** A suite; where something it needs is missing, one test that is skipped and says what. */
export function suite(name, { needsServer = true, ...options }, body) {
  const skip = missing({ needsServer });
  if (skip) test(name, { skip }, () => {});
  else describe(name, options, body);
}

export async function launchBrowser() {
  const { chromium } = require('playwright-core');
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

const anyPort = 'tcp://127.0.0.1:0';

/** `tickcast serve` on free ports, with the simulated market or with a feed that `Feeder` pushes into. */
export class Server {
  #child = null;
  #log = '';

  /** `more`: tables to add to the configuration, or a function that is given the server's directory and makes them. */
  constructor({ simulated = true, staleMs = 5000, pushMs = 250, more = '' } = {}) {
    this.more = more;
    this.simulated = simulated;
    this.staleMs = staleMs;
    this.pushMs = pushMs;
    this.port = 0;
  }

  async start() {
    this.directory ??= await mkdtemp(join(tmpdir(), 'tickcast-browser-'));
    const file = join(this.directory, 'tickcast.toml');
    const more = typeof this.more === 'function' ? await this.more(this.directory) : this.more;
    await writeFile(file, this.#config() + more);
    this.#child = spawn(binary, ['serve', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stderr.on('data', (text) => (this.#log = (this.#log + text).slice(-8000)));
    this.exited = once(this.#child, 'exit');
    const lines = createInterface({ input: this.#child.stdout });
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => text),
      this.exited.then(() => null),
      new Promise((resolve) => setTimeout(resolve, 15_000, null).unref()),
    ]);
    if (line === null) {
      throw new Error(`the server did not start:\n${this.#log}`);
    }
    this.started = JSON.parse(line);
    this.http = this.started.http;
    // Started again it must be where its clients look for it.
    this.port = Number(new URL(this.http).port);
    return this;
  }

  signal(name) {
    this.#child.kill(name);
  }

  async stop(name = 'SIGTERM') {
    this.#child.kill('SIGCONT');
    this.#child.kill(name);
    await this.exited;
  }

  async remove() {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) {
      await this.stop();
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  #config() {
    return `
[listen]
port = ${this.port}
web_directory = "${join(root, 'web')}"
[admin]
port = 0
[simulator]
enabled = ${this.simulated}
[[feed]]
name = "pull"
kind = "zmq-pull"
endpoint = "${anyPort}"
stale_ms = ${this.staleMs}
[bars]
push_ms = ${this.pushMs}
clock_close = ${this.pushMs < 1000}
[service]
pull = "${anyPort}"
router = "${anyPort}"
[egress]
endpoint = "${anyPort}"
[store]
directory = "${join(this.directory, 'data')}"
`;
  }
}

/** Pushes feed messages over ZeroMQ, through a Python process that reads them from its standard input. */
export class Feeder {
  #child;
  #id = 0;
  #timer;

  constructor(server) {
    const { endpoint } = server.started.feeds.find(({ name }) => name === 'pull');
    this.#child = spawn('/usr/bin/python3', [fileURLToPath(new URL('push.py', import.meta.url)), endpoint], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
  }

  send(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  trade(symbol, price, { timeMs = Date.now(), size = 1, side = 'buy' } = {}) {
    this.send({ type: 'trade', symbol, time: `${timeMs}000000`, price, size, side, id: ++this.#id });
  }

  quote(symbol, bid, ask, timeMs = Date.now()) {
    this.send({ type: 'quote', symbol, time: `${timeMs}000000`, bid, bid_size: 2, ask, ask_size: 3 });
  }

  /** Goes on sending until `rest`. */
  every(ms, send) {
    this.#timer = setInterval(send, ms);
  }

  rest() {
    clearInterval(this.#timer);
  }

  async stop() {
    this.rest();
    this.#child.stdin.end();
    if (this.#child.exitCode === null) {
      await once(this.#child, 'exit');
    }
  }
}

/** Opens the chart page; `page.faults` gathers what a user's console would show, and requests to other hosts. */
export async function openPage(browser, server, { hash = '', ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    locale: 'en-US',
    ...options,
  });
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') page.faults.push(message.text());
  });
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== server.http) page.faults.push(`asked elsewhere: ${request.url()}`);
  });
  await page.goto(`${server.http}/${hash}`);
  return page;
}

/** Waits until the page judges its prices so: `live`, `quiet`, `stale` or `empty`, with this reason if one is given. */
export async function freshness(page, level, reason, timeout = 10_000) {
  await page.waitForFunction(
    ([wanted, why]) => {
      const { freshness: is, reason: because } = document.documentElement.dataset;
      return is === wanted && (!why || because === why);
    },
    [level, reason],
    { timeout },
  );
}

/** The chart's data, as ECharts holds it. */
export function chartData(page) {
  return page.evaluate(() => {
    const { series, xAxis, dataZoom } = window.echarts.getInstanceByDom(document.getElementById('chart')).getOption();
    return {
      candles: series[0].data.filter(Array.isArray),
      volumes: series[1].data,
      line: series[0].markLine.data[0]?.yAxis,
      times: xAxis[0].data.map(Number).filter(Number.isFinite),
      window: [dataZoom[0].startValue, dataZoom[0].endValue],
    };
  });
}

/** Waits until `read` gives something that fits. */
export async function eventually(read, fits, what, timeout = 10_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
    if (Date.now() > end) throw new Error(`${what}: last seen ${JSON.stringify(value)?.slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
