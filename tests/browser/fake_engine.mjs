// An engine that is made up, for the console: 50,000 actors, 10,000 connections, feeds that fail and come back.
import { fakeConfig } from './fake_config.mjs';
import { makeActors, makeConnections, makeFeeds, makePlugins, makeRestarts } from './fake_making.mjs';
import { actor, list, logView, overview, refusal, topics, trace, tree, users } from './fake_views.mjs';

const us = () => Date.now() * 1000;

/** Mulberry32: the same seed, the same engine. */
function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

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
    this.levels = ['actors', 'admin', 'config', 'feeds', 'net', 'plugins', 'store'].map((component) => ({
      component,
      level: 'info',
    }));
    this.audits = [];
    this.traces = new Map();
    this.logLines = [];
    this.logSeq = 0;
    this.stopped = new Set();
    makeFeeds(this);
    makePlugins(this);
    makeConnections(this, connections);
    makeActors(this, actors);
    makeRestarts(this);
    for (let i = 0; i < 240; i++) this.#log(Date.now() - (240 - i) * 900);
    this.lastLog = Date.now();
  }

  #log(ms) {
    const [component, level, text] = sentences[Math.floor(this.random() * sentences.length)];
    this.logLines.push({ seq: ++this.logSeq, at: ms * 1000, level, component, text: text(this.logSeq) });
    if (this.logLines.length > 2000) this.logLines.shift();
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

  get(target) {
    const url = new URL(target, 'http://x');
    const path = decodeURIComponent(url.pathname);
    const query = url.searchParams;
    const wave = this.#move();
    const one = /^\/api\/(actors|trace)\/(.+)$/.exec(path);
    if (one)
      return one[1] === 'actors'
        ? actor(this, one[2])
        : (trace(this, one[2]) ?? refusal(404, 'not_found', `there is no trace ${one[2]}`));
    switch (path) {
      case '/api/overview':
        return overview(this, wave);
      case '/api/tree':
        return { at: us(), root: tree(this) };
      case '/api/actors':
        return list(this.actors, query, { exact: ['kind'], match: ({ name, path: where }) => [name, where] });
      case '/api/restarts':
        return list(this.restarts, query, {
          match: ({ supervisor, child, reason }) => [supervisor, child, reason],
        });
      case '/api/feeds':
        return list(this.feeds, query, { match: ({ name }) => [name] });
      case '/api/topics':
        return list(topics(this, wave), query, { exact: ['kind'], match: ({ topic }) => [topic] });
      case '/api/connections':
        return list(this.connections, query, { match: ({ remote, user, id }) => [remote, user, id] });
      case '/api/users':
        return list(users(this), query, { match: ({ user }) => [user] });
      case '/api/plugins':
        return list(this.plugins, query, { match: ({ name }) => [name] });
      case '/api/log':
        return logView(this, query);
      case '/api/audit':
        return list(this.audits, query, { match: ({ who, action, target: whom }) => [who, action, whom] });
      case '/api/config':
        return fakeConfig;
      case '/api/log-levels':
        return { components: this.levels };
    }
    return refusal(404, 'not_found', `there is nothing at ${path}`);
  }

  act(path, body) {
    const [, kind, name, verb] = /^\/api\/([^/]+)(?:\/(.+?))?(?:\/([a-z]+))?$/.exec(path) ?? [];
    switch (kind) {
      case 'actors':
        return this.#actOnActor(name, verb, body);
      case 'children':
        return this.stopped.delete(`${body.supervisor}/${body.child}`)
          ? { done: true }
          : refusal(409, 'conflict', `${body.child} is not stopped`);
      case 'feeds':
        return this.#actOnFeed(name, verb);
      case 'connections': {
        const index = this.connections.findIndex(({ id }) => String(id) === name);
        if (index < 0) return refusal(404, 'not_found', `there is no connection ${name}`);
        this.connections.splice(index, 1);
        return { done: true };
      }
      case 'drain':
        Object.assign(this, {
          state: 'draining',
          drainFrom: this.connections.length,
          drainMs: Math.max(1, (body.seconds ?? 30) * 1000),
          drainEnd: Date.now() + (body.seconds ?? 30) * 1000,
        });
        return { done: true };
      case 'undrain':
        this.state = 'serving';
        return { done: true };
      case 'log-level':
        for (const each of this.levels)
          if (body.component === '*' || each.component === body.component) each.level = body.level;
        return { done: true };
      case 'plugins':
        return this.#actOnPlugin(name, verb, body);
    }
    return refusal(404, 'not_found', `there is nothing at ${path}`);
  }

  #actOnActor(id, verb, body) {
    const row = this.byId.get(id);
    if (!row) return refusal(404, 'not_found', `there is no actor ${id}`);
    if (verb === 'trace') {
      const trace = String(this.traces.size + 1);
      this.traces.set(trace, {
        actor: id,
        count: 100,
        seconds: 10,
        filter: '',
        ...body,
        rows: [],
        seen: 0,
        started: Date.now(),
      });
      return { done: true, trace };
    }
    if (verb === 'stop') {
      if (['supervisor', 'dispatcher', 'broadcaster'].includes(row.kind) && !body.force)
        return refusal(
          409,
          'conflict',
          `the engine cannot be without ${row.path}; say "force" to stop it all the same`,
        );
      this.stopped.add(row.path);
      return { done: true };
    }
    row.restarts++;
    row.received = 0;
    row.started = us();
    this.restarts.unshift({
      at: us(),
      supervisor: row.parent,
      child: row.name,
      reason: 'restarted by an operator',
      down_ms: 2,
      outcome: 'restarted',
    });
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
      if (this.plugins.some((each) => each.name === body.name))
        return refusal(409, 'conflict', `a plugin ${body.name} is loaded already`);
      this.plugins.push({
        ...this.plugins[0],
        name: body.name,
        library: body.library,
        parameters: body.parameters,
        handled: 0,
        published: 0,
      });
      return { done: true };
    }
    const index = this.plugins.findIndex((each) => each.name === name);
    if (index < 0) return refusal(404, 'not_found', `there is no plugin ${name}`);
    if (verb === 'unload') this.plugins.splice(index, 1);
    else
      Object.assign(this.plugins[index], {
        state: 'running',
        restarts: 0,
        last_error: '',
        budget: { spent: 0, intensity: 5, period_ms: 60_000 },
      });
    return { done: true };
  }

  audit({ who, path, body, answer }) {
    const [, kind, target = '', verb = ''] = /^\/api\/([^/]+)(?:\/(.+?))?(?:\/([a-z]+))?$/.exec(path) ?? [];
    this.audits.unshift({
      at: us(),
      who: who.name,
      role: who.role,
      remote: '127.0.0.1:51820',
      action: verb || kind,
      target,
      data: body,
      outcome: answer.done ? 'done' : answer.error.message,
    });
  }
}
