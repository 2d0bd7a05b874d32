/**
 * @typedef {object} Bucket
 * @property {number} at its begin, ms since 1970
 * @property {number} restarted
 * @property {number} gave_up
 * @property {number} waiting
 */

/**
 * Restarts in buckets of equal length up to now, by what came of them. Pure.
 * @param {{at: number, outcome: string}[]} rows `at` in microseconds
 * @param {number} nowMs
 * @param {{bucketMs?: number, count?: number}} [options]
 * @returns {Bucket[]}
 */
export function bucketsOf(rows, nowMs, { bucketMs = 60_000, count = 60 } = {}) {
  const first = (Math.floor(nowMs / bucketMs) - count + 1) * bucketMs;
  const buckets = Array.from({ length: count }, (_, i) => ({
    at: first + i * bucketMs,
    restarted: 0,
    gave_up: 0,
    waiting: 0,
  }));
  for (const { at, outcome } of rows) {
    const bucket = buckets[Math.floor((at / 1000 - first) / bucketMs)];
    if (bucket) {
      const key = outcome === 'gave up' ? 'gave_up' : outcome === 'waiting' ? 'waiting' : 'restarted';
      bucket[key]++;
    }
  }
  return buckets;
}
