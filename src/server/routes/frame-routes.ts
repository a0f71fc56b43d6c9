// GET /api/v1/areas/{id}/frame and /series

import { parentArea, parseAreaId } from '../../core/area.ts';
import type { MapArea } from '../../map/map-area.ts';
import { maySeeInside, type Viewer } from '../../map/viewer.ts';
import { type App, addRoute, pathParameter } from '../add-route.ts';
import { askSource } from '../ask-source.ts';
import { etagJson } from '../etag-json.ts';
import { frameDocument } from '../frame-document.ts';
import { visibleArea } from '../parse-area.ts';
import { parseQuery } from '../parse-query.ts';
import { parseIntervalOrLatest, parseIntervalRange } from '../parse-time.ts';
import { Problem } from '../problem.ts';
import { requestViewer, viewerName } from '../request-viewer.ts';
import { frameSchema } from '../schemas/frame-schema.ts';
import { areaParams, seriesQuery, timeQuery } from '../schemas/parameters.ts';
import {
  AREA_PROBLEMS,
  jsonResponses,
  RANGE_PROBLEMS,
  SOURCE_PROBLEMS,
  TIME_PROBLEMS,
} from '../schemas/route-responses.ts';
import { seriesSchema } from '../schemas/series-schema.ts';
import { seriesDocument } from '../series-document.ts';
import { type ServerDeps, serverLimits } from '../server-deps.ts';
import type { ServerMetrics } from '../server-metrics.ts';
import type { FrameDocument } from '../wire.ts';

/** No late total comes after the trustees have erased their keys (design.md section 11, 21). */
const FINAL_AFTER_SECONDS = 6 * 3600 + 86_400;
const MAX_ROW_LENGTH = 1100;

export function addFrameRoutes(app: App, deps: ServerDeps, metrics: ServerMetrics): void {
  const { source } = deps;
  const { timeoutMs } = serverLimits(deps);

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/areas/{id}/frame',
      summary: 'The figures of an area and of its children in one interval',
      tags: ['map'],
      request: { params: areaParams, query: timeQuery },
      responses: jsonResponses(frameSchema, 'The newest interval, or that of `t`.', [
        ...AREA_PROBLEMS,
        ...TIME_PROBLEMS,
        ...SOURCE_PROBLEMS,
      ]),
    },
    async (c) => {
      const viewer = requestViewer(c);
      const area = visibleArea(source, viewer, pathParameter(c, 'id'));
      const interval = parseIntervalOrLatest(source, parseQuery(c, ['t']).t);
      const frame = await askSource(c, timeoutMs, (signal) =>
        source.frame({ area: area.id, interval, viewer, signal }),
      );
      if (frame === undefined) throw new Problem('unknown-area');
      metrics.observeFrame(frame);
      const document = frameDocument(source, viewer, frame);
      return etagJson(c, document, {
        viewerName: viewerName(c),
        cacheControl: isFinal(document, source.nowMs())
          ? 'private, max-age=86400'
          : 'private, no-cache',
      });
    },
  );

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/areas/{id}/series',
      summary: 'One row over time',
      description: 'At most 2976 intervals. What lies before the first interval is null.',
      tags: ['map'],
      request: { params: areaParams, query: seriesQuery },
      responses: jsonResponses(seriesSchema, 'In columns, one entry for every interval.', [
        ...AREA_PROBLEMS,
        ...RANGE_PROBLEMS,
        'bad-row',
        'unknown-row',
        ...SOURCE_PROBLEMS,
      ]),
    },
    async (c) => {
      const viewer = requestViewer(c);
      const area = visibleArea(source, viewer, pathParameter(c, 'id'));
      const { from, until, row } = parseQuery(c, ['from', 'until', 'row']);
      const range = parseIntervalRange(source, { from, until });
      const id = visibleRow(viewer, area, row);
      const series = await askSource(c, timeoutMs, (signal) =>
        source.series({ area: area.id, id, ...range, viewer, signal }),
      );
      if (series === undefined) throw new Problem('unknown-row');
      return etagJson(c, seriesDocument(source, area.id, range, series), {
        viewerName: viewerName(c),
        cacheControl: 'private, no-cache',
      });
    },
  );
}

/** A row of the area's frame: itself, a child, or a cell of its children. */
function visibleRow(viewer: Viewer, area: MapArea, row: string | undefined): string {
  if (row === undefined || row === area.id) return area.id;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (row === '' || row.length > MAX_ROW_LENGTH || /[\u0000-\u001f\u007f]/.test(row))
    throw new Problem('bad-row');
  if (!maySeeInside(viewer, area.id)) throw new Problem('not-granted');
  const asArea = parseAreaId(row);
  // An area elsewhere is no row of this one: the source is not asked about it.
  if (asArea !== undefined && row.includes('/') && parentArea(asArea) !== area.id)
    throw new Problem('unknown-row');
  return row;
}

/** Trustees or aggregators that are away now may answer later, also for an old interval. */
function mayStillCome(reason: string | null): boolean {
  return reason !== null && ['late', 'missing', 'no-seal', 'no-quorum'].includes(reason);
}

function isFinal(frame: FrameDocument, nowMs: number): boolean {
  if (frame.isLatest || frame.publishedAt === null) return false;
  if (nowMs - Date.parse(frame.end) < FINAL_AFTER_SECONDS * 1000) return false;
  return [frame.self, ...frame.rows].every(
    ({ reason, absent }) => ![reason, ...Object.values(absent)].some(mayStillCome),
  );
}
