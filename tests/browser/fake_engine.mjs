// An engine that is made up, for the console: 50,000 actors, 10,000 connections, feeds that fail and come back.
import { fakeConfig } from './fake_config.mjs';

const us = () => Date.now() * 1000;
export const refusal = (status, code, message) => ({ error: { status, code, message } });

/** Mulberry32: the same seed, the same engine. */
function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const latencyBounds = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 500_000];
const handlerBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000];
const bell = (bounds, peak, sum) => [...bounds, 0].map((_, i) => Math.round(sum * Math.exp(-((i - peak) ** 2) / 2.2)));

const sentences = [
  ['feeds', 'info', () => 'pull: 12,031 ticks in the last 10 s from 2 peers'],
  ['net', 'info', (n) => `127.0.0.1:${40000 + (n % 9000)} connected, 14 subscriptions`],
  ['actors', 'warning', () => 'quote topic SIM.OMEGA: handler took 12.4 ms'],
  ['net', 'warning', (n) => `client 10.0.3.${n % 255} does not keep up: 48 updates left out`],
  ['feeds', 'error', () => 'binance: connection reset by peer; again in 4.2 s (attempt 3)'],
  ['plugins', 'warning', () => 'vwap_signal: on_trade threw: division by zero (SIM.THETA)'],
  ['store', 'info', () => 'flushed 4,096 bars in 8 ms'],
  ['admin', 'info', () => 'ana looked at /api/overview'],
];

export class FakeEngine {
  constructor({ actors = 50_000, connections = 10_000, seed = 7 } = {}) {
    this.random = seeded(seed);
    this.started = Date.now() - 93_784_000;
    this.state = 'serving';
    this.levels = ['actors', 'admin', 'config', 'feeds', 'net', 'plugins', 'store'].map((component) => ({ component, level: 'info' }));
    this.audits = [];
    this.traces = new Map();
    this.logLines = [];
    this.logSeq = 0;
    this.stopped = new Set();
    this.#makeFeeds();
    this.#makePlugins();
    this.#makeConnections(connections);
    this.#makeActors(actors);
    this.#makeRestarts();
    for (let i = 0; i < 240; i++) this.#log(Date.now() - (240 - i) * 900);
    this.lastLog = Date.now();
  }

  #log(ms) {
    const [component, level, text] = sentences[Math.floor(this.random() * sentences.length)];
    this.logLines.push({ seq: ++this.logSeq, at: ms * 1000, level, component, text: text(this.logSeq) });
    if (this.logLines.length > 2000) this.logLines.shift();
  }

  #makeFeeds() {
    const base = { simulated: false, events: 0, gaps: 0, gap_lost: 0, lost: 0, refused: 0, repeated: 0, not_owner: 0, in_flight: 0, paused: false, restarts: 0, suspended: false };
    const since = us() - 5_200_000_000;
    this.feeds = [
      { ...base, name: 'pull', kind: 'zmq-pull', endpoint: 'tcp://127.0.0.1:5557', state: 'live', since, reason: '', priority: 0, peers: 2, ticks: 48_201_993, ticks_per_s: 12_031, messages: 4_820_199, silent_ms: 3, in_flight: 812 },
      { ...base, name: 'sub', kind: 'zmq-sub', endpoint: 'tcp://10.0.1.17:5556', state: 'stale', since: us() - 42_000_000, reason: 'silent for 42 s; 10 s are allowed', priority: 1, peers: 1, ticks: 991_204, ticks_per_s: 0, messages: 991_204, silent_ms: 42_120 },
      { ...base, name: 'binance', kind: 'plugin', endpoint: 'wss://stream.binance.com:9443', state: 'restarting', since: us() - 9_000_000, reason: 'connection reset by peer; again in 4.2 s', priority: 2, peers: 0, ticks: 7_120_044, ticks_per_s: 0, messages: 7_120_044, silent_ms: 9_400, restarts: 3, lost: 218 },
      { ...base, name: 'shanghai', kind: 'zmq-sub', endpoint: 'tcp://10.0.1.40:5556', state: 'gap', since: us() - 2_000_000, reason: 'feed_seq jumped from 88120 to 88131', priority: 0, peers: 1, ticks: 12_004_551, ticks_per_s: 3_402, messages: 1_200_455, silent_ms: 11, gaps: 4, gap_lost: 37 },
      { ...base, name: 'replay', kind: 'replay', endpoint: 'recordings/2026-11-19.tcr', state: 'down', since: us() - 600_000_000, reason: 'the recording has ended', priority: 9, peers: null, ticks: 800_000, ticks_per_s: 0, messages: 8_000, silent_ms: 600_000 },
      { ...base, name: 'simulator', kind: 'simulator', endpoint: '', state: 'live', since, reason: '', simulated: true, priority: -1, peers: null, ticks: 2_201_880, ticks_per_s: 120, messages: 2_201_880, silent_ms: 8 },
    ];
  }

  #makePlugins() {
    const base = { isolation: 'thread', mailbox_bound: 10_000, dropped: 0, refused: 0, parameters: {}, subscriptions: [], last_error: '' };
    this.plugins = [
      { ...base, name: 'spread_alert', version: '1.2.0', library: '/opt/quant/libspread_alert.so', state: 'running', restarts: 0, budget: { spent: 0, intensity: 5, period_ms: 60_000 }, mailbox: 0, handled: 8_201_104, published: 1204, p50_us: 2.1, p99_us: 9, longest_ms: 1, parameters: { left: 'BTCUSDT', right: 'BTCUSD', threshold: 12.5 }, subscriptions: ['trade.BTCUSDT', 'trade.BTCUSD'] },
      { ...base, name: 'vwap_signal', version: '0.9.3', library: '/opt/quant/libvwap_signal.so', state: 'restarting', restarts: 4, budget: { spent: 4, intensity: 5, period_ms: 60_000 }, mailbox: 12, handled: 220_104, published: 88, p50_us: 4, p99_us: 31, longest_ms: 14, last_error: 'on_trade threw: division by zero (SIM.THETA)', subscriptions: ['trade.SIM.*'] },
      { ...base, name: 'slow_one', version: '0.1.0', library: '/opt/quant/libslow_one.so', isolation: 'process', state: 'stuck', restarts: 1, budget: { spent: 1, intensity: 5, period_ms: 60_000 }, mailbox: 10_000, dropped: 48_120, handled: 31, published: 0, p50_us: 5_000_120, p99_us: 5_000_900, longest_ms: 5_001, last_error: '', subscriptions: ['bar.1s.*'] },
      { ...base, name: 'flow_imbalance', version: '2.0.1', library: '/opt/quant/libflow.so', state: 'failed', restarts: 6, budget: { spent: 6, intensity: 5, period_ms: 60_000 }, mailbox: 0, handled: 2_120, published: 0, p50_us: 8, p99_us: 44, longest_ms: 2, last_error: 'budget spent: 6 failures within 60 s' },
    ];
  }

  #makeConnections(count) {
    this.connections = [];
    const names = ['mwong', 'j.keller', 'desk-7', 'quant-2', 'olga', 'risk', null, null];
    for (let i = 0; i < count; i++) {
      const isSlow = i % 997 === 3;
      this.connections.push({
        id: 200_000 + i,
        actor: String(60_000 + i),
        remote: `10.0.${i >> 8}.${i & 255}:${40_000 + (i % 20_000)}`,
        shard: `shard ${i % 2}`,
        user: names[i % names.length] && `${names[i % names.length]}${i > 400 ? i % 400 : ''}`,
        encoding: i % 3 ? 'json' : 'msgpack',
        opened: us() - Math.floor(this.random() * 8e10),
        subscriptions: 1 + Math.floor(this.random() * 60),
        queue_bytes: isSlow ? 700_000 + Math.floor(this.random() * 348_000) : Math.floor(this.random() ** 8 * 20_000),
        lag_ms: isSlow ? 8_000 + Math.floor(this.random() * 20_000) : 0,
        rtt_ms: Math.round(1 + this.random() ** 4 * 220),
        frames: Math.floor(this.random() * 4e6),
        bytes: Math.floor(this.random() * 8e8),
        received: Math.floor(this.random() * 400),
        dropped: isSlow ? Math.floor(this.random() * 90_000) : 0,
        state: isSlow ? 'slow' : 'open',
      });
    }
  }

  #makeActors(count) {
    const rows = [];
    const started = us() - 93_784_000_000;
    const add = (kind, name, parent, thread, more = {}) => {
      const busy = this.random() ** 6 * 0.06;
      rows.push({
        id: String(rows.length + 1), kind, name, parent, path: parent ? `${parent}/${name}` : name, thread, state: 'waiting', running_ms: null, mailbox: 0, oldest_ms: null,
        received: Math.floor(this.random() * 1e7), sent: Math.floor(this.random() * 1e7), received_per_s: Math.round(this.random() ** 5 * 900), busy,
        busy_ms: Math.floor(busy * 9e7), p50_us: 1 + Math.floor(this.random() * 8), p99_us: 12 + Math.floor(this.random() ** 3 * 600), restarts: 0, last_error: '', last_error_at: null, started, ...more,
      });
      return rows[rows.length - 1];
    };
    add('supervisor', 'root', '', 'workers');
    for (const name of ['storage', 'topics', 'shards', 'gatekeeper', 'users', 'services', 'plugins', 'feeds']) add('supervisor', name, 'root', 'workers');
    add('directory', 'directory', 'root/topics', 'workers', { busy: 0.011, mailbox: 2 });
    for (const name of ['service bus', 'egress']) add(name, name, 'root/services', 'workers');
    for (const i of [0, 1]) {
      add('supervisor', String(i), 'root/shards', `shard ${i}`);
      add('dispatcher', `dispatcher ${i}`, `root/shards/${i}`, `shard ${i}`, { busy: 0.31 + 0.08 * i, received_per_s: 6100, mailbox: 3 });
      add('broadcaster', `broadcaster ${i}`, `root/shards/${i}`, `shard ${i}`, { busy: 0.22, received_per_s: 7200, mailbox: 1 });
    }
    for (const { name, restarts, reason, state } of this.feeds) add('feed', name, 'root/feeds', 'workers', { restarts, last_error: state === 'restarting' ? reason : '', last_error_at: state === 'restarting' ? us() - 9_000_000 : null });
    for (const { name, restarts, last_error: error, mailbox, state } of this.plugins) {
      add('plugin', name, 'root/plugins', `plugin ${name}`, { restarts, last_error: error, last_error_at: error ? us() - 31_000_000 : null, mailbox, oldest_ms: mailbox > 1000 ? 48_200 : null, state: state === 'stuck' ? 'running' : 'waiting', running_ms: state === 'stuck' ? 4_120 : null, busy: state === 'stuck' ? 0.998 : 0.01 });
    }
    const greek = ['ALPHA', 'BETA', 'GAMMA', 'DELTA', 'OMEGA', 'THETA', 'KAPPA', 'LAMBDA', 'SIGMA', 'TAU', 'PHI', 'PSI'];
    for (const name of greek) add('quote topic', `SIM.${name}`, 'root/shards/0', 'shard 0', { restarts: name === 'THETA' ? 2 : 0, last_error: name === 'THETA' ? 'price 0 of trade 3941 is not above zero' : '', last_error_at: name === 'THETA' ? us() - 400_000_000 : null });
    for (let i = 0; i < Math.min(this.connections.length, count / 5); i++) add('connection', this.connections[i].remote, `root/shards/${i % 2}`, `shard ${i % 2}`, { id: this.connections[i].actor });
    for (let i = 0; rows.length < count; i++) add('quote topic', `${600_000 + i}.SH`, `root/shards/${i % 2}`, `shard ${i % 2}`, { mailbox: i % 4001 === 7 ? 12 : 0, oldest_ms: i % 4001 === 7 ? 3 : null });
    this.actors = rows;
    this.byId = new Map(rows.map((row) => [row.id, row]));
  }

  #makeRestarts() {
    this.restarts = [];
    const put = (ms, supervisor, child, reason, down, outcome = 'restarted') => this.restarts.push({ at: (Date.now() - ms) * 1000, supervisor, child, reason, down_ms: down, outcome });
    put(4_000, 'root/feeds', 'binance', 'connection reset by peer', null, 'waiting');
    for (let i = 0; i < 6; i++) put(30_000 + i * 8_000, 'root/plugins', 'flow_imbalance', 'on_trade threw: vector::_M_range_check', i === 0 ? null : 900, i === 0 ? 'gave up' : 'restarted');
    for (let i = 0; i < 90; i++) put(90_000 + Math.floor(this.random() ** 2 * 3.4e6), i % 3 ? 'root/plugins' : 'root/feeds', i % 3 ? 'vwap_signal' : 'binance', i % 3 ? 'on_trade threw: division by zero (SIM.THETA)' : 'connection reset by peer', Math.floor(this.random() * 6000));
    put(3_100_000, 'root/shards/0', 'SIM.THETA', 'price 0 of trade 3941 is not above zero', 1);
    this.restarts.sort((a, b) => b.at - a.at);
  }

  /** What has moved since the last look. */
  #move() {
    const now = Date.now();
    const wave = 1 + 0.25 * Math.sin(now / 9000) + 0.1 * this.random();
    for (const feed of this.feeds) {
      if (feed.suspended) Object.assign(feed, { state: 'down', reason: 'suspended by an operator', ticks_per_s: 0 });
      else if (['live', 'gap'].includes(feed.state)) {
        feed.ticks_per_s = Math.round((feed.name === 'pull' ? 12_000 : feed.name === 'shanghai' ? 3_400 : 120) * wave);
        feed.ticks += feed.ticks_per_s;
        feed.silent_ms = Math.floor(this.random() * 20);
      } else feed.silent_ms += 1000;
    }
    for (let i = 0; i < 40; i++) {
      const row = this.actors[Math.floor(this.random() * Math.min(60, this.actors.length))];
      if (row.kind !== 'plugin') {
        row.received += 50;
        row.mailbox = Math.floor(this.random() ** 6 * 9);
        row.oldest_ms = row.mailbox ? Math.floor(this.random() * 4) : null;
      }
    }
    for (const connection of this.connections.filter(({ state }) => state === 'slow')) {
      connection.lag_ms += 1000;
      connection.dropped += Math.floor(this.random() * 40);
    }
    while (this.lastLog < now) {
      this.#log(this.lastLog);
      this.lastLog += 300 + this.random() * 900;
    }
    if (this.state === 'draining') {
      const left = Math.max(0, this.drainEnd - now);
      const keep = Math.round((this.drainFrom * left) / this.drainMs);
      this.connections.length = Math.min(this.connections.length, keep);
      if (left === 0) this.state = 'drained';
    }
    return wave;
  }

  #list(all, query, { exact = [], match }) {
    const filter = (query.get('filter') ?? '').toLowerCase();
    const glob = /[*?]/.test(filter) ? new RegExp(`^${filter.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`) : null;
    let rows = all.filter((row) => match(row).some((text) => (glob ? glob.test(String(text ?? '').toLowerCase()) : String(text ?? '').toLowerCase().includes(filter))));
    for (const name of exact) if (query.get(name)) rows = rows.filter((row) => row[name] === query.get(name));
    const sort = query.get('sort') ?? '';
    const key = sort.replace(/^-/, '');
    if (key && all.length > 0 && !(key in all[0])) return refusal(400, 'bad_request', `there is no field "${key}" to sort by`);
    if (key) {
      const way = sort.startsWith('-') ? -1 : 1;
      const compare = (a, b) => (a === b ? 0 : (a ?? null) === null ? -1 : (b ?? null) === null ? 1 : a < b ? -1 : 1);
      rows = [...rows].sort((a, b) => way * compare(a[key], b[key]));
    }
    const offset = Number(query.get('offset') ?? 0);
    const limit = Number(query.get('limit') ?? 50);
    if (!(limit >= 1 && limit <= 500)) return refusal(400, 'bad_request', 'limit is 1 to 500');
    return { at: us(), total: all.length, matched: rows.length, offset, complete: true, rows: rows.slice(offset, offset + limit) };
  }

  get(target) {
    const url = new URL(target, 'http://x');
    const path = decodeURIComponent(url.pathname);
    const query = url.searchParams;
    const wave = this.#move();
    const one = /^\/api\/(actors|trace)\/(.+)$/.exec(path);
    if (one) return one[1] === 'actors' ? this.#actor(one[2]) : (this.#trace(one[2]) ?? refusal(404, 'not_found', `there is no trace ${one[2]}`));
    switch (path) {
      case '/api/overview': return this.#overview(wave);
      case '/api/tree': return { at: us(), root: this.#tree() };
      case '/api/actors': return this.#list(this.actors, query, { exact: ['kind'], match: ({ name, path: where }) => [name, where] });
      case '/api/restarts': return this.#list(this.restarts, query, { match: ({ supervisor, child, reason }) => [supervisor, child, reason] });
      case '/api/feeds': return this.#list(this.feeds, query, { match: ({ name }) => [name] });
      case '/api/topics': return this.#list(this.#topics(wave), query, { exact: ['kind'], match: ({ topic }) => [topic] });
      case '/api/connections': return this.#list(this.connections, query, { match: ({ remote, user, id }) => [remote, user, id] });
      case '/api/users': return this.#list(this.#users(), query, { match: ({ user }) => [user] });
      case '/api/plugins': return this.#list(this.plugins, query, { match: ({ name }) => [name] });
      case '/api/log': return this.#logView(query);
      case '/api/audit': return this.#list(this.audits, query, { match: ({ who, action, target: whom }) => [who, action, whom] });
      case '/api/config': return fakeConfig;
      case '/api/log-levels': return { components: this.levels };
    }
    return refusal(404, 'not_found', `there is nothing at ${path}`);
  }

  #topics(wave) {
    const symbols = this.actors.filter(({ kind }) => kind === 'quote topic').slice(0, 3000);
    const rows = symbols.flatMap(({ name, thread }, i) => ['trade', 'quote', 'bar.1m'].map((kind) => ({ topic: `${kind}.${name}`, kind: kind.split('.')[0], shard: thread, epoch: 'k3', seq: 40_000 + i * 7, updates_per_s: i % 5 ? Math.round(((i * 37) % 90) * wave) : 0, subscribers: (i * 13) % 220, feed: i < 12 ? 'simulator' : 'pull', state: name === 'SIM.THETA' ? 'quarantined' : 'live' })));
    return [...this.feeds.map(({ name, state }) => ({ topic: `feed.${name}`, kind: 'feed', shard: 'workers', epoch: 'k3', seq: 12, updates_per_s: 0, subscribers: 3, feed: null, state })), ...rows];
  }

  #users() {
    const sums = new Map();
    for (const { user, subscriptions, queue_bytes: queue, bytes } of this.connections) {
      const row = sums.get(user) ?? { user, name: user && user.replace(/[\d.-]+/g, ' ').trim(), connections: 0, subscriptions: 0, queue_bytes: 0, bytes: 0 };
      row.connections++;
      row.subscriptions += subscriptions;
      row.queue_bytes += queue;
      row.bytes += bytes;
      sums.set(user, row);
    }
    return [...sums.values()];
  }

  #logView(query) {
    const order = ['trace', 'debug', 'info', 'warning', 'error'];
    const after = Number(query.get('after') ?? 0);
    const rows = this.logLines.filter(
      ({ seq, level, component, text }) =>
        seq > after && order.indexOf(level) >= order.indexOf(query.get('level') ?? 'trace') && (!query.get('component') || component === query.get('component')) && text.includes(query.get('filter') ?? ''),
    );
    return { at: us(), total: this.logLines.length, matched: rows.length, lost: Math.max(0, this.logLines[0].seq - 1 - after) * (after > 0), rows: rows.slice(-Number(query.get('limit') ?? 50)) };
  }

  #overview(wave) {
    const { actors, connections } = this;
    const ticks = Math.round(this.feeds.reduce((sum, feed) => sum + feed.ticks_per_s, 0));
    const slow = connections.filter(({ state }) => state === 'slow').length;
    const share = connections.length / 10_000;
    const attention = this.feeds
      .filter(({ state }) => state !== 'live')
      .map(({ name, state, reason }) => ({ severity: state === 'down' || state === 'restarting' ? 'error' : 'warning', code: `feed_${state}`, what: `feed ${name} is ${state}: ${reason}`, target: name, page: 'feeds' }));
    const stuck = actors.find(({ running_ms: ms }) => ms > 1000);
    if (stuck) {
      attention.unshift({ severity: 'error', code: 'handler_long', what: `a handler of ${stuck.kind} ${stuck.name} has run for ${(stuck.running_ms / 1000).toFixed(1)} s`, target: stuck.id, page: 'actors' });
      attention.push({ severity: 'warning', code: 'mailbox', what: `the mailbox of ${stuck.name} holds 10,000 messages, the oldest for 48 s`, target: stuck.id, page: 'actors' });
    }
    attention.push({ severity: 'warning', code: 'budget', what: 'supervisor root/plugins/vwap_signal has spent 4 of 5 restarts', target: 'root/plugins', page: 'tree' });
    if (slow) attention.push({ severity: 'warning', code: 'queue', what: `${slow} clients are near their queue budget`, target: null, page: 'connections' });
    attention.sort((a, b) => (a.severity === b.severity ? 0 : a.severity === 'error' ? -1 : 1));
    return {
      at: us(), version: '0.2.0', uptime_ms: Date.now() - this.started, pid: 4711, state: this.state,
      rates: { ticks_per_s: ticks, events_per_s: Math.round(310 * wave), frames_per_s: Math.round(184_000 * wave * share), bytes_per_s: Math.round(31_000_000 * wave * share), commands_per_s: Math.round(22 * wave), cpu: 1.1 * wave },
      totals: { ticks: 71_318_000, events: 812_400, frames: 9_214_551_002, bytes: 1_500_244_120_551, connections: connections.length, topics: 118_204, actors: actors.length, restarts: this.restarts.length, refused: 1204 },
      shards: [0, 1].map((i) => ({ name: `shard ${i}`, load: Math.min(1, (0.52 + 0.06 * i) * wave), actors: Math.round(actors.length / 2), connections: Math.round(connections.length / 2), queue_bytes: Math.round(4_100_000 * wave), turns_per_s: Math.round(5200 * wave), stuck_ms: 0 })),
      workers: [0, 1].map((i) => ({ name: `worker ${i}`, load: 0.11 * wave + 0.02 * i, turns_per_s: Math.round(820 * wave), stuck_ms: 0 })),
      latency: { bounds_us: latencyBounds, counts: bell(latencyBounds, 3.4, 48_000 * wave), p50_us: Math.round(340 * wave), p99_us: Math.round(2_900 * wave) },
      memory: { rss_bytes: Math.round(1.31e9 + 2e7 * wave), peak_rss_bytes: 1_402_003_456 }, cpu_percent: 110 * wave, attention,
    };
  }

  #tree() {
    const child = (row, more = {}) => ({ name: row.name, kind: row.kind, id: this.stopped.has(row.path) ? null : row.id, state: this.stopped.has(row.path) ? 'stopped' : 'running', restart: 'permanent', restarts: row.restarts, due_ms: null, last_reason: row.last_error || null, children: [], ...more });
    const of = (parent, kinds) => this.actors.filter((row) => row.parent === parent && kinds.includes(row.kind));
    const supervisor = (row, strategy, intensity, period, spent, children, more = {}) => ({ ...child(row), path: row.path, strategy, intensity, period_ms: period, spent, each_its_own: false, children, ...more });
    const named = (name) => this.actors.find(({ kind, name: own, parent }) => kind === 'supervisor' && own === name && parent === 'root');
    const many = (parent, kind) => {
      const rows = of(parent, [kind]);
      return { kind, count: rows.length, busy: rows.reduce((sum, { busy }) => sum + busy, 0) / 100, mailbox: rows.reduce((sum, { mailbox }) => sum + mailbox, 0) };
    };
    const shards = [0, 1].map((i) => {
      const path = `root/shards/${i}`;
      const row = this.actors.find((each) => each.path === path);
      return supervisor(row, 'one_for_one', 5, 60_000, 0, of(path, ['dispatcher', 'broadcaster']).map((each) => child(each)), { each_its_own: true, many: [many(path, 'quote topic'), many(path, 'connection')] });
    });
    const feeds = of('root/feeds', ['feed']).map((row) => child(row, row.name === 'binance' ? { id: null, state: 'waiting for restart', due_ms: 4200, last_reason: 'connection reset by peer' } : {}));
    const plugins = of('root/plugins', ['plugin']).map((row) => {
      const plugin = this.plugins.find(({ name }) => name === row.name);
      return child(row, plugin ? { spent: plugin.budget.spent, intensity: 5, ...(plugin.state === 'failed' ? { id: null, state: 'ended' } : {}) } : {});
    });
    const root = this.actors[0];
    return supervisor(root, 'one_for_one', 3, 60_000, 0, [
      supervisor(named('storage'), 'one_for_one', 3, 60_000, 0, []),
      supervisor(named('topics'), 'one_for_one', 5, 60_000, 0, of('root/topics', ['directory']).map((row) => child(row))),
      supervisor(named('shards'), 'one_for_all', 2, 60_000, 0, shards),
      supervisor(named('gatekeeper'), 'one_for_one', 3, 60_000, 0, []),
      supervisor(named('users'), 'one_for_one', 5, 60_000, 0, [], { many: [{ kind: 'user agent', count: 812, busy: 0.004, mailbox: 0 }, { kind: 'chart agent', count: 1_404, busy: 0.02, mailbox: 3 }] }),
      supervisor(named('services'), 'rest_for_one', 5, 60_000, 1, of('root/services', ['service bus', 'egress']).map((row) => child(row))),
      supervisor(named('plugins'), 'one_for_one', 5, 60_000, 5, plugins, { each_its_own: true }),
      supervisor(named('feeds'), 'one_for_one', 10, 60_000, 6, feeds),
    ]);
  }

  #actor(id) {
    const row = this.byId.get(id);
    if (!row) return refusal(404, 'not_found', `there is no actor ${id}`);
    const isDeaf = row.running_ms > 1000;
    if (row.running_ms !== null) row.running_ms += 1000;
    return {
      at: us(), complete: !isDeaf, ...row,
      described: isDeaf ? null : { symbol: row.name, epoch: 'k3', seq: row.received, last: { price: 61_234.5, size: 0.004, side: 'buy' }, bars: { '1s': 500, '1m': 500 }, rings: [50, 500], subscribers: { 'shard 0': 41, 'shard 1': 38 }, quarantined: false },
      supervision: row.kind === 'connection' ? null : { supervisor: row.parent || 'root', child: row.name, strategy: 'one_for_one', restart: 'permanent' },
      histogram: { bounds_us: handlerBounds, counts: isDeaf ? handlerBounds.map(() => 0).concat(31) : bell(handlerBounds, 2.2, row.received / 3) },
      restarts_list: this.restarts.filter(({ child }) => child === row.name).slice(0, 20),
    };
  }

  #trace(id) {
    const trace = this.traces.get(id);
    if (!trace) return undefined;
    const spent = Date.now() - trace.started;
    const isOver = spent >= trace.seconds * 1000;
    const wanted = Math.min(trace.count, Math.floor(Math.min(spent, trace.seconds * 1000) / 150));
    while (trace.rows.length < wanted) {
      trace.seen += trace.filter ? 3 : 1;
      trace.rows.push({ seq: trace.rows.length + 1, at: us(), message: trace.rows.length % 3 ? 'tick_batch' : 'describe', text: `${trace.filter || 'SIM.ALPHA'} price 61${trace.rows.length % 1000}.5 size 0.004`, from: 'feed pull', waited_us: 3 + (trace.rows.length % 17), took_us: 2 + (trace.rows.length % 9) });
    }
    const state = trace.rows.length >= trace.count ? 'full' : isOver ? 'over' : 'running';
    return { id, actor: trace.actor, state, left_ms: state === 'running' ? trace.seconds * 1000 - spent : 0, seen: trace.seen, matched: trace.rows.length, rows: trace.rows };
  }

  act(path, body) {
    const [, kind, name, verb] = /^\/api\/([^/]+)(?:\/(.+?))?(?:\/([a-z]+))?$/.exec(path) ?? [];
    switch (kind) {
      case 'actors': return this.#actOnActor(name, verb, body);
      case 'children':
        return this.stopped.delete(`${body.supervisor}/${body.child}`) ? { done: true } : refusal(409, 'conflict', `${body.child} is not stopped`);
      case 'feeds': return this.#actOnFeed(name, verb);
      case 'connections': {
        const index = this.connections.findIndex(({ id }) => String(id) === name);
        if (index < 0) return refusal(404, 'not_found', `there is no connection ${name}`);
        this.connections.splice(index, 1);
        return { done: true };
      }
      case 'drain':
        Object.assign(this, { state: 'draining', drainFrom: this.connections.length, drainMs: Math.max(1, (body.seconds ?? 30) * 1000), drainEnd: Date.now() + (body.seconds ?? 30) * 1000 });
        return { done: true };
      case 'undrain':
        this.state = 'serving';
        return { done: true };
      case 'log-level':
        for (const each of this.levels) if (body.component === '*' || each.component === body.component) each.level = body.level;
        return { done: true };
      case 'plugins': return this.#actOnPlugin(name, verb, body);
    }
    return refusal(404, 'not_found', `there is nothing at ${path}`);
  }

  #actOnActor(id, verb, body) {
    const row = this.byId.get(id);
    if (!row) return refusal(404, 'not_found', `there is no actor ${id}`);
    if (verb === 'trace') {
      const trace = String(this.traces.size + 1);
      this.traces.set(trace, { actor: id, count: 100, seconds: 10, filter: '', ...body, rows: [], seen: 0, started: Date.now() });
      return { done: true, trace };
    }
    if (verb === 'stop') {
      if (['supervisor', 'dispatcher', 'broadcaster'].includes(row.kind) && !body.force) return refusal(409, 'conflict', `the engine cannot be without ${row.path}; say "force" to stop it all the same`);
      this.stopped.add(row.path);
      return { done: true };
    }
    row.restarts++;
    row.received = 0;
    row.started = us();
    this.restarts.unshift({ at: us(), supervisor: row.parent, child: row.name, reason: 'restarted by an operator', down_ms: 2, outcome: 'restarted' });
    return { done: true };
  }

  #actOnFeed(name, verb) {
    const feed = this.feeds.find((each) => each.name === name);
    if (!feed) return refusal(404, 'not_found', `there is no feed ${name}`);
    feed.suspended = verb === 'suspend';
    if (!feed.suspended) Object.assign(feed, { state: 'live', reason: '', since: us() });
    return { done: true };
  }

  #actOnPlugin(name, verb, body) {
    if (name === 'load') {
      if (this.plugins.some((each) => each.name === body.name)) return refusal(409, 'conflict', `a plugin ${body.name} is loaded already`);
      this.plugins.push({ ...this.plugins[0], name: body.name, library: body.library, parameters: body.parameters, handled: 0, published: 0 });
      return { done: true };
    }
    const index = this.plugins.findIndex((each) => each.name === name);
    if (index < 0) return refusal(404, 'not_found', `there is no plugin ${name}`);
    if (verb === 'unload') this.plugins.splice(index, 1);
    else Object.assign(this.plugins[index], { state: 'running', restarts: 0, last_error: '', budget: { spent: 0, intensity: 5, period_ms: 60_000 } });
    return { done: true };
  }

  audit({ who, path, body, answer }) {
    const [, kind, target = '', verb = ''] = /^\/api\/([^/]+)(?:\/(.+?))?(?:\/([a-z]+))?$/.exec(path) ?? [];
    this.audits.unshift({ at: us(), who: who.name, role: who.role, remote: '127.0.0.1:51820', action: verb || kind, target, data: body, outcome: answer.done ? 'done' : answer.error.message });
  }
}
