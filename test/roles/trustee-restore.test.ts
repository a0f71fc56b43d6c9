import { expect, it } from 'vitest';
import { intervalIndex } from '../../src/core/interval.ts';
import { type MaskSumRecord, restoreMaskSums } from '../../src/roles/trustee.ts';
import { createTrusteeOf, createWorld, FIRST_DAY, NOON } from '../support/world.ts';

it('puts no mask sum back that was stored under an earlier document', async () => {
  // The places of its cells are those of its own document: in this one they would be other cells.
  const state = createTrusteeOf(await createWorld(), 0);
  const recordOf = (interval: number): MaskSumRecord => ({
    ...{ kind: 'cell', index: 0, channel: 0, interval: intervalIndex(interval) },
    ...{ status: 'released', coverage: 100 },
    ...{ setDigest: new Uint8Array(32), sealDigest: new Uint8Array(32) },
    sums: new BigUint64Array([1n, 2n]),
  });
  const firstOfDay = 96 * FIRST_DAY;
  restoreMaskSums(state, [recordOf(firstOfDay - 1), recordOf(firstOfDay), recordOf(NOON)]);
  expect([...state.intervals.keys()]).toEqual([firstOfDay, NOON]);
});
