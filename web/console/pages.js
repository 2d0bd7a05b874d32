import { actorPage } from './pages/actor.js';
import { actorsPage } from './pages/actors.js';
import { auditPage } from './pages/audit.js';
import { configPage } from './pages/config.js';
import { connectionsPage } from './pages/connections.js';
import { feedsPage } from './pages/feeds.js';
import { logPage } from './pages/log.js';
import { overviewPage } from './pages/overview.js';
import { pluginsPage } from './pages/plugins.js';
import { restartsPage } from './pages/restarts.js';
import { topicsPage } from './pages/topics.js';
import { treePage } from './pages/tree.js';
import { usersPage } from './pages/users.js';

/** All pages, in the order of the menu. @type {{name: string, make: import('./context.js').PageMaker}[]} */
export const pages = [
  { name: 'overview', make: overviewPage },
  { name: 'tree', make: treePage },
  { name: 'actors', make: actorsPage },
  { name: 'feeds', make: feedsPage },
  { name: 'topics', make: topicsPage },
  { name: 'connections', make: connectionsPage },
  { name: 'users', make: usersPage },
  { name: 'plugins', make: pluginsPage },
  { name: 'restarts', make: restartsPage },
  { name: 'log', make: logPage },
  { name: 'config', make: configPage },
  { name: 'audit', make: auditPage },
];

/** @param {import('./route.js').Route} route */
export function makerOf({ page, id }) {
  return page === 'actors' && id !== '' ? actorPage : pages.find(({ name }) => name === page)?.make;
}
