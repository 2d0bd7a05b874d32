// The client library in Node: subscribes to the topics it is given and prints all that it tells, one JSON line each.
// usage: node library_client.mjs URL TOPIC...      ends when its standard input does
import { createRequire } from 'node:module';
import { Tickcast } from '../../../web/tickcast.js';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const [url, ...topics] = process.argv.slice(2);
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const tickcast = new Tickcast(url.split(','), {
  webSocket: require('ws'),
  backoff: { baseMs: 50, capMs: 400 },
});
tickcast.on('state', ({ state, url: at }) => print({ type: 'state', state, url: at }));
tickcast.on('error', (error) => print({ type: 'error', message: error.message }));
for (const topic of topics) {
  tickcast.subscribe(topic, {
    snapshot: (data, at) => print({ type: 'snapshot', topic, seq: at.seq, epoch: at.epoch, data }),
    update: (data, at) => print({ type: 'update', topic, seq: at.seq, data }),
    gap: (gap) => print({ type: 'gap', topic, data: gap }),
    error: (error) => print({ type: 'refused', topic, message: error.message }),
  });
}
process.stdin.on('end', () => process.exit(0)).resume();
