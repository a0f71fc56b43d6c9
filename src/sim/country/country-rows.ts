// Figures as rows of the map.

import type { AreaId } from '../../core/area.ts';
import type { AbsentReason, MapRow, RowStatus } from '../../map/frame.ts';
import { ENERGY_METRICS, type EnergyMetric, METRICS } from '../../map/metric.ts';
import { coarseCoverage, type RowPlace } from '../../map/sum-rows.ts';
import type { Cell } from './cells.ts';
import type { Figures } from './country-figures.ts';

export function areaPlace(id: AreaId, name: string): RowPlace {
  return { id, name, kind: 'area', members: [id], layers: METRICS };
}

export function cellPlace(cell: Cell): RowPlace {
  const members = cell.members.map(({ place }) => place.id);
  const kind = members.length === 1 ? 'area' : 'cell';
  return { id: cell.id, name: cell.name, kind, members, layers: METRICS };
}

export function figuresRow(place: RowPlace, figures: Figures): MapRow {
  const status = figuresStatus(figures);
  if (status === 'published' || status === 'partial') {
    return {
      ...place,
      meterCount: figures.meterCount,
      energyWh: figuresEnergy(figures),
      absent: {},
      coverage: figuresCoverage(figures),
      status,
      reason: figures.reason,
      isChecked: true,
      origin: 'simulated',
    };
  }
  return emptyRow(place, figures.meterCount, status, figures.reason ?? 'not-connected');
}

/** A row without any figure. */
export function emptyRow(
  place: RowPlace,
  meterCount: number,
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
    origin: 'simulated',
  };
}

export function figuresStatus(figures: Figures): RowStatus {
  if (figures.meterCount === 0) return 'not-connected';
  if (figures.coveredMeters === 0) return figures.reason === 'late' ? 'late' : 'withheld';
  return figures.reason === null ? 'published' : 'partial';
}

export function figuresCoverage({ coveredMeters, meterCount }: Figures): number {
  return meterCount === 0 ? 0 : coarseCoverage(coveredMeters / meterCount, meterCount);
}

/** All five from the three that are modelled, so that they balance whatever the rounding. */
export function figuresEnergy(figures: Figures): Record<EnergyMetric, number> {
  const { consumptionWh, productionWh, selfUseWh } = figures;
  return {
    net: consumptionWh - productionWh,
    consumption: consumptionWh,
    production: productionWh,
    import: consumptionWh - selfUseWh,
    export: productionWh - selfUseWh,
  };
}
