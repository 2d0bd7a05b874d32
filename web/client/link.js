import { TickcastError, closeError, codes, isFinalClose } from './errors.js';

const sweepMs = 1000;
const mostUnsentBytes = 1 << 20;

/**
 * @typedef {object} Clock where time comes from; tests bring their own
 * @property {() => number} now milliseconds, never running back
 * @property {(call: () => void, ms: number) => any} setTimeout
 * @property {(handle: any) => void} clearTimeout
 *
 * @typedef {object} LinkOptions
 * @property {string} url
 * @property {any} webSocket the WebSocket class
 * @property {Clock} clock
 * @property {number} answerMs how long the server may take to let us in, or to answer a command
 * @property {number} silenceMs how much later than the server's ping interval we give up
 *
 * @typedef {object} LinkOwner
 * @property {() => unknown} token read once the socket is open: a token, a promise of one, or nothing
 * @property {(info: any) => void} opened the server has let us in; `info` is the connect reply
 * @property {(frame: any) => void} received a frame that answers no command
 * @property {(error: TickcastError) => void} complained a frame that cannot be used
 * @property {(error: TickcastError, final: boolean) => void} ended called once; nothing follows it
 * @property {(now: number) => void} swept once a second while open
 */

/**
 * The life of one WebSocket: it opens, introduces itself, sends commands and matches their answers, notices
 * silence, and ends once. Whoever owns it makes a new one to try again.
 */
export class Link {
  #options;
  #owner;
  /** @type {any} */
  #socket = null;
  /** @type {Map<number, {resolve: (data: any) => void, reject: (error: TickcastError) => void, deadline: number}>} */
  #waiting = new Map();
  #nextId = 1;
  /** @type {any} */
  #timer = null;
  #heardAt = 0;
  #mostSilence = Infinity;
  #hasEnded = false;

  /**
   * @param {LinkOptions} options
   * @param {LinkOwner} owner
   */
  constructor(options, owner) {
    this.#options = options;
    this.#owner = owner;
  }

  start() {
    const { url, webSocket, clock, answerMs } = this.#options;
    try {
      this.#socket = new webSocket(url);
    } catch (cause) {
      this.#end(new TickcastError(codes.transport, `cannot open ${url}`, { temporary: true, cause }), false);
      return;
    }
    const socket = this.#socket;
    socket.onopen = () => this.#introduce();
    socket.onmessage = (/** @type {any} */ event) => this.#receive(event.data);
    socket.onerror = () => {};
    socket.onclose = (/** @type {any} */ event) => this.#onClose(event);
    this.#timer = clock.setTimeout(() => {
      this.#end(new TickcastError(codes.timeout, `no answer from ${url}`, { temporary: true }), false);
    }, answerMs);
  }

  /**
   * Sends a command. Rejects with the server's refusal, after `answerMs`, or when the link ends.
   * @param {string} type
   * @param {object} [data]
   * @returns {Promise<any>}
   */
  command(type, data) {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded || this.#socket?.readyState !== 1) {
        reject(new TickcastError(codes.transport, 'the connection is not open', { temporary: true }));
        return;
      }
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject, deadline: this.#options.clock.now() + this.#options.answerMs });
      this.#send(data === undefined ? { type, id } : { type, id, data });
    });
  }

  /** True while so much waits in the socket that further commands should too. */
  get isCongested() {
    return (this.#socket?.bufferedAmount ?? 0) > mostUnsentBytes;
  }

  /** Ends the link from this side, with a closing handshake but without waiting for it. */
  close() {
    this.#end(new TickcastError(codes.closed, 'closed by this client'), true);
  }

  async #introduce() {
    try {
      const token = await this.#owner.token();
      const info = (await this.command('connect', token ? { token: String(token) } : {})) ?? {};
      if (this.#hasEnded) {
        return;
      }
      if (Number.isFinite(info.ping_ms) && info.ping_ms > 0) {
        this.#mostSilence = info.ping_ms + this.#options.silenceMs;
      }
      this.#options.clock.clearTimeout(this.#timer);
      this.#arm();
      this.#owner.opened(info);
    } catch (cause) {
      const error =
        cause instanceof TickcastError
          ? cause
          : new TickcastError(codes.unauthorized, 'the token could not be had', { temporary: true, cause });
      this.#end(error, !error.temporary);
    }
  }

  /** @param {unknown} text */
  #receive(text) {
    if (this.#hasEnded) {
      return;
    }
    this.#heardAt = this.#options.clock.now();
    let frame;
    try {
      frame = typeof text === 'string' ? JSON.parse(text) : null;
    } catch {
      frame = null;
    }
    if (frame === null || typeof frame !== 'object' || typeof frame.type !== 'string') {
      this.#owner.complained(new TickcastError(codes.malformed, 'the server sent a frame that is not this protocol'));
      return;
    }
    if (frame.type === 'reply' || frame.type === 'error') {
      this.#onAnswer(frame);
    } else if (frame.type === 'ping') {
      this.#send({ type: 'pong' });
    } else {
      this.#owner.received(frame);
    }
  }

  /** @param {any} frame */
  #onAnswer(frame) {
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (frame.type === 'reply') {
      waiting?.resolve(frame.data);
      return;
    }
    const { code = codes.internal, message = 'the server refused a command', temporary = false } = frame.data ?? {};
    const error = new TickcastError(code, message, { temporary });
    if (waiting) {
      waiting.reject(error);
    } else {
      this.#owner.complained(error);
    }
  }

  /** @param {object} frame */
  #send(frame) {
    if (this.#socket?.readyState === 1) {
      this.#socket.send(JSON.stringify(frame));
    }
  }

  #arm() {
    this.#timer = this.#options.clock.setTimeout(() => this.#sweep(), sweepMs);
  }

  #sweep() {
    const now = this.#options.clock.now();
    if (now - this.#heardAt > this.#mostSilence) {
      this.#end(new TickcastError(codes.timeout, 'nothing was heard from the server', { temporary: true }), false);
      return;
    }
    for (const { deadline } of this.#waiting.values()) {
      if (now > deadline) {
        this.#end(new TickcastError(codes.timeout, 'the server did not answer', { temporary: true }), false);
        return;
      }
    }
    this.#arm();
    this.#owner.swept(now);
  }

  /** @param {{code: number, reason?: string}} event */
  #onClose({ code, reason = '' }) {
    this.#end(closeError(code, reason), isFinalClose(code));
  }

  /**
   * @param {TickcastError} error
   * @param {boolean} final
   */
  #end(error, final) {
    if (this.#hasEnded) {
      return;
    }
    this.#hasEnded = true;
    this.#options.clock.clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket) {
      // `onerror` stays: ws reports a socket closed while it connects there, and throws where nobody listens.
      socket.onopen = socket.onmessage = socket.onclose = null;
      try {
        socket.close(1000);
      } catch {
        // A socket that cannot be closed is gone already.
      }
    }
    for (const { reject } of this.#waiting.values()) {
      reject(error);
    }
    this.#waiting.clear();
    this.#owner.ended(error, final);
  }
}
