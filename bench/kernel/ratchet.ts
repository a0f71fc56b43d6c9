// Every key into the next epoch's, in place.

import { toHex } from '../../src/core/bytes.ts';
import type { Kernel } from '../../src/core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../../src/core/kernel/plain-kernel.ts';
import { KEY_BYTES } from '../../src/core/mask.ts';
import { nextEpochKey } from '../../src/core/ratchet.ts';
import { seededBytes } from '../data/seeded-bytes.ts';
import { simdKernel } from '../data/simd.ts';
import { assertAnswer, type Bench, type PreparedBench } from '../harness/bench.ts';

export const RATCHET_KERNEL: Bench = {
  id: 'ratchet.kernel',
  prepare: async (scale) =>
    prepareRatchet('ratchet.kernel', await simdKernel(), scale === 'full' ? 10_000 : 100),
};

export const RATCHET_PLAIN: Bench = {
  id: 'ratchet.plain',
  prepare: async (scale) =>
    prepareRatchet('ratchet.plain', PLAIN_KERNEL, scale === 'full' ? 1000 : 10),
};

function prepareRatchet(id: string, kernel: Kernel, keyCount: number): PreparedBench {
  const first = seededBytes('ratchet', keyCount * KEY_BYTES);
  const keys = first.slice();
  const reset = () => keys.set(first);
  const run = () => {
    kernel.ratchetKeys(keys);
    return keys[keys.length - 1] as number;
  };
  const expected = run();
  for (let at = 0; at < keys.length; at += KEY_BYTES) {
    const right = nextEpochKey(first.subarray(at, at + KEY_BYTES));
    const isRight = toHex(right) === toHex(keys.subarray(at, at + KEY_BYTES));
    assertAnswer(isRight, `key ${at / KEY_BYTES} ratchets to another one`);
  }
  return {
    timed: [
      { id, measure: { kind: 'rate', item: 'key' }, itemsPerCall: keyCount, reset, run, expected },
    ],
  };
}
