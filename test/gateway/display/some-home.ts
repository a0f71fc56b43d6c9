// A home for the tests of its page: two days in a store in memory.

import { DEFAULT_CHANNELS } from '../../../src/core/channel.ts';
import type { HomeSource } from '../../../src/gateway/display/home-document.ts';
import { openHomeStore, type StoredAmount } from '../../../src/gateway/home-store.ts';
import { Household } from '../../../src/gateway/node/household.ts';
import { CRASH_CONFIG } from '../node/crash-home.ts';

export const NOW_MS: number = Date.UTC(2026, 10, 21, 12, 5);
const INTERVAL_SECONDS = 900;
const RUNNING = Math.floor(NOW_MS / 1000 / INTERVAL_SECONDS);

/** Version 1, three channels, slot 3, words of ones, twos and threes, a tag. */
export const FRAME: Uint8Array = Uint8Array.from([
  ...[1, 0b111, 3, 0, 0, 0],
  ...[0, 8, 16, 24].map((shift) => ((RUNNING - 2) >> shift) & 0xff),
  ...[1, 2, 3].flatMap((word) => Array.from({ length: 8 }, () => word)),
  ...Array.from({ length: 16 }, (_, at) => 0xa0 + at),
]);

export function homeSource(): HomeSource {
  const home = openHomeStore(':memory:');
  const rows = (interval: number, values: Record<string, number | undefined>): StoredAmount[] =>
    Object.entries(values).map(([register, amount]) => ({
      ...{ interval, track: `grid/${register}`, amount },
      reason: amount === undefined ? 'gap' : undefined,
    }));
  home.save(new Map(), [
    ...rows(RUNNING - 96, { import: 100, export: 20, production: 100 }),
    ...rows(RUNNING - 3, { import: 110, export: 30, production: 200 }),
    ...rows(RUNNING - 2, { import: 100, export: 20, production: 100 }),
    ...rows(RUNNING - 1, { import: undefined, export: 10, production: 30 }),
  ]);
  home.depart(RUNNING - 2, 'waiting', FRAME, NOW_MS - 3_700_000);
  home.setStatus(RUNNING - 2, 'received', NOW_MS - 3_600_000);
  home.depart(RUNNING - 3, 'refused');
  const [source] = CRASH_CONFIG.sources;
  const takes = { import: 'importWh', export: 'exportWh', production: '1-1:2.8.0' };
  const household = new Household({
    config: { ...CRASH_CONFIG, sources: [{ ...source, takes } as never] },
    intervalSeconds: INTERVAL_SECONDS,
    store: home,
    clock: { nowMs: () => NOW_MS, steadyMs: () => 0 },
    onRefused: () => undefined,
    onReadings: () => undefined,
  });
  household.take('grid', {
    amounts: new Map(),
    powersW: new Map([
      ['import', 250],
      ['export', 0],
      ['production', 1200],
    ]),
  });
  return {
    nowMs: () => NOW_MS,
    intervalSeconds: INTERVAL_SECONDS,
    timeZone: 'Europe/Madrid',
    channels: DEFAULT_CHANNELS,
    household,
    home,
    sources: () => [
      {
        ...{ name: 'grid', kind: 'serial', state: 'waiting', measuredCount: 7 },
        problem: 'cannot open /dev/ttyUSB0: ENOENT',
        lastMeasuredMs: NOW_MS - 1000,
        refused: new Map([['above-fuse', { count: 2, lastMs: NOW_MS, detail: 'import at 9' }]]),
      },
    ],
    outward: () => 'no connection to the bus',
  };
}
