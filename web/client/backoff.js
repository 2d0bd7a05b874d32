/**
 * Exponential back-off with full jitter: a random time between 0 and min(cap, base * 2^failures).
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param {number} failures how often it failed already, from 0
 * @param {{baseMs: number, capMs: number}} bounds
 * @param {() => number} random in [0, 1)
 * @returns {number} milliseconds
 */
export function backoff(failures, { baseMs, capMs }, random) {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(failures, 30));
}
