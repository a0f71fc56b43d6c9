// What a meter sends of a row: its channels in whole watt-hours.

import type { DeclaredMeter } from './declared-channels.ts';

export interface MeasuredWh {
  /** NaN: not measured. The same for the others. */
  readonly importWh: number;
  readonly exportWh: number;
  readonly productionWh: number;
}

export interface ReadingValues {
  /** Import minus export: negative where the home feeds in. */
  readonly netWh: number;
  /** Exactly where the meter declares it. */
  readonly exportWh?: number;
  readonly productionWh?: number;
}

/** `incomplete` where a part is missing that the meter declares or net needs: counted, never sent. */
export function readingValues(row: MeasuredWh, meter: DeclaredMeter): ReadingValues | 'incomplete' {
  const { importWh, exportWh, productionWh } = row;
  const declaresExport = meter.channels.includes('export');
  const declaresProduction = meter.channels.includes('production');
  const needsExport = declaresExport || meter.hasExport;
  const isIncomplete =
    Number.isNaN(importWh) ||
    (needsExport && Number.isNaN(exportWh)) ||
    (declaresProduction && Number.isNaN(productionWh));
  if (isIncomplete) return 'incomplete';
  return {
    netWh: needsExport ? importWh - exportWh : importWh,
    ...(declaresExport ? { exportWh } : {}),
    ...(declaresProduction ? { productionWh } : {}),
  };
}
