// The root over a street's frames, on both kernels and by the definition of docs/protocol.md 12.2.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { toHex } from '../../../src/core/bytes.ts';
import type { IntervalIndex } from '../../../src/core/interval.ts';
import { KERNELS } from '../../support/kernels.ts';

const INTERVAL = 1_957_000 as IntervalIndex;
const CONTEXT = new Uint8Array(16).fill(9);

function hash(...parts: readonly Uint8Array[]): Buffer {
  const state = createHash('sha256');
  for (const part of parts) state.update(part);
  return state.digest();
}

function rootOf(digests: readonly Uint8Array[]): Uint8Array {
  if (digests.length === 0) return hash();
  if (digests.length === 1) return digests[0] as Uint8Array;
  const above = Array.from({ length: Math.ceil(digests.length / 16) }, (_, group) =>
    hash(Uint8Array.of(1), ...digests.slice(16 * group, 16 * group + 16)),
  );
  return rootOf(above);
}

it.each([1, 2, 3, 15, 16, 17, 31, 63, 64, 65, 80, 255, 256, 257, 300, 1025, 4097])(
  'over %i frames is the same on both kernels, and as defined',
  (count) => {
    const sets = new Uint8Array(count).map((_, slot) => 1 + (slot % 7));
    const keys = new Uint8Array(32 * count).map((_, at) => (at * 31) >>> 2);
    const frames = KERNELS[1]!.maskFrames({
      slots: Uint32Array.from({ length: count }, (_, slot) => slot),
      sets,
      channelCount: 3,
      values: new BigInt64Array(3 * count).map((_, at) => BigInt(at)),
      componentCount: 1,
      componentKeys: keys,
      authenticationKeys: keys,
      context: CONTEXT,
      interval: INTERVAL,
    });
    const digests: Uint8Array[] = [];
    for (let slot = 0, at = 0; slot < count; slot++) {
      const set = sets[slot] as number;
      const length = 26 + 8 * ((set & 1) + ((set >> 1) & 1) + (set >> 2));
      digests.push(hash(Uint8Array.of(0), frames.subarray(at, at + length)));
      at += length;
    }
    const roots = KERNELS.map((kernel) => {
      const intakes = kernel.createIntakes();
      const intake = intakes.open({
        street: 1,
        interval: INTERVAL,
        channelCount: 3,
        opensAtSeconds: 0,
        closesAtSeconds: 10,
        rosterCount: count,
        context: CONTEXT,
        sets,
        keys,
      });
      const { counts } = kernel.takeMessages([{ intakes, data: frames, storedAtSeconds: 1 }]);
      expect(counts[0]).toBe(count);
      const root = intake.framesRoot(intake.contributors()) as Uint8Array;
      intakes.forget((INTERVAL + 1) as IntervalIndex);
      return toHex(root);
    });
    const expected = toHex(Uint8Array.from(rootOf(digests)));
    expect(roots).toEqual([expected, expected]);
  },
  30_000,
);
