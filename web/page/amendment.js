/**
 * @typedef {object} Amendment of a trade that came before: it does not stand, or stands otherwise
 * @property {number | string} id
 * @property {boolean} [cancelled]
 * @property {boolean} [corrected]
 * @property {number} [price]
 * @property {number} [size]
 * @property {any} [day] the day's figures with it
 */

/** Whether an update of a trade topic is no new trade. @param {any} data */
export const isAmendment = (data) => data.cancelled === true || data.corrected === true;

/**
 * The trades that stand.
 * @template {{id?: number | string}} T
 * @param {T[]} trades
 * @param {Amendment} what
 * @returns {T[]}
 */
export function amended(trades, { id, cancelled, price, size }) {
  return cancelled
    ? trades.filter((trade) => trade.id !== id)
    : trades.map((trade) => (trade.id === id ? { ...trade, price, size } : trade));
}
