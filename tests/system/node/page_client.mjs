// The client library inside Chromium, on a page that the server itself serves: prints what the page hears.
// usage: node page_client.mjs HTTP_ADDRESS WS_ADDRESS TOPIC...      ends when its standard input does
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const [http, ws, ...topics] = process.argv.slice(2);
const print = (line) => process.stdout.write(`${line}\n`);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage();
await page.exposeFunction('heard', (lines) => lines.forEach(print));
await page.goto(`${http}/`);
await page.evaluate(async ({ url, names }) => {
  const { Tickcast } = await import('/tickcast.js');
  let waiting = [];
  const tell = (line) => {
    if (waiting.push(JSON.stringify(line)) > 1) return;
    setTimeout(() => {
      const lines = waiting;
      waiting = [];
      window.heard(lines);
    }, 50);
  };
  const tickcast = new Tickcast(url);
  for (const topic of names) {
    tickcast.subscribe(topic, {
      snapshot: (data, at) => tell({ type: 'snapshot', topic, seq: at.seq, data }),
      update: (data, at) => tell({ type: 'update', topic, seq: at.seq, data }),
      gap: (gap) => tell({ type: 'gap', topic, data: gap }),
    });
  }
}, { url: ws, names: topics });
process.stdin.on('end', () => browser.close().then(() => process.exit(0))).resume();
