// A server over the made-up map, with a viewer of everything and one of a town.

import { areaId } from '../../src/core/area.ts';
import type { MapSource } from '../../src/map/map-source.ts';
import type { Viewer } from '../../src/map/viewer.ts';
import { createApp } from '../../src/server/create-app.ts';
import { createTokenTable, tokenDigest } from '../../src/server/token-table.ts';
import {
  createTableSource,
  type TableSource,
  type TableSourceOptions,
} from '../support/table-source.ts';

export const NOW_MS: number = Date.parse('2026-11-21T12:05:00Z');
/** The newest interval of it. */
export const LATEST = '2026-11-21T11:45:00Z';
const CITY_TOKEN = 'the-token-of-one-city';
export const CITY: { headers: Record<string, string> } = {
  headers: { Authorization: `Bearer ${CITY_TOKEN}` },
};

const EVERYTHING: Viewer = {
  grantName: 'all',
  area: areaId('eu'),
  deepestDepth: 7,
  channels: ['net', 'export', 'production'],
};
/** Alcobendas down to its suburbs, without the streets. */
const TOWN: Viewer = {
  ...EVERYTHING,
  grantName: 'town',
  area: areaId('eu/es/13/28/28006'),
  deepestDepth: 6,
};

export interface TestServer {
  readonly source: TableSource;
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
  readonly errors: unknown[];
}

export function createTestServer(
  options: Partial<TableSourceOptions> & {
    readonly change?: (source: MapSource) => MapSource;
    readonly timeoutMs?: number;
    readonly isHttps?: boolean;
  } = {},
): TestServer {
  const source = createTableSource({ nowMs: NOW_MS, ...options });
  const errors: unknown[] = [];
  const app = createApp({
    source: options.change?.(source) ?? source,
    tokens: createTokenTable([
      { digestHex: tokenDigest(CITY_TOKEN), name: 'town hall', viewer: TOWN },
    ]),
    anonymous: EVERYTHING,
    webDirectory: '/nowhere',
    isHttps: options.isHttps === true,
    onError: (error) => errors.push(error),
    limits: options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs },
  });
  return {
    source,
    errors,
    get: async (path, init) => await app.request(`http://localhost${path}`, init),
  };
}

/** The source with every row's name replaced. */
export function renamed(source: MapSource, name: string): MapSource {
  return {
    ...source,
    frame: async (query) => {
      const frame = await source.frame(query);
      return frame && { ...frame, rows: frame.rows.map((row) => ({ ...row, name })) };
    },
  };
}
