// What the made-up engine consists of at first.

const us = () => Date.now() * 1000;

export function makeFeeds(engine) {
  const base = {
    simulated: false,
    events: 0,
    gaps: 0,
    gap_lost: 0,
    lost: 0,
    refused: 0,
    repeated: 0,
    not_owner: 0,
    in_flight: 0,
    paused: false,
    restarts: 0,
    suspended: false,
  };
  const since = us() - 5_200_000_000;
  engine.feeds = [
    {
      ...base,
      name: 'pull',
      kind: 'zmq-pull',
      endpoint: 'tcp://127.0.0.1:5557',
      state: 'live',
      since,
      reason: '',
      priority: 0,
      peers: 2,
      ticks: 48_201_993,
      ticks_per_s: 12_031,
      messages: 4_820_199,
      silent_ms: 3,
      in_flight: 812,
    },
    {
      ...base,
      name: 'sub',
      kind: 'zmq-sub',
      endpoint: 'tcp://10.0.1.17:5556',
      state: 'stale',
      since: us() - 42_000_000,
      reason: 'silent for 42 s; 10 s are allowed',
      priority: 1,
      peers: 1,
      ticks: 991_204,
      ticks_per_s: 0,
      messages: 991_204,
      silent_ms: 42_120,
    },
    {
      ...base,
      name: 'binance',
      kind: 'plugin',
      endpoint: 'wss://stream.binance.com:9443',
      state: 'restarting',
      since: us() - 9_000_000,
      reason: 'connection reset by peer; again in 4.2 s',
      priority: 2,
      peers: 0,
      ticks: 7_120_044,
      ticks_per_s: 0,
      messages: 7_120_044,
      silent_ms: 9_400,
      restarts: 3,
      lost: 218,
    },
    {
      ...base,
      name: 'shanghai',
      kind: 'zmq-sub',
      endpoint: 'tcp://10.0.1.40:5556',
      state: 'gap',
      since: us() - 2_000_000,
      reason: 'feed_seq jumped from 88120 to 88131',
      priority: 0,
      peers: 1,
      ticks: 12_004_551,
      ticks_per_s: 3_402,
      messages: 1_200_455,
      silent_ms: 11,
      gaps: 4,
      gap_lost: 37,
    },
    {
      ...base,
      name: 'replay',
      kind: 'replay',
      endpoint: 'recordings/2026-11-19.tcr',
      state: 'down',
      since: us() - 600_000_000,
      reason: 'the recording has ended',
      priority: 9,
      peers: null,
      ticks: 800_000,
      ticks_per_s: 0,
      messages: 8_000,
      silent_ms: 600_000,
    },
    {
      ...base,
      name: 'simulator',
      kind: 'simulator',
      endpoint: '',
      state: 'live',
      since,
      reason: '',
      simulated: true,
      priority: -1,
      peers: null,
      ticks: 2_201_880,
      ticks_per_s: 120,
      messages: 2_201_880,
      silent_ms: 8,
    },
  ];
}

export function makePlugins(engine) {
  const base = {
    isolation: 'thread',
    mailbox_bound: 10_000,
    dropped: 0,
    refused: 0,
    parameters: {},
    subscriptions: [],
    last_error: '',
  };
  engine.plugins = [
    {
      ...base,
      name: 'spread_alert',
      version: '1.2.0',
      library: '/opt/quant/libspread_alert.so',
      state: 'running',
      restarts: 0,
      budget: { spent: 0, intensity: 5, period_ms: 60_000 },
      mailbox: 0,
      handled: 8_201_104,
      published: 1204,
      p50_us: 2.1,
      p99_us: 9,
      longest_ms: 1,
      parameters: { left: 'BTCUSDT', right: 'BTCUSD', threshold: 12.5 },
      subscriptions: ['trade.BTCUSDT', 'trade.BTCUSD'],
    },
    {
      ...base,
      name: 'vwap_signal',
      version: '0.9.3',
      library: '/opt/quant/libvwap_signal.so',
      state: 'restarting',
      restarts: 4,
      budget: { spent: 4, intensity: 5, period_ms: 60_000 },
      mailbox: 12,
      handled: 220_104,
      published: 88,
      p50_us: 4,
      p99_us: 31,
      longest_ms: 14,
      last_error: 'on_trade threw: division by zero (SIM.THETA)',
      subscriptions: ['trade.SIM.*'],
    },
    {
      ...base,
      name: 'slow_one',
      version: '0.1.0',
      library: '/opt/quant/libslow_one.so',
      isolation: 'process',
      state: 'stuck',
      restarts: 1,
      budget: { spent: 1, intensity: 5, period_ms: 60_000 },
      mailbox: 10_000,
      dropped: 48_120,
      handled: 31,
      published: 0,
      p50_us: 5_000_120,
      p99_us: 5_000_900,
      longest_ms: 5_001,
      last_error: '',
      subscriptions: ['bar.1s.*'],
    },
    {
      ...base,
      name: 'flow_imbalance',
      version: '2.0.1',
      library: '/opt/quant/libflow.so',
      state: 'failed',
      restarts: 6,
      budget: { spent: 6, intensity: 5, period_ms: 60_000 },
      mailbox: 0,
      handled: 2_120,
      published: 0,
      p50_us: 8,
      p99_us: 44,
      longest_ms: 2,
      last_error: 'budget spent: 6 failures within 60 s',
    },
  ];
}

export function makeConnections(engine, count) {
  engine.connections = [];
  const names = ['mwong', 'j.keller', 'desk-7', 'quant-2', 'olga', 'risk', null, null];
  for (let i = 0; i < count; i++) {
    const isSlow = i % 997 === 3;
    engine.connections.push({
      id: 200_000 + i,
      actor: String(60_000 + i),
      remote: `10.0.${i >> 8}.${i & 255}:${40_000 + (i % 20_000)}`,
      shard: `shard ${i % 2}`,
      user: names[i % names.length] && `${names[i % names.length]}${i > 400 ? i % 400 : ''}`,
      encoding: i % 3 ? 'json' : 'msgpack',
      opened: us() - Math.floor(engine.random() * 8e10),
      subscriptions: 1 + Math.floor(engine.random() * 60),
      queue_bytes: isSlow ? 700_000 + Math.floor(engine.random() * 348_000) : Math.floor(engine.random() ** 8 * 20_000),
      lag_ms: isSlow ? 8_000 + Math.floor(engine.random() * 20_000) : 0,
      rtt_ms: Math.round(1 + engine.random() ** 4 * 220),
      frames: Math.floor(engine.random() * 4e6),
      bytes: Math.floor(engine.random() * 8e8),
      received: Math.floor(engine.random() * 400),
      dropped: isSlow ? Math.floor(engine.random() * 90_000) : 0,
      state: isSlow ? 'slow' : 'open',
    });
  }
}

export function makeActors(engine, count) {
  const rows = [];
  const started = us() - 93_784_000_000;
  const add = (kind, name, parent, thread, more = {}) => {
    const busy = engine.random() ** 6 * 0.06;
    rows.push({
      id: String(rows.length + 1),
      kind,
      name,
      parent,
      path: parent ? `${parent}/${name}` : name,
      thread,
      state: 'waiting',
      running_ms: null,
      mailbox: 0,
      oldest_ms: null,
      received: Math.floor(engine.random() * 1e7),
      sent: Math.floor(engine.random() * 1e7),
      received_per_s: Math.round(engine.random() ** 5 * 900),
      busy,
      busy_ms: Math.floor(busy * 9e7),
      p50_us: 1 + Math.floor(engine.random() * 8),
      p99_us: 12 + Math.floor(engine.random() ** 3 * 600),
      restarts: 0,
      last_error: '',
      last_error_at: null,
      started,
      ...more,
    });
    return rows[rows.length - 1];
  };
  add('supervisor', 'root', '', 'workers');
  for (const name of ['storage', 'topics', 'shards', 'gatekeeper', 'users', 'services', 'plugins', 'feeds'])
    add('supervisor', name, 'root', 'workers');
  add('directory', 'directory', 'root/topics', 'workers', { busy: 0.011, mailbox: 2 });
  for (const name of ['service bus', 'egress']) add(name, name, 'root/services', 'workers');
  for (const i of [0, 1]) {
    add('supervisor', String(i), 'root/shards', `shard ${i}`);
    add('dispatcher', `dispatcher ${i}`, `root/shards/${i}`, `shard ${i}`, {
      busy: 0.31 + 0.08 * i,
      received_per_s: 6100,
      mailbox: 3,
    });
    add('broadcaster', `broadcaster ${i}`, `root/shards/${i}`, `shard ${i}`, {
      busy: 0.22,
      received_per_s: 7200,
      mailbox: 1,
    });
  }
  for (const { name, restarts, reason, state } of engine.feeds)
    add('feed', name, 'root/feeds', 'workers', {
      restarts,
      last_error: state === 'restarting' ? reason : '',
      last_error_at: state === 'restarting' ? us() - 9_000_000 : null,
    });
  for (const { name, restarts, last_error: error, mailbox, state } of engine.plugins) {
    add('plugin', name, 'root/plugins', `plugin ${name}`, {
      restarts,
      last_error: error,
      last_error_at: error ? us() - 31_000_000 : null,
      mailbox,
      oldest_ms: mailbox > 1000 ? 48_200 : null,
      state: state === 'stuck' ? 'running' : 'waiting',
      running_ms: state === 'stuck' ? 4_120 : null,
      busy: state === 'stuck' ? 0.998 : 0.01,
    });
  }
  const greek = ['ALPHA', 'BETA', 'GAMMA', 'DELTA', 'OMEGA', 'THETA', 'KAPPA', 'LAMBDA', 'SIGMA', 'TAU', 'PHI', 'PSI'];
  for (const name of greek)
    add('quote topic', `SIM.${name}`, 'root/shards/0', 'shard 0', {
      restarts: name === 'THETA' ? 2 : 0,
      last_error: name === 'THETA' ? 'price 0 of trade 3941 is not above zero' : '',
      last_error_at: name === 'THETA' ? us() - 400_000_000 : null,
    });
  for (let i = 0; i < Math.min(engine.connections.length, count / 5); i++)
    add('connection', engine.connections[i].remote, `root/shards/${i % 2}`, `shard ${i % 2}`, {
      id: engine.connections[i].actor,
    });
  for (let i = 0; rows.length < count; i++)
    add('quote topic', `${600_000 + i}.SH`, `root/shards/${i % 2}`, `shard ${i % 2}`, {
      mailbox: i % 4001 === 7 ? 12 : 0,
      oldest_ms: i % 4001 === 7 ? 3 : null,
    });
  engine.actors = rows;
  engine.byId = new Map(rows.map((row) => [row.id, row]));
}

export function makeRestarts(engine) {
  engine.restarts = [];
  const put = (ms, supervisor, child, reason, down, outcome = 'restarted') =>
    engine.restarts.push({ at: (Date.now() - ms) * 1000, supervisor, child, reason, down_ms: down, outcome });
  put(4_000, 'root/feeds', 'binance', 'connection reset by peer', null, 'waiting');
  for (let i = 0; i < 6; i++)
    put(
      30_000 + i * 8_000,
      'root/plugins',
      'flow_imbalance',
      'on_trade threw: vector::_M_range_check',
      i === 0 ? null : 900,
      i === 0 ? 'gave up' : 'restarted',
    );
  for (let i = 0; i < 90; i++)
    put(
      90_000 + Math.floor(engine.random() ** 2 * 3.4e6),
      i % 3 ? 'root/plugins' : 'root/feeds',
      i % 3 ? 'vwap_signal' : 'binance',
      i % 3 ? 'on_trade threw: division by zero (SIM.THETA)' : 'connection reset by peer',
      Math.floor(engine.random() * 6000),
    );
  put(3_100_000, 'root/shards/0', 'SIM.THETA', 'price 0 of trade 3941 is not above zero', 1);
  engine.restarts.sort((a, b) => b.at - a.at);
}
