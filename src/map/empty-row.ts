// A row without any figure, and why.

import type { AreaId } from '../core/area.ts';
import type { AbsentReason, MapRow, RowStatus } from './frame.ts';
import type { Origin } from './map-area.ts';
import { ENERGY_METRICS, METRICS } from './metric.ts';

/** What a row is, apart from its figures. */
export type RowPlace = Pick<MapRow, 'id' | 'name' | 'kind' | 'members' | 'layers'>;

/** An area that stands alone on the map of every metric. */
export function areaPlace(id: AreaId, name: string): RowPlace {
  return { id, name, kind: 'area', members: [id], layers: METRICS };
}

export function emptyRow(
  place: RowPlace,
  meterCount: number,
  origin: Origin,
  status: RowStatus,
  reason: AbsentReason,
): MapRow {
  return {
    ...place,
    meterCount,
    energyWh: { net: null, consumption: null, production: null, import: null, export: null },
    absent: Object.fromEntries(ENERGY_METRICS.map((metric) => [metric, reason])),
    coverage: 0,
    status,
    reason,
    isChecked: true,
    origin,
  };
}
