// Serves a small made-up country on a fast clock, for work on the page until the demo serves:
// node_modules/.bin/node scripts/dev-map.ts [port] [seconds of the network's clock in one of ours]

import { areaId } from '../src/core/area.ts';
import { createApp } from '../src/server/create-app.ts';
import { serveMap } from '../src/server/serve-map.ts';
import { createTokenTable } from '../src/server/token-table.ts';
import { createTableSource } from '../test/support/table-source.ts';

const port = Number(process.argv[2] ?? 7201);
const speed = Number(process.argv[3] ?? 60);
const startMs = Math.floor(Date.now() / 900_000) * 900_000 + 120_000;
const source = createTableSource({ nowMs: startMs, clockSpeed: speed, hasEvidence: true });
const realStartMs = Date.now();
const timer = setInterval(
  () => source.advanceTo(startMs + (Date.now() - realStartMs) * speed),
  500,
);
const app = createApp({
  source,
  tokens: createTokenTable([]),
  anonymous: {
    grantName: 'public',
    area: areaId('eu'),
    deepestDepth: 7,
    channels: ['net', 'export', 'production'],
  },
  webDirectory: new URL('../build/web', import.meta.url).pathname,
  onError: (error) => console.error(error),
});
const server = await serveMap({ app, host: '127.0.0.1', port });
console.log(server.url);
process.once('SIGINT', () => {
  clearInterval(timer);
  void server[Symbol.asyncDispose]();
});
