/** Nothing heard from the server for so long: what is seen may be old. */
export const silentAfterMs = 5_000;
/** So long may the first answer for what is on display take. */
export const graceMs = 2_500;

/**
 * @typedef {object} Signs
 * @property {'idle' | 'connecting' | 'connected' | 'reconnecting'} link
 * @property {number} silentMs since anything was heard from the server; NaN: never was
 * @property {number} waitingMs for how long something on display has had no answer; 0: all have
 * @property {number} seenMs since the page on display was last known to be current; NaN: never was
 *
 * @typedef {object} Verdict
 * @property {'live' | 'stale' | 'empty'} level stale: greyed, with a banner; empty: nothing is on display yet
 * @property {'live' | 'connecting' | 'offline' | 'silent' | 'waiting'} reason
 * @property {number} ageMs how old what is seen is, where that is known
 */

/**
 * Whether what the console shows is current. The one place that decides it.
 * @param {Signs} signs
 * @returns {Verdict}
 */
export function judge({ link, silentMs, waitingMs, seenMs }) {
  if (link !== 'connected') {
    return Number.isNaN(seenMs)
      ? { level: 'empty', reason: link === 'reconnecting' ? 'offline' : 'connecting', ageMs: NaN }
      : { level: 'stale', reason: 'offline', ageMs: seenMs };
  }
  if (silentMs > silentAfterMs) {
    return { level: 'stale', reason: 'silent', ageMs: silentMs };
  }
  // A page that comes back from the background shows what was true before, until it is answered.
  if (waitingMs > graceMs || (waitingMs > 0 && seenMs > silentAfterMs)) {
    return {
      level: Number.isNaN(seenMs) ? 'empty' : 'stale',
      reason: 'waiting',
      ageMs: Math.max(waitingMs, seenMs || 0),
    };
  }
  return Number.isNaN(seenMs)
    ? { level: 'empty', reason: 'connecting', ageMs: NaN }
    : { level: 'live', reason: 'live', ageMs: seenMs };
}
