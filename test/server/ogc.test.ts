import type { FeatureCollection } from 'geojson';
import { describe, expect, it } from 'vitest';
import { ringArea } from '../../src/geo/rewind.ts';
import type { FrameDocument, ProblemDocument } from '../../src/server/wire.ts';
import { CITY, createTestServer, LATEST } from './export-app.ts';

const { get } = createTestServer();

interface Linked {
  readonly links: readonly { href: string; rel: string; type?: string; title?: string }[];
}
interface Page extends Linked, FeatureCollection {
  readonly numberMatched: number;
  readonly numberReturned: number;
  readonly timeStamp: string;
  readonly figures: Record<string, unknown>;
}
interface Collection extends Linked {
  readonly id: string;
  readonly title: string;
  readonly extent: { spatial: { bbox: number[][] }; temporal: { interval: (string | null)[][] } };
}

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await get(path, init);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

const items = (collection: string, query = '', init?: RequestInit) =>
  json<Page>(`/ogc/collections/${collection}/items${query}`, init);

const ids = (page: Page) => page.features.map(({ id }) => id);

function hrefOf(document: Linked, rel: string): string | undefined {
  return document.links.find((link) => link.rel === rel)?.href.replace('http://localhost', '');
}

async function problemOf(path: string, init?: RequestInit): Promise<string> {
  const response = await get(path, init);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  const { code } = (await response.json()) as ProblemDocument;
  return `${response.status} ${code}`;
}

// Numbers are those of the requirements in OGC 17-069r4.
describe('the landing page', () => {
  it('links to the definition, the documentation, conformance and data (requirement 2)', async () => {
    const landing = await json<Linked>('/ogc');
    for (const rel of ['self', 'service-desc', 'service-doc', 'conformance', 'data'])
      expect(hrefOf(landing, rel), rel).toBeDefined();
    for (const link of landing.links) expect(link.href).toMatch(/^https?:\/\//);
    expect(hrefOf(landing, 'service-doc')).toBe('/docs');
  });

  it('is at /ogc/ as well, as clients write it', async () => {
    expect((await get('/ogc/')).status).toBe(200);
  });

  it('leads to everything that it links to', async () => {
    const landing = await json<Linked>('/ogc');
    for (const rel of ['self', 'service-desc', 'service-doc', 'conformance', 'data'])
      expect((await get(hrefOf(landing, rel)!)).status, rel).toBe(200);
  });

  it('writes its links with https behind a proxy that speaks it', async () => {
    const server = createTestServer({ isHttps: true });
    const landing = (await (await server.get('/ogc')).json()) as Linked;
    expect(landing.links.find(({ rel }) => rel === 'data')?.href).toBe(
      'https://localhost/ogc/collections',
    );
  });
});

describe('the definition of the API', () => {
  it('is OpenAPI 3.0 and names the parameters as the standard wants them', async () => {
    const response = await get('/ogc/api');
    expect(response.headers.get('Content-Type')).toBe(
      'application/vnd.oai.openapi+json;version=3.0',
    );
    const api = (await response.json()) as {
      openapi: string;
      paths: Record<string, { get: { parameters: Record<string, unknown>[] } }>;
    };
    expect(api.openapi).toMatch(/^3\.0\./);
    expect(Object.keys(api.paths)).toEqual([
      '/ogc',
      '/ogc/api',
      '/ogc/conformance',
      '/ogc/collections',
      '/ogc/collections/{collectionId}',
      '/ogc/collections/{collectionId}/items',
      '/ogc/collections/{collectionId}/items/{featureId}',
    ]);
    const { parameters } = api.paths['/ogc/collections/{collectionId}/items']!.get;
    const named = (name: string) => parameters.find((parameter) => parameter.name === name);
    expect(named('limit')).toMatchObject({
      in: 'query',
      required: false,
      style: 'form',
      explode: false,
      schema: { type: 'integer', minimum: 1, maximum: 1000, default: 500 },
    });
    expect(named('bbox')).toMatchObject({
      style: 'form',
      explode: false,
      schema: { type: 'array' },
    });
    expect(named('datetime')).toMatchObject({ style: 'form', schema: { type: 'string' } });
  });
});

describe('conformance', () => {
  it('claims core, GeoJSON and OpenAPI 3.0 (requirement 6)', async () => {
    const { conformsTo } = await json<{ conformsTo: string[] }>('/ogc/conformance');
    expect(conformsTo.toSorted()).toEqual(
      ['core', 'geojson', 'oas30'].map(
        (name) => `http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/${name}`,
      ),
    );
  });
});

describe('the collections', () => {
  it('are one of areas and one of cells for each level of the grant (requirements 11 to 16)', async () => {
    const document = await json<Linked & { collections: Collection[] }>('/ogc/collections');
    expect(hrefOf(document, 'self')).toBe('/ogc/collections');
    expect(document.collections.map(({ id }) => id)).toEqual([
      'continent',
      ...['nation', 'nation-cells', 'region', 'region-cells', 'province', 'province-cells'],
      ...['municipality', 'municipality-cells', 'suburb', 'suburb-cells'],
      ...['street', 'street-cells'],
    ]);
    for (const collection of document.collections) {
      expect(collection.title).not.toBe('');
      const link = collection.links.find(({ rel }) => rel === 'items');
      expect(link).toMatchObject({ type: 'application/geo+json' });
      expect(collection.extent.spatial.bbox).toEqual([[-10, 35, 5, 44]]);
      expect(collection.extent.temporal.interval).toEqual([
        ['2026-11-19T11:45:00Z', '2026-11-21T12:00:00Z'],
      ]);
      expect(collection).toMatchObject({
        itemType: 'feature',
        crs: ['http://www.opengis.net/def/crs/OGC/1.3/CRS84'],
      });
    }
  });

  it('say of one what they say of it in the list (requirements 17 and 18)', async () => {
    const { collections } = await json<{ collections: Collection[] }>('/ogc/collections');
    for (const collection of collections)
      expect(await json(`/ogc/collections/${collection.id}`)).toEqual(collection);
  });

  it('show a city its own levels only, in its own extent', async () => {
    const { collections } = await json<{ collections: Collection[] }>('/ogc/collections', CITY);
    expect(collections.map(({ id }) => id)).toEqual(['municipality', 'suburb', 'suburb-cells']);
    expect(collections[0]!.extent.spatial.bbox).not.toEqual([[-10, 35, 5, 44]]);
  });
});

describe('features', () => {
  it('are the areas of the level, with a page’s members (requirements 26 to 32)', async () => {
    const response = await get('/ogc/collections/municipality/items');
    expect(response.headers.get('Content-Type')).toBe('application/geo+json');
    const page = (await response.json()) as Page;
    expect(page.type).toBe('FeatureCollection');
    expect(ids(page)).toEqual([
      'eu.es.13.28.28079',
      'eu.es.13.28.28006',
      'eu.es.13.28.28007',
      'eu.es.09.08.08019',
    ]);
    expect(page.numberMatched).toBe(4);
    expect(page.numberReturned).toBe(4);
    expect(page.timeStamp).toBe('2026-11-21T12:05:00Z');
    expect(hrefOf(page, 'self')).toBe('/ogc/collections/municipality/items');
    expect(hrefOf(page, 'collection')).toBe('/ogc/collections/municipality');
    expect(hrefOf(page, 'next')).toBeUndefined();
    expect(page.figures).toMatchObject({
      start: LATEST,
      interval_seconds: 900,
      licence: 'CC0-1.0',
      simulation: 'All figures are made up.',
      attributions: [{ text: 'Nobody' }],
    });
  });

  it('have the figures of the frame', async () => {
    const page = await items('municipality');
    const frame = await json<FrameDocument>('/api/v1/areas/eu.es.13.28/frame');
    for (const row of frame.rows) {
      const feature = page.features.find(({ id }) => id === row.id.replaceAll('/', '.'))!;
      expect(feature.properties).toMatchObject({
        name: row.name,
        net_wh: row.energyWh.net,
        consumption_wh: row.energyWh.consumption,
        coverage: row.coverage,
        status: row.status,
        start: frame.start,
        end: frame.end,
        level: 'municipality',
        parent: 'eu/es/13/28',
      });
    }
  });

  it('are polygons in the winding of RFC 7946', async () => {
    for (const collection of ['continent', 'nation', 'municipality', 'street', 'street-cells']) {
      const page = await items(collection);
      expect(page.features.length, collection).toBeGreaterThan(0);
      for (const { geometry } of page.features) {
        if (geometry.type === 'Polygon')
          expect(ringArea(geometry.coordinates[0]!)).toBeGreaterThan(0);
        else expect(geometry.type).toBe('MultiPolygon');
      }
    }
  });

  it('keep an area that is merged without figures, and say where they are', async () => {
    const page = await items('street', '?parent=eu.es.13.28.28006.s1');
    expect(page.numberMatched).toBe(8);
    const [merged] = page.features;
    expect(merged!.properties).toMatchObject({
      net_wh: null,
      net_absent: 'too-few',
      status: 'withheld',
      cells: 'eu.es.13.28.28006.s1:eu/es/13/28/28006/s1/s1-01+1',
    });
    const cells = await items('street-cells', '?parent=eu.es.13.28.28006.s1');
    expect(ids(cells)).toEqual([merged!.properties!.cells]);
    expect(cells.features[0]!.properties).toMatchObject({
      kind: 'cell',
      members: 'eu/es/13/28/28006/s1/s1-01 eu/es/13/28/28006/s1/s1-02',
    });
    expect(cells.features[0]!.properties!.net_wh).toEqual(expect.any(Number));
  });

  it('name the state and the reason of what is withheld, late or zero', async () => {
    const { features } = await items('street', '?parent=eu.es.13.28.28006.s1');
    const of = (street: string) =>
      features.find(({ id }) => String(id).endsWith(street))!.properties;
    expect(of('s1-05')).toMatchObject({ net_wh: null, status: 'withheld', reason: 'too-few' });
    expect(of('s1-06')).toMatchObject({ net_wh: null, status: 'late', reason: 'late' });
    expect(of('s1-08')).toMatchObject({ net_wh: 0, status: 'published', reason: null });
  });

  it('never hold a household', async () => {
    const text = JSON.stringify([await items('street'), await items('street-cells')]);
    expect(text).not.toMatch(/household|"slot"|meter_id|"meter":/);
    expect(await problemOf('/ogc/collections/household/items')).toBe('404 not-found');
    expect(await problemOf('/ogc/collections/meter/items')).toBe('404 not-found');
  });
});

describe('paging', () => {
  it('visits every feature once, whatever the limit', async () => {
    const all = ids(await items('street'));
    expect(all).toHaveLength(64);
    for (const limit of [1, 7, 63, 64, 1000]) {
      const seen: unknown[] = [];
      let path: string | undefined = `/ogc/collections/street/items?limit=${limit}`;
      while (path !== undefined) {
        const page: Page = await json<Page>(path);
        expect(page.numberMatched).toBe(64);
        expect(page.numberReturned).toBe(page.features.length);
        expect(page.features.length).toBeLessThanOrEqual(limit);
        seen.push(...ids(page));
        path = hrefOf(page, 'next');
      }
      expect(seen).toEqual(all);
    }
  });

  it('keeps the other parameters in its links', async () => {
    const page = await items('street', '?limit=2&datetime=2026-11-21T11:00:00Z&offset=2');
    expect(hrefOf(page, 'next')).toBe(
      '/ogc/collections/street/items?limit=2&datetime=2026-11-21T11%3A00%3A00Z&offset=4',
    );
    expect(hrefOf(page, 'prev')).toContain('offset=0');
  });

  it('takes a limit above the largest for the largest', async () => {
    expect((await items('street', '?limit=1000000')).numberReturned).toBe(64);
  });

  it('is empty beyond the end', async () => {
    const page = await items('street', '?offset=64');
    expect(page.features).toEqual([]);
    expect(page.numberMatched).toBe(64);
    expect(hrefOf(page, 'next')).toBeUndefined();
  });

  it('asks for the frames of its page only', async () => {
    const asked: string[] = [];
    const server = createTestServer({
      change: (source) => ({
        ...source,
        frame: (query) => {
          asked.push(query.area);
          return source.frame(query);
        },
      }),
    });
    await server.get('/ogc/collections/street/items?limit=8&offset=8');
    expect(asked).toEqual(['eu/es/13/28/28006/s2']);
  });
});

describe('a bounding box', () => {
  it('selects the features that meet it', async () => {
    const [west, south, east, north] = createTestServer()
      .source.children('eu/es/13/28/28006' as never)
      .find(({ id }) => id.endsWith('/s2'))!.bbox!;
    const inset = (east - west) / 100;
    const box = [west + inset, south + inset, east - inset, north - inset].join(',');
    expect(ids(await items('suburb', `?bbox=${box}`))).toEqual(['eu.es.13.28.28006.s2']);
    expect((await items('street', `?bbox=${box}`)).numberMatched).toBe(8);
    const six = [west + inset, south + inset, -100, east - inset, north - inset, 3000].join(',');
    expect(ids(await items('suburb', `?bbox=${six}`))).toEqual(['eu.es.13.28.28006.s2']);
  });

  it('that is elsewhere selects none, and one around the globe all', async () => {
    expect((await items('suburb', '?bbox=100,-50,120,-40')).numberMatched).toBe(0);
    expect((await items('suburb', '?bbox=-180,-90,180,90')).numberMatched).toBe(8);
    // Across the antimeridian: from 170 east to 0, the long way round or not.
    expect((await items('nation', '?bbox=170,30,-170,50')).numberMatched).toBe(0);
  });

  it.each(['1,2,3', '1,2,3,4,5', 'a,b,c,d', '0,50,1,40', '0,0,0,91', '-181,0,0,1', '', '1,,2,3'])(
    'that is none is refused (requirement 10): %s',
    async (bbox) => {
      expect(await problemOf(`/ogc/collections/street/items?bbox=${bbox}`)).toBe('400 bad-query');
    },
  );
});

describe('a datetime', () => {
  const startOf = async (datetime: string) =>
    (await items('nation', `?datetime=${datetime}`)).figures.start;

  it.each([
    ['2026-11-21T06:15:00Z', '2026-11-21T06:15:00Z'],
    ['2026-11-21T06:29:59.5Z', '2026-11-21T06:15:00Z'],
    ['2026-11-21T07:15:00%2B01:00', '2026-11-21T06:15:00Z'],
    ['2026-11-21T07:15:00+01:00', '2026-11-21T06:15:00Z'],
    ['2026-11-21T06:15Z', '2026-11-21T06:15:00Z'],
    ['2026-11-21T06:00:00Z/2026-11-21T06:30:00Z', '2026-11-21T06:15:00Z'],
    ['2026-11-21T06:00:00Z/2026-11-21T06:00:00Z', '2026-11-21T06:00:00Z'],
    ['../2026-11-21T06:31:00Z', '2026-11-21T06:30:00Z'],
    ['2026-11-21T06:00:00Z/..', LATEST],
    ['2026-11-21T06:00:00Z/', LATEST],
    ['2020-01-01T00:00:00Z/2030-01-01T00:00:00Z', LATEST],
  ])('of %s is the interval that starts at %s', async (datetime, start) => {
    expect(await startOf(datetime)).toBe(start);
  });

  it.each([
    '2020-01-01T00:00:00Z',
    '2030-01-01T00:00:00Z',
    '2026-11-21T12:01:00Z',
    '2026-11-21T12:00:00Z/..',
    '../2020-01-01T00:00:00Z',
  ])('without figures selects no feature: %s', async (datetime) => {
    const page = await items('nation', `?datetime=${datetime}`);
    expect(page).toMatchObject({ numberMatched: 0, numberReturned: 0, features: [] });
  });

  it.each([
    'yesterday',
    '2026-11-21',
    '2026-11-21T06:15:00',
    '2026-02-30T00:00:00Z',
    '2026-99-01T00:00:00Z',
    '2026-11-21T25:00:00Z',
    '../..',
    '/',
    '2026-11-21T06:00:00Z/2026-11-21T05:00:00Z',
    '2026-11-21T06:00:00Z/2026-11-21T07:00:00Z/..',
  ])('that is none is refused (requirement 10): %s', async (datetime) => {
    expect(await problemOf(`/ogc/collections/nation/items?datetime=${datetime}`)).toBe(
      '400 bad-time',
    );
  });
});

describe('a feature by its id', () => {
  it('is the one of the page, with links (requirements 33 and 34)', async () => {
    for (const collection of ['continent', 'municipality', 'street', 'street-cells']) {
      const { features } = await items(collection);
      const [wanted] = features;
      const path = `/ogc/collections/${collection}/items/${encodeURIComponent(String(wanted!.id))}`;
      const feature = await json<Linked & Record<string, unknown>>(path);
      expect(feature).toMatchObject({ ...wanted });
      expect(hrefOf(feature, 'self')).toBe(path);
      expect(hrefOf(feature, 'collection')).toBe(`/ogc/collections/${collection}`);
    }
  });

  it('has the figures of the time asked for', async () => {
    const path = '/ogc/collections/nation/items/eu.es';
    const feature = await json<{ properties: { start: string } }>(
      `${path}?datetime=2026-11-21T06:20:00Z`,
    );
    expect(feature.properties.start).toBe('2026-11-21T06:15:00Z');
  });

  it.each([
    'nation/items/eu.xx',
    'nation/items/eu.es.13',
    'nation/items/eu%2Fes',
    'nation/items/eu.es:x',
    'street/items/..',
    'street/items/%00',
    'street-cells/items/eu.es.13.28.28006.s1:nothing',
    'street-cells/items/eu.es.13.28.28006.s1',
    'nation/items/eu.es?datetime=2020-01-01T00:00:00Z',
    'planet',
    'planet/items',
    'planet/items/earth',
  ])('that is not there is not found: %s', async (path) => {
    expect(await problemOf(`/ogc/collections/${path}`)).toMatch(/^404 /);
  });
});

describe('a parameter', () => {
  it.each([
    '/ogc?f=html',
    '/ogc/conformance?x=1',
    '/ogc/collections?limit=1',
    '/ogc/collections/nation?bbox=1,2,3,4',
    '/ogc/collections/nation/items?household=1',
    '/ogc/collections/nation/items?limit=1&limit=2',
    '/ogc/collections/nation/items?bbox-crs=x',
    '/ogc/collections/nation/items/eu.es?limit=1',
  ])('that the definition does not have is refused (requirement 8): %s', async (path) => {
    expect(await problemOf(path)).toBe('400 bad-query');
  });

  it.each(['limit=0', 'limit=-1', 'limit=ten', 'limit=1.5', 'limit=', 'offset=-1', 'offset=1e9'])(
    'with an invalid value is refused (requirement 9): %s',
    async (query) => {
      expect(await problemOf(`/ogc/collections/nation/items?${query}`)).toBe('400 bad-query');
    },
  );
});

describe('a city’s token', () => {
  it('sees its suburbs and nothing beside or below them', async () => {
    const page = await items('suburb', '', CITY);
    expect(ids(page)).toEqual([1, 2, 3, 4].map((n) => `eu.es.13.28.28006.s${n}`));
    expect(ids(await items('municipality', '', CITY))).toEqual(['eu.es.13.28.28006']);
    expect(ids(await items('suburb', '?bbox=-180,-90,180,90', CITY))).toHaveLength(4);
    const of = (path: string) => problemOf(`/ogc/collections/${path}`, CITY);
    expect(await of('street/items')).toBe('404 not-found');
    expect(await of('street-cells/items')).toBe('404 not-found');
    expect(await of('province/items')).toBe('404 not-found');
    expect(await of('municipality/items/eu.es.13.28.28079')).toBe('404 not-found');
    expect(await of('suburb/items/eu.es.09.08.08019.s1')).toBe('404 not-found');
    expect(await of('suburb/items?parent=eu.es.09.08.08019')).toBe('403 not-granted');
    expect(await of('suburb-cells/items?parent=eu.es')).toBe('403 not-granted');
  });

  it('is shown no name or id from outside its grant', async () => {
    const text = JSON.stringify([
      await items('municipality', '', CITY),
      await items('suburb', '', CITY),
      await items('suburb-cells', '', CITY),
    ]);
    expect(text).not.toMatch(/28079|08019|s1-0|"eu\/es\/13\/28"|Barcelona/);
  });
});

describe('bounds', () => {
  it('stop a request whose source takes too long', async () => {
    const server = createTestServer({ frameDelayMs: 5000, timeoutMs: 50 });
    const response = await server.get('/ogc/collections/nation/items');
    expect(response.status).toBe(504);
    expect(server.source.openCount()).toBe(0);
  });

  it('answer 503 where nothing is published yet', async () => {
    const server = createTestServer({ isEmpty: true });
    const response = await server.get('/ogc/collections/nation/items');
    expect(response.status).toBe(503);
    expect(response.headers.get('Retry-After')).toBe('900');
  });
});
