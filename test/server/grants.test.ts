import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { createTokenTable, tokenDigest } from '../../src/server/token-table.ts';
import type {
  AreaDocument,
  FrameDocument,
  HealthDocument,
  SearchDocument,
} from '../../src/server/wire.ts';
import {
  CITY,
  CITY_TOKEN,
  createMapApp,
  EVERYTHING,
  LATEST,
  NATION_TOKEN,
  OTHER_CITY_TOKEN,
  problemCode,
} from './map-app.ts';

const CITY_ID = 'eu/es/13/28/28006';
const RANGE = 'from=2026-11-21T10:00Z&until=2026-11-21T11:00Z';
const RESOURCES = [
  '',
  '/frame',
  `/series?${RANGE}`,
  '/health',
  '/events',
  '/geometry/x',
  '/evidence',
];

describe('without a token', () => {
  it('nothing is seen, where nobody may look without one', async () => {
    const { get } = createMapApp();
    for (const path of ['/api/v1/map', '/api/v1/search?q=a', '/api/v1/areas/eu', '/ogc']) {
      const response = await get(path);
      expect(response.status, path).not.toBe(200);
      if (path === '/ogc') continue;
      expect(response.headers.get('WWW-Authenticate')).toMatch(/^Bearer/);
      expect(await problemCode(response)).toBe('unauthorized');
    }
  });

  it('a token that is not valid is not taken for none', async () => {
    const { get } = createMapApp({ anonymous: EVERYTHING });
    for (const token of ['not-a-token-of-anybody', 'short', 'ü', 'x'.repeat(5000)]) {
      const response = await get('/api/v1/map', undefined, {
        headers: { Authorization: `Bearer ${encodeURIComponent(token)}` },
      });
      expect(await problemCode(response)).toBe('bad-token');
      expect(response.headers.get('WWW-Authenticate')).toContain('invalid_token');
    }
    const basic = await get('/api/v1/map', undefined, { headers: { Authorization: 'Basic YTpi' } });
    expect(await problemCode(basic)).toBe('bad-token');
  });
});

describe("a city's token", () => {
  it('sees its city, down to the streets', async () => {
    const { get, source } = createMapApp();
    const map = (await (await get('/api/v1/map', CITY_TOKEN)).json()) as { start: string };
    expect(map.start).toBe(CITY_ID);
    for (const id of source.allAreas.filter((one) => one.startsWith(CITY_ID))) {
      const response = await get(`/api/v1/areas/${id.replaceAll('/', '.')}/frame`, CITY_TOKEN);
      expect(response.status).toBe(200);
    }
  });

  it('sees nothing above or beside it, whatever it asks for', async () => {
    const { get, source } = createMapApp({ table: { hasEvidence: true } });
    for (const id of source.allAreas.filter((one) => !one.startsWith(CITY_ID))) {
      for (const resource of RESOURCES) {
        const path = `/api/v1/areas/${id.replaceAll('/', '.')}${resource}`;
        expect(await problemCode(await get(path, CITY_TOKEN)), path).toBe('not-granted');
      }
    }
  });

  it('cannot tell areas that exist from those that do not, outside its grant', async () => {
    const { get } = createMapApp();
    const answer = async (id: string) => {
      const response = await get(`/api/v1/areas/${id}`, CITY_TOKEN);
      return [response.status, await response.text()];
    };
    const real = await answer('eu.es.09.08.08019');
    expect(await answer('eu.es.09.08.99999')).toEqual(real);
    expect(await answer('eu.es.13.28.280061')).toEqual(real);
    expect(await answer('xx')).toEqual(real);
    expect(await problemCode(await get('/api/v1/areas/eu.es.13.28.28006.s9', CITY_TOKEN))).toBe(
      'unknown-area',
    );
  });

  it('finds nothing in ancestors, search, geometry, health or rows that is not in it', async () => {
    const { get } = createMapApp();
    const path = '/api/v1/areas/eu.es.13.28.28006';
    const area = (await (await get(path, CITY_TOKEN)).json()) as AreaDocument;
    expect(area.ancestors).toEqual([]);
    const found = (await (await get('/api/v1/search?q=e', CITY_TOKEN)).json()) as SearchDocument;
    expect(found.results.length).toBeGreaterThan(0);
    for (const { id, path: way } of found.results) {
      expect(id.startsWith(CITY_ID)).toBe(true);
      expect(way).not.toContain('España');
    }
    const geometry = (await (await get(area.geometryUrl ?? '', CITY_TOKEN)).json()) as {
      objects: Record<string, { geometries: { arcs: number[][] }[] }>;
      arcs: unknown[];
    };
    expect(Object.keys(geometry.objects)).toEqual(['children', 'outline']);
    // Four suburbs and the outline: the shapes of other cities are not there as unused arcs either.
    expect(geometry.arcs).toHaveLength(5);
    const health = (await (await get(`${path}/health`, CITY_TOKEN)).json()) as HealthDocument;
    for (const row of [...health.withheld, ...health.late])
      expect(row.area.startsWith(CITY_ID)).toBe(true);
    for (const source of health.sources) expect(source.area.startsWith(CITY_ID)).toBe(true);
    const frame = (await (await get(`${path}/frame`, CITY_TOKEN)).json()) as FrameDocument;
    for (const row of frame.rows)
      for (const member of row.members) expect(member.startsWith(CITY_ID)).toBe(true);
  });

  it('reads what an auditor found at, above and below it, and of no area beside it', async () => {
    const found = [
      { finding: 'one', area: areaId('eu/es/13/28/28006/s1/s1-03') },
      { finding: 'two', area: areaId('eu/es/13') },
      { finding: 'three', area: areaId('eu/es/13/28/28007/s1/s1-03') },
      { finding: 'four', area: areaId('eu/es/09/08/08019') },
    ];
    const { get } = createMapApp({
      change: (source) => ({
        ...source,
        health: async (area, viewer) => {
          const report = await source.health(area, viewer);
          return {
            ...report,
            intervals: report.intervals.map((one) => ({ ...one, auditFindings: found })),
          };
        },
      }),
    });
    const read = async (token: string) => {
      const response = await get('/api/v1/areas/eu.es.13.28.28006/health', token);
      return ((await response.json()) as HealthDocument).intervals[0]?.auditFindings;
    };
    expect(await read(CITY_TOKEN)).toEqual([
      'one in eu/es/13/28/28006/s1/s1-03',
      'two in eu/es/13',
    ]);
    // The nation's token ends at its municipalities.
    expect((await read(NATION_TOKEN))?.[0]).toBe('one in eu/es/13/28/28006');
  });

  it('gets no row of another area as a series of its own', async () => {
    const { get } = createMapApp();
    for (const row of ['eu/es/09/08/08019', 'eu', 'eu/es/13/28/28006/s1/s1-03', 'eu/es/13/28']) {
      const path = `/api/v1/areas/eu.es.13.28.28006/series?${RANGE}&row=${encodeURIComponent(row)}`;
      expect(await problemCode(await get(path, CITY_TOKEN))).toBe('unknown-row');
    }
  });

  it('is no use to another city', async () => {
    const { get } = createMapApp();
    const path = '/api/v1/areas/eu.es.13.28.28006/frame';
    expect(await problemCode(await get(path, OTHER_CITY_TOKEN))).toBe('not-granted');
    expect((await get('/api/v1/areas/eu.es.09.08.08019/frame', OTHER_CITY_TOKEN)).status).toBe(200);
  });

  it('gets no row that reaches outside its grant, whatever the source says', async () => {
    const { get } = createMapApp({
      change: (source) => ({
        ...source,
        frame: async (query) => {
          const frame = await source.frame({ ...query, viewer: EVERYTHING });
          const foreign = await source.frame({
            ...query,
            area: 'eu/es/09/08/08019' as never,
            viewer: EVERYTHING,
          });
          return frame && foreign && { ...frame, rows: [...frame.rows, ...foreign.rows] };
        },
      }),
    });
    const path = '/api/v1/areas/eu.es.13.28.28006/frame';
    const frame = (await (await get(path, CITY_TOKEN)).json()) as FrameDocument;
    expect(frame.rows).toHaveLength(4);
  });
});

describe('the deepest level of a grant', () => {
  it('is where the map ends: no children, no geometry, no rows', async () => {
    const { get } = createMapApp();
    const path = '/api/v1/areas/eu.es.13.28.28006';
    const area = (await (await get(path, NATION_TOKEN)).json()) as AreaDocument;
    expect(area).toMatchObject({
      isOpen: false,
      children: [],
      childLevel: null,
      geometryUrl: null,
    });
    const frame = (await (await get(`${path}/frame`, NATION_TOKEN)).json()) as FrameDocument;
    expect(frame.rows).toEqual([]);
    expect(await problemCode(await get(`${path}.s1/frame`, NATION_TOKEN))).toBe('not-granted');
    expect(await problemCode(await get(`${path}.s1`, NATION_TOKEN))).toBe('not-granted');
    const row = encodeURIComponent(`${CITY_ID}/s1`);
    const series = await get(`${path}/series?${RANGE}&row=${row}`, NATION_TOKEN);
    expect(await problemCode(series)).toBe('not-granted');
  });

  it('does not show in a search that what lies below it has been left out', async () => {
    const { get } = createMapApp({
      change: (source) => ({
        ...source,
        search: (_text, _within, limit) => {
          const city = source.area(areaId(CITY_ID))!;
          const streets = Array.from({ length: 30 }, (_, i) => ({
            ...city,
            id: areaId(`${CITY_ID}/s1/s${i}`),
          }));
          return [...streets, city].slice(0, limit);
        },
      }),
    });
    const found = (await (await get('/api/v1/search?q=e', NATION_TOKEN)).json()) as SearchDocument;
    expect(found.results.map(({ id }) => id)).toEqual([CITY_ID]);
  });

  it('passes its viewer on to the source, which opens with that grant', async () => {
    const seen: unknown[] = [];
    const { get } = createMapApp({
      change: (source) => ({
        ...source,
        frame: async (query) => {
          seen.push(query.viewer);
          return await source.frame(query);
        },
      }),
    });
    await get(`/api/v1/areas/eu.es.13.28.28006/frame?t=${LATEST}`, CITY_TOKEN);
    expect(seen).toEqual([CITY]);
  });
});

describe('the table of tokens', () => {
  it('refuses what is no digest, and a token that stands there twice', () => {
    const entry = { name: 'a', viewer: CITY };
    expect(() => createTokenTable([{ ...entry, digestHex: 'the-token' }])).toThrow(RangeError);
    const digestHex = tokenDigest('the-token-of-one-city');
    expect(() =>
      createTokenTable([
        { ...entry, digestHex },
        { ...entry, digestHex },
      ]),
    ).toThrow(/once/);
  });
});
