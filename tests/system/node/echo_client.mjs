// npm's `ws` against /echo: text, binary and fragments of each size come back; a ping is answered; the close too.
// usage: node echo_client.mjs URL SIZE...
import { createRequire } from 'node:module';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const WebSocket = require('ws');

const [url, ...sizes] = process.argv.slice(2);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const socket = new WebSocket(url, { perMessageDeflate: false });
await once(socket, 'open');

async function send(kind, message, parts = [message]) {
  const answer = once(socket, 'message');
  parts.forEach((part, i) => socket.send(part, { binary: kind !== 'text', fin: i === parts.length - 1 }));
  const [data, isBinary] = await answer;
  const same = isBinary === (kind !== 'text') && Buffer.from(message).equals(data);
  tell({ type: 'echoed', kind, size: data.length, same });
}

for (const size of sizes.map(Number)) {
  const bytes = randomBytes(size);
  const third = Math.floor(size / 3);
  await send('text', 'x'.repeat(size));
  await send('binary', bytes);
  await send('fragments', bytes, [bytes.subarray(0, third), bytes.subarray(third, 2 * third), bytes.subarray(2 * third)]);
}
const pong = once(socket, 'pong');
socket.ping('still there?');
tell({ type: 'ponged', same: (await pong)[0].equals(Buffer.from('still there?')) });
socket.close(4321, 'enough');
const [code] = await once(socket, 'close');
tell({ type: 'closed', code });
