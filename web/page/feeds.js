/** @typedef {{name: string, state: string, simulated: boolean}} Feed as snapshots carry it */

const mostFeeds = 64;

/**
 * The state of every feed that a snapshot has named: from the snapshots, and after that from the feed's own topic.
 */
export class Feeds {
  /** @type {Map<string, Feed>} */
  #feeds = new Map();
  #client;
  #changed;

  /**
   * @param {import('../tickcast.js').Tickcast} client
   * @param {() => void} changed
   */
  constructor(client, changed) {
    this.#client = client;
    this.#changed = changed;
  }

  /** Takes the `feed` of a snapshot. @param {any} feed @returns {string | undefined} its name */
  meet(feed) {
    if (typeof feed?.name !== 'string' || feed.name === '') {
      return undefined;
    }
    const isNew = !this.#feeds.has(feed.name);
    if (isNew && this.#feeds.size >= mostFeeds) {
      return feed.name;
    }
    this.#put(feed.name, feed);
    if (isNew) {
      this.#watch(feed.name);
    }
    return feed.name;
  }

  /** @param {string | undefined} name @returns {Feed | undefined} */
  get(name) {
    return name === undefined ? undefined : this.#feeds.get(name);
  }

  /** @param {string} name */
  #watch(name) {
    const take = (/** @type {any} */ data) => this.#put(name, data);
    try {
      this.#client.subscribe(`feed.${name}`, { snapshot: ({ last }) => last && take(last), update: take });
    } catch {
      // A name that makes no topic has no topic; its state comes with snapshots alone.
    }
  }

  /** @param {string} name @param {any} data */
  #put(name, data) {
    const before = this.#feeds.get(name);
    const state = typeof data?.state === 'string' ? data.state : (before?.state ?? 'none');
    const simulated = typeof data?.simulated === 'boolean' ? data.simulated : (before?.simulated ?? false);
    if (before?.state !== state || before?.simulated !== simulated) {
      this.#feeds.set(name, { name, state, simulated });
      this.#changed();
    }
  }
}
