// What an export is of: checked against the viewer's grant and the clock before anything is read.

import { type IntervalIndex, intervalIndex } from '../../core/interval.ts';
import type { MapArea } from '../../map/map-area.ts';
import type { MapSource } from '../../map/map-source.ts';
import { maySeeInside, type Viewer } from '../../map/viewer.ts';
import { visibleArea } from '../parse-area.ts';
import { type IntervalRange, parseIntervalOrLatest, parseIntervalRange } from '../parse-time.ts';
import { Problem } from '../problem.ts';

export const EXPORT_FORMATS = ['csv', 'geojson', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * Rows times intervals in one file: a day of Spain's largest province, or a month of 80 streets. A
 * feature of GeoJSON carries its outline as well, so there are fewer.
 */
export const MAX_EXPORT_ROWS: Readonly<Record<ExportFormat, number>> = {
  csv: 250_000,
  geojson: 20_000,
  parquet: 250_000,
};

export interface ExportQuery {
  readonly format?: string | undefined;
  readonly rows?: string | undefined;
  readonly t?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly header?: string | undefined;
}

export interface ExportRequest {
  readonly area: MapArea;
  readonly viewer: Viewer;
  readonly format: ExportFormat;
  /** Its children and cells, or the area itself. */
  readonly rows: 'children' | 'self';
  readonly range: IntervalRange;
  /** Of CSV: whether what the file is stands in comments before the columns' names. */
  readonly hasComments: boolean;
}

/** @throws Problem */
export function parseExportRequest(
  source: MapSource,
  viewer: Viewer,
  areaText: string,
  query: ExportQuery,
): ExportRequest {
  const area = visibleArea(source, viewer, areaText);
  const format = EXPORT_FORMATS.find((known) => known === query.format);
  if (format === undefined) throw new Problem('bad-format');
  const rows = choice('rows', query.rows, ['children', 'self'] as const);
  const header = choice('header', query.header, ['comments', 'none'] as const);
  if (query.header !== undefined && format !== 'csv')
    throw new Problem('bad-query', 'Only CSV has a "header"; other formats carry it themselves.');
  if (rows === 'children' && !maySeeInside(viewer, area.id)) throw new Problem('not-granted');
  return {
    area,
    viewer,
    format,
    rows,
    range: parseRange(source, query),
    hasComments: header === 'comments',
  };
}

/** `from` and `until`, or the one interval of `t`, or the newest. */
function parseRange(source: MapSource, query: ExportQuery): IntervalRange {
  if (query.from === undefined && query.until === undefined) {
    const from = parseIntervalOrLatest(source, query.t);
    return { from, until: next(from) };
  }
  if (query.t !== undefined)
    throw new Problem('bad-query', 'Give "t", or "from" and "until", not all of them.');
  return parseIntervalRange(source, { from: query.from, until: query.until });
}

function next(index: IntervalIndex): IntervalIndex {
  return intervalIndex(index + 1);
}

/** The first is what is meant where nothing is said. */
function choice<T extends string>(
  name: string,
  value: string | undefined,
  choices: readonly [T, ...T[]],
): T {
  if (value === undefined) return choices[0];
  const found = choices.find((known) => known === value);
  if (found === undefined)
    throw new Problem('bad-query', `"${name}" is ${choices.map((c) => `"${c}"`).join(' or ')}.`);
  return found;
}

/** @throws Problem `range-too-long` */
export function checkRowCount(
  request: Pick<ExportRequest, 'format' | 'range'>,
  rowCount: number,
): void {
  const most = MAX_EXPORT_ROWS[request.format];
  const intervalCount = request.range.until - request.range.from;
  if (rowCount * intervalCount <= most) return;
  throw new Problem(
    'range-too-long',
    `${rowCount} rows in ${intervalCount} intervals are more than the ${most} that one ${request.format} file may have: ask for at most ${Math.floor(most / rowCount)} intervals at once.`,
  );
}
