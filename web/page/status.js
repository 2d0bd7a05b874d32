import { now } from '../client/clock.js';
import { age, clock, date, zone } from './numbers.js';
import { byId, drawAge, write } from './market_panels.js';
import { judge } from './freshness.js';
import { say } from './text.js';

const pingEveryMs = 5_000;
/** Data whose own time is further back than this is shown with that time. */
const oldDataMs = 60_000;

/**
 * @typedef {object} Surroundings
 * @property {import('../tickcast.js').Tickcast} client
 * @property {import('./feeds.js').Feeds} feeds
 * @property {() => import('./instrument.js').Instrument | undefined} instrument
 */

/**
 * Says how far the prices on display can be trusted: connection, feed, age of the last tick; and greys them, with a
 * banner, when they cannot. Looks several times a second.
 */
export class Status {
  #around;
  #pingSentAt = NaN;
  #nextPingAt = 0;
  #announced = '';
  #updates = { count: 0, at: 0, perSecond: 0 };

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
    setInterval(() => this.look(), 200);
    document.addEventListener('visibilitychange', () => this.look());
  }

  look() {
    const at = now();
    const { client } = this.#around;
    this.#measure(at);
    this.#drawConnection();
    this.#drawFreshness(at);
    this.#drawFoot(at);
    if (client.state !== 'connected') {
      this.#pingSentAt = NaN;
    }
  }

  /** @param {number} at */
  #measure(at) {
    const { client } = this.#around;
    if (client.state !== 'connected' || document.hidden || at < this.#nextPingAt || !Number.isNaN(this.#pingSentAt)) {
      return;
    }
    this.#nextPingAt = at + pingEveryMs;
    this.#pingSentAt = at;
    const answered = () => (this.#pingSentAt = NaN);
    client.ping().then(answered, answered);
  }

  #drawConnection() {
    const { client } = this.#around;
    const element = byId('connection');
    element.dataset.state = client.state;
    write(byId('connection-text'), say(`connection_${client.state}`));
    const isKnown = client.state === 'connected' && Number.isFinite(client.rtt);
    write(byId('rtt'), isKnown ? `${client.rtt < 10 ? client.rtt.toFixed(1) : Math.round(client.rtt)} ms` : '');
  }

  /** @param {number} at */
  #drawFreshness(at) {
    const { client, feeds } = this.#around;
    const instrument = this.#around.instrument();
    const feed = feeds.get(instrument?.feed);
    const ageMs = instrument?.ageMs(at) ?? NaN;
    const error = client.stateEvent.error?.message ?? '';
    let verdict = judge({
      connection: client.state,
      wasConnected: client.stats.connects > 0,
      waitingMs: instrument?.waitingMs(at) ?? 0,
      unansweredMs: Number.isNaN(this.#pingSentAt) ? 0 : at - this.#pingSentAt,
      ageMs,
      isSilent: instrument?.isSilent ?? false,
      feed: feed?.state,
    });
    if (client.state === 'connected' && instrument === undefined) {
      verdict = { level: 'empty', reason: 'no_symbols' };
    } else if (client.state === 'connected' && instrument?.refusal) {
      verdict = { level: 'stale', reason: 'refused' };
    }
    const root = document.documentElement;
    root.dataset.freshness = verdict.level;
    root.dataset.reason = verdict.reason;
    drawAge(ageMs, verdict.level);

    const banner = byId('banner');
    const isSaid = verdict.level === 'stale' || verdict.level === 'empty' || verdict.reason === 'feed_gap';
    banner.hidden = !isSaid;
    if (isSaid) {
      const values = {
        age: age(ageMs),
        symbol: instrument?.symbol ?? '',
        error: verdict.reason === 'refused' ? (instrument?.refusal?.message ?? '') : error,
      };
      write(byId('banner-text'), say(`reason_${verdict.reason}`, values));
    }
    this.#announce(verdict, isSaid ? (byId('banner-text').textContent ?? '') : '');

    const state = client.state === 'connected' ? (feed?.state ?? 'none') : 'none';
    byId('feed').dataset.state = state;
    write(byId('feed-text'), say(`feed_${state}`));
    write(byId('feed-name'), feed && client.state === 'connected' ? feed.name : '');
    byId('simulated').hidden = !feed?.simulated;
  }

  /**
   * Tells screen readers once when the verdict changes; the age in the banner would have them talk without end.
   * @param {import('./freshness.js').Verdict} verdict
   * @param {string} words
   */
  #announce({ reason }, words) {
    if (reason !== this.#announced) {
      this.#announced = reason;
      write(byId('announcement'), words);
    }
  }

  /** @param {number} at */
  #drawFoot(at) {
    const { client } = this.#around;
    const { updates } = client.stats;
    const passed = at - this.#updates.at;
    if (passed >= 1000) {
      const perSecond = Math.round(((updates - this.#updates.count) * 1000) / passed);
      this.#updates = { count: updates, at, perSecond };
    }
    write(byId('updates'), say('updates', { count: this.#updates.perSecond }));
    const { version } = client.stateEvent;
    write(byId('version'), version ? `tickcast ${version}` : '');
    write(byId('zone'), say('local_time', { zone: zone() }));
    write(byId('now'), clock(Date.now() * 1000));

    const dataTime = this.#around.instrument()?.dataTime ?? NaN;
    const isOld = Date.now() - dataTime / 1000 > oldDataMs;
    byId('data-time').hidden = !isOld;
    if (isOld) {
      write(byId('data-time-text'), `${date(dataTime)} ${clock(dataTime)}`);
    }
  }
}
