// The kernel in WebAssembly with SIMD (assembly/), behind the same functions as the plain one. Keys
// are copied in for a call and overwritten after it, which is little beside their blocks.

import { bitmapBytes } from '../bitmap.ts';
import type { ChannelSet } from '../channel.ts';
import { DIGEST_BYTES } from '../digest.ts';
import { frameBytes } from '../frame.ts';
import { KEY_BYTES } from '../mask.ts';
import type { FrameBatch, Kernel, MaskSumQuery, MaskSumStreet } from './kernel.ts';
import { SimdInlet } from './simd-inlet.ts';
import { type SimdIntake, SimdIntakes } from './simd-intake.ts';
import { type SimdExports, SimdMemory } from './simd-memory.ts';
import { SimdRoom } from './simd-room.ts';
import { SimdTray } from './simd-tray.ts';

/** Readings or slots worked on at a time; a multiple of eight, so that bitmaps split at bytes. */
const BATCH = 4096;

/** `exports` are those of an instance of build/kernel/kernel.wasm. */
export function createSimdKernel(exports: SimdExports): Kernel {
  const memory = new SimdMemory(exports);
  const table = new Map<number, SimdIntake>();
  const inlet = new SimdInlet(memory, table);
  const room = new SimdRoom(memory);
  return {
    name: 'simd',
    ratchetKeys: (keys) => ratchetKeys(memory, room, keys),
    sumMasks: (query) => sumMasks(memory, room, query),
    maskFrames: (batch) => maskFrames(memory, room, batch),
    hashMany: (messages, lengths) => hashMany(memory, messages, lengths),
    createIntakes: () => new SimdIntakes(memory, table),
    takeMessages: (messages) => inlet.takeMessages(messages),
    createTray: () => new SimdTray(memory, inlet),
  };
}

function ratchetKeys(memory: SimdMemory, room: SimdRoom, keys: Uint8Array): void {
  const step = BATCH * KEY_BYTES;
  const byteCount = Math.min(step, keys.length);
  const at = room.reserve(byteCount);
  try {
    for (let offset = 0; offset < keys.length; offset += step) {
      const part = keys.subarray(offset, offset + step);
      const { bytes } = memory;
      bytes.set(part, at);
      memory.exports.ratchetKeys(at, part.length / KEY_BYTES);
      part.set(bytes.subarray(at, at + part.length));
    }
  } finally {
    room.wipe(byteCount);
  }
}

function sumMasks(memory: SimdMemory, room: SimdRoom, query: MaskSumQuery): BigUint64Array {
  const { streets, componentCount, channelCount, interval } = query;
  const size = componentCount * channelCount;
  const sums = new BigUint64Array(size * streets.length);
  const stride = componentCount * KEY_BYTES;
  for (let first = 0; first < streets.length; ) {
    let [until, slots, bitmaps] = [first, 0, 0];
    // At least one street; one beyond the batch has a room of its size.
    do {
      const count = slotsOf(streets[until++] as MaskSumStreet);
      slots += count;
      bitmaps += bitmapBytes(count);
    } while (until < streets.length && slots + slotsOf(streets[until] as MaskSumStreet) <= BATCH);
    const sumBytes = 8 * size * (until - first);
    const countBytes = 4 * (until - first);
    const byteCount = sumBytes + countBytes + slots * (stride + 1) + bitmaps;
    const sumsAt = room.reserve(byteCount);
    const countsAt = sumsAt + sumBytes;
    const keysAt = countsAt + countBytes;
    const setsAt = keysAt + slots * stride;
    const bitmapsAt = setsAt + slots;
    const { bytes, words } = memory;
    try {
      let [key, set, bitmap] = [keysAt, setsAt, bitmapsAt];
      for (let i = first; i < until; i++) {
        const street = streets[i] as MaskSumStreet;
        const count = slotsOf(street);
        words[(countsAt >>> 2) + i - first] = count;
        bytes.set(upTo(street.keys, count * stride), key);
        bytes.set(upTo(street.sets, count), set);
        const { contributors } = street;
        const bitmapEnd = bitmap + bitmapBytes(count);
        // A few bytes: to call for them costs more.
        for (let b = 0; bitmap < bitmapEnd; b++) bytes[bitmap++] = contributors[b] as number;
        key += count * stride;
        set += count;
      }
      memory.exports.sumMasks(
        countsAt,
        until - first,
        keysAt,
        setsAt,
        bitmapsAt,
        componentCount,
        channelCount,
        interval,
        sumsAt,
      );
      new Uint8Array(sums.buffer).set(bytes.subarray(sumsAt, countsAt), 8 * size * first);
    } finally {
      room.wipe(byteCount);
    }
    first = until;
  }
  return sums;
}

function slotsOf({ sets, contributors }: MaskSumStreet): number {
  return Math.min(sets.length, 8 * contributors.length);
}

/** The bytes themselves where they are no more: a view costs as much as two blocks. */
function upTo(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length > length ? bytes.subarray(0, length) : bytes;
}

function maskFrames(memory: SimdMemory, room: SimdRoom, batch: FrameBatch): Uint8Array {
  const { channelCount, componentCount } = batch;
  const total = batch.slots.length;
  let byteCount = 0;
  for (const set of batch.sets) byteCount += frameBytes(set as ChannelSet);
  const out = new Uint8Array(byteCount);
  const most = Math.min(BATCH, total);
  const keyBytes = componentCount * KEY_BYTES;
  const perReading = 8 * channelCount + keyBytes + KEY_BYTES + 4 + 1;
  const roomBytes = most * (perReading + frameBytes(0xff as ChannelSet)) + batch.context.length;
  const valuesAt = room.reserve(roomBytes);
  const keysAt = valuesAt + most * 8 * channelCount;
  const authenticationAt = keysAt + most * keyBytes;
  const contextAt = authenticationAt + most * KEY_BYTES;
  const slotsAt = contextAt + batch.context.length;
  const setsAt = slotsAt + 4 * most;
  const outAt = setsAt + most;
  let written = 0;
  const { bytes } = memory;
  try {
    for (let first = 0; first < total; first += BATCH) {
      const count = Math.min(BATCH, total - first);
      const part = <T extends Uint8Array | Uint32Array | BigInt64Array>(
        of: T,
        per: number,
      ): Uint8Array =>
        new Uint8Array(
          of.buffer,
          of.byteOffset + first * per * of.BYTES_PER_ELEMENT,
          count * per * of.BYTES_PER_ELEMENT,
        );
      bytes.set(part(batch.values, channelCount), valuesAt);
      bytes.set(part(batch.componentKeys, keyBytes), keysAt);
      bytes.set(part(batch.authenticationKeys, KEY_BYTES), authenticationAt);
      bytes.set(batch.context, contextAt);
      bytes.set(part(batch.slots, 1), slotsAt);
      bytes.set(part(batch.sets, 1), setsAt);
      const length = memory.exports.maskFrames(
        count,
        slotsAt,
        setsAt,
        valuesAt,
        channelCount,
        keysAt,
        componentCount,
        authenticationAt,
        contextAt,
        batch.interval,
        outAt,
      );
      out.set(bytes.subarray(outAt, outAt + length), written);
      written += length;
    }
    return out;
  } finally {
    room.wipe(roomBytes);
  }
}

function hashMany(memory: SimdMemory, messages: Uint8Array, lengths: Uint32Array): Uint8Array {
  const lengthsBytes = 4 * lengths.length;
  const outBytes = DIGEST_BYTES * lengths.length;
  const pointer = memory.exports.allocate(lengthsBytes + outBytes + messages.length) >>> 0;
  const outAt = pointer + lengthsBytes;
  const messagesAt = outAt + outBytes;
  memory.words.set(lengths, pointer >>> 2);
  memory.bytes.set(messages, messagesAt);
  memory.exports.hashMany(messagesAt, pointer, lengths.length, outAt);
  const out = memory.copy(outAt, outBytes);
  // Nothing of it is secret: it is not overwritten.
  memory.exports.release(pointer);
  return out;
}
