// Which channels each meter declares, from its row in meters.csv and its readings.

import { CHANNEL_NAMES, type ChannelName } from './channel-names.ts';
import type { ReadingsTable } from './readings-table.ts';

export interface DeclaredMeter {
  readonly channels: readonly ChannelName[];
  /**
   * Whether readings.csv has an export of it anywhere. `net` needs it then, even where `channels`
   * keeps the export itself private: import alone would overstate the load.
   */
  readonly hasExport: boolean;
}

/**
 * In the order of `given`, the `channels` column of each meter. Without one, a meter declares net,
 * and export and production where any of its readings has a value there.
 */
export function declaredMeters(
  given: readonly (readonly ChannelName[] | undefined)[],
  table: ReadingsTable,
): readonly DeclaredMeter[] {
  const hasExport = metersWithValues(table.exportWh, table, given.length);
  const hasProduction = metersWithValues(table.productionWh, table, given.length);
  return given.map((channels, meterNumber) => {
    const isMeasured: Readonly<Record<ChannelName, boolean>> = {
      net: true,
      export: hasExport[meterNumber] === 1,
      production: hasProduction[meterNumber] === 1,
    };
    return {
      channels: channels ?? CHANNEL_NAMES.filter((name) => isMeasured[name]),
      hasExport: isMeasured.export,
    };
  });
}

function metersWithValues(
  valuesWh: Float64Array,
  { meterNumbers }: ReadingsTable,
  meterCount: number,
): Uint8Array {
  const hasValue = new Uint8Array(meterCount);
  for (let row = 0; row < valuesWh.length; row++) {
    if (!Number.isNaN(valuesWh[row])) hasValue[meterNumbers[row] as number] = 1;
  }
  return hasValue;
}
