// What the made-up engine answers to each GET.

const us = () => Date.now() * 1000;
export const refusal = (status, code, message) => ({ error: { status, code, message } });

const latencyBounds = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 500_000];
const handlerBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000];
const bell = (bounds, peak, sum) => [...bounds, 0].map((_, i) => Math.round(sum * Math.exp(-((i - peak) ** 2) / 2.2)));

export function list(all, query, { exact = [], match }) {
  const filter = (query.get('filter') ?? '').toLowerCase();
  const glob = /[*?]/.test(filter)
    ? new RegExp(
        `^${filter
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replace(/\*/g, '.*')
          .replace(/\?/g, '.')}$`,
      )
    : null;
  let rows = all.filter((row) =>
    match(row).some((text) =>
      glob
        ? glob.test(String(text ?? '').toLowerCase())
        : String(text ?? '')
            .toLowerCase()
            .includes(filter),
    ),
  );
  for (const name of exact) if (query.get(name)) rows = rows.filter((row) => row[name] === query.get(name));
  const sort = query.get('sort') ?? '';
  const key = sort.replace(/^-/, '');
  if (key && all.length > 0 && !(key in all[0]))
    return refusal(400, 'bad_request', `there is no field "${key}" to sort by`);
  if (key) {
    const way = sort.startsWith('-') ? -1 : 1;
    const compare = (a, b) => (a === b ? 0 : (a ?? null) === null ? -1 : (b ?? null) === null ? 1 : a < b ? -1 : 1);
    rows = [...rows].sort((a, b) => way * compare(a[key], b[key]));
  }
  const offset = Number(query.get('offset') ?? 0);
  const limit = Number(query.get('limit') ?? 50);
  if (!(limit >= 1 && limit <= 500)) return refusal(400, 'bad_request', 'limit is 1 to 500');
  return {
    at: us(),
    total: all.length,
    matched: rows.length,
    offset,
    complete: true,
    rows: rows.slice(offset, offset + limit),
  };
}

export function topics(engine, wave) {
  const symbols = engine.actors.filter(({ kind }) => kind === 'quote topic').slice(0, 3000);
  const rows = symbols.flatMap(({ name, thread }, i) =>
    ['trade', 'quote', 'bar.1m'].map((kind) => ({
      topic: `${kind}.${name}`,
      kind: kind.split('.')[0],
      shard: thread,
      epoch: 'k3',
      seq: 40_000 + i * 7,
      updates_per_s: i % 5 ? Math.round(((i * 37) % 90) * wave) : 0,
      subscribers: (i * 13) % 220,
      feed: i < 12 ? 'simulator' : 'pull',
      state: name === 'SIM.THETA' ? 'quarantined' : 'live',
    })),
  );
  return [
    ...engine.feeds.map(({ name, state }) => ({
      topic: `feed.${name}`,
      kind: 'feed',
      shard: 'workers',
      epoch: 'k3',
      seq: 12,
      updates_per_s: 0,
      subscribers: 3,
      feed: null,
      state,
    })),
    ...rows,
  ];
}

export function users(engine) {
  const sums = new Map();
  for (const { user, subscriptions, queue_bytes: queue, bytes } of engine.connections) {
    const row = sums.get(user) ?? {
      user,
      name: user && user.replace(/[\d.-]+/g, ' ').trim(),
      connections: 0,
      subscriptions: 0,
      queue_bytes: 0,
      bytes: 0,
    };
    row.connections++;
    row.subscriptions += subscriptions;
    row.queue_bytes += queue;
    row.bytes += bytes;
    sums.set(user, row);
  }
  return [...sums.values()];
}

export function logView(engine, query) {
  const order = ['trace', 'debug', 'info', 'warning', 'error'];
  const after = Number(query.get('after') ?? 0);
  const rows = engine.logLines.filter(
    ({ seq, level, component, text }) =>
      seq > after &&
      order.indexOf(level) >= order.indexOf(query.get('level') ?? 'trace') &&
      (!query.get('component') || component === query.get('component')) &&
      text.includes(query.get('filter') ?? ''),
  );
  return {
    at: us(),
    total: engine.logLines.length,
    matched: rows.length,
    lost: Math.max(0, engine.logLines[0].seq - 1 - after) * (after > 0),
    rows: rows.slice(-Number(query.get('limit') ?? 50)),
  };
}

export function overview(engine, wave) {
  const { actors, connections } = engine;
  const ticks = Math.round(engine.feeds.reduce((sum, feed) => sum + feed.ticks_per_s, 0));
  const slow = connections.filter(({ state }) => state === 'slow').length;
  const share = connections.length / 10_000;
  const attention = engine.feeds
    .filter(({ state }) => state !== 'live')
    .map(({ name, state, reason }) => ({
      severity: state === 'down' || state === 'restarting' ? 'error' : 'warning',
      code: `feed_${state}`,
      what: `feed ${name} is ${state}: ${reason}`,
      target: name,
      page: 'feeds',
    }));
  const stuck = actors.find(({ running_ms: ms }) => ms > 1000);
  if (stuck) {
    attention.unshift({
      severity: 'error',
      code: 'handler_long',
      what: `a handler of ${stuck.kind} ${stuck.name} has run for ${(stuck.running_ms / 1000).toFixed(1)} s`,
      target: stuck.id,
      page: 'actors',
    });
    attention.push({
      severity: 'warning',
      code: 'mailbox',
      what: `the mailbox of ${stuck.name} holds 10,000 messages, the oldest for 48 s`,
      target: stuck.id,
      page: 'actors',
    });
  }
  attention.push({
    severity: 'warning',
    code: 'budget',
    what: 'supervisor root/plugins/vwap_signal has spent 4 of 5 restarts',
    target: 'root/plugins',
    page: 'tree',
  });
  if (slow)
    attention.push({
      severity: 'warning',
      code: 'queue',
      what: `${slow} clients are near their queue budget`,
      target: null,
      page: 'connections',
    });
  attention.sort((a, b) => (a.severity === b.severity ? 0 : a.severity === 'error' ? -1 : 1));
  return {
    at: us(),
    version: '0.2.0',
    uptime_ms: Date.now() - engine.started,
    pid: 4711,
    state: engine.state,
    rates: {
      ticks_per_s: ticks,
      events_per_s: Math.round(310 * wave),
      frames_per_s: Math.round(184_000 * wave * share),
      bytes_per_s: Math.round(31_000_000 * wave * share),
      commands_per_s: Math.round(22 * wave),
      cpu: 1.1 * wave,
    },
    totals: {
      ticks: 71_318_000,
      events: 812_400,
      frames: 9_214_551_002,
      bytes: 1_500_244_120_551,
      connections: connections.length,
      topics: 118_204,
      actors: actors.length,
      restarts: engine.restarts.length,
      refused: 1204,
    },
    shards: [0, 1].map((i) => ({
      name: `shard ${i}`,
      load: Math.min(1, (0.52 + 0.06 * i) * wave),
      actors: Math.round(actors.length / 2),
      connections: Math.round(connections.length / 2),
      queue_bytes: Math.round(4_100_000 * wave),
      turns_per_s: Math.round(5200 * wave),
      stuck_ms: 0,
    })),
    workers: [0, 1].map((i) => ({
      name: `worker ${i}`,
      load: 0.11 * wave + 0.02 * i,
      turns_per_s: Math.round(820 * wave),
      stuck_ms: 0,
    })),
    latency: {
      bounds_us: latencyBounds,
      counts: bell(latencyBounds, 3.4, 48_000 * wave),
      p50_us: Math.round(340 * wave),
      p99_us: Math.round(2_900 * wave),
    },
    memory: { rss_bytes: Math.round(1.31e9 + 2e7 * wave), peak_rss_bytes: 1_402_003_456 },
    cpu_percent: 110 * wave,
    attention,
  };
}

export function tree(engine) {
  const child = (row, more = {}) => ({
    name: row.name,
    kind: row.kind,
    id: engine.stopped.has(row.path) ? null : row.id,
    state: engine.stopped.has(row.path) ? 'stopped' : 'running',
    restart: 'permanent',
    restarts: row.restarts,
    due_ms: null,
    last_reason: row.last_error || null,
    children: [],
    ...more,
  });
  const of = (parent, kinds) => engine.actors.filter((row) => row.parent === parent && kinds.includes(row.kind));
  const supervisor = (row, strategy, intensity, period, spent, children, more = {}) => ({
    ...child(row),
    path: row.path,
    strategy,
    intensity,
    period_ms: period,
    spent,
    each_its_own: false,
    children,
    ...more,
  });
  const named = (name) =>
    engine.actors.find(({ kind, name: own, parent }) => kind === 'supervisor' && own === name && parent === 'root');
  const many = (parent, kind) => {
    const rows = of(parent, [kind]);
    return {
      kind,
      count: rows.length,
      busy_ms: rows.reduce((sum, { busy }) => sum + busy, 0) * ((Date.now() - engine.started) / 500),
      mailbox: rows.reduce((sum, { mailbox }) => sum + mailbox, 0),
    };
  };
  const shards = [0, 1].map((i) => {
    const path = `root/shards/${i}`;
    const row = engine.actors.find((each) => each.path === path);
    return supervisor(
      row,
      'one_for_one',
      5,
      60_000,
      0,
      of(path, ['dispatcher', 'broadcaster']).map((each) => child(each)),
      { each_its_own: true, many: [many(path, 'quote topic'), many(path, 'connection')] },
    );
  });
  const feeds = of('root/feeds', ['feed']).map((row) =>
    child(
      row,
      row.name === 'binance'
        ? { id: null, state: 'waiting for restart', due_ms: 4200, last_reason: 'connection reset by peer' }
        : {},
    ),
  );
  const plugins = of('root/plugins', ['plugin']).map((row) => {
    const plugin = engine.plugins.find(({ name }) => name === row.name);
    return child(
      row,
      plugin
        ? {
            spent: plugin.budget.spent,
            intensity: 5,
            ...(plugin.state === 'failed' ? { id: null, state: 'ended' } : {}),
          }
        : {},
    );
  });
  const root = engine.actors[0];
  return supervisor(root, 'one_for_one', 3, 60_000, 0, [
    supervisor(named('storage'), 'one_for_one', 3, 60_000, 0, []),
    supervisor(
      named('topics'),
      'one_for_one',
      5,
      60_000,
      0,
      of('root/topics', ['directory']).map((row) => child(row)),
    ),
    supervisor(named('shards'), 'one_for_all', 2, 60_000, 0, shards),
    supervisor(named('gatekeeper'), 'one_for_one', 3, 60_000, 0, []),
    supervisor(named('users'), 'one_for_one', 5, 60_000, 0, [], {
      many: [
        { kind: 'user agent', count: 812, busy_ms: 0.004 * (Date.now() - engine.started), mailbox: 0 },
        { kind: 'chart agent', count: 1_404, busy_ms: 0.02 * (Date.now() - engine.started), mailbox: 3 },
      ],
    }),
    supervisor(
      named('services'),
      'rest_for_one',
      5,
      60_000,
      1,
      of('root/services', ['service bus', 'egress']).map((row) => child(row)),
    ),
    supervisor(named('plugins'), 'one_for_one', 5, 60_000, 5, plugins, { each_its_own: true }),
    supervisor(named('feeds'), 'one_for_one', 10, 60_000, 6, feeds),
  ]);
}

export function actor(engine, id) {
  const row = engine.byId.get(id);
  if (!row) return refusal(404, 'not_found', `there is no actor ${id}`);
  const isDeaf = row.running_ms > 1000;
  if (row.running_ms !== null) row.running_ms += 1000;
  return {
    at: us(),
    complete: !isDeaf,
    ...row,
    described: isDeaf
      ? null
      : {
          symbol: row.name,
          epoch: 'k3',
          seq: row.received,
          last: { price: 61_234.5, size: 0.004, side: 'buy' },
          bars: { '1s': 500, '1m': 500 },
          rings: [50, 500],
          subscribers: { 'shard 0': 41, 'shard 1': 38 },
          quarantined: false,
        },
    supervision: ['connection', 'quote topic'].includes(row.kind)
      ? null
      : { supervisor: row.parent || 'root', child: row.name, strategy: 'one_for_one', restart: 'permanent' },
    histogram: {
      bounds_us: handlerBounds,
      counts: isDeaf ? handlerBounds.map(() => 0).concat(31) : bell(handlerBounds, 2.2, row.received / 3),
    },
    restarts_list: engine.restarts.filter(({ child }) => child === row.name).slice(0, 20),
  };
}

export function trace(engine, id) {
  const trace = engine.traces.get(id);
  if (!trace) return undefined;
  const spent = Date.now() - trace.started;
  const isOver = spent >= trace.seconds * 1000;
  const wanted = Math.min(trace.count, Math.floor(Math.min(spent, trace.seconds * 1000) / 150));
  while (trace.rows.length < wanted) {
    trace.seen += trace.filter ? 3 : 1;
    trace.rows.push({
      seq: trace.rows.length + 1,
      at: us(),
      message: trace.rows.length % 3 ? 'tick_batch' : 'describe',
      text: `${trace.filter || 'SIM.ALPHA'} price 61${trace.rows.length % 1000}.5 size 0.004`,
      from: 'feed pull',
      took_us: 2 + (trace.rows.length % 9),
    });
  }
  const state = trace.rows.length >= trace.count ? 'full' : isOver ? 'over' : 'running';
  return {
    id,
    actor: trace.actor,
    state,
    left_ms: state === 'running' ? trace.seconds * 1000 - spent : 0,
    seen: trace.seen,
    matched: trace.rows.length,
    rows: trace.rows,
  };
}
