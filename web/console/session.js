/** So long may the server take to answer a request. */
const answerMs = 15_000;
const kept = 'tickcast.token';

/** A refusal, in the server's own sentence where it gave one. */
export class ApiError extends Error {
  /**
   * @param {number} status 0: the server was not reached
   * @param {string} code as in docs/admin-api.md; `network` or `timeout` where no answer came
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/**
 * @typedef {{name: string, role: string}} Who
 * @typedef {'none' | 'signed_out' | 'wrong' | 'expired' | 'failed'} WhyOut why nobody is signed in
 * @typedef {object} Store where the token lies while this tab is open
 * @property {(key: string) => string | null} getItem
 * @property {(key: string, value: string) => void} setItem
 * @property {(key: string) => void} removeItem
 */

/**
 * Who is signed in and by which token, and every request in their name. The token is kept for this tab alone and
 * leaves it only as a header of our own requests.
 */
export class Session {
  #base;
  #store;
  #fetch;
  #token = '';
  /** @type {Who | undefined} */
  #who;
  /** @type {{why: WhyOut, message: string}} */
  #out = { why: 'none', message: '' };
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {{base: URL | string, store: Store, fetch?: typeof fetch}} options */
  constructor({ base, store, fetch: get = (...request) => fetch(...request) }) {
    this.#base = base;
    this.#store = store;
    this.#fetch = get;
    try {
      this.#token = store.getItem(kept) ?? '';
    } catch {
      // Where nothing may be kept the token lasts as long as the page.
    }
  }

  get token() {
    return this.#token;
  }
  get who() {
    return this.#who;
  }
  get mayAct() {
    return this.#who?.role === 'operator';
  }
  /** Why nobody is signed in. */
  get out() {
    return this.#out;
  }

  /** @param {() => void} listener called after somebody has come or gone */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  /** Takes up the token that this tab has kept. Resolves whether somebody is signed in now. */
  async resume() {
    return this.#token !== '' && this.#enter(this.#token, true);
  }

  /** @param {string} token */
  signIn(token) {
    return this.#enter(token.trim(), false);
  }

  /** @param {WhyOut} [why] @param {string} [message] */
  signOut(why = 'signed_out', message = '') {
    this.#token = '';
    this.#who = undefined;
    this.#out = { why, message };
    try {
      this.#store.removeItem(kept);
    } catch {
      // It was never kept.
    }
    this.#tell();
  }

  /** @param {string} path @returns {Promise<any>} */
  get(path) {
    return this.#request('GET', path);
  }

  /** @param {string} path @param {object} body @returns {Promise<any>} */
  post(path, body) {
    return this.#request('POST', path, body);
  }

  /** @param {string} token @param {boolean} wasKept */
  async #enter(token, wasKept) {
    try {
      const who = await this.#send(token, 'GET', '/api/whoami');
      this.#token = token;
      this.#who = who;
      try {
        this.#store.setItem(kept, token);
      } catch {
        // See above.
      }
      this.#tell();
      return true;
    } catch (error) {
      const { status, message } = /** @type {ApiError} */ (error);
      if (status === 401) {
        this.signOut(wasKept ? 'expired' : 'wrong', message);
      } else {
        this.#out = { why: 'failed', message };
        this.#tell();
      }
      return false;
    }
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  async #request(method, path, body) {
    const token = this.#token;
    try {
      return await this.#send(token, method, path, body);
    } catch (error) {
      const { status, message } = /** @type {ApiError} */ (error);
      if (status === 401 && this.#who && token === this.#token) {
        this.signOut('expired', message);
      }
      throw error;
    }
  }

  /** @param {string} token @param {string} method @param {string} path @param {object} [body] */
  async #send(token, method, path, body) {
    let response;
    try {
      response = await this.#fetch(new URL(path.replace(/^\//, ''), this.#base), {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout(answerMs),
      });
    } catch (cause) {
      const isLate = cause instanceof Error && cause.name === 'TimeoutError';
      throw new ApiError(0, isLate ? 'timeout' : 'network', '');
    }
    const answer = await response.json().catch(() => undefined);
    if (!response.ok || answer === undefined) {
      const { code = 'internal', message = `HTTP ${response.status} ${response.statusText}` } = answer?.error ?? {};
      throw new ApiError(response.status, code, message);
    }
    return answer;
  }

  #tell() {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
