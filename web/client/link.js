import { DisconnectedError, SignInError, TickcastError, closeError, codes, isFinalClose, refusal } from './errors.js';

const sweepMs = 1000;
const mostUnsentBytes = 1 << 20;

/**
 * @typedef {object} Clock where time comes from; tests bring their own
 * @property {() => number} now milliseconds, never running back
 * @property {(call: () => void, ms: number) => any} setTimeout
 * @property {(handle: any) => void} clearTimeout
 * @property {() => number} [wall] milliseconds since 1970; `Date.now` when left out
 *
 * @typedef {object} LinkOptions
 * @property {string} url
 * @property {any} webSocket the WebSocket class
 * @property {Clock} clock
 * @property {number} answerMs how long the server may take to let us in, or to answer a command
 * @property {number} silenceMs how much later than the server's ping interval we give up
 *
 * @typedef {object} LinkOwner
 * @property {() => object | Promise<object>} introduction read once the socket is open: the `data` of `connect`
 * @property {(info: any) => void} opened the server has let us in; `info` is the connect reply
 * @property {(frame: any) => void} received a frame that answers no command
 * @property {(error: TickcastError) => void} complained a frame that cannot be used
 * @property {(error: TickcastError, final: boolean) => void} ended called once; nothing follows it
 * @property {(now: number) => void} swept once a second while open
 *
 * @typedef {(error: TickcastError | null, data?: any) => void} Answered
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
  /** @type {Map<number, {answered: Answered, deadline: number}>} */
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
      this.#end(new DisconnectedError(codes.transport, `cannot open ${url}`, { temporary: true, cause }), false);
      return;
    }
    const socket = this.#socket;
    socket.onopen = () => this.#introduce();
    socket.onmessage = (/** @type {any} */ event) => this.#receive(event.data);
    socket.onerror = () => {};
    socket.onclose = (/** @type {any} */ event) => this.#onClose(event);
    this.#timer = clock.setTimeout(() => {
      this.#end(new DisconnectedError(codes.timeout, `no answer from ${url}`, { temporary: true }), false);
    }, answerMs);
  }

  /**
   * Sends a command. `answered` is called once, in the turn in which the answer comes or the link ends, so before
   * any frame that follows. Returns what forgets the command: its answer is then left out.
   * @param {string} type
   * @param {unknown} data left out when undefined
   * @param {Answered} answered
   * @param {number} [patienceMs] how long no answer is no reason to end the link
   * @returns {() => void}
   */
  request(type, data, answered, patienceMs = this.#options.answerMs) {
    if (!this.#isOpen) {
      answered(new DisconnectedError(codes.transport, 'the connection is not open', { temporary: true }));
      return () => {};
    }
    const id = this.#nextId++;
    this.#waiting.set(id, { answered, deadline: this.#options.clock.now() + patienceMs });
    this.#send({ type, id, data });
    return () => void this.#waiting.delete(id);
  }

  /**
   * Sends a command. Rejects with the server's refusal, or when the link ends, which it does after `answerMs`.
   * @param {string} type
   * @param {object} [data]
   * @returns {Promise<any>}
   */
  command(type, data) {
    return new Promise((resolve, reject) => {
      this.request(type, data, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  }

  /**
   * Sends what gets no answer.
   * @param {string} type
   * @param {unknown} data
   * @returns {boolean} whether the socket took it
   */
  tell(type, data) {
    return this.#isOpen && this.#send({ type, data });
  }

  /** True while so much waits in the socket that further commands should too. */
  get isCongested() {
    return (this.#socket?.bufferedAmount ?? 0) > mostUnsentBytes;
  }

  /** Ends the link from this side, with a closing handshake but without waiting for it. */
  close() {
    this.#end(new DisconnectedError(codes.closed, 'closed by this client'), true);
  }

  get #isOpen() {
    return !this.#hasEnded && this.#socket?.readyState === 1;
  }

  async #introduce() {
    let introduction;
    try {
      introduction = await this.#owner.introduction();
    } catch (cause) {
      this.#end(new SignInError(codes.token, 'the token could not be had', { temporary: true, cause }), false);
      return;
    }
    this.request('connect', introduction, (error, info) => {
      if (error) {
        this.#end(error, !error.temporary);
        return;
      }
      this.#onOpened(info ?? {});
    });
  }

  /** @param {any} info */
  #onOpened(info) {
    if (Number.isFinite(info.ping_ms) && info.ping_ms > 0) {
      this.#mostSilence = info.ping_ms + this.#options.silenceMs;
    }
    this.#options.clock.clearTimeout(this.#timer);
    this.#arm();
    this.#owner.opened(info);
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
      waiting?.answered(null, frame.data);
    } else if (waiting) {
      waiting.answered(refusal(frame.data));
    } else if (!(frame.id > 0 && frame.id < this.#nextId)) {
      this.#owner.complained(refusal(frame.data));
    }
  }

  /** @param {object} frame */
  #send(frame) {
    const isOpen = this.#socket?.readyState === 1;
    if (isOpen) {
      this.#socket.send(JSON.stringify(frame));
    }
    return isOpen;
  }

  #arm() {
    this.#timer = this.#options.clock.setTimeout(() => this.#sweep(), sweepMs);
  }

  #sweep() {
    const now = this.#options.clock.now();
    if (now - this.#heardAt > this.#mostSilence) {
      this.#end(new DisconnectedError(codes.timeout, 'nothing was heard from the server', { temporary: true }), false);
      return;
    }
    for (const { deadline } of this.#waiting.values()) {
      if (now > deadline) {
        this.#end(new DisconnectedError(codes.timeout, 'the server did not answer', { temporary: true }), false);
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
    const { code, message, temporary } = error;
    const more = { temporary, mayHaveHappened: true, cause: error };
    for (const { answered } of this.#waiting.values()) {
      answered(new DisconnectedError(code, `no answer before the connection ended: ${message}`, more));
    }
    this.#waiting.clear();
    this.#owner.ended(error, final);
  }
}
