/** After so long without a tick the age turns amber, and then the price may no longer be called current. */
export const quietMs = 5_000;
export const staleMs = 15_000;
/** A topic may be without snapshot for so long before that is called a fault. */
export const graceMs = 1_500;
/** So long may the server take to answer a ping. */
export const answerMs = 4_000;

/**
 * @typedef {object} Signs all that tells whether the price on display is current
 * @property {import('../tickcast.js').State} connection
 * @property {boolean} wasConnected
 * @property {number} waitingMs for how long one of the symbol's topics has had no valid snapshot; 0: all have
 * @property {number} unansweredMs for how long a ping has been without answer
 * @property {number} ageMs since the last tick of the symbol; NaN: it never had one
 * @property {boolean} isSilent the server calls the symbol silent while its feed is live
 * @property {string | undefined} feed its feed's state; undefined: no feed wrote it yet
 *
 * @typedef {object} Verdict
 * @property {'live' | 'quiet' | 'stale' | 'empty'} level quiet: amber; stale: greyed, with a banner; empty: nothing to judge
 * @property {string} reason names the sentence to show
 */

/**
 * Whether the price on display is current. The first sign that it is not wins, the gravest first.
 * @param {Signs} signs
 * @returns {Verdict}
 */
export function judge({ connection, wasConnected, waitingMs, unansweredMs, ageMs, isSilent, feed }) {
  if (connection === 'closed' || connection === 'signedOut') {
    return { level: 'stale', reason: 'closed' };
  }
  if (connection !== 'connected') {
    return { level: wasConnected ? 'stale' : 'empty', reason: wasConnected ? 'offline' : 'connecting' };
  }
  if (unansweredMs > answerMs) {
    return { level: 'stale', reason: 'silent' };
  }
  if (waitingMs > graceMs) {
    return { level: 'stale', reason: 'waiting' };
  }
  switch (feed) {
    case 'down':
    case 'stale':
    case 'restarting':
    case 'quarantined':
      return { level: 'stale', reason: `feed_${feed}` };
  }
  if (isSilent) {
    return { level: 'stale', reason: 'symbol_silent' };
  }
  if (Number.isNaN(ageMs)) {
    return { level: 'empty', reason: 'no_data' };
  }
  if (ageMs > staleMs) {
    return { level: 'stale', reason: 'no_tick' };
  }
  if (feed === 'gap') {
    return { level: 'quiet', reason: 'feed_gap' };
  }
  return ageMs > quietMs ? { level: 'quiet', reason: 'slow' } : { level: 'live', reason: 'live' };
}
