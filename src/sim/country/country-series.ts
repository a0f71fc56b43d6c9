// Figures over time, as columns.

import type { RowStatus } from '../../map/frame.ts';
import type { Origin } from '../../map/map-area.ts';
import { ENERGY_METRICS, type EnergyMetric } from '../../map/metric.ts';
import type { Series } from '../../map/series.ts';
import type { Figures } from './country-figures.ts';
import { figuresCoverage, figuresEnergy, figuresStatus } from './country-rows.ts';

/** `figuresAt` gives undefined where there is nothing yet, or nothing any more. */
export function figuresSeries(
  head: Pick<Series, 'id' | 'name' | 'from'>,
  intervalCount: number,
  granted: readonly EnergyMetric[],
  figuresAt: (interval: number) => Figures | undefined,
): Series {
  const energyWh: Record<EnergyMetric, (number | null)[]> = {
    net: [],
    consumption: [],
    production: [],
    import: [],
    export: [],
  };
  const coverage: (number | null)[] = [];
  const status: (RowStatus | null)[] = [];
  const origin: (Origin | null)[] = [];
  for (let i = 0; i < intervalCount; i++) {
    const figures = figuresAt(head.from + i);
    const rowStatus = figures === undefined ? null : figuresStatus(figures);
    const isThere = rowStatus === 'published' || rowStatus === 'partial';
    const energy = figures !== undefined && isThere ? figuresEnergy(figures) : undefined;
    for (const metric of ENERGY_METRICS) {
      const isGranted = granted.includes(metric);
      energyWh[metric].push(energy === undefined || !isGranted ? null : energy[metric]);
    }
    coverage.push(figures === undefined ? null : figuresCoverage(figures));
    status.push(rowStatus);
    origin.push(figures === undefined ? null : 'simulated');
  }
  return { ...head, energyWh, coverage, status, origin, pendingCount: 0 };
}
