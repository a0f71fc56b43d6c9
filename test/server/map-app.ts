// The server over the made-up map, as the tests ask it: in process, with three tokens.

import { areaId } from '../../src/core/area.ts';
import type { MapSource } from '../../src/map/map-source.ts';
import type { Viewer } from '../../src/map/viewer.ts';
import type { App } from '../../src/server/add-route.ts';
import { createApp } from '../../src/server/create-app.ts';
import type { ServerDeps } from '../../src/server/server-deps.ts';
import { createTokenTable, tokenDigest } from '../../src/server/token-table.ts';
import {
  createTableSource,
  type TableSource,
  type TableSourceOptions,
} from '../support/table-source.ts';

export const NOW_MS: number = Date.parse('2026-11-21T12:05:00Z');
/** The newest interval of it. */
export const LATEST = '2026-11-21T11:45:00Z';

export const NATION_TOKEN = 'the-token-of-the-nation';
export const CITY_TOKEN = 'the-token-of-one-city';
export const OTHER_CITY_TOKEN = 'the-token-of-another-city';
export const METRICS_TOKEN = 'the-token-of-the-operator';

const CHANNELS = ['net', 'export', 'production'];

function viewer(area: string, deepestDepth: number): Viewer {
  return { grantName: area, area: areaId(area), deepestDepth, channels: CHANNELS };
}

export const EVERYTHING: Viewer = viewer('eu', 7);
/** The streets of Alcobendas. */
export const CITY: Viewer = viewer('eu/es/13/28/28006', 7);

export interface MapApp {
  readonly app: App;
  readonly source: TableSource;
  readonly errors: unknown[];
  /** With a token, or as anonymous. */
  get(path: string, token?: string, init?: RequestInit): Promise<Response>;
}

export function createMapApp(
  deps: Partial<ServerDeps> & {
    readonly table?: Partial<TableSourceOptions>;
    readonly change?: (source: TableSource) => MapSource;
  } = {},
): MapApp {
  const { table, change, ...rest } = deps;
  const source = createTableSource({ nowMs: NOW_MS, ...table });
  const errors: unknown[] = [];
  const app = createApp({
    source: change?.(source) ?? source,
    tokens: createTokenTable(
      [
        { token: NATION_TOKEN, name: 'nation', viewer: viewer('eu/es', 5) },
        { token: CITY_TOKEN, name: 'city', viewer: CITY },
        { token: OTHER_CITY_TOKEN, name: 'other city', viewer: viewer('eu/es/09/08/08019', 7) },
        { token: METRICS_TOKEN, name: 'operator', viewer: EVERYTHING, mayReadMetrics: true },
      ].map(({ token, ...entry }) => ({ digestHex: tokenDigest(token), ...entry })),
    ),
    anonymous: undefined,
    webDirectory: '/nowhere',
    onError: (error) => errors.push(error),
    ...rest,
  });
  return {
    app,
    source,
    errors,
    get: async (path, token, init = {}) => {
      const headers = new Headers(init.headers);
      if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
      return await app.request(path, { ...init, headers });
    },
  };
}

/** The code of a problem document, having checked that it is one. */
export async function problemCode(response: Response): Promise<string> {
  if (response.headers.get('Content-Type') !== 'application/problem+json')
    throw new Error(`expected a problem, found ${response.status} ${await response.text()}`);
  const problem = (await response.json()) as { code: string; status: number };
  if (problem.status !== response.status) throw new Error('the document has another status');
  return problem.code;
}
