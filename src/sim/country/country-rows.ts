// Figures as rows of the map.

import { emptyRow, type RowPlace } from '../../map/empty-row.ts';
import type { MapRow, RowStatus } from '../../map/frame.ts';
import { type EnergyMetric, METRICS } from '../../map/metric.ts';
import { statusOfCoverage } from '../../map/ordinary-coverage.ts';
import { coarseCoverage } from '../../map/sum-rows.ts';
import type { Cell } from './cells.ts';
import type { Figures } from './country-figures.ts';

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
  const reason = figures.reason ?? 'not-connected';
  return emptyRow(place, figures.meterCount, 'simulated', status, reason);
}

export function figuresStatus(figures: Figures): RowStatus {
  if (figures.meterCount === 0) return 'not-connected';
  if (figures.coveredMeters === 0) return figures.reason === 'late' ? 'late' : 'withheld';
  return statusOfCoverage(figuresCoverage(figures));
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
