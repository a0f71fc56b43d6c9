// Networks for the planner's tests: a short hand-made notation, and random trees of uneven depth
// with homes of one or two meters.

import fc from 'fast-check';
import { areaId } from '../../src/core/area.ts';
import { channelSetOf, DEFAULT_CHANNELS } from '../../src/core/channel.ts';
import type { PlanMeter, PlanPolicy, PlanStreet } from '../../src/core/plan-types.ts';

export const NET = 0;
export const EXPORT = 1;
export const PRODUCTION = 2;

export function policyOf(minMeters: number, marginMeters = 0): PlanPolicy {
  return { channels: DEFAULT_CHANNELS, minMeters, marginMeters, maxCapSharePermille: 250 };
}

/** A street of `homes` homes of 1 kWh, of which the first `exporting` declare export. */
export function street(area: string, homes: number, exporting = 0): PlanStreet {
  return {
    area: areaId(area),
    meters: Array.from({ length: homes }, (_, home) => ({
      channels: channelSetOf(home < exporting ? [NET, EXPORT] : [NET]),
      capWh: 1000,
      connectionPoint: home,
    })),
  };
}

/** A street of one meter per cap, net only. */
export function streetOfCaps(area: string, capsWh: readonly number[]): PlanStreet {
  const meters = capsWh.map((capWh, home) => ({
    channels: channelSetOf([NET]),
    capWh,
    connectionPoint: home,
  }));
  return { area: areaId(area), meters };
}

const home: fc.Arbitrary<{ channels: number[]; capWh: number; hasSecondMeter: boolean }> =
  fc.record({
    channels: fc.constantFrom([NET], [NET], [NET, EXPORT], [NET, EXPORT, PRODUCTION]),
    capWh: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(800, 1000, 1400) },
      { weight: 1, arbitrary: fc.constantFrom(0, 6000, 40_000) },
    ),
    hasSecondMeter: fc.boolean(),
  });

// Areas are named a, b, a-b and streets s0..s5, so that no street is above another one and
// "a-b" tests the order beside "a/".
const path: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('r', 'r', 'r', 'q'),
    fc.array(fc.constantFrom('a', 'b', 'a-b'), { maxLength: 3 }),
    fc.constantFrom('s0', 's1', 's2', 's3', 's4', 's5'),
  )
  .map(([root, areas, leaf]) => [root, ...areas, leaf].join('/'));

/** Streets of 0 to `maxHomes` homes; a home's second meter measures production alone. */
export function arbitraryStreets(maxStreets: number, maxHomes: number): fc.Arbitrary<PlanStreet[]> {
  const one = fc.record({ path, homes: fc.array(home, { maxLength: maxHomes, size: 'max' }) }).map(
    ({ path, homes }): PlanStreet => ({
      area: areaId(path),
      meters: homes.flatMap(({ channels, capWh, hasSecondMeter }, connectionPoint): PlanMeter[] => {
        const meter = { channels: channelSetOf(channels), capWh, connectionPoint };
        const second = { channels: channelSetOf([PRODUCTION]), capWh: 700, connectionPoint };
        return hasSecondMeter && channels.includes(EXPORT) ? [meter, second] : [meter];
      }),
    }),
  );
  return fc.uniqueArray(one, {
    minLength: 1,
    maxLength: maxStreets,
    size: 'max',
    selector: ({ area }) => area,
  });
}
