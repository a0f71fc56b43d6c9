// The records of an export, an interval or a page at a time, so that a file of any length takes the
// memory of one frame. The first batch is read before the answer begins: what is wrong with the
// request is still a problem document then, and not half a file.

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type IntervalIndex, intervalIndex } from '../../core/interval.ts';
import type { MapSource } from '../../map/map-source.ts';
import { type EnergyMetric, METRICS } from '../../map/metric.ts';
import type { Series } from '../../map/series.ts';
import { endWithSignal } from '../ask-source.ts';
import { frameDocument } from '../frame-document.ts';
import { Problem } from '../problem.ts';
import type { FrameDocument } from '../wire.ts';
import { type ExportRecord, exportRecord } from './export-record.ts';
import { checkRowCount, type ExportRequest, MAX_EXPORT_ROWS } from './export-request.ts';

const SERIES_BATCH = 1000;
/** Between two looks at a series that is still being opened. */
const PENDING_WAIT_MS = 100;

export interface ExportReading {
  readonly source: MapSource;
  readonly request: ExportRequest;
  /** Of one call to the source. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** @throws Problem where the area is gone, or where the file would be too long. */
export async function* exportRecords(
  reading: ExportReading,
): AsyncGenerator<readonly ExportRecord[]> {
  if (reading.request.rows === 'self') yield* seriesRecords(reading);
  else yield* childRecords(reading);
}

async function* childRecords(reading: ExportReading): AsyncGenerator<readonly ExportRecord[]> {
  const { request } = reading;
  const most = MAX_EXPORT_ROWS[request.format];
  let recordCount = 0;
  for (let index = request.range.from; index < request.range.until; index = after(index)) {
    const frame = await readFrame(reading, index);
    // A source that answers from memory would keep everybody else waiting until the file is done.
    await nextTurn(undefined, { signal: reading.signal });
    if (index === request.range.from) checkRowCount(request, frame.rows.length);
    recordCount += frame.rows.length;
    // The tree may grow within the range: the file then ends early and broken, rather than never.
    if (recordCount > most) throw new Problem('range-too-long');
    yield frame.rows.map((row) =>
      exportRecord(row, Date.parse(frame.start), Date.parse(frame.end)),
    );
  }
}

export async function readFrame(
  reading: ExportReading,
  interval: IntervalIndex,
): Promise<FrameDocument> {
  const { source, request } = reading;
  const { area, viewer } = request;
  const frame = await endWithSignal(callSignal(reading), (signal) =>
    source.frame({ area: area.id, interval, viewer, signal }),
  );
  if (frame === undefined) throw new Problem('unknown-area');
  return frameDocument(source, request.viewer, frame);
}

async function* seriesRecords(reading: ExportReading): AsyncGenerator<readonly ExportRecord[]> {
  checkRowCount(reading.request, 1);
  const series = await readSeries(reading);
  const { area, range } = reading.request;
  const intervalMs = reading.source.about.intervalSeconds * 1000;
  const length = range.until - range.from;
  for (let at = 0; at < length; at += SERIES_BATCH) {
    const batch: ExportRecord[] = [];
    for (let i = at; i < Math.min(length, at + SERIES_BATCH); i++) {
      const startMs = (range.from + i) * intervalMs;
      const row = {
        id: area.id,
        name: area.name,
        kind: 'area' as const,
        members: [area.id],
        layers: METRICS,
        meterCount: area.meterCount,
        energyWh: energyAt(series, i),
        absent: {},
        coverage: series.coverage[i] ?? null,
        status: series.status[i] ?? null,
        reason: null,
        isChecked: null,
        origin: series.origin[i] ?? null,
      };
      batch.push(exportRecord(row, startMs, startMs + intervalMs));
    }
    yield batch;
  }
}

/** Waits until nothing of it is being opened any more: a gap in a file would stay one. */
async function readSeries(reading: ExportReading): Promise<Series> {
  const { source, request } = reading;
  const { area, range, viewer } = request;
  return await endWithSignal(callSignal(reading), async (signal) => {
    for (;;) {
      const query = { area: area.id, id: area.id, ...range, viewer, signal };
      const series = await source.series(query);
      if (series === undefined) throw new Problem('unknown-area');
      if (series.pendingCount === 0) return series;
      await sleep(PENDING_WAIT_MS, undefined, { signal });
    }
  });
}

function energyAt(series: Series, i: number): Record<EnergyMetric, number | null> {
  const { net, consumption, production, import: imported, export: exported } = series.energyWh;
  return {
    net: net[i] ?? null,
    consumption: consumption[i] ?? null,
    production: production[i] ?? null,
    import: imported[i] ?? null,
    export: exported[i] ?? null,
  };
}

function callSignal({ signal, timeoutMs }: ExportReading): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
}

function after(index: IntervalIndex): IntervalIndex {
  return intervalIndex(index + 1);
}
