// A day's authentication keys leave the kernel's memory with the day, whatever intervals are open.

import { expect, it } from 'vitest';
import { simdExports } from '../../bench/data/simd.ts';
import { areaId } from '../../src/core/area.ts';
import type { Epoch, IntervalIndex } from '../../src/core/interval.ts';
import { createSimdKernel } from '../../src/core/kernel/simd-kernel.ts';
import { areaNamed } from '../../src/core/network-tree.ts';
import { nextEpochKey } from '../../src/core/ratchet.ts';
import { readingSubject } from '../../src/core/subjects.ts';
import {
  advanceAggregator,
  createAggregator,
  eraseAggregatorEpoch,
  forgetIntervals,
  openArea,
} from '../../src/roles/aggregator.ts';
import { handleReadings } from '../../src/roles/aggregator-intake.ts';
import { createNodes, createWorld, FIRST_DAY, sendFrames, verify } from '../support/world.ts';

const LAST = (FIRST_DAY * 96 + 95) as IntervalIndex;
const STREET = areaId('es/r0/m0/s0');

it('erases yesterday’s keys from the kernel, once for all its intervals, and keeps today’s', async () => {
  const world = await createWorld();
  const exports = await simdExports();
  const { signer, keyPair } = world.parties.aggregators[1]!;
  const state = createAggregator({
    ...{ network: world.network, signer, verify, keyPair, epoch: FIRST_DAY },
    kernel: createSimdKernel(exports),
    keysOf: (street) => world.aggregatorKeys.get(street)?.slice(),
  });
  const area = areaNamed(world.network, areaId('es/r0/m0'))!.index;
  const yesterday = world.aggregatorKeys.get(STREET)!.slice(0, 32);
  const today = nextEpochKey(yesterday);
  const copiesOf = (key: Uint8Array) => {
    const memory = Buffer.from(exports.memory.buffer);
    let count = 0;
    for (let at = memory.indexOf(key); at >= 0; at = memory.indexOf(key, at + 1)) count++;
    return count;
  };

  for (const interval of [LAST - 2, LAST - 1, LAST])
    openArea(state, area, interval as IntervalIndex);
  expect([copiesOf(yesterday), copiesOf(today)]).toEqual([1, 0]);
  advanceAggregator(state, (FIRST_DAY + 1) as Epoch);
  // Late frames of yesterday are still taken in, also in an interval that is opened only now.
  openArea(state, area, (LAST - 3) as IntervalIndex);
  openArea(state, area, (LAST + 1) as IntervalIndex);
  expect([copiesOf(yesterday), copiesOf(today)]).toEqual([1, 1]);
  eraseAggregatorEpoch(state);
  expect([copiesOf(yesterday), copiesOf(today)]).toEqual([0, 1]);

  const frames = sendFrames(world, createNodes(world), LAST)
    .filter(([street]) => street === STREET)
    .map(([street, data]) => ({
      ...{ subject: readingSubject(street), data },
      atSeconds: (LAST + 1) * 900 + 5,
    }));
  expect(handleReadings(state, frames).accepted).toBe(0);
  expect(state.rejected.get('closed-interval')).toBe(frames.length);
  forgetIntervals(state, (LAST + 2) as IntervalIndex);
  expect(copiesOf(today)).toBe(0);
});
