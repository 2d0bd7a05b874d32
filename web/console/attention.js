import { formatRoute, parseRoute } from './route.js';

/** Lists that are narrowed to the target's name; connections begin with the fullest queues anyway. */
const lists = new Set(['actors', 'feeds', 'topics', 'users', 'plugins', 'restarts', 'audit']);
const pages = new Set([...lists, 'overview', 'tree', 'connections', 'log', 'config']);

/**
 * Where something that needs attention is looked at: its page, narrowed to its target where the page is a list. Pure.
 * @param {{page?: string | null, target?: string | null}} item
 */
export function attentionHref({ page, target }) {
  const route = parseRoute(page ?? '');
  if (!pages.has(route.page)) {
    return formatRoute('overview');
  }
  const id = route.page === 'actors' ? route.id : '';
  if (id || !target || Object.keys(route.query).length > 0) {
    return formatRoute(route.page, id, route.query);
  }
  if (route.page === 'tree') {
    return formatRoute('tree', '', { at: target });
  }
  // An actor's id leads to the actor itself.
  if (route.page === 'actors' && /^\d+$/.test(target)) {
    return formatRoute('actors', target);
  }
  return formatRoute(route.page, '', lists.has(route.page) ? { filter: target } : {});
}
