// A party's file over midnight: what the ratchet has left behind in memory is not in the file either.

import { describe, expect, it } from 'vitest';
import { simdExports } from '../../bench/data/simd.ts';
import { MemoryBus } from '../../src/bus/memory-bus.ts';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { concatBytes } from '../../src/core/bytes.ts';
import { type Epoch, type IntervalIndex, intervalEndSeconds } from '../../src/core/interval.ts';
import { createSimdKernel } from '../../src/core/kernel/simd-kernel.ts';
import { KEY_BYTES } from '../../src/core/mask.ts';
import { nextEpochKey } from '../../src/core/ratchet.ts';
import { createAggregator } from '../../src/roles/aggregator.ts';
import { AggregatorNode } from '../../src/runtime/aggregator-node.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { openAggregatorStore } from '../../src/store/aggregator-store.ts';
import { TemporaryFolder } from '../store/temporary.ts';
import { createWorld, FIRST_DAY, verify } from '../support/world.ts';

const INTERVALS_A_DAY = 96;
const LAST: IntervalIndex = (INTERVALS_A_DAY * (FIRST_DAY + 1) - 1) as IntervalIndex;
const STREET: AreaId = areaId('es/r0/m0/s0');

describe('the keys of an aggregator', () => {
  it('move on in its file as they do in memory, and those of the day before are erased', async () => {
    const world = await createWorld();
    const { signer, keyPair } = world.parties.aggregators[1]!;
    const areas = [areaId('es/r0/m0')];
    using folder = new TemporaryFolder();
    const file = folder.file('aggregator.db');
    const clock = new VirtualClock((intervalEndSeconds(LAST, 900) - 600) * 1000);
    const first = world.aggregatorKeys.get(STREET)!.slice();
    const next = Array.from({ length: first.length / KEY_BYTES }, (_, slot) =>
      nextEpochKey(first.subarray(KEY_BYTES * slot, KEY_BYTES * (slot + 1))),
    );
    await using bus = new MemoryBus({ nowMs: () => clock.nowMs() });
    const exports = await simdExports();
    const isInKernel = (key: Uint8Array) => Buffer.from(exports.memory.buffer).indexOf(key) >= 0;
    {
      using store = openAggregatorStore(file);
      store.keys.save([{ street: STREET, epoch: FIRST_DAY, keys: first }]);
      const state = createAggregator({
        network: world.network,
        kernel: createSimdKernel(exports),
        signer,
        verify,
        keyPair,
        areas,
        epoch: FIRST_DAY,
        keysOf: (street) => (street === STREET ? first.slice() : undefined),
      });
      const errors: unknown[] = [];
      await using node = new AggregatorNode({
        ...{ state, bus: bus.connect(), clock, store },
        onError: (error) => void errors.push(error),
      });
      await node.start();
      expect(store.keys.load()).toMatchObject([{ street: STREET, epoch: FIRST_DAY, keys: first }]);

      await clock.advanceTo((intervalEndSeconds(LAST, 900) + 1000) * 1000);
      const [turned] = store.keys.load();
      expect(turned).toMatchObject({ epoch: (FIRST_DAY + 1) as Epoch, previous: first });
      expect(turned?.keys).toEqual(concatBytes(...next));

      await clock.advanceTo((intervalEndSeconds(LAST, 900) + 3000) * 1000);
      expect(store.keys.load()[0]?.previous).toBeUndefined();
      expect(isInKernel(first.subarray(0, KEY_BYTES))).toBe(false);
      expect(isInKernel(next[0] as Uint8Array)).toBe(true);
      expect(errors).toEqual([]);
    }
    // The process, and its kernel with it, may go on under the next network document.
    expect(isInKernel(next[0] as Uint8Array)).toBe(false);
    expect(folder.filesWith(first.subarray(0, KEY_BYTES))).toEqual([]);
  });
});
