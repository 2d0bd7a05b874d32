// A client on npm's `ws`: subscribes to the topics it is given and prints each frame as it came, one a line.
// usage: node raw_client.mjs URL TOPIC...      ends when its standard input does
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const WebSocket = require('ws');

const [url, ...topics] = process.argv.slice(2);
const socket = new WebSocket(url, { perMessageDeflate: false });
socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', id: 1, data: { topics } })));
socket.on('message', (data) => process.stdout.write(`${data}\n`));
socket.on('close', (code) => process.stdout.write(`${JSON.stringify({ type: 'closed', code })}\n`));
socket.on('error', (error) => process.stderr.write(`${error.message}\n`));
process.stdin.on('end', () => process.exit(0)).resume();
