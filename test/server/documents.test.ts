import { unzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { AreaId } from '../../src/core/area.ts';
import { mapDocument } from '../../src/server/map-document.ts';
import { areaSchema, searchSchema } from '../../src/server/schemas/area-schema.ts';
import { evidenceSchema } from '../../src/server/schemas/evidence-schema.ts';
import { frameSchema } from '../../src/server/schemas/frame-schema.ts';
import { healthSchema } from '../../src/server/schemas/health-schema.ts';
import { mapSchema } from '../../src/server/schemas/map-schema.ts';
import { seriesSchema } from '../../src/server/schemas/series-schema.ts';
import { createMapApp, EVERYTHING, LATEST } from './map-app.ts';

const SUBURB = 'eu.es.13.28.28006.s1';

function setUp() {
  return createMapApp({ anonymous: EVERYTHING, table: { hasEvidence: true } });
}

async function json(response: Response): Promise<unknown> {
  expect(response.status).toBe(200);
  return await response.json();
}

describe('the documents of the API', () => {
  it('say what there is to see, and what time it is on the network', async () => {
    const { get } = setUp();
    const map = mapSchema.parse(await json(await get('/api/v1/map')));
    expect(map).toMatchObject({ start: 'eu', deepestDepth: 7, latest: LATEST, hasEvidence: true });
    expect(map.clock.nowMs).toBe(Date.parse('2026-11-21T12:05:00Z'));
  });

  it('open where the map says, or at the viewer’s area where that is outside of it', () => {
    const { source } = setUp();
    const at = (opensAt: string, area: string) =>
      mapDocument(
        { ...source, about: { ...source.about, opensAt: opensAt as AreaId } },
        { ...EVERYTHING, area: area as AreaId },
      ).opensAt;
    expect(at('eu/es', 'eu')).toBe('eu/es');
    expect(at('eu/es', 'eu/es/13')).toBe('eu/es/13');
    expect(at('eu/nowhere', 'eu')).toBe('eu');
  });

  it('describe every area of the tree, each with its way from the start', async () => {
    const { get, source } = setUp();
    for (const id of source.allAreas) {
      const path = `/api/v1/areas/${id.replaceAll('/', '.')}`;
      const area = areaSchema.parse(await json(await get(path)));
      expect(area.id).toBe(id);
      expect(area.children.map((child) => child.id)).toEqual(
        source.children(id).map((child) => child.id),
      );
      const above = id.split('/').slice(0, -1);
      expect(area.ancestors.map((one) => one.id)).toEqual(
        above.map((_, i) => above.slice(0, i + 1).join('/')),
      );
    }
  });

  it('find areas without their accents', async () => {
    const { get } = setUp();
    const found = searchSchema.parse(await json(await get('/api/v1/search?q=ESPANA')));
    expect(found.results[0]).toMatchObject({ id: 'eu/es', name: 'España', path: 'Europe' });
  });

  it('give figures whose children add up to their parent', async () => {
    const { get } = setUp();
    const frame = frameSchema.parse(await json(await get('/api/v1/areas/eu.es/frame')));
    expect(frame).toMatchObject({ start: LATEST, isLatest: true });
    const sum = frame.rows.reduce((total, row) => total + (row.energyWh.net ?? 0), 0);
    expect(frame.self.energyWh.net).toBe(sum);
    const { production, consumption, import: imported, export: exported } = frame.self.energyWh;
    expect((production ?? 0) + (imported ?? 0)).toBe((consumption ?? 0) + (exported ?? 0));
  });

  it('keep a withheld, a late, a zero, a partial and an unconnected row apart', async () => {
    const { get } = setUp();
    const frame = frameSchema.parse(await json(await get(`/api/v1/areas/${SUBURB}/frame`)));
    const row = (name: string) => frame.rows.find(({ id }) => id.endsWith(name));
    expect(row('s1-05')).toMatchObject({ status: 'withheld', reason: 'too-few' });
    expect(row('s1-05')?.energyWh.net).toBeNull();
    expect(row('s1-06')).toMatchObject({ status: 'late', energyWh: { net: null } });
    expect(row('s1-07')).toMatchObject({ status: 'partial', energyWh: { consumption: null } });
    expect(row('s1-08')).toMatchObject({ status: 'published', energyWh: { net: 0 } });
    expect(row('s1-01+1')).toMatchObject({ kind: 'cell' });
    const europe = frameSchema.parse(await json(await get('/api/v1/areas/eu/frame')));
    expect(europe.rows.find(({ id }) => id === 'eu/fr')).toMatchObject({ status: 'not-connected' });
  });

  it('give the interval that was asked for, in any offset', async () => {
    const { get } = setUp();
    for (const t of [
      '2026-11-20T06:30Z',
      '2026-11-20T07:30:00%2B01:00',
      '2026-11-20T07:30+01:00',
    ]) {
      const path = `/api/v1/areas/eu.es/frame?t=${t}`;
      const frame = frameSchema.parse(await json(await get(path)));
      expect(frame).toMatchObject({
        start: '2026-11-20T06:30:00Z',
        end: '2026-11-20T06:45:00Z',
        isLatest: false,
      });
    }
  });

  it('give series of an area, of a child and of a merged cell, with gaps before the first', async () => {
    const { get, source } = setUp();
    const range = 'from=2026-11-19T00:00Z&until=2026-11-21T12:00Z';
    for (const row of [undefined, 'eu/es/13/28/28006/s1/s1-03', 'eu/es/13/28/28006/s1/s1-01+1']) {
      const query = row === undefined ? range : `${range}&row=${encodeURIComponent(row)}`;
      const path = `/api/v1/areas/${SUBURB}/series?${query}`;
      const series = seriesSchema.parse(await json(await get(path)));
      expect(series.row).toBe(row ?? 'eu/es/13/28/28006/s1');
      expect(series.energyWh.net).toHaveLength(60 * 4);
      const gap = (source.firstInterval() as number) - Date.parse('2026-11-19T00:00Z') / 900_000;
      expect(series.energyWh.net[gap - 1]).toBeNull();
      expect(series.energyWh.net[gap]).not.toBeNull();
    }
  });

  it('show health and evidence', async () => {
    const { get } = setUp();
    const health = healthSchema.parse(await json(await get('/api/v1/areas/eu/health')));
    expect(health.newest).toMatchObject({ start: LATEST, ageSeconds: 300, isLate: false });
    expect(health.nextExpectedAt).toBe('2026-11-21T12:16:30Z');
    const path = `/api/v1/areas/${SUBURB}.s1-03/evidence`;
    const evidence = evidenceSchema.parse(await json(await get(path)));
    expect(evidence).toMatchObject({ start: LATEST, household: null });
  });

  it('have no evidence, not even a route, where the source has none', async () => {
    const { get } = createMapApp({ anonymous: EVERYTHING });
    expect((await get(`/api/v1/areas/${SUBURB}.s1-03/evidence`)).status).toBe(404);
    expect(await (await get('/openapi.json')).text()).not.toContain('/evidence');
  });

  it('answer parallel questions for different areas each with its own', async () => {
    const { get, source } = setUp();
    const ids: readonly AreaId[] = [...source.allAreas, ...source.allAreas];
    const frames = await Promise.all(
      ids.map(async (id) =>
        frameSchema.parse(await json(await get(`/api/v1/areas/${id.replaceAll('/', '.')}/frame`))),
      ),
    );
    expect(frames.map(({ area }) => area)).toEqual(ids);
  });
});

describe('caching', () => {
  it('answers an unchanged frame with 304, also where compression made its tag weak', async () => {
    const { get, source } = setUp();
    const path = '/api/v1/areas/eu.es/frame';
    const first = await get(path, undefined, { headers: { 'Accept-Encoding': 'gzip' } });
    const etag = first.headers.get('ETag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    expect(first.headers.get('Content-Encoding')).toBe('gzip');
    const again = await get(path, undefined, { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    source.revise('eu/es/13' as AreaId, source.latestInterval() as never);
    const changed = await get(path, undefined, { headers: { 'If-None-Match': etag } });
    expect(changed.status).toBe(200);
  });

  it.each([
    ['gzip', 'gzip'],
    ['br, GZIP;q=0.5', 'gzip'],
    ['*', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip;q=0, *;q=0', null],
    ['identity', null],
    [undefined, null],
  ])('answers who takes %s in %s, with the same document', async (accepted, expected) => {
    const { get } = setUp();
    const path = '/api/v1/areas/eu.es/frame';
    const plain = await get(path);
    const headers = accepted === undefined ? {} : { 'Accept-Encoding': accepted };
    const answer = await get(path, undefined, { headers });
    expect(answer.headers.get('Content-Encoding')).toBe(expected);
    expect(answer.headers.get('Vary')).toContain('Accept-Encoding');
    const bytes = Buffer.from(await answer.arrayBuffer());
    const length = answer.headers.get('Content-Length');
    if (length !== null) expect(bytes.length).toBe(Number(length));
    const body = expected === null ? bytes : unzipSync(bytes);
    expect(JSON.parse(body.toString())).toEqual(await plain.json());
  });

  it('leaves a small document as it is', async () => {
    const { get } = setUp();
    const path = '/api/v1/areas/eu.es/series?from=2026-11-21T11:30Z&until=2026-11-21T12:00Z';
    const answer = await get(path, undefined, { headers: { 'Accept-Encoding': 'gzip' } });
    expect(answer.headers.get('Content-Encoding')).toBeNull();
    expect(answer.headers.get('ETag')).toMatch(/^"/);
    expect((await answer.text()).length).toBeLessThan(1024);
  });

  it('never shares an answer between two viewers', async () => {
    const { get } = createMapApp({ anonymous: EVERYTHING });
    const path = '/api/v1/areas/eu.es.13.28.28006/frame';
    const [one, other] = [await get(path), await get(path, 'the-token-of-one-city')];
    expect(one.headers.get('ETag')).not.toBe(other.headers.get('ETag'));
    expect(one.headers.get('Cache-Control')).toContain('private');
    expect(one.headers.get('Vary')).toContain('Authorization, Cookie');
  });

  it('lets browsers keep what no late total can change any more', async () => {
    const { get } = setUp();
    const cache = async (t: string) =>
      (await get(`/api/v1/areas/eu.es/frame?t=${t}`)).headers.get('Cache-Control');
    expect(await cache('2026-11-19T13:00Z')).toMatch(/max-age=\d{4,}/);
    expect(await cache('2026-11-21T10:00Z')).toBe('private, no-cache');
    expect(await cache(LATEST)).toBe('private, no-cache');
    // Trustees that are away come back, and answer for old intervals as well.
    const away = createMapApp({
      anonymous: EVERYTHING,
      change: (source) => ({
        ...source,
        frame: async (query) => {
          const frame = await source.frame(query);
          return frame && { ...frame, self: { ...frame.self, reason: 'no-quorum' as const } };
        },
      }),
    });
    const response = await away.get('/api/v1/areas/eu.es/frame?t=2026-11-19T13:00Z');
    expect(response.headers.get('Cache-Control')).toBe('private, no-cache');
  });

  it('lets browsers keep geometry for a year at its own address', async () => {
    const { get } = setUp();
    const { geometryUrl } = areaSchema.parse(await json(await get('/api/v1/areas/eu.es.13')));
    const geometry = await get(geometryUrl ?? '');
    expect(geometry.headers.get('Cache-Control')).toBe('private, max-age=31536000, immutable');
    expect(await json(geometry)).toMatchObject({ type: 'Topology' });
    const stale = await get((geometryUrl ?? '').replace(/.$/, 'x'));
    expect(stale.status).toBe(404);
  });
});
