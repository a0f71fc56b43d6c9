// The made-up map on a port: every state of a cell, a clock that the test moves, events on demand.

import type { AreaId } from '../../src/core/area.ts';
import type { MapSource } from '../../src/map/map-source.ts';
import type { Viewer } from '../../src/map/viewer.ts';
import { createApp } from '../../src/server/create-app.ts';
import { type MapServer, serveMap } from '../../src/server/serve-map.ts';
import type { ServerLimits } from '../../src/server/server-deps.ts';
import { createTokenTable, tokenDigest } from '../../src/server/token-table.ts';
import { builtPage } from './built-page.ts';
import { createTableSource, type TableSource, type TableSourceOptions } from './table-source.ts';

export const NOW_MS: number = Date.parse('2026-11-21T12:05:00Z');
/** Start of the newest interval that the made-up map has. */
export const NEWEST = '2026-11-21T11:45:00Z';
export const CITY_TOKEN = 'the-token-of-one-city';
const CITY = 'eu/es/13/28/28006' as AreaId;
const EVERYTHING: Viewer = {
  grantName: 'everything',
  area: 'eu' as AreaId,
  deepestDepth: 7,
  channels: ['net', 'export', 'production'],
};

export interface TableServer extends AsyncDisposable {
  readonly url: string;
  readonly source: TableSource;
  readonly errors: readonly unknown[];
  /** Stops listening, as a crashed server does; `listen` takes the same port again. */
  stop(): Promise<void>;
  listen(): Promise<void>;
  get<T>(path: string): Promise<T>;
}

export async function serveTable(
  options: {
    readonly table?: Partial<TableSourceOptions>;
    readonly change?: (source: TableSource) => MapSource;
    /** Nobody sees anything without a token. */
    readonly isClosed?: boolean;
    readonly limits?: Partial<ServerLimits>;
  } = {},
): Promise<TableServer> {
  const webDirectory = await builtPage();
  const source = createTableSource({ nowMs: NOW_MS, hasEvidence: true, ...options.table });
  const errors: unknown[] = [];
  const app = createApp({
    source: options.change?.(source) ?? source,
    tokens: createTokenTable([
      {
        digestHex: tokenDigest(CITY_TOKEN),
        name: 'city',
        viewer: { ...EVERYTHING, grantName: 'city', area: CITY },
      },
    ]),
    anonymous: options.isClosed === true ? undefined : EVERYTHING,
    webDirectory,
    onError: (error) => errors.push(error),
    limits: { heartbeatMs: 2000, ...options.limits },
  });
  let server: MapServer | undefined = await serveMap({ app, host: '127.0.0.1', port: 0 });
  const { url } = server;
  const stop = async (): Promise<void> => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  };
  return {
    url,
    source,
    errors,
    stop,
    async listen() {
      server ??= await serveMap({ app, host: '127.0.0.1', port: Number(new URL(url).port) });
    },
    async get<T>(path: string): Promise<T> {
      const response = await fetch(`${url}${path}`);
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    [Symbol.asyncDispose]: stop,
  };
}
