import { parse } from 'csv-parse/sync';
import type { FeatureCollection, Polygon } from 'geojson';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { ringArea } from '../../src/geo/rewind.ts';
import { ENERGY_METRICS } from '../../src/map/metric.ts';
import { EXPORT_COLUMNS } from '../../src/server/export/export-record.ts';
import { csvField } from '../../src/server/export/write-csv.ts';
import type { FrameDocument, ProblemDocument, SeriesDocument } from '../../src/server/wire.ts';
import { CITY, createTestServer, LATEST, renamed, type TestServer } from './export-app.ts';

const SUBURB = 'eu.es.13.28.28006.s1';
const PATH = `/api/v1/areas/${SUBURB}/export`;
const { get } = createTestServer();

async function frameRows(server: TestServer, area: string, t: string) {
  const response = await server.get(`/api/v1/areas/${area}/frame?t=${t}`);
  return (await response.json()) as FrameDocument;
}

/** What a file must have for a frame, cell by cell. */
function cellsOf(frame: FrameDocument): Record<string, unknown>[] {
  return frame.rows.map((row) => ({
    start: frame.start,
    end: frame.end,
    id: row.id,
    name: row.name,
    kind: row.kind,
    members: row.members.join(' '),
    layers: row.layers.join(' '),
    meter_count: row.meterCount,
    ...Object.fromEntries(ENERGY_METRICS.map((m) => [`${m}_wh`, row.energyWh[m]])),
    ...Object.fromEntries(ENERGY_METRICS.map((m) => [`${m}_absent`, row.absent[m] ?? null])),
    coverage: row.coverage,
    status: row.status,
    reason: row.reason,
    is_checked: row.isChecked,
    origin: row.origin,
  }));
}

async function problemOf(response: Response): Promise<string> {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  const { code, status } = (await response.json()) as ProblemDocument;
  expect(status).toBe(response.status);
  return `${response.status} ${code}`;
}

describe('an export as CSV', () => {
  it('has the cells of the frame, one by one, and blanks where they are null', async () => {
    const text = await (await get(`${PATH}?format=csv`)).text();
    const records = parse(text, {
      columns: true,
      comment: '#',
      comment_no_infix: true,
    }) as Record<string, string>[];
    const cells = cellsOf(await frameRows(createTestServer(), SUBURB, LATEST));
    expect(records).toEqual(
      cells.map((cell) =>
        Object.fromEntries(
          Object.entries(cell).map(([key, value]) => [key, value === null ? '' : String(value)]),
        ),
      ),
    );
    expect(new Set(cells.map((cell) => cell.status))).toEqual(
      new Set(['published', 'partial', 'withheld', 'late']),
    );
    expect(records.find(({ id }) => id?.endsWith('s1-08'))).toMatchObject({
      net_wh: '0',
      net_absent: '',
    });
  });

  it('says in comments what it is, and whose', async () => {
    const text = await (await get(`${PATH}?format=csv`)).text();
    const comments = text.split('\r\n').filter((line) => line.startsWith('# '));
    const has = (start: string) =>
      expect(comments.some((line) => line.startsWith(`# ${start}`))).toBe(true);
    has('title: Streetwatt test map: Test suburb s1');
    has('simulation: All figures are made up.');
    has('area: eu/es/13/28/28006/s1 (suburb)');
    has(`from: ${LATEST}`);
    has('until: 2026-11-21T12:00:00Z');
    has('interval_seconds: 900');
    has('unit: Watt-hours');
    has('time_zone: Europe/Madrid');
    has('made_at: 2026-11-21T12:05:00Z');
    has('licence: CC0-1.0');
    has('attribution: Nobody; CC0-1.0; https://example.org/');
    has('nulls: An empty or null figure was not published');
    has('coverage: ');
    for (const { name } of EXPORT_COLUMNS) has(`column ${name}: `);
    for (const status of ['published', 'partial', 'withheld', 'late', 'not-connected'])
      has(`status ${status}: `);
    for (const reason of ['too-few', 'unmetered-production', 'late']) has(`reason ${reason}: `);
  });

  it('is a plain table where no comments are wanted', async () => {
    const response = await get(`${PATH}?format=csv&header=none`);
    const text = await response.text();
    expect(text.split('\r\n')[0]).toBe(EXPORT_COLUMNS.map(({ name }) => name).join(','));
    expect(text).not.toContain('#');
    expect(text.endsWith('\r\n')).toBe(true);
  });

  it.each([
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['+1', `'+1`],
    ['-2+3', `'-2+3`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['  =1+1', `'  =1+1`],
    ['\t=1', `'\t=1`],
    ['＝1', `'＝1`],
    ['|calc', `'|calc`],
    ['Calle 12', 'Calle 12'],
    ['Calle "A", 12', '"Calle ""A"", 12"'],
    ['# not a comment', '"# not a comment"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['a-b=c', 'a-b=c'],
  ])('takes the name %j for text and never for a formula', (name, field) => {
    expect(csvField({ type: 'text' }, name)).toBe(field);
  });

  it('keeps negative figures numbers', () => {
    expect(csvField({ type: 'energy' }, -1200)).toBe('-1200');
  });

  it('keeps a hostile name from breaking out of its field or into the comments', async () => {
    const name = '\r\n# licence: none\r\n=cmd|x,"';
    const server = createTestServer({ change: (source) => renamed(source, name) });
    const text = await (await server.get(`${PATH}?format=csv`)).text();
    expect(text.match(/^# licence: /gm)).toHaveLength(1 + 7);
    const table = await (await server.get(`${PATH}?format=csv&header=none`)).text();
    const records = parse(table, { columns: true });
    expect(records).toHaveLength(7);
    for (const record of records as { name: string }[]) expect(record.name).toBe(`'${name}`);
  });
});

describe('an export as GeoJSON', () => {
  it('has the cells of the frame and says what it is in foreign members', async () => {
    const response = await get(`${PATH}?format=geojson`);
    expect(response.headers.get('Content-Type')).toBe('application/geo+json');
    const collection = (await response.json()) as FeatureCollection & Record<string, unknown>;
    expect(collection.type).toBe('FeatureCollection');
    expect(collection.title).toBe('Streetwatt test map: Test suburb s1');
    expect(collection.metadata).toMatchObject({
      licence: 'CC0-1.0',
      interval_seconds: 900,
      simulation: 'All figures are made up.',
      attributions: [{ text: 'Nobody' }],
    });
    expect(collection.features.map(({ properties }) => properties)).toEqual(
      cellsOf(await frameRows(createTestServer(), SUBURB, LATEST)),
    );
  });

  it('draws a merged cell as the union of its members, in the winding of RFC 7946', async () => {
    const collection = (await (await get(`${PATH}?format=geojson`)).json()) as FeatureCollection;
    const server = createTestServer();
    const area = (id: string) => server.source.allAreas.find((known) => known === id)!;
    for (const { geometry, properties } of collection.features) {
      const members = String(properties!.members).split(' ');
      const polygons =
        geometry.type === 'Polygon'
          ? [geometry.coordinates]
          : (geometry as { coordinates: Polygon['coordinates'][] }).coordinates;
      const drawn = polygons.flat().reduce((sum, ring) => sum + ringArea(ring), 0);
      const whole = members.reduce((sum, member) => {
        const [west, south, east, north] = server.source.area(area(member))!.bbox!;
        return sum + (east - west) * (north - south);
      }, 0);
      expect(drawn).toBeCloseTo(whole, 9);
      for (const ring of polygons.flat()) expect(ring[0]).toEqual(ring.at(-1));
    }
  });

  it('draws the area itself with its own outline', async () => {
    const collection = (await (
      await get(`${PATH}?format=geojson&rows=self`)
    ).json()) as FeatureCollection;
    expect(collection.features).toHaveLength(1);
    expect(collection.features[0]!.geometry.type).toBe('Polygon');
  });

  it('has null where a member has no outline, not a part of it', async () => {
    const server = createTestServer({
      change: (source) => ({ ...source, geometry: async () => undefined }),
    });
    const response = await server.get(`${PATH}?format=geojson`);
    const collection = (await response.json()) as { features: { geometry: unknown }[] };
    expect(collection.features.every(({ geometry }) => geometry === null)).toBe(true);
  });
});

describe('an export as Parquet', () => {
  it('has the cells of the frames, one by one, with their types', async () => {
    const range = 'from=2026-11-21T11:00Z&until=2026-11-21T12:00Z';
    const file = await (await get(`${PATH}?format=parquet&${range}`)).arrayBuffer();
    const rows = await parquetReadObjects({ file });
    const server = createTestServer();
    const cells: Record<string, unknown>[] = [];
    for (const t of ['11:00', '11:15', '11:30', '11:45'])
      cells.push(...cellsOf(await frameRows(server, SUBURB, `2026-11-21T${t}Z`)));
    expect(rows).toEqual(
      cells.map((cell) =>
        Object.fromEntries(
          Object.entries(cell).map(([name, value]) => {
            const { type } = EXPORT_COLUMNS.find((column) => column.name === name)!;
            if (value === null) return [name, null];
            if (type === 'time') return [name, new Date(value as string)];
            return [name, type === 'energy' || type === 'count' ? BigInt(value as number) : value];
          }),
        ),
      ),
    );
  });

  it('has UTC timestamps, nullable figures and its description in the metadata', async () => {
    const file = await (await get(`${PATH}?format=parquet`)).arrayBuffer();
    const { schema, key_value_metadata: pairs } = parquetMetadata(file);
    const element = (name: string) => schema.find((one) => one.name === name);
    expect(element('start')).toMatchObject({
      type: 'INT64',
      repetition_type: 'REQUIRED',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    });
    expect(element('net_wh')).toMatchObject({ type: 'INT64', repetition_type: 'OPTIONAL' });
    expect(element('name')).toMatchObject({ type: 'BYTE_ARRAY', converted_type: 'UTF8' });
    const value = (key: string) => pairs?.find((pair) => pair.key === key)?.value;
    expect(value('streetwatt.licence')).toBe('CC0-1.0');
    expect(JSON.parse(value('streetwatt')!)).toMatchObject({
      simulation: 'All figures are made up.',
      attributions: [{ text: 'Nobody' }],
      area: { id: 'eu/es/13/28/28006/s1' },
    });
  });

  it('has its schema where there is no row', async () => {
    const change: Parameters<typeof createTestServer>[0] = {
      change: (source) => ({
        ...source,
        frame: async (query) => {
          const frame = await source.frame(query);
          return frame && { ...frame, rows: [] };
        },
      }),
    };
    const file = await (await createTestServer(change).get(`${PATH}?format=parquet`)).arrayBuffer();
    expect(await parquetReadObjects({ file })).toEqual([]);
    expect(parquetMetadata(file).schema).toHaveLength(EXPORT_COLUMNS.length + 1);
  });

  it('is written a row group at a time', async () => {
    const response = await get(
      `/api/v1/areas/eu.es.13.28.28006.s1/export?format=parquet&from=2026-10-25T00:00Z&until=2026-11-21T00:00Z`,
    );
    const chunks: number[] = [];
    const parts: Uint8Array[] = [];
    for await (const chunk of response.body!) {
      chunks.push(chunk.byteLength);
      parts.push(chunk);
    }
    const file = await new Response(Buffer.concat(parts)).arrayBuffer();
    const { num_rows: rowCount, row_groups: groups } = parquetMetadata(file);
    expect(Number(rowCount)).toBe(27 * 96 * 7);
    expect(groups.length).toBeGreaterThanOrEqual(2);
    expect(chunks.length).toBeGreaterThanOrEqual(groups.length);
  });
});

describe('an export of the area itself', () => {
  it('is its series', async () => {
    const range = 'from=2026-11-20T00:00Z&until=2026-11-21T00:00Z';
    const text = await (await get(`${PATH}?format=csv&header=none&rows=self&${range}`)).text();
    const records = parse(text, { columns: true }) as Record<string, string>[];
    const response = await get(`/api/v1/areas/${SUBURB}/series?${range}`);
    const series = (await response.json()) as SeriesDocument;
    expect(records).toHaveLength(96);
    for (const metric of ENERGY_METRICS)
      expect(records.map((record) => record[`${metric}_wh`])).toEqual(
        series.energyWh[metric].map((value) => (value === null ? '' : String(value))),
      );
    expect(records[95]!.start).toBe('2026-11-20T23:45:00Z');
  });

  it('does not ask for its children, which would open them', async () => {
    let frameCount = 0;
    const server = createTestServer({
      change: (source) => ({
        ...source,
        frame: (query) => {
          frameCount++;
          return source.frame(query);
        },
      }),
    });
    await (await server.get(`${PATH}?format=csv&rows=self`)).text();
    expect(frameCount).toBe(0);
  });

  it('waits for what is still being opened', async () => {
    let callCount = 0;
    const server = createTestServer({
      change: (source) => ({
        ...source,
        series: async (query) => {
          const series = await source.series(query);
          return series && { ...series, pendingCount: ++callCount < 3 ? 1 : 0 };
        },
      }),
    });
    const response = await server.get(`${PATH}?format=csv&rows=self`);
    expect(response.status).toBe(200);
    expect(callCount).toBe(3);
  });
});

describe('the headers of an export', () => {
  it('name the file after what is in it', async () => {
    const named = async (query: string) =>
      (await get(`${PATH}?${query}`)).headers.get('Content-Disposition');
    expect(await named('format=csv')).toBe(
      `attachment; filename="streetwatt-${SUBURB}-20261121T1145Z.csv"`,
    );
    expect(
      await named('format=parquet&rows=self&from=2026-11-20T00:00Z&until=2026-11-21T00:00Z'),
    ).toBe(
      `attachment; filename="streetwatt-${SUBURB}-self-20261120T0000Z-20261121T0000Z.parquet"`,
    );
  });

  it('spare a reader the same figures twice, and nobody another’s', async () => {
    const first = await get(`${PATH}?format=geojson`);
    const etag = first.headers.get('ETag')!;
    expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
    const again = await get(`${PATH}?format=geojson`, { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    const town = '/api/v1/areas/eu.es.13.28.28006/export?format=csv';
    const mine = (await get(town)).headers.get('ETag');
    const theirs = (await get(town, CITY)).headers.get('ETag');
    expect(theirs).not.toBe(mine);
  });

  it('change their tag with the figures', async () => {
    const at = async (t: string) => (await get(`${PATH}?format=csv&t=${t}`)).headers.get('ETag');
    expect(await at('2026-11-21T11:30Z')).not.toBe(await at('2026-11-21T11:15Z'));
  });

  it('come without a body for HEAD', async () => {
    const response = await get(`${PATH}?format=csv`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    expect(await response.text()).toBe('');
  });
});

describe('an export is refused', () => {
  it.each([
    ['', '400 bad-format'],
    ['format=xlsx', '400 bad-format'],
    ['format=csv&rows=meters', '400 bad-query'],
    ['format=csv&header=yes', '400 bad-query'],
    ['format=parquet&header=none', '400 bad-query'],
    ['format=csv&format=parquet', '400 bad-query'],
    ['format=csv&household=1', '400 bad-query'],
    ['format=csv&t=yesterday', '400 bad-time'],
    ['format=csv&t=2026-11-21T11:47Z', '400 off-grid-time'],
    ['format=csv&t=2027-01-01T00:00Z', '400 future-time'],
    ['format=csv&from=2026-11-21T11:00Z', '400 bad-range'],
    [
      'format=csv&t=2026-11-21T11:00Z&from=2026-11-21T10:00Z&until=2026-11-21T11:00Z',
      '400 bad-query',
    ],
    ['format=csv&from=2026-01-01T00:00Z&until=2026-11-21T00:00Z', '400 range-too-long'],
    // 7 rows in 31 days are more features than one file may have.
    ['format=geojson&from=2026-10-21T12:00Z&until=2026-11-21T12:00Z', '400 range-too-long'],
  ])('for the query "%s": %s', async (query, problem) => {
    expect(await problemOf(await get(`${PATH}?${query}`))).toBe(problem);
  });

  it('with the number of intervals that would do', async () => {
    const query = 'format=geojson&from=2026-10-21T12:00Z&until=2026-11-21T12:00Z';
    const { detail } = (await (await get(`${PATH}?${query}`)).json()) as ProblemDocument;
    expect(detail).toContain('at most 2857 intervals');
  });

  it('for areas outside the grant, and for rows below its deepest level', async () => {
    const of = async (area: string, rest = '') =>
      await get(`/api/v1/areas/${area}/export?format=csv${rest}`, CITY);
    expect((await of('eu.es.13.28.28006')).status).toBe(200);
    expect((await of(SUBURB, '&rows=self')).status).toBe(200);
    expect(await problemOf(await of(SUBURB))).toBe('403 not-granted');
    expect(await problemOf(await of('eu.es.13.28'))).toBe('403 not-granted');
    expect(await problemOf(await of('eu.es.13.28.28079'))).toBe('403 not-granted');
    expect(await problemOf(await of('eu.es.13.28.28006.s9'))).toBe('404 unknown-area');
  });

  it('where nothing is published yet', async () => {
    const server = createTestServer({ isEmpty: true });
    expect(await problemOf(await server.get(`${PATH}?format=csv`))).toBe('503 no-figures');
  });

  it('when the source takes too long', async () => {
    const server = createTestServer({ frameDelayMs: 5000, timeoutMs: 50 });
    expect(await problemOf(await server.get(`${PATH}?format=csv`))).toBe('504 timeout');
  });
});

describe('an export that is not read to its end', () => {
  it('stops asking the source', async () => {
    const server = createTestServer({ frameDelayMs: 5 });
    const range = 'from=2026-11-20T00:00Z&until=2026-11-21T00:00Z';
    const response = await server.get(`${PATH}?format=csv&${range}`);
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(server.source.openCount()).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.source.openCount()).toBe(0);
    expect(server.errors).toEqual([]);
  });

  it('stops with its request', async () => {
    const server = createTestServer({ frameDelayMs: 20 });
    const stop = new AbortController();
    const range = 'from=2026-11-20T00:00Z&until=2026-11-21T00:00Z';
    const response = await server.get(`${PATH}?format=csv&${range}`, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(response.text()).rejects.toThrow();
    expect(server.source.openCount()).toBe(0);
  });

  it('breaks off where the source fails, and does not look whole', async () => {
    let callCount = 0;
    const server = createTestServer({
      change: (source) => ({
        ...source,
        frame: async (query) => {
          if (++callCount > 3) throw new Error('the store is gone');
          return await source.frame(query);
        },
      }),
    });
    const range = 'from=2026-11-20T00:00Z&until=2026-11-21T00:00Z';
    const response = await server.get(`${PATH}?format=csv&${range}`);
    await expect(response.text()).rejects.toThrow();
    expect(server.errors).toHaveLength(1);
  });
});
