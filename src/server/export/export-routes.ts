// GET /api/v1/areas/{id}/export: what is seen, as a file (docs/exports.md).

import { createHash } from 'node:crypto';
import { type RouteConfig, z } from '@hono/zod-openapi';
import { type App, addRoute, pathParameter } from '../add-route.ts';
import { disconnecter } from '../disconnecter.ts';
import { hasEtag } from '../etag-json.ts';
import { dottedArea } from '../parse-area.ts';
import { parseQuery } from '../parse-query.ts';
import { formatIntervalStart } from '../parse-time.ts';
import { requestViewer, viewerName } from '../request-viewer.ts';
import { areaParams } from '../schemas/parameters.ts';
import {
  AREA_PROBLEMS,
  problemResponses,
  RANGE_PROBLEMS,
  SOURCE_PROBLEMS,
  TIME_PROBLEMS,
} from '../schemas/route-responses.ts';
import { type ServerDeps, serverLimits } from '../server-deps.ts';
import { createShapeReader, type Shape, type ShapeReader } from './area-shapes.ts';
import { byteStream } from './byte-stream.ts';
import { exportMetadata } from './export-metadata.ts';
import type { ExportRecord } from './export-record.ts';
import { type ExportReading, exportRecords } from './export-records.ts';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportRequest,
  parseExportRequest,
} from './export-request.ts';
import { ExportSlots } from './export-slots.ts';
import { writeCsv } from './write-csv.ts';
import { writeGeoJson } from './write-geojson.ts';
import { writeParquet } from './write-parquet.ts';

const PARAMETERS = ['format', 'rows', 't', 'from', 'until', 'header'] as const;
const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  geojson: 'application/geo+json',
  parquet: 'application/vnd.apache.parquet',
};

const time = z.string().optional();
const ROUTE = {
  method: 'get' as const,
  path: '/api/v1/areas/{id}/export',
  summary: 'Figures as a file: CSV, GeoJSON or Parquet',
  description:
    'The rows of a frame, or of every frame from `from` until `until`; with `rows=self` the area itself. Without times the newest interval. The file says its units, licence and attribution.',
  request: {
    params: areaParams,
    query: z.object({
      format: z.enum(EXPORT_FORMATS),
      rows: z.enum(['children', 'self']).optional(),
      t: time,
      from: time,
      until: time,
      header: z
        .enum(['comments', 'none'])
        .optional()
        .openapi({ description: 'Of CSV: whether lines of "# " before it say what it is.' }),
    }),
  },
  responses: {
    200: {
      description: 'The file.',
      content: Object.fromEntries(
        Object.values(CONTENT_TYPES).map((type) => [type.split(';')[0], { schema: z.string() }]),
      ),
    },
    ...problemResponses([
      ...AREA_PROBLEMS,
      ...TIME_PROBLEMS,
      ...RANGE_PROBLEMS,
      'bad-format',
      ...SOURCE_PROBLEMS,
    ]),
  },
} satisfies RouteConfig;

export function addExportRoutes(app: App, deps: ServerDeps): void {
  const { source } = deps;
  const limits = serverLimits(deps);
  const { timeoutMs, slowReaderMs } = limits;
  const readShapes = createShapeReader(source);
  const slots = new ExportSlots(limits);

  addRoute(app, ROUTE, async (c) => {
    const request = parseExportRequest(
      source,
      requestViewer(c),
      pathParameter(c, 'id'),
      parseQuery(c, PARAMETERS),
    );
    const leave = slots.take(viewerName(c));
    let isStreaming = false;
    try {
      // Ends with the request, and when its reader has had enough.
      const stop = new AbortController();
      const signal = AbortSignal.any([c.req.raw.signal, stop.signal]);
      const reading: ExportReading = { source, request, timeoutMs, signal };
      const batches = exportRecords(reading);
      const first = await batches.next();
      const firstBatch = first.done === true ? [] : first.value;
      const shapeOf = await shapesFor(readShapes, request);

      const headers = new Headers({
        'Content-Type': CONTENT_TYPES[request.format],
        'Content-Disposition': `attachment; filename="${fileName(request, source.about.intervalSeconds)}"`,
        'Cache-Control': 'private, no-cache',
        Vary: 'Authorization, Cookie',
        'X-Content-Type-Options': 'nosniff',
      });
      // Of one interval everything is known before the first byte; a longer file is not hashed, since
      // that would mean making it twice.
      if (request.range.until - request.range.from === 1) {
        const etag = fileEtag(request, firstBatch, shapeOf.hash);
        headers.set('ETag', etag);
        if (hasEtag(c.req.header('If-None-Match'), etag.slice(2))) {
          await batches.return(undefined);
          return new Response(null, { status: 304, headers });
        }
      }
      if (c.req.method === 'HEAD') {
        await batches.return(undefined);
        return new Response(null, { headers });
      }
      const metadata = exportMetadata(source, request);
      const all = continueWith(firstBatch, batches);
      const chunks = {
        csv: () => writeCsv(all, metadata, request.hasComments),
        geojson: () => writeGeoJson(all, metadata, shapeOf.shape),
        parquet: () => writeParquet(all, metadata),
      }[request.format]();
      isStreaming = true;
      const stream = byteStream(chunks, {
        stop,
        slowReaderMs,
        disconnect: disconnecter(c),
        onEnd: leave,
        onError: deps.onError,
      });
      return new Response(stream, { headers });
    } finally {
      if (!isStreaming) leave();
    }
  });
}

async function shapesFor(
  readShapes: ShapeReader,
  request: ExportRequest,
): Promise<{ readonly hash: string; readonly shape: (record: ExportRecord) => Shape | null }> {
  if (request.format !== 'geojson') return { hash: '', shape: () => null };
  const shapes = await readShapes(request.area.id);
  if (request.rows === 'self') {
    const outline = shapes?.outline() ?? null;
    return { hash: shapes?.hash ?? '', shape: () => outline };
  }
  return {
    hash: shapes?.hash ?? '',
    shape: (record) => shapes?.of(String(record.members).split(' ')) ?? null,
  };
}

async function* continueWith(
  first: readonly ExportRecord[],
  rest: AsyncGenerator<readonly ExportRecord[]>,
): AsyncGenerator<readonly ExportRecord[]> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** Weak: the same figures, not the same bytes; the file says when it was made. */
function fileEtag(
  { area, viewer, format, rows, range, hasComments }: ExportRequest,
  records: readonly ExportRecord[],
  shapesHash: string,
): string {
  const told = [area.id, viewer, format, rows, range, hasComments, shapesHash, records];
  const digest = createHash('sha256').update(JSON.stringify(told)).digest('base64url');
  return `W/"${digest.slice(0, 27)}"`;
}

/** Of area ids and digits only, so that it needs no quoting. */
function fileName({ area, format, rows, range }: ExportRequest, intervalSeconds: number): string {
  const time = (index: number) =>
    formatIntervalStart(index, intervalSeconds).replaceAll(/[-:]/g, '').replace('00Z', 'Z');
  const until = range.until - range.from === 1 ? '' : `-${time(range.until)}`;
  const self = rows === 'self' ? '-self' : '';
  return `streetwatt-${dottedArea(area.id)}${self}-${time(range.from)}${until}.${format}`;
}
