/**
 * Publications that the server does not send back, as long as it has not answered: a hole of so many updates may be theirs.
 */
export class OwnUpdates {
  /** How many are under way, by topic. @type {Map<string, number>} */
  #counts = new Map();
  #answered;

  /** @param {(topic: string, at?: {epoch: string, seq: number}) => void} answered told of each once, when it no longer counts */
  constructor(answered) {
    this.#answered = answered;
  }

  /** @param {string} topic */
  count(topic) {
    return this.#counts.get(topic) ?? 0;
  }

  /**
   * One is under way. Returns what takes the answer: where the update stands, or nothing when it was refused or is
   * waited for no more. Only its first call counts.
   * @param {string} topic
   * @returns {(at?: {epoch: string, seq: number}) => void}
   */
  begin(topic) {
    this.#counts.set(topic, this.count(topic) + 1);
    let isUnderWay = true;
    return (at) => {
      if (!isUnderWay) {
        return;
      }
      isUnderWay = false;
      const left = this.count(topic) - 1;
      if (left > 0) {
        this.#counts.set(topic, left);
      } else {
        this.#counts.delete(topic);
      }
      this.#answered(topic, at);
    };
  }
}
