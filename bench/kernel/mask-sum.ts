// A trustee's work on a seal: for each of its two components, the sum of everybody's masks.

import type { Kernel, MaskSumQuery, MaskSumStreet } from '../../src/core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../../src/core/kernel/plain-kernel.ts';
import { CHANNEL_COUNT, STREET_SLOTS } from '../data/home-readings.ts';
import { simdKernel } from '../data/simd.ts';
import { createStreets, INTERVAL, trusteeKeys } from '../data/street.ts';
import { assertAnswer, type Bench, type PreparedBench } from '../harness/bench.ts';

/** By index of the component. */
const HELD = [0, 1];
/** One call for each seal. */
const STREETS_A_SEAL = 20;

export const MASK_SUM_KERNEL: Bench = {
  id: 'mask.sum.kernel',
  prepare: async (scale) =>
    prepareMaskSum('mask.sum.kernel', await simdKernel(), scale === 'full' ? 200 : 2),
};

export const MASK_SUM_PLAIN: Bench = {
  id: 'mask.sum.plain',
  prepare: async (scale) =>
    prepareMaskSum('mask.sum.plain', PLAIN_KERNEL, scale === 'full' ? 20 : 1),
};

function prepareMaskSum(id: string, kernel: Kernel, streetCount: number): PreparedBench {
  const streets = createStreets(streetCount).map(
    (street): MaskSumStreet => ({
      keys: trusteeKeys(street, HELD),
      contributors: street.everybody,
      sets: street.batch.sets,
    }),
  );
  const queries: MaskSumQuery[] = [];
  for (let first = 0; first < streetCount; first += STREETS_A_SEAL)
    queries.push({
      streets: streets.slice(first, first + STREETS_A_SEAL),
      componentCount: HELD.length,
      channelCount: CHANNEL_COUNT,
      interval: INTERVAL,
    });
  const few = { ...(queries[0] as MaskSumQuery), streets: streets.slice(0, 4) };
  const [found, right] = [kernel.sumMasks(few), PLAIN_KERNEL.sumMasks(few)];
  assertAnswer(found.join() === right.join(), 'the two kernels sum masks to different words');
  const run = () => {
    let fold = 0;
    for (const query of queries)
      fold ^= Number((kernel.sumMasks(query)[0] as bigint) & 0x7fffffffn);
    return fold;
  };
  return {
    timed: [
      {
        id,
        measure: { kind: 'rate', item: 'meter' },
        itemsPerCall: streetCount * STREET_SLOTS,
        run,
        expected: run(),
      },
    ],
  };
}
