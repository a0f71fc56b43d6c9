// A trustee's work on a seal: for each of its two components, the sum of everybody's masks.

import type { Kernel, MaskSumQuery } from '../../src/core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../../src/core/kernel/plain-kernel.ts';
import { STREET_SLOTS } from '../data/home-readings.ts';
import { simdKernel } from '../data/simd.ts';
import { createStreets, trusteeKeys } from '../data/street.ts';
import { assertAnswer, type Bench, type PreparedBench } from '../harness/bench.ts';

/** By index of the component. */
const HELD = [0, 1];

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
  const queries = createStreets(streetCount).map(
    (street): MaskSumQuery => ({
      keys: trusteeKeys(street, HELD),
      componentCount: HELD.length,
      channelCount: street.batch.channelCount,
      contributors: street.everybody,
      sets: street.batch.sets,
      interval: street.batch.interval,
    }),
  );
  for (const query of queries.slice(0, 4)) {
    const [found, right] = [kernel.sumMasks(query), PLAIN_KERNEL.sumMasks(query)];
    assertAnswer(found.join() === right.join(), 'the two kernels sum masks to different words');
  }
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
