// Frames in, through both kernels at once: whatever is sent, they count, keep, contest and add up alike.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simdExports } from '../../../bench/data/simd.ts';
import { bitIndices } from '../../../src/core/bitmap.ts';
import { concatBytes, toHex } from '../../../src/core/bytes.ts';
import { type ChannelSet, channelCount, channelIndices } from '../../../src/core/channel.ts';
import { sha256 } from '../../../src/core/digest.ts';
import { encodeFrame } from '../../../src/core/frame.ts';
import { framesRoot } from '../../../src/core/frames-root.ts';
import type { IntervalIndex } from '../../../src/core/interval.ts';
import {
  FRAME_OUTCOMES,
  type FrameOutcome,
  type Intake,
  type IntakeMessage,
  type Kernel,
  type StreetIntakes,
  type TakenMessages,
} from '../../../src/core/kernel/kernel.ts';
import { createSimdKernel } from '../../../src/core/kernel/simd-kernel.ts';
import type { Slot } from '../../../src/core/roster.ts';
import { KERNELS } from '../../support/kernels.ts';

const CHANNELS = 4;
const INTERVALS = [1_957_000, 1_957_001] as IntervalIndex[];
const SETS = [1, 3, 7, 15, 5, 1, 0, 3, 7, 9] as const;
const OPENS = 1000;
const CLOSES = 2000;
const CONTEXTS = [1, 2].map((fill) => new Uint8Array(16).fill(fill));

const keyOf = (street: number, slot: number) => sha256(Uint8Array.of(street, slot));
const keysOf = (street: number) => concatBytes(...SETS.map((_, slot) => keyOf(street, slot)));

interface World {
  readonly kernel: Kernel;
  readonly streets: readonly StreetIntakes[];
  /** By street, then interval. */
  readonly intakes: readonly (readonly Intake[])[];
}

function createWorld(kernel: Kernel): World {
  const streets = CONTEXTS.map(() => kernel.createIntakes());
  // One array for all intervals of an epoch, as an aggregator has it.
  const keys = CONTEXTS.map((_, index) => keysOf(index));
  const intakes = streets.map((street, index) =>
    INTERVALS.map((interval) =>
      street.open({
        street: index,
        interval,
        channelCount: CHANNELS,
        opensAtSeconds: OPENS,
        closesAtSeconds: CLOSES,
        rosterCount: 4,
        context: CONTEXTS[index] as Uint8Array,
        sets: Uint8Array.from(SETS),
        keys: keys[index],
      }),
    ),
  );
  return { kernel, streets, intakes };
}

interface Sent {
  readonly street: number;
  readonly slot: number;
  readonly interval: number;
  readonly set: number;
  readonly value: number;
  readonly fault: 'none' | 'tag' | 'version' | 'cut' | 'stranger' | 'other-street';
}

function frameOf({ street, slot, interval, set, value, fault }: Sent): Uint8Array {
  const channels = (set || 1) as ChannelSet;
  const words = new BigUint64Array(channelCount(channels)).fill(BigInt(value) << 40n);
  const index = fault === 'stranger' ? 99 : (INTERVALS[interval] as number);
  const from = fault === 'other-street' ? 1 - street : street;
  const body = { channels, slot: slot as Slot, interval: index as IntervalIndex, words };
  const frame = encodeFrame(body, keyOf(from, slot), CONTEXTS[street] as Uint8Array);
  if (fault === 'tag') frame[frame.length - 1] = (frame[frame.length - 1] as number) ^ 1;
  if (fault === 'version') frame[0] = 2;
  return fault === 'cut' ? frame.subarray(0, frame.length - 3) : frame;
}

const sentFrame = fc.integer({ min: 0, max: SETS.length }).chain((slot) =>
  fc.record({
    street: fc.constant(0),
    slot: fc.constant(slot),
    interval: fc.integer({ min: 0, max: 1 }),
    set: fc.oneof(
      { weight: 6, arbitrary: fc.constant(SETS[slot] ?? 1) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 15 }) },
    ),
    value: fc.integer({ min: 0, max: 2 }),
    fault: fc.oneof(
      { weight: 12, arbitrary: fc.constant('none' as const) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('tag', 'version', 'cut', 'stranger', 'other-street'),
      },
    ),
  }),
);
const sentMessage = fc.record({
  street: fc.integer({ min: 0, max: 1 }),
  frames: fc.array(sentFrame, { maxLength: 12 }),
  junk: fc.oneof(
    { weight: 8, arbitrary: fc.constant(new Uint8Array(0)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  ),
  storedAtSeconds: fc.oneof(
    { weight: 8, arbitrary: fc.constant(1500.25) },
    { weight: 1, arbitrary: fc.constantFrom(999.9, 1000, 1999.9, 2000) },
  ),
});

function send(
  world: World,
  messages: readonly { street: number; data: Uint8Array; storedAtSeconds: number }[],
) {
  const taken = messages.map(
    ({ street, data, storedAtSeconds }): IntakeMessage => ({
      intakes: world.streets[street] as StreetIntakes,
      data,
      storedAtSeconds,
    }),
  );
  return world.kernel.takeMessages(taken);
}

/** The same messages by way of a tray. */
function sendByTray(world: World, messages: Parameters<typeof send>[1]): TakenMessages {
  using tray = world.kernel.createTray();
  for (const { street, data, storedAtSeconds } of messages) {
    const bytes = data.slice();
    expect(tray.add(world.streets[street] as StreetIntakes, bytes, storedAtSeconds)).toBe(true);
    // It is a copy that waits: the socket's buffer is used again.
    if (world.kernel.name === 'simd') bytes.fill(0);
  }
  return tray.take();
}

/** Everything that can be seen of it. */
function look(world: World, taken: TakenMessages) {
  return {
    counts: Object.fromEntries(FRAME_OUTCOMES.map((name, index) => [name, taken.counts[index]])),
    completed: taken.completed
      .map(
        (intake) =>
          `${world.intakes.findIndex((list) => list.includes(intake))} ${intake.interval}`,
      )
      .sort(),
    strangers: taken.strangers.map(({ message, frame }) => [message, toHex(frame)]),
    intakes: world.intakes.flat().map((intake) => ({
      count: intake.count,
      contributors: toHex(intake.contributors()),
      contested: toHex(intake.contested()),
      sum: [...intake.sumWords(intake.contributors())],
      firstOnly: [...intake.sumWords(Uint8Array.of(intake.contributors()[0] as number & 5, 0))],
      root: toHex(intake.framesRoot(intake.contributors()) ?? new Uint8Array(0)),
      everybody: intake.framesRoot(Uint8Array.of(0xff, 0x03)) === undefined,
      // A seal from outside may claim a bitmap of any length.
      odd: [[], [1], [0, 0, 0, 1], [0, 0, 0, 0], [...intake.contributors(), 0]].map((bitmap) => [
        toHex(intake.framesRoot(Uint8Array.from(bitmap)) ?? new Uint8Array(0)),
        [...intake.sumWords(Uint8Array.from(bitmap))],
      ]),
      digests: SETS.map((_, slot) => toHex(intake.frameDigest(slot) ?? new Uint8Array(0))),
    })),
  };
}

describe('the two kernels', () => {
  it('take any messages in alike, and again', () => {
    const scenario = fc.record({
      rounds: fc.array(fc.array(sentMessage, { maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      closesAfter: fc.integer({ min: 0, max: 4 }),
      erasesAfter: fc.integer({ min: 0, max: 8 }),
    });
    fc.assert(
      fc.property(scenario, ({ rounds, closesAfter, erasesAfter }) => {
        const worlds = KERNELS.map(createWorld);
        for (const [round, sent] of rounds.entries()) {
          const messages = sent.map(({ street, frames, junk, storedAtSeconds }) => ({
            street,
            storedAtSeconds,
            data: concatBytes(...frames.map((frame) => frameOf({ ...frame, street })), junk),
          }));
          const way = round % 2 === 0 ? send : sendByTray;
          const seen = worlds.map((world) => look(world, way(world, messages)));
          expect(seen[1]).toEqual(seen[0]);
          for (const world of worlds) {
            if (round === closesAfter) world.intakes[0]?.[0]?.close();
            if (round === erasesAfter) world.intakes[1]?.[1]?.eraseKeys();
          }
        }
        for (const world of worlds)
          for (const street of world.streets) street.forget(9e9 as IntervalIndex);
      }),
      { numRuns: 150 },
    );
  });
});

describe.each(KERNELS)('the $name kernel', (kernel) => {
  const good = (slot: number, value = 1): Sent => ({
    street: 0,
    slot,
    interval: 0,
    set: SETS[slot] as number,
    value,
    fault: 'none',
  });
  const take = (world: World, sent: readonly Sent[], storedAtSeconds = 1500) => {
    const data = concatBytes(...sent.map(frameOf));
    return countsOf(send(world, [{ street: 0, data, storedAtSeconds }]));
  };

  it('keeps one frame of each slot and adds it up, by channel', () => {
    const world = createWorld(kernel);
    expect(take(world, [good(0), good(1), good(4)])).toEqual({ accepted: 3 });
    const intake = world.intakes[0]?.[0] as Intake;
    expect([...bitIndices(intake.contributors())]).toEqual([0, 1, 4]);
    const word = 1n << 40n;
    const sums = Array.from({ length: CHANNELS }, (_, channel) =>
      [0, 1, 4].reduce(
        (sum, slot) =>
          sum + (channelIndices(SETS[slot] as ChannelSet).includes(channel) ? word : 0n),
        0n,
      ),
    );
    expect([...intake.sumWords(intake.contributors())]).toEqual(sums);
    const frames = [0, 1, 4].map((slot) => frameOf(good(slot)));
    expect(toHex(intake.framesRoot(intake.contributors()) as Uint8Array)).toBe(
      toHex(framesRoot(frames)),
    );
  });

  it('tells a duplicate from an equivocation, also within one message', () => {
    const world = createWorld(kernel);
    expect(take(world, [good(1), good(1), good(1, 2), good(1)])).toEqual({
      accepted: 1,
      duplicate: 2,
      equivocation: 1,
    });
    const [intake] = world.intakes[0] as readonly Intake[];
    expect([...bitIndices((intake as Intake).contested())]).toEqual([1]);
  });

  it('lets no forged frame take a slot, wherever in the message it stands', () => {
    for (let at = 0; at < 5; at++) {
      const world = createWorld(kernel);
      const sent = [good(2), good(0), good(5), good(8)];
      sent.splice(at, 0, { ...good(1), fault: 'tag' });
      expect(take(world, sent)).toEqual({ accepted: 4, 'bad-tag': 1 });
      expect(take(world, [good(1)])).toEqual({ accepted: 1 });
    }
  });

  it('names a street once, when its last slot reports', () => {
    const world = createWorld(kernel);
    const messages = [0, 1, 2, 3, 4].map((slot) => ({
      street: 0,
      data: frameOf(good(slot)),
      storedAtSeconds: 1500,
    }));
    expect(send(world, messages).completed).toEqual([world.intakes[0]?.[0]]);
    expect(send(world, messages).completed).toEqual([]);
  });

  it('takes the clock of the stream to the second', () => {
    expect(take(createWorld(kernel), [good(0)], 999.999)).toEqual({ 'future-interval': 1 });
    expect(take(createWorld(kernel), [good(0)], 1000)).toEqual({ accepted: 1 });
    expect(take(createWorld(kernel), [good(0)], 1999.999)).toEqual({ accepted: 1 });
    expect(take(createWorld(kernel), [good(0)], 2000)).toEqual({ 'closed-interval': 1 });
  });

  it('opens nothing whose slots declare more channels than there is room for', () => {
    const sets = Uint8Array.of(1, 1 << CHANNELS);
    const setup = {
      ...{ street: 0, interval: INTERVALS[0] as IntervalIndex, channelCount: CHANNELS, sets },
      ...{ opensAtSeconds: OPENS, closesAtSeconds: CLOSES, rosterCount: 2 },
      ...{ context: CONTEXTS[0] as Uint8Array, keys: undefined },
    };
    expect(() => kernel.createIntakes().open(setup)).toThrow('expected channels below 4');
    kernel.createIntakes().open({ ...setup, channelCount: CHANNELS + 1 });
  });

  it('opens another interval of a street, and forgets the first', () => {
    const world = createWorld(kernel);
    take(world, [good(0)]);
    world.streets[0]?.forget(INTERVALS[1] as IntervalIndex);
    const taken = send(world, [{ street: 0, data: frameOf(good(0)), storedAtSeconds: 1500 }]);
    expect(taken.strangers).toHaveLength(1);
    expect(take(world, [{ ...good(0), interval: 1 }])).toEqual({ accepted: 1 });
  });

  it('erases the keys of one interval, and not of another that has the same', () => {
    const world = createWorld(kernel);
    world.intakes[0]?.[0]?.eraseKeys();
    expect(take(world, [good(0)])).toEqual({ 'closed-interval': 1 });
    expect(take(world, [{ ...good(0), interval: 1 }])).toEqual({ accepted: 1 });
  });

  it('takes what waits on a tray as it takes messages, with the intervals of that moment', () => {
    const world = createWorld(kernel);
    const [street] = world.streets as [StreetIntakes];
    using tray = kernel.createTray();
    const data = concatBytes(frameOf(good(0)), frameOf({ ...good(1), interval: 1 }));
    expect(tray.add(street, data, 1500)).toBe(true);
    expect(tray.byteCount).toBe(data.length);
    street.forget(INTERVALS[1] as IntervalIndex);
    const taken = tray.take();
    expect(countsOf(taken)).toEqual({ accepted: 1 });
    expect(taken.strangers).toEqual([
      { message: 0, intakes: street, frame: frameOf(good(0)), storedAtSeconds: 1500 },
    ]);
    expect(tray.byteCount).toBe(0);
    expect(countsOf(tray.take())).toEqual({});
  });

  it('lays no more on a tray than it has room for, and takes more when that is taken', () => {
    const world = createWorld(kernel);
    const [street] = world.streets as [StreetIntakes];
    using tray = kernel.createTray();
    const frame = frameOf(good(0));
    let laidCount = 0;
    while (tray.add(street, frame, 1500)) laidCount++;
    expect(tray.byteCount).toBe(laidCount * frame.length);
    expect(tray.byteCount).toBeGreaterThan(2 ** 20 - 2 * frame.length);
    expect(tray.byteCount).toBeLessThanOrEqual(2 ** 20);
    expect(countsOf(tray.take())).toEqual({ accepted: 1, duplicate: laidCount - 1 });
    expect(tray.add(street, frame, 1500)).toBe(true);
    expect(countsOf(tray.take())).toEqual({ duplicate: 1 });
  });

  it('survives a message that is longer than its room', () => {
    const world = createWorld(kernel);
    const frame = frameOf(good(0));
    const data = new Uint8Array(130_000 * frame.length);
    for (let at = 0; at < data.length; at += frame.length) data.set(frame, at);
    const counts = countsOf(send(world, [{ street: 0, data, storedAtSeconds: 1500 }]));
    expect(counts).toEqual({ accepted: 1, duplicate: 129_999 });
  });
});

describe('the memory of the simd kernel', () => {
  it('holds a street’s keys once for all intervals of an epoch, until the last erases or forgets them', async () => {
    const exports = await simdExports();
    const world = createWorld(createSimdKernel(exports));
    const key = keyOf(0, 3);
    const copies = () => countOf(new Uint8Array(exports.memory.buffer), key);
    expect(copies()).toBe(1);
    world.intakes[0]?.[0]?.eraseKeys();
    expect(copies()).toBe(1);
    world.intakes[0]?.[1]?.eraseKeys();
    expect(copies()).toBe(0);
    // Those of the other street are its own.
    expect(countOf(new Uint8Array(exports.memory.buffer), keyOf(1, 3))).toBe(1);
    world.streets[1]?.forget(INTERVALS[1] as IntervalIndex);
    expect(countOf(new Uint8Array(exports.memory.buffer), keyOf(1, 3))).toBe(1);
    world.streets[1]?.forget((1 + (INTERVALS[1] as number)) as IntervalIndex);
    expect(countOf(new Uint8Array(exports.memory.buffer), keyOf(1, 3))).toBe(0);
  });
});

function countOf(memory: Uint8Array, key: Uint8Array): number {
  const bytes = Buffer.from(memory.buffer);
  let count = 0;
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) count++;
  return count;
}

function countsOf(taken: TakenMessages): Partial<Record<FrameOutcome, number>> {
  return Object.fromEntries(
    FRAME_OUTCOMES.flatMap((name, index) =>
      taken.counts[index] ? [[name, taken.counts[index]]] : [],
    ),
  );
}
