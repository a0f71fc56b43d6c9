// What the map can be coloured by (design.md section 2). Energy is whole watt-hours of one interval;
// power is its mean over the interval and is made only where it is shown.

export const ENERGY_METRICS = ['net', 'consumption', 'production', 'import', 'export'] as const;
export type EnergyMetric = (typeof ENERGY_METRICS)[number];

export type Metric = EnergyMetric | 'coverage';
export const METRICS: readonly Metric[] = [...ENERGY_METRICS, 'coverage'];

/** Mean power over the interval in which the energy was measured. */
export function meanPowerW(energyWh: number, intervalSeconds: number): number {
  return (energyWh * 3600) / intervalSeconds;
}
