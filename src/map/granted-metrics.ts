// Which metrics a grant's channels open: a derived one needs both of its parts (design.md section 2).

import type { MapRow } from './frame.ts';
import { METRIC_CHANNELS } from './layers.ts';
import { ENERGY_METRICS, type EnergyMetric } from './metric.ts';

export function grantedMetrics(channels: readonly string[]): readonly EnergyMetric[] {
  return ENERGY_METRICS.filter((metric) =>
    METRIC_CHANNELS[metric].every((channel) => channels.includes(channel)),
  );
}

/** The row with every metric that is not granted blanked, and the reason said. */
export function blankUngranted(row: MapRow, granted: readonly EnergyMetric[]): MapRow {
  if (granted.length === ENERGY_METRICS.length) return row;
  const energyWh = { ...row.energyWh };
  const absent = { ...row.absent };
  for (const metric of ENERGY_METRICS) {
    if (granted.includes(metric)) continue;
    energyWh[metric] = null;
    absent[metric] = 'not-granted';
  }
  return { ...row, energyWh, absent };
}
