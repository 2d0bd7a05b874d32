// The admin port as docs/admin-api.md has it, over an engine that is made up (fake_engine.mjs): lively, large, and
// disturbed as a test wants it.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakeEngine } from './fake_engine.mjs';
import { refusal } from './fake_views.mjs';

const web = fileURLToPath(new URL('../../web/', import.meta.url));
const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { WebSocketServer } = require('ws');

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** Stricter than the server's: what passes here passes there. */
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export class FakeAdmin {
  tokens = new Map([
    ['operator-token', { name: 'ana', role: 'operator' }],
    ['viewer-token', { name: 'grafana', role: 'viewer' }],
  ]);
  /** Every POST that came, as [path, body]. */
  acted = [];
  /** The paths watched now, each as often as it is. */
  get watched() {
    return [...this.#sockets].flatMap(({ watches }) => [...watches.values()].map(({ path }) => path));
  }
  get sockets() {
    return this.#sockets.size;
  }
  /** Refuses new sockets at once, as a server that is away would. */
  isAway = false;
  /** Holds every answer back, as a server that is stuck would. */
  isStuck = false;
  /** Milliseconds before an action is answered. */
  delayMs = 0;
  /** Path part -> refusal for the next POST to it. */
  refusals = new Map();
  /** Path part -> refusal for each GET of it. */
  faults = new Map();
  #sockets = new Set();
  #server;
  #wss;

  constructor(options = {}) {
    this.engine = new FakeEngine(options);
  }

  async start(port = 0) {
    this.#server = createServer((request, response) => this.#onRequest(request, response));
    this.#wss = new WebSocketServer({ noServer: true });
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.isAway || !request.url.startsWith('/api/live')) socket.destroy();
      else this.#wss.handleUpgrade(request, socket, head, (ws) => this.#onSocket(ws));
    });
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.http = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  /** Breaks every socket without a word. */
  dropSockets() {
    for (const { ws } of this.#sockets) ws.terminate();
  }

  async stop() {
    this.dropSockets();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #onRequest(request, response) {
    const url = new URL(request.url, this.http);
    if (this.isAway) {
      response.destroy();
      return;
    }
    if (!url.pathname.startsWith('/api/')) {
      await this.#file(url.pathname, response);
      return;
    }
    const answer = await this.#answer(request, url);
    if (this.isStuck) return;
    const body = JSON.stringify(answer);
    response.writeHead(answer.error?.status ?? 200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    });
    response.end(body);
  }

  async #answer(request, url) {
    const who = this.tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]);
    if (!who) return refusal(401, 'token', 'the token is not known');
    if (request.method === 'GET') return this.#get(url.pathname + url.search, who);
    if (request.method !== 'POST') return refusal(405, 'method', 'GET or POST');
    if (request.headers['content-type'] !== 'application/json')
      return refusal(400, 'bad_request', 'Content-Type: application/json is needed');
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text);
    if (this.delayMs) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    const refused = [...this.refusals].find(([part]) => url.pathname.includes(part));
    if (refused) this.refusals.delete(refused[0]);
    const answer =
      who.role !== 'operator'
        ? refusal(403, 'role', `${who.name} is a viewer: only operators may act`)
        : (refused?.[1] ?? this.engine.act(decodeURIComponent(url.pathname), body));
    this.acted.push([decodeURIComponent(url.pathname), body]);
    this.engine.audit({ who, path: decodeURIComponent(url.pathname), body, answer });
    return answer;
  }

  #get(path, who) {
    const fault = [...this.faults].find(([part]) => path.includes(part));
    if (fault) return fault[1];
    return path.startsWith('/api/whoami') ? who : this.engine.get(path);
  }

  #onSocket(ws) {
    const socket = { ws, watches: new Map(), who: undefined, token: '' };
    this.#sockets.add(socket);
    ws.on('close', () => {
      this.#sockets.delete(socket);
      for (const { timer } of socket.watches.values()) clearInterval(timer);
    });
    ws.on('message', (text) => {
      if (!this.isStuck) this.#onMessage(socket, JSON.parse(text));
    });
  }

  #onMessage(socket, { type, id, data }) {
    const send = (message) => socket.ws.send(JSON.stringify(message));
    if (type === 'connect') {
      socket.token = data.token;
      socket.who = this.tokens.get(data.token);
      if (socket.who) send({ type: 'reply', data: socket.who });
      else {
        send({ type: 'error', data: { code: 'token', message: 'the token is not known' } });
        socket.ws.close(3500, 'token');
      }
    } else if (type === 'watch') {
      if (socket.watches.size >= 16) {
        send({ type: 'error', id, data: { status: 429, code: 'too_many', message: 'at most 16 watches a socket' } });
        return;
      }
      let last = '';
      const look = () => {
        if (this.isStuck) return;
        const who = this.tokens.get(socket.token);
        const view = who ? this.#get(data.path, who) : refusal(401, 'token', 'the token is not known');
        const { at: _, ...rest } = view;
        const text = JSON.stringify(rest);
        if (text !== last) {
          last = text;
          send({ type: 'view', id, status: view.error?.status ?? 200, data: view });
        }
      };
      socket.watches.set(id, { path: data.path, timer: setInterval(look, Math.max(250, data.every_ms)) });
      look();
    } else if (type === 'unwatch') {
      clearInterval(socket.watches.get(id)?.timer);
      socket.watches.delete(id);
    }
  }

  async #file(path, response) {
    const name = path === '/' ? '/console/index.html' : path;
    const file =
      name === '/vendor/echarts.min.js'
        ? join(web, 'node_modules/echarts/dist/echarts.min.js')
        : join(web, normalize(name));
    try {
      const bytes = await readFile(file);
      response.writeHead(200, {
        'Content-Type': types[extname(file)] ?? 'text/plain',
        'Content-Security-Policy': policy,
        'X-Content-Type-Options': 'nosniff',
      });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }
}

// By hand: node tests/browser/fake_admin.mjs [PORT]
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fake = await new FakeAdmin().start(Number(process.argv[2] ?? 0));
  console.log(`${fake.http}  tokens: ${[...fake.tokens.keys()].join(', ')}`);
}
