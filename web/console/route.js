/**
 * What the address names: `#/actors/123?sort=-mailbox&page=2`. Pure.
 * @typedef {object} Route
 * @property {string} page
 * @property {string} id of the one thing on display; '' where the page shows all
 * @property {Record<string, string>} query
 */

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string} hash with or without its "#" @returns {Route} */
export function parseRoute(hash) {
  const [path, search = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  const [page = '', ...rest] = path.split('/');
  return {
    page: decoded(page) || 'overview',
    id: decoded(rest.join('/')),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

/**
 * @param {string} page
 * @param {string} [id]
 * @param {Record<string, string | number | undefined>} [query] what is empty is left out
 */
export function formatRoute(page, id = '', query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `#/${encodeURIComponent(page)}${id ? `/${encodeURIComponent(id)}` : ''}${search ? `?${search}` : ''}`;
}
