// The root over a street's frames, on both kernels and by the definition of docs/protocol.md 12.2.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { toHex } from '../../../src/core/bytes.ts';
import { framesRoot } from '../../../src/core/frames-root.ts';
import type { IntervalIndex } from '../../../src/core/interval.ts';
import type { Kernel } from '../../../src/core/kernel/kernel.ts';
import { MAX_ROSTER_SLOTS } from '../../../src/core/roster.ts';
import { KERNELS } from '../../support/kernels.ts';

const INTERVAL = 1_957_000 as IntervalIndex;
const ROOT_LABEL = Buffer.from('streetwatt/frames/1');
const FRAME_LABEL = Buffer.from('streetwatt/frame/1');
const CONTEXT = new Uint8Array(16).fill(9);

function hash(...parts: readonly Uint8Array[]): Buffer {
  const state = createHash('sha256');
  for (const part of parts) state.update(part);
  return state.digest();
}

function openIntake(kernel: Kernel, sets: Uint8Array, keys: Uint8Array, channelCount: number) {
  const intakes = kernel.createIntakes();
  const intake = intakes.open({
    street: 1,
    interval: INTERVAL,
    channelCount,
    opensAtSeconds: 0,
    closesAtSeconds: 10,
    rosterCount: sets.length,
    context: CONTEXT,
    sets,
    keys,
  });
  return { intakes, intake };
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
    const each: Uint8Array[] = [];
    for (let slot = 0, at = 0; slot < count; slot++) {
      const set = sets[slot] as number;
      const length = 26 + 8 * ((set & 1) + ((set >> 1) & 1) + (set >> 2));
      each.push(frames.subarray(at, at + length));
      at += length;
    }
    // Every third slot is left out.
    const some = new Uint8Array(Math.ceil(count / 8));
    for (let slot = 0; slot < count; slot++)
      if (slot % 3 !== 1) some[slot >>> 3] = (some[slot >>> 3] as number) | (1 << (slot & 7));
    const last = count - 1;
    const roots = KERNELS.map((kernel) => {
      const { intakes, intake } = openIntake(kernel, sets, keys, 3);
      const { counts } = kernel.takeMessages([{ intakes, data: frames, storedAtSeconds: 1 }]);
      expect(counts[0]).toBe(count);
      const found = [
        intake.framesRoot(intake.contributors()),
        intake.framesRoot(some),
        intake.frameDigest(last),
      ].map((digest) => toHex(digest as Uint8Array));
      expect(intake.frameDigest(count)).toBeUndefined();
      intakes.forget((INTERVAL + 1) as IntervalIndex);
      return found;
    });
    const expected = [
      hash(ROOT_LABEL, ...each),
      hash(ROOT_LABEL, ...each.filter((_, slot) => slot % 3 !== 1)),
      hash(FRAME_LABEL, each[last] as Uint8Array),
    ].map((digest) => digest.toString('hex'));
    expect(roots).toEqual([expected, expected]);
  },
  30_000,
);

it.each(KERNELS)('is over frames of its own, whatever becomes of their message', (kernel) => {
  const keys = new Uint8Array(32).fill(1);
  // As Node gives it: its `slice` is a view.
  const message = Buffer.from(
    kernel.maskFrames({
      slots: Uint32Array.of(0),
      sets: Uint8Array.of(1),
      channelCount: 1,
      values: BigInt64Array.of(5n),
      componentCount: 1,
      componentKeys: keys,
      authenticationKeys: keys,
      context: CONTEXT,
      interval: INTERVAL,
    }),
  );
  const expected = hash(ROOT_LABEL, message).toString('hex');
  const { intakes, intake } = openIntake(kernel, Uint8Array.of(1), keys, 1);
  kernel.takeMessages([{ intakes, data: message, storedAtSeconds: 1 }]);
  message.fill(0);
  expect(toHex(intake.framesRoot(Uint8Array.of(1)) as Uint8Array)).toBe(expected);
});

it('is there for a street with all its slots: more than a call has room for', () => {
  const frames = Array.from({ length: MAX_ROSTER_SLOTS }, (_, slot) =>
    new Uint8Array(34).fill(slot),
  );
  expect(toHex(framesRoot(frames))).toBe(hash(ROOT_LABEL, Buffer.concat(frames)).toString('hex'));
});
