/** Rows a page. */
export const pageSize = 50;

/**
 * How a table stands in the address and what it asks the server for. Pure.
 * @typedef {object} TableState
 * @property {string} sort a field, `-field`: largest first; '' where the server's order holds
 * @property {string} filter
 * @property {number} page from 1
 * @property {Record<string, string>} more exact filters, by the API's name
 * @property {string} at the key of the chosen row
 */

/**
 * @param {Record<string, string>} query of the address
 * @param {{sort?: string, more?: readonly string[]}} [defaults]
 * @returns {TableState}
 */
export function readState(query, { sort = '', more = [] } = {}) {
  const page = Math.floor(Number(query.page));
  return {
    sort: query.sort ?? sort,
    filter: query.filter ?? '',
    page: page >= 1 ? page : 1,
    more: Object.fromEntries(more.map((name) => [name, query[name] ?? ''])),
    at: query.at ?? '',
  };
}

/**
 * The same as a query of the address; what is as usual is left out.
 * @param {TableState} state
 * @param {{sort?: string}} [defaults]
 * @returns {Record<string, string | undefined>}
 */
export function writeState({ sort, filter, page, more, at }, { sort: usual = '' } = {}) {
  return {
    ...more,
    sort: sort === usual ? undefined : sort,
    filter,
    page: page > 1 ? String(page) : undefined,
    at,
  };
}

/** The GET that answers it. @param {string} path @param {TableState} state */
export function listPath(path, { sort, filter, page, more }) {
  const query = new URLSearchParams({ offset: String((page - 1) * pageSize), limit: String(pageSize) });
  for (const [name, value] of Object.entries({ sort, filter, ...more })) {
    if (value !== '') {
      query.set(name, value);
    }
  }
  return `${path}?${query}`;
}

/**
 * The order after a click on a header: figures begin with the largest, words with the first of the alphabet.
 * @param {string} sort as it is
 * @param {string} key of the header
 * @param {boolean} isFigure
 */
export function nextSort(sort, key, isFigure) {
  if (sort === key) {
    return `-${key}`;
  }
  if (sort === `-${key}`) {
    return key;
  }
  return isFigure ? `-${key}` : key;
}

/** Pages that `matched` rows fill, at least one. @param {number} matched */
export function pagesOf(matched) {
  return Math.max(1, Math.ceil(matched / pageSize));
}
