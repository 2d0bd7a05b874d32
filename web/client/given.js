const mostTopics = 1000;

/**
 * @typedef {object} GivenEvent a frame of a topic that the server gives without being asked
 * @property {string} topic
 * @property {'snapshot' | 'update' | 'gap'} type
 * @property {string} epoch
 * @property {number} seq
 * @property {any} [data] of a snapshot or an update
 * @property {import('./topic.js').Gap} [gap] of a gap
 */

/**
 * Topics that a backend has subscribed this user to and nobody here has: their positions, so that a hole is told.
 * What is here is what the server says; nothing is asked for anew.
 */
export class GivenTopics {
  /** @type {Map<string, {epoch: string, seq: number}>} */
  #positions = new Map();

  /** The connection is gone: positions begin anew with the next. */
  detach() {
    this.#positions.clear();
  }

  /**
   * @param {any} frame
   * @returns {GivenEvent[]} what to tell, in order
   */
  receive({ type, topic, epoch, seq, data }) {
    if (typeof topic !== 'string') {
      return [];
    }
    const at = this.#positions.get(topic);
    if (type === 'gap') {
      const { from = 0, to = from, lost = 0 } = data ?? {};
      this.#positions.delete(topic);
      const gap = { topic, from, to, lost, reason: /** @type {const} */ ('server') };
      return [{ topic, type, epoch: at?.epoch ?? '', seq: to, gap }];
    }
    if ((type !== 'snapshot' && type !== 'update') || !Number.isSafeInteger(seq)) {
      return [];
    }
    if (type === 'update' && at && seq <= at.seq) {
      return [];
    }
    /** @type {GivenEvent[]} */
    const events = [];
    const now = { epoch: String(epoch ?? at?.epoch ?? ''), seq };
    if (type === 'update' && at && seq > at.seq + 1) {
      const gap = {
        topic,
        from: at.seq + 1,
        to: seq - 1,
        lost: seq - at.seq - 1,
        reason: /** @type {const} */ ('hole'),
      };
      events.push({ topic, type: 'gap', ...at, gap });
    }
    if (at || this.#positions.size < mostTopics) {
      this.#positions.set(topic, now);
    }
    events.push({ topic, type, ...now, data });
    return events;
  }
}
