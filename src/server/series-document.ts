// A series as the API says it.

import type { AreaId } from '../core/area.ts';
import type { MapSource } from '../map/map-source.ts';
import type { Series } from '../map/series.ts';
import { formatIntervalStart, type IntervalRange } from './parse-time.ts';
import type { SeriesDocument } from './wire.ts';

export function seriesDocument(
  source: MapSource,
  area: AreaId,
  range: IntervalRange,
  series: Series,
): SeriesDocument {
  const { intervalSeconds } = source.about;
  const { net, consumption, production, import: imported, export: exported } = series.energyWh;
  return {
    area,
    row: series.id,
    name: series.name,
    from: formatIntervalStart(range.from, intervalSeconds),
    until: formatIntervalStart(range.until, intervalSeconds),
    intervalSeconds,
    energyWh: { net, consumption, production, import: imported, export: exported },
    coverage: series.coverage,
    status: series.status,
    origin: series.origin,
    pendingCount: series.pendingCount,
  };
}
