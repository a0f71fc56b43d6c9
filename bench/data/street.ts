// Streets with keys and readings, laid out as the kernel takes them, and their frames.

import type { IntervalIndex } from '../../src/core/interval.ts';
import type { FrameBatch, IntakeSetup, Kernel } from '../../src/core/kernel/kernel.ts';
import { KEY_BYTES } from '../../src/core/mask.ts';
import {
  CHANNEL_COUNT,
  homeReadings,
  type Reading,
  STREET_SLOTS,
  sumReadings,
} from './home-readings.ts';
import { seededBytes } from './seeded-bytes.ts';

export const COMPONENT_COUNT = 3;
export const INTERVAL: IntervalIndex = 1_957_000 as IntervalIndex;
export const FRAME_BYTES: number = 10 + 8 * CHANNEL_COUNT + 16;
/** Within the window of `intakeSetup`. */
export const STORED_AT_SECONDS = 1500;

export interface BenchStreet {
  readonly batch: FrameBatch;
  readonly readings: readonly Reading[];
  /** By channel. */
  readonly totals: readonly number[];
  /** A bit for every slot. */
  readonly everybody: Uint8Array;
}

export function createStreets(
  streetCount: number,
  slotCount: number = STREET_SLOTS,
): BenchStreet[] {
  const readings = homeReadings(streetCount * slotCount);
  return Array.from({ length: streetCount }, (_, street) =>
    createStreet(street, readings.slice(street * slotCount, (street + 1) * slotCount)),
  );
}

function createStreet(street: number, readings: readonly Reading[]): BenchStreet {
  const count = readings.length;
  const everybody = new Uint8Array((count + 7) >>> 3);
  for (let slot = 0; slot < count; slot++)
    everybody[slot >>> 3] = (everybody[slot >>> 3] as number) | (1 << (slot & 7));
  return {
    readings,
    totals: sumReadings(readings),
    everybody,
    batch: {
      slots: Uint32Array.from({ length: count }, (_, slot) => slot),
      sets: new Uint8Array(count).fill((1 << CHANNEL_COUNT) - 1),
      channelCount: CHANNEL_COUNT,
      values: BigInt64Array.from(readings.flat(), BigInt),
      componentCount: COMPONENT_COUNT,
      componentKeys: seededBytes(`components/${street}`, COMPONENT_COUNT * KEY_BYTES * count),
      authenticationKeys: seededBytes(`authentication/${street}`, KEY_BYTES * count),
      context: seededBytes(`context/${street}`, 16),
      interval: INTERVAL,
    },
  };
}

/** What an aggregator opens for the street's interval. */
export function intakeSetup({ batch }: BenchStreet, street: number): IntakeSetup {
  return {
    street,
    interval: batch.interval,
    channelCount: batch.channelCount,
    opensAtSeconds: 1000,
    closesAtSeconds: 2000,
    rosterCount: batch.slots.length,
    context: batch.context,
    sets: batch.sets,
    keys: batch.authenticationKeys,
  };
}

/** One message with the frames of the whole street. */
export function streetMessages(kernel: Kernel, streets: readonly BenchStreet[]): Uint8Array[] {
  return streets.map(({ batch }) => kernel.maskFrames(batch));
}

/** The keys of two of the three components, side by side for each slot, as a trustee has them. */
export function trusteeKeys({ batch }: BenchStreet, held: readonly number[]): Uint8Array {
  const count = batch.slots.length;
  const out = new Uint8Array(held.length * KEY_BYTES * count);
  for (let slot = 0; slot < count; slot++) {
    for (const [place, component] of held.entries()) {
      const from = (slot * COMPONENT_COUNT + component) * KEY_BYTES;
      out.set(
        batch.componentKeys.subarray(from, from + KEY_BYTES),
        (slot * held.length + place) * KEY_BYTES,
      );
    }
  }
  return out;
}
