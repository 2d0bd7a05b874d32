// A real server, a real Chromium, and a feed to push by hand.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createHmac } from 'node:crypto';
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
const tokenSecret = '0123456789abcdef0123456789abcdef';

/** `tickcast serve` on free ports, with the simulated market or with a feed that `Feeder` pushes into. */
export class Server {
  #child = null;
  #log = '';

  /**
   * `more`: tables to add to the configuration, or a function that is given the server's directory and makes them;
   * `settings`: single keys, as `--set` takes them.
   */
  constructor({ simulated = true, staleMs = 5000, pushMs = 250, more = '', settings = [] } = {}) {
    this.more = more;
    this.settings = settings;
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
    const settings = this.settings.flatMap((each) => ['--set', each]);
    this.#child = spawn(binary, ['serve', '--config', file, ...settings], { stdio: ['ignore', 'pipe', 'pipe'] });
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

/** A backend on the service ROUTER, through a Python process: asks, and answers the calls of the types it has claimed. */
export class Backend {
  #child;
  #id = 0;
  #asked = new Map();
  #types = {};

  constructor(server) {
    const script = fileURLToPath(new URL('backend.py', import.meta.url));
    this.#child = spawn('/usr/bin/python3', [script, server.started.service_router], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#receive(JSON.parse(line)));
  }

  #send(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #receive({ type, id, data }) {
    if (type === 'call') {
      const answer = this.#types[data.type](data, id);
      if (answer && id) this.#send({ type: 'answer', id, ...answer });
    } else {
      const { resolve, reject } = this.#asked.get(id);
      if (type === 'reply') resolve(data);
      else reject(new Error(`${data.code}: ${data.message}`));
    }
  }

  /** The reply's data. */
  ask(type, data) {
    const id = ++this.#id;
    this.#send({ type, id, data });
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  /** Claims types; each value is a function of a call that gives `{data}`, `{error}`, or nothing: no answer. */
  claim(types) {
    Object.assign(this.#types, types);
    return this.ask('claim', { types: Object.keys(types) });
  }

  async stop() {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) {
      await once(this.#child, 'exit');
    }
  }
}

/** A JSON Web Token by this secret. */
export function token(user, { livesS = 600, secret = tokenSecret } = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, exp: Date.now() / 1000 + livesS })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

/** Configuration by which `token` is taken; for `more` of a Server. */
export async function takesTokens(directory) {
  const file = join(directory, 'secret');
  await writeFile(file, tokenSecret, { mode: 0o600 });
  return `
[auth]
warn_ms = 1500
[auth.jwt]
algorithms = ["HS256"]
secret_file = "${file}"
leeway_ms = 0
`;
}

/**
 * Opens a page with the client library: there `until(fits)` waits, and `token(user, livesS)` makes a token. Its console
 * must stay clean: `page.faults`.
 */
export async function openLibrary(browser, server) {
  const page = await (await browser.newContext()).newPage();
  page.faults = [];
  page.on('console', (message) => {
    const isIcon = message.location().url.endsWith('/favicon.ico');
    if (message.type() === 'error' && !isIcon) page.faults.push(message.text());
  });
  page.on('pageerror', (error) => page.faults.push(String(error)));
  await page.exposeFunction('token', (user, livesS) => token(user, { livesS }));
  await page.addInitScript(() => {
    window.until = async (fits) => {
      for (const end = Date.now() + 15_000; !fits();) {
        if (Date.now() > end) throw new Error(`waited in vain for ${fits}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
  });
  await page.goto(`${server.http}/health`);
  return page;
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
