// The kernel without WebAssembly: what a machine without SIMD runs, and what the fast one is held to.

import { bitIndices } from '../bitmap.ts';
import { concatBytes } from '../bytes.ts';
import { type ChannelSet, channelIndices, hasChannel } from '../channel.ts';
import { encodeFrame } from '../frame.ts';
import { hashManyPlain } from '../hash-many.ts';
import { addMask, KEY_BYTES, maskWords } from '../mask.ts';
import { nextEpochKey } from '../ratchet.ts';
import type { Slot } from '../roster.ts';
import type { FrameBatch, Kernel, MaskSumQuery, MaskSumStreet } from './kernel.ts';
import { PlainIntakes, takeMessages } from './plain-intake.ts';
import { PlainTray } from './plain-tray.ts';

export const PLAIN_KERNEL: Kernel = {
  name: 'plain',
  ratchetKeys,
  sumMasks,
  maskFrames,
  hashMany: hashManyPlain,
  createIntakes: () => new PlainIntakes(),
  takeMessages,
  createTray: () => new PlainTray(),
};

function ratchetKeys(keys: Uint8Array): void {
  for (let offset = 0; offset < keys.length; offset += KEY_BYTES) {
    const key = keys.subarray(offset, offset + KEY_BYTES);
    if (key.every((byte) => byte === 0)) continue;
    const next = nextEpochKey(key);
    key.set(next);
    next.fill(0);
  }
}

function sumMasks(query: MaskSumQuery): BigUint64Array {
  const size = query.componentCount * query.channelCount;
  const sums = new BigUint64Array(size * query.streets.length);
  for (const [index, street] of query.streets.entries())
    sumStreet(query, street, sums.subarray(size * index, size * (index + 1)));
  return sums;
}

function sumStreet(query: MaskSumQuery, street: MaskSumStreet, sums: BigUint64Array): void {
  const { componentCount, channelCount, interval } = query;
  const { keys, contributors, sets } = street;
  for (const slot of bitIndices(contributors)) {
    const set = sets[slot];
    if (set === undefined) break;
    for (let component = 0; component < componentCount; component++) {
      const at = (slot * componentCount + component) * KEY_BYTES;
      const words = maskWords(keys.subarray(at, at + KEY_BYTES), interval);
      for (let channel = 0; channel < channelCount; channel++) {
        const sum = component * channelCount + channel;
        if (hasChannel(set as ChannelSet, channel))
          sums[sum] = (sums[sum] as bigint) + (words[channel] as bigint);
      }
    }
  }
}

function maskFrames(batch: FrameBatch): Uint8Array {
  const { channelCount, componentCount, interval, context } = batch;
  const frames: Uint8Array[] = [];
  for (const [index, slot] of batch.slots.entries()) {
    const channels = batch.sets[index] as ChannelSet;
    const all = new BigUint64Array(channelCount);
    for (let channel = 0; channel < channelCount; channel++)
      all[channel] = BigInt.asUintN(64, batch.values[index * channelCount + channel] as bigint);
    for (let component = 0; component < componentCount; component++) {
      const at = (index * componentCount + component) * KEY_BYTES;
      addMask(all, batch.componentKeys.subarray(at, at + KEY_BYTES), interval);
    }
    const words = BigUint64Array.from(
      channelIndices(channels),
      (channel) => all[channel] as bigint,
    );
    const key = batch.authenticationKeys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES);
    frames.push(encodeFrame({ channels, slot: slot as Slot, interval, words }, key, context));
  }
  return concatBytes(...frames);
}
