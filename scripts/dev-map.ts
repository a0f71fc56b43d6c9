// Serves the simulated country alone, without a network, on a fast clock, for work on the page:
// node_modules/.bin/node scripts/dev-map.ts [port] [speed] [table]
// `speed`: seconds of the network's clock in one of ours; `table`: a tiny made-up country instead,
// that has every state of a row.

import { fileURLToPath } from 'node:url';
import { areaId } from '../src/core/area.ts';
import { intervalIndex } from '../src/core/interval.ts';
import { loadGeography } from '../src/geo/geography.ts';
import type { MapSource } from '../src/map/map-source.ts';
import { createApp } from '../src/server/create-app.ts';
import { serveMap } from '../src/server/serve-map.ts';
import { createTokenTable } from '../src/server/token-table.ts';
import { createCountrySource } from '../src/sim/country/country-source.ts';
import { createTableSource } from '../test/support/table-source.ts';

const INTERVAL_MS = 900_000;
const BUILD = fileURLToPath(new URL('../build/', import.meta.url));
const port = Number(process.argv[2] ?? 7201);
const speed = Number(process.argv[3] ?? 60);
const realStartMs = Date.now();
const startMs = Math.floor(realStartMs / INTERVAL_MS) * INTERVAL_MS + 120_000;
const nowMs = (): number => startMs + (Date.now() - realStartMs) * speed;

const table = createTableSource({ nowMs: startMs, clockSpeed: speed, hasEvidence: true });
const { source, poll } = process.argv[4] === 'table' ? tableSource() : await countrySource();
const timer = setInterval(poll, 250);
const app = createApp({
  source,
  tokens: createTokenTable([]),
  anonymous: {
    grantName: 'public',
    area: areaId('eu'),
    deepestDepth: 7,
    channels: ['net', 'export', 'production'],
  },
  webDirectory: `${BUILD}web`,
  onError: (error) => console.error(error),
});
const server = await serveMap({ app, host: '127.0.0.1', port });
console.log(server.url);
process.once('SIGINT', () => {
  clearInterval(timer);
  void server[Symbol.asyncDispose]();
});

function tableSource(): { source: MapSource; poll: () => void } {
  return { source: table, poll: () => table.advanceTo(nowMs()) };
}

async function countrySource(): Promise<{ source: MapSource; poll: () => void }> {
  const geography = await loadGeography(`${BUILD}geography`);
  const { about } = table;
  // A minute after its end.
  const latestInterval = () => intervalIndex(Math.floor((nowMs() - 60_000) / INTERVAL_MS) - 1);
  const country = createCountrySource({
    geography,
    seed: 'dev',
    handedOver: [],
    nowMs,
    firstInterval: intervalIndex(Math.floor(startMs / INTERVAL_MS) - 30 * 96),
    latestInterval,
    about: { ...about, levels: geography.levels, title: 'Streetwatt: simulated country' },
  });
  return { source: country, poll: () => country.poll() };
}
