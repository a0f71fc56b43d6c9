// The kernel in WebAssembly with SIMD (assembly/), behind the same functions as the plain one. Keys
// are copied in for a call and overwritten after it: 3 ns a key, beside some 50 for its block.

import { bitmapBytes } from '../bitmap.ts';
import type { ChannelSet } from '../channel.ts';
import { DIGEST_BYTES } from '../digest.ts';
import { frameBytes } from '../frame.ts';
import { KEY_BYTES } from '../mask.ts';
import type { FrameBatch, Kernel, MaskSumQuery } from './kernel.ts';
import { SimdInlet, type SimdIntake, SimdIntakes } from './simd-intake.ts';
import { type SimdExports, SimdMemory } from './simd-memory.ts';

/** Readings or slots worked on at a time; a multiple of eight, so that bitmaps split at bytes. */
const BATCH = 4096;
const SLACK_BYTES = 64;

/** `exports` are those of an instance of build/kernel/kernel.wasm. */
export function createSimdKernel(exports: SimdExports): Kernel {
  const memory = new SimdMemory(exports);
  const table = new Map<number, SimdIntake>();
  const inlet = new SimdInlet(memory, table);
  return {
    name: 'simd',
    ratchetKeys: (keys) => ratchetKeys(memory, keys),
    sumMasks: (query) => sumMasks(memory, query),
    maskFrames: (batch) => maskFrames(memory, batch),
    hashMany: (messages, lengths) => hashMany(memory, messages, lengths),
    createIntakes: () => new SimdIntakes(memory, table),
    takeMessages: (messages) => inlet.takeMessages(messages),
  };
}

function ratchetKeys(memory: SimdMemory, keys: Uint8Array): void {
  const step = BATCH * KEY_BYTES;
  using scratch = new Scratch(memory, Math.min(step, keys.length));
  for (let offset = 0; offset < keys.length; offset += step) {
    const part = keys.subarray(offset, offset + step);
    memory.bytes.set(part, scratch.pointer);
    memory.exports.ratchetKeys(scratch.pointer, part.length / KEY_BYTES);
    part.set(memory.bytes.subarray(scratch.pointer, scratch.pointer + part.length));
  }
}

function sumMasks(memory: SimdMemory, query: MaskSumQuery): BigUint64Array {
  const { keys, componentCount, channelCount, contributors, sets, interval } = query;
  const stride = componentCount * KEY_BYTES;
  const slotCount = Math.min(sets.length, 8 * contributors.length);
  const most = Math.min(BATCH, slotCount);
  const sums = new BigUint64Array(componentCount * channelCount);
  if (most === 0) return sums;
  using scratch = new Scratch(
    memory,
    most * stride + most + bitmapBytes(most) + 8 * sums.length + SLACK_BYTES,
  );
  const sumsAt = scratch.pointer;
  const keysAt = sumsAt + 8 * sums.length;
  const setsAt = keysAt + most * stride;
  const bitmapAt = setsAt + most;
  memory.bytes.fill(0, sumsAt, keysAt);
  for (let first = 0; first < slotCount; first += BATCH) {
    const count = Math.min(BATCH, slotCount - first);
    const { bytes } = memory;
    bytes.set(keys.subarray(first * stride, (first + count) * stride), keysAt);
    bytes.set(sets.subarray(first, first + count), setsAt);
    bytes.set(contributors.subarray(first >>> 3, (first + count + 7) >>> 3), bitmapAt);
    for (let component = 0; component < componentCount; component++) {
      memory.exports.sumMasks(
        keysAt + component * KEY_BYTES,
        stride,
        bitmapAt,
        count,
        setsAt,
        channelCount,
        interval,
        sumsAt + 8 * component * channelCount,
      );
    }
  }
  new Uint8Array(sums.buffer).set(memory.bytes.subarray(sumsAt, sumsAt + sums.byteLength));
  return sums;
}

function maskFrames(memory: SimdMemory, batch: FrameBatch): Uint8Array {
  const { channelCount, componentCount } = batch;
  const total = batch.slots.length;
  let byteCount = 0;
  for (const set of batch.sets) byteCount += frameBytes(set as ChannelSet);
  const out = new Uint8Array(byteCount);
  const most = Math.min(BATCH, total);
  const keyBytes = componentCount * KEY_BYTES;
  const perReading = 8 * channelCount + keyBytes + KEY_BYTES + 4 + 1;
  using scratch = new Scratch(
    memory,
    most * (perReading + frameBytes(0xff as ChannelSet)) + batch.context.length + SLACK_BYTES,
  );
  const valuesAt = scratch.pointer;
  const keysAt = valuesAt + most * 8 * channelCount;
  const authenticationAt = keysAt + most * keyBytes;
  const contextAt = authenticationAt + most * KEY_BYTES;
  const slotsAt = contextAt + batch.context.length;
  const setsAt = slotsAt + 4 * most;
  const outAt = setsAt + most;
  let written = 0;
  for (let first = 0; first < total; first += BATCH) {
    const count = Math.min(BATCH, total - first);
    const { bytes } = memory;
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
    out.set(memory.bytes.subarray(outAt, outAt + length), written);
    written += length;
  }
  return out;
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

/** A piece of the kernel's memory for one call, with anything in it; overwritten when the call is over. */
class Scratch implements Disposable {
  readonly pointer: number;
  readonly #memory: SimdMemory;
  readonly #byteCount: number;

  constructor(memory: SimdMemory, byteCount: number) {
    this.#memory = memory;
    this.#byteCount = byteCount;
    this.pointer = memory.exports.allocate(byteCount) >>> 0;
  }

  [Symbol.dispose](): void {
    this.#memory.release(this.pointer, this.#byteCount);
  }
}
