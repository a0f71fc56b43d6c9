// Readings into frames: masked under three components, tagged, written. What a meter does for one
// reading; many at once is what concentrators and simulations do.

import { readU32, toHex } from '../../src/core/bytes.ts';
import type { Kernel } from '../../src/core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../../src/core/kernel/plain-kernel.ts';
import { STREET_SLOTS } from '../data/home-readings.ts';
import { simdKernel } from '../data/simd.ts';
import { createStreets, FRAME_BYTES } from '../data/street.ts';
import { assertAnswer, type Bench, type PreparedBench } from '../harness/bench.ts';

export const MASK_FRAME_KERNEL: Bench = {
  id: 'mask.frame.kernel',
  prepare: async (scale) =>
    prepareMaskFrame('mask.frame.kernel', await simdKernel(), scale === 'full' ? 100 : 2),
};

export const MASK_FRAME_PLAIN: Bench = {
  id: 'mask.frame.plain',
  prepare: async (scale) =>
    prepareMaskFrame('mask.frame.plain', PLAIN_KERNEL, scale === 'full' ? 4 : 1),
};

function prepareMaskFrame(id: string, kernel: Kernel, streetCount: number): PreparedBench {
  const batches = createStreets(streetCount).map(({ batch }) => batch);
  for (const batch of batches.slice(0, 2)) {
    const isEqual = toHex(kernel.maskFrames(batch)) === toHex(PLAIN_KERNEL.maskFrames(batch));
    assertAnswer(isEqual, 'the two kernels write different frames');
  }
  const run = () => {
    let fold = 0;
    for (const batch of batches) {
      const frames = kernel.maskFrames(batch);
      fold = (fold ^ readU32(frames, frames.length - 4)) >>> 0;
    }
    return fold;
  };
  return {
    timed: [
      {
        id,
        measure: { kind: 'rate', item: 'frame' },
        itemsPerCall: streetCount * STREET_SLOTS,
        run,
        expected: run(),
        bytesPerReading: FRAME_BYTES,
      },
    ],
  };
}
