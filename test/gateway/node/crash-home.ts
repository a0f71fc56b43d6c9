// A home whose register moves in the middle of each interval, by another amount in each.

import { type AreaId, areaId } from '../../../src/core/area.ts';
import type { HouseholdOptions } from '../../../src/gateway/node/household.ts';
import { FIRST_DAY } from '../../support/world.ts';

export const INTERVAL_MS = 900_000;
export const FIRST_MS: number = FIRST_DAY * 86_400_000;
/** A meter of the test's world that has net alone. */
export const CRASH_METER = 12;
export const CRASH_STREET: AreaId = areaId('es/r0/m1/s0');
export const CRASH_CONFIG: HouseholdOptions['config'] = {
  sources: [
    {
      kind: 'tcp',
      name: 'grid',
      protocol: 'sml',
      takes: { import: 'importWh' },
      host: '127.0.0.1',
      port: 1,
      silentAfterSeconds: 60,
      checksums: 'require',
    },
  ],
  maxPowerW: 17_250,
  maxGapSeconds: 300,
  turnsAt: {},
  maxPerHour: {},
};

export function importOf(interval: number): number {
  return 100 + ((interval * 7919) % 1000);
}

/** In milli-units: all that was before this day, and of the running interval what has flowed. */
export function registerMilli(nowMs: number): number {
  const running = Math.floor(nowMs / INTERVAL_MS);
  let energyWh = 5_000_000;
  for (let interval = FIRST_MS / INTERVAL_MS; interval < running; interval++)
    energyWh += importOf(interval);
  const progress = ((nowMs % INTERVAL_MS) / 1000 - 310) / 280;
  return 1000 * (energyWh + Math.floor(importOf(running) * Math.min(1, Math.max(0, progress))));
}
