import { say } from './text.js';

/** Every action there is, of what it is done to. */

/** @param {string} text */
const part = (text) => encodeURIComponent(text);

/** @param {any} actor @returns {import('./actions.js').Action} */
export function restartActor(actor) {
  return {
    name: 'restart',
    target: `${actor.kind} ${actor.name} (${say('c_id')} ${actor.id})`,
    path: `/api/actors/${part(actor.id)}/restart`,
    body: () => ({}),
    isGrave: true,
    values: { supervisor: actor.supervision?.supervisor ?? actor.parent ?? '–' },
  };
}

/** @param {any} actor @returns {import('./actions.js').Action} */
export function stopActor(actor) {
  return {
    name: 'stop',
    target: `${actor.kind} ${actor.name} (${say('c_id')} ${actor.id})`,
    path: `/api/actors/${part(actor.id)}/stop`,
    fields: [{ name: 'force', kind: 'check', label: say('f_force'), hint: say('f_force_hint') }],
    body: ({ force }) => (force ? { force: true } : {}),
    isGrave: true,
  };
}

/** @param {string} supervisor @param {string} child @returns {import('./actions.js').Action} */
export function startChild(supervisor, child) {
  return {
    name: 'start',
    target: `${supervisor}/${child}`,
    path: '/api/children/start',
    body: () => ({ supervisor, child }),
  };
}

/** @param {any} actor @param {(answer: any) => void} done @returns {import('./actions.js').Action} */
export function traceActor(actor, done) {
  return {
    name: 'trace',
    target: `${actor.kind} ${actor.name} (${say('c_id')} ${actor.id})`,
    path: `/api/actors/${part(actor.id)}/trace`,
    fields: [
      { name: 'count', kind: 'number', label: say('f_count'), value: 100, min: 1, max: 1000 },
      { name: 'seconds', kind: 'number', label: say('f_seconds'), value: 10, min: 1, max: 60 },
      { name: 'filter', kind: 'text', label: say('f_filter'), hint: say('f_filter_hint') },
    ],
    done,
  };
}

/** @param {any} feed @returns {import('./actions.js').Action} */
export function suspendFeed(feed) {
  return {
    name: 'suspend',
    target: `${feed.name} (${feed.kind}${feed.endpoint ? `, ${feed.endpoint}` : ''})`,
    path: `/api/feeds/${part(feed.name)}/suspend`,
    body: () => ({}),
    isGrave: true,
    unfit: feed.suspended ? say('is_suspended') : '',
  };
}

/** @param {any} feed @returns {import('./actions.js').Action} */
export function resumeFeed(feed) {
  return {
    name: 'resume',
    target: `${feed.name} (${feed.kind}${feed.endpoint ? `, ${feed.endpoint}` : ''})`,
    path: `/api/feeds/${part(feed.name)}/resume`,
    body: () => ({}),
    unfit: feed.suspended ? '' : say('is_not_suspended'),
  };
}

/** @param {any} connection @returns {import('./actions.js').Action} */
export function kickConnection(connection) {
  return {
    name: 'kick',
    target: `${connection.remote}${connection.user ? `, ${connection.user}` : ''} (${say('c_id')} ${connection.id})`,
    path: `/api/connections/${part(String(connection.id))}/kick`,
    fields: [
      {
        name: 'code',
        kind: 'number',
        label: say('f_code'),
        value: 3501,
        min: 3000,
        max: 3999,
        hint: say('f_code_hint'),
      },
      { name: 'reason', kind: 'text', label: say('f_reason'), value: '' },
    ],
    isGrave: true,
  };
}

/** @param {number} connections @param {string} state @returns {import('./actions.js').Action} */
export function drainNode(connections, state) {
  return {
    name: 'drain',
    target: say('this_node'),
    path: '/api/drain',
    fields: [
      {
        name: 'seconds',
        kind: 'number',
        label: say('f_window'),
        value: 30,
        min: 0,
        max: 3600,
        hint: say('f_window_hint'),
      },
    ],
    isGrave: true,
    values: { connections },
    unfit: state === 'serving' || state === '' ? '' : say('is_draining'),
  };
}

/** @param {string} state @returns {import('./actions.js').Action} */
export function undrainNode(state) {
  return {
    name: 'undrain',
    target: say('this_node'),
    path: '/api/undrain',
    body: () => ({}),
    unfit: state === 'draining' || state === 'drained' ? '' : say('is_not_draining'),
  };
}

/** @param {string[]} components @param {string} component @param {string} level @returns {import('./actions.js').Action} */
export function setLogLevel(components, component, level) {
  return {
    name: 'log_level',
    target: say('this_node'),
    path: '/api/log-level',
    fields: [
      {
        name: 'component',
        kind: 'choice',
        label: say('c_component'),
        value: component,
        choices: [
          ['*', say('all_components')],
          ...components.map((name) => /** @type {[string, string]} */ ([name, name])),
        ],
      },
      {
        name: 'level',
        kind: 'choice',
        label: say('c_level'),
        value: level,
        choices: logLevels.map((name) => [name, name]),
      },
    ],
  };
}

/** Least to most grave. */
export const logLevels = ['trace', 'debug', 'info', 'warning', 'error'];

/** @returns {import('./actions.js').Action} */
export function loadPlugin() {
  return {
    name: 'load',
    target: say('this_node'),
    path: '/api/plugins/load',
    fields: [
      { name: 'name', kind: 'text', label: say('c_name'), isNeeded: true },
      { name: 'library', kind: 'text', label: say('f_library'), hint: say('f_library_hint'), isNeeded: true },
      { name: 'parameters', kind: 'json', label: say('c_parameters'), value: '{}' },
    ],
  };
}

/** @param {any} plugin @returns {import('./actions.js').Action} */
export function reloadPlugin(plugin) {
  return {
    name: 'reload',
    target: `${plugin.name} ${plugin.version ?? ''}`,
    path: `/api/plugins/${part(plugin.name)}/reload`,
    fields: [{ name: 'library', kind: 'text', label: say('f_library'), hint: say('f_reload_hint') }],
  };
}

/** @param {any} plugin @returns {import('./actions.js').Action} */
export function unloadPlugin(plugin) {
  return {
    name: 'unload',
    target: `${plugin.name} ${plugin.version ?? ''}`,
    path: `/api/plugins/${part(plugin.name)}/unload`,
    body: () => ({}),
    isGrave: true,
  };
}
