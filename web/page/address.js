const grammar = /^[A-Za-z0-9._\-:@/+(),]{1,100}$/;

/**
 * The symbol in the address, `#SIM.ALPHA`.
 * @param {string} hash with or without the `#`
 * @returns {{symbol: string} | {symbol: undefined, isBad: boolean}} isBad: there is something, but no symbol
 */
export function symbolOf(hash) {
  const text = hash.replace(/^#/, '');
  try {
    const symbol = decodeURIComponent(text);
    if (grammar.test(symbol)) {
      return { symbol };
    }
  } catch {
    // Half of a %-sequence: not an address of ours.
  }
  return { symbol: undefined, isBad: text !== '' };
}

/** @param {string} symbol */
export function hashOf(symbol) {
  return `#${encodeURIComponent(symbol).replaceAll('%2F', '/').replaceAll('%3A', ':')}`;
}
