// What the made-up map shows of one street: figures out of a hash, and evidence of nothing.

import { createHash } from 'node:crypto';
import { type AreaId, areaDepth } from '../../src/core/area.ts';
import type { MapSource } from '../../src/map/map-source.ts';
import type { EnergyMetric } from '../../src/map/metric.ts';
import { LEVELS } from './table-areas.ts';

export type Energy = Record<EnergyMetric, number>;

export const tableEvidence: NonNullable<MapSource['evidence']> = async ({ area, interval }) => {
  if (areaDepth(area) !== LEVELS.length) return undefined;
  const word = (channel: string) => ({ channel, hex: '00000000000002a7' });
  return {
    area,
    interval,
    cell: { name: area, members: [area] },
    bus: { subject: 'sw.v1.reading.x', frameCount: 1, frames: ['01'.repeat(34)] },
    aggregator: { maskedTotals: [word('net')] },
    trustees: [{ name: 'trustee-0', maskSums: [{ component: 0, words: [word('net')] }] }],
    monitor: {
      maskedTotals: [word('net')],
      maskSums: [word('net')],
      energyWh: [{ channel: 'net', energyWh: 525 }],
    },
    household: undefined,
    notes: ['Made up.'],
  };
};

export function leafEnergy(id: AreaId, meterCount: number, interval: number): Energy {
  if (meterCount === 0 || id.endsWith('/s1-08'))
    return { net: 0, consumption: 0, production: 0, import: 0, export: 0 };
  const seed = createHash('sha256').update(`${id}@${interval}`).digest();
  const hour = ((interval % 96) / 96) * 24;
  const sun = Math.max(0, Math.cos(((hour - 13) / 12) * Math.PI));
  const consumption = Math.round(
    meterCount * (60 + 40 * Math.sin(hour / 4) + (seed[0] as number) / 8),
  );
  const production = Math.round(meterCount * sun * (100 + (seed[1] as number)) * 0.6);
  const exported = Math.round(Math.max(0, production - consumption / 2));
  const imported = consumption - production + exported;
  return {
    net: consumption - production,
    consumption,
    production,
    import: imported,
    export: exported,
  };
}
