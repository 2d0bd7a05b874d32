import { DisconnectedError, SignInError, TickcastError, codes } from './errors.js';
import { backoff } from './backoff.js';

const again = { baseMs: 1000, capMs: 10_000 };
const mostLeadMs = 60_000;

/**
 * @typedef {string | null | undefined | (() => string | null | undefined | Promise<string | null | undefined>)} Secret
 *   a text, or a function that is asked whenever one is needed; nothing: as the handshake's cookie says, or anonymous
 * @typedef {{token?: Secret, apiKey?: Secret}} Credentials
 */

/**
 * What we show to be let in, and that a token is renewed before it runs out: by what the server says when it warns,
 * and, should it not, by the time left at the sign-in.
 */
export class Identity {
  /** @type {Credentials} */
  #credentials;
  #clock;
  #random;
  #report;
  /** @type {import('./link.js').Link | null} */
  #link = null;
  #renewAt = Infinity;
  #isRenewing = false;
  #failures = 0;

  /**
   * @param {Credentials} credentials
   * @param {object} environment
   * @param {import('./link.js').Clock} environment.clock
   * @param {() => number} environment.random
   * @param {(error: TickcastError) => void} environment.report
   */
  constructor(credentials, { clock, random, report }) {
    this.#credentials = credentials;
    this.#clock = clock;
    this.#random = random;
    this.#report = report;
  }

  /** Somebody else; counts from the next connection on. @param {Credentials} credentials */
  become(credentials) {
    this.#credentials = credentials;
  }

  /** Whether a token can be had anew. */
  get canRenew() {
    return typeof this.#credentials.token === 'function';
  }

  /** What stands in `connect`. @returns {Promise<{token?: string, api_key?: string}>} */
  async shown() {
    const token = await read(this.#credentials.token);
    if (token) {
      return { token };
    }
    const key = await read(this.#credentials.apiKey);
    return key ? { api_key: key } : {};
  }

  /**
   * @param {import('./link.js').Link} link
   * @param {unknown} expires of the connect reply
   */
  attach(link, expires) {
    this.#link = link;
    this.#isRenewing = false;
    this.#failures = 0;
    this.#expectEnd(expires);
  }

  detach() {
    this.#link = null;
    this.#renewAt = Infinity;
  }

  /** The server warns: renew now. */
  warned() {
    if (this.canRenew) {
      this.#renewInBackground();
    }
  }

  /** Once a second while connected. @param {number} now */
  sweep(now) {
    if (now >= this.#renewAt && this.canRenew) {
      this.#renewInBackground();
    }
  }

  /**
   * Sends a new token on the living connection; without one the function is asked.
   * @param {string} [given]
   * @returns {Promise<{expires?: number}>}
   */
  async refresh(given) {
    const link = this.#link;
    const token = given ?? (await read(this.#credentials.token));
    if (!token) {
      throw new SignInError(codes.token, 'there is no new token; sign in again');
    }
    if (!link || link !== this.#link) {
      throw new DisconnectedError(codes.transport, 'not connected; the next connection asks anew', { temporary: true });
    }
    const reply = (await link.command('refresh', { token })) ?? {};
    if (given !== undefined && typeof this.#credentials.token !== 'function') {
      this.#credentials = { token: given };
    }
    this.#expectEnd(reply.expires);
    return reply;
  }

  async #renewInBackground() {
    if (this.#isRenewing) {
      return;
    }
    const link = this.#link;
    this.#isRenewing = true;
    this.#renewAt = Infinity;
    try {
      await this.refresh();
      this.#failures = 0;
    } catch (cause) {
      if (link === this.#link) {
        this.#onRefused(cause);
      }
    } finally {
      if (link === this.#link) {
        this.#isRenewing = false;
      }
    }
  }

  /** @param {unknown} cause */
  #onRefused(cause) {
    const error =
      cause instanceof TickcastError
        ? cause
        : new SignInError(codes.token, 'the token could not be had', { temporary: true, cause });
    if (error.temporary) {
      this.#renewAt = this.#clock.now() + backoff(++this.#failures, again, this.#random);
    }
    this.#report(error);
  }

  /** A clock that is wrong must not make a storm: an end that has passed already is left to the server's warning. */
  #expectEnd(/** @type {unknown} */ expires) {
    const leftMs = typeof expires === 'number' ? expires / 1000 - (this.#clock.wall?.() ?? Date.now()) : NaN;
    this.#renewAt = leftMs > 0 ? this.#clock.now() + leftMs - Math.min(mostLeadMs, leftMs / 4) : Infinity;
  }
}

/** @param {Secret} secret @returns {Promise<string>} '' when there is none */
async function read(secret) {
  const value = typeof secret === 'function' ? await secret() : secret;
  return value ? String(value) : '';
}
