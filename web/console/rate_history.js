/** A longer pause between two looks is a hole in the lines: nobody watched. */
const holeMs = 5_000;

/**
 * What was seen of the server's rates while somebody looked, bounded by time. The server keeps no such history: what
 * nobody watches costs nothing. Pure.
 */
export class RateHistory {
  /** @type {any[]} */
  #points = [];
  #windowMs;
  #uptimeMs = 0;

  /** @param {number} windowMs */
  constructor(windowMs) {
    this.#windowMs = windowMs;
  }

  get points() {
    return this.#points;
  }
  get last() {
    return this.#points[this.#points.length - 1];
  }

  /** @param {any} overview as of `/api/overview` */
  put({ at, rates = {}, totals = {}, memory = {}, cpu_percent, uptime_ms = 0 }) {
    const ms = at / 1000;
    const last = this.last?.at;
    if (last !== undefined && (ms <= last || uptime_ms < this.#uptimeMs)) {
      // Another server, or one whose clock was set back.
      this.#points = [];
    } else if (last !== undefined && ms - last > holeMs) {
      this.#points.push({ at: last + 1 });
    }
    this.#uptimeMs = uptime_ms;
    this.#points.push({ at: ms, ...rates, connections: totals.connections, rss_bytes: memory.rss_bytes, cpu_percent });
    while (this.#points[0].at < ms - this.#windowMs) {
      this.#points.shift();
    }
  }

  /** The values of one figure, oldest first; what is not known is left out. @param {string} key @returns {number[]} */
  of(key) {
    return this.#points.map((point) => point[key]).filter((value) => typeof value === 'number');
  }
}
