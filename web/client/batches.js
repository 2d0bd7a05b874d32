const mostTopicsInCommand = 1000;
const mostBytesInCommand = 32 * 1024;

/**
 * Cuts a list so that no command exceeds what servers take.
 * @template {{name: string}} Topic
 * @param {Topic[]} topics
 * @returns {Topic[][]}
 */
export function batches(topics) {
  /** @type {Topic[][]} */
  const result = [];
  let bytes = Infinity;
  for (const topic of topics) {
    bytes += topic.name.length + 3;
    if (bytes > mostBytesInCommand || result[result.length - 1].length >= mostTopicsInCommand) {
      result.push([]);
      bytes = topic.name.length + 3;
    }
    result[result.length - 1].push(topic);
  }
  return result;
}
