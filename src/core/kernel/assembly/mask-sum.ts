// Sums of masks (design.md section 4): what a trustee adds up for a street, channel by channel, over
// the slots that contributed and declare the channel.

import { BLOCK, blocks4 } from './chacha';
import { ZERO_KEY } from './zero-key';

// "streetwatt/m" as three little-endian words.
const NONCE_0: u32 = 0x65727473;
const NONCE_1: u32 = 0x61777465;
const NONCE_2: u32 = 0x6d2f7474;

/** Two partial sums of each channel. */
const PARTS: usize = memory.data(128, 16);

/**
 * Adds to the sums at `sums`, for each street and of it each of `componentCount` components in turn
 * `channelCount` words, the mask words of every slot whose bit is set. The streets' keys, channel sets
 * and bitmaps stand back to back, for as many slots as its u32 at `slotCounts` says; so do the keys of a
 * slot. Bit c of its channel set says that it declares channel c. Many streets a call: crossing into the
 * module, and what the caller does around it, costs as much as ten blocks.
 */
export function sumMasks(
  slotCounts: usize, streetCount: u32, keys: usize, sets: usize, bitmaps: usize,
  componentCount: u32, channelCount: u32, interval: u32, sums: usize,
): void {
  const stride = <usize>componentCount << 5;
  for (let street: u32 = 0; street < streetCount; street++) {
    const slotCount = load<u32>(slotCounts + (<usize>street << 2));
    for (let component: u32 = 0; component < componentCount; component++) {
      const own = keys + (<usize>component << 5);
      sumComponent(own, stride, bitmaps, slotCount, sets, channelCount, interval);
      for (let channel: u32 = 0; channel < channelCount; channel++) {
        const part = v128.load(PARTS + (<usize>channel << 4));
        store<u64>(
          sums, load<u64>(sums) + v128.extract_lane<u64>(part, 0) + v128.extract_lane<u64>(part, 1),
        );
        sums += 8;
      }
    }
    keys += <usize>slotCount * stride;
    sets += slotCount;
    bitmaps += (slotCount + 7) >> 3;
  }
  clear(PARTS, 128);
  clear(BLOCK, 256);
}

/** Leaves the sums of one component in PARTS. */
function sumComponent(
  keys: usize, stride: usize, bitmap: usize, slotCount: u32, channels: usize,
  channelCount: u32, interval: u32,
): void {
  clear(PARTS, 128);
  let waiting: u32 = 0;
  let k0: usize = ZERO_KEY, k1: usize = ZERO_KEY, k2: usize = ZERO_KEY;
  let sets: u32 = 0;
  for (let byte: u32 = 0; byte << 3 < slotCount; byte++) {
    for (let bits: u32 = load<u8>(bitmap + byte); bits != 0; bits &= bits - 1) {
      const slot = (byte << 3) + ctz(bits);
      if (slot >= slotCount) break;
      const key = keys + <usize>slot * stride;
      sets |= <u32>load<u8>(channels + slot) << (waiting << 3);
      if (waiting == 0) k0 = key;
      else if (waiting == 1) k1 = key;
      else if (waiting == 2) k2 = key;
      else {
        addFour(k0, k1, k2, key, sets, channelCount, interval);
        sets = 0;
        waiting = 0;
        continue;
      }
      waiting++;
    }
  }
  if (waiting > 0)
    addFour(
      k0, waiting > 1 ? k1 : ZERO_KEY, waiting > 2 ? k2 : ZERO_KEY, ZERO_KEY,
      sets, channelCount, interval,
    );
}

/** A few vectors: the engine's memory.fill is a call that costs more. */
// @ts-ignore: decorator
@inline
function clear(pointer: usize, byteCount: usize): void {
  const zero = i32x4.splat(0);
  for (let at: usize = 0; at < byteCount; at += 16) v128.store(pointer + at, zero);
}

/** `sets` has the channel set of lane l in its byte l. */
// @ts-ignore: decorator
@inline
function addFour(
  k0: usize, k1: usize, k2: usize, k3: usize, sets: u32, channelCount: u32, interval: u32,
): void {
  blocks4(
    k0, k1, k2, k3, i32x4.splat(interval),
    i32x4.splat(NONCE_0), i32x4.splat(NONCE_1), i32x4.splat(NONCE_2),
  );
  const lanes = i32x4.replace_lane(
    i32x4.replace_lane(
      i32x4.replace_lane(i32x4.splat(sets & 0xff), 1, (sets >> 8) & 0xff),
      2, (sets >> 16) & 0xff,
    ),
    3, sets >> 24,
  );
  const one = i32x4.splat(1);
  for (let channel: u32 = 0; channel < channelCount; channel++) {
    const declares = v128.neg<i32>(v128.and(v128.shr<u32>(lanes, channel), one));
    const word = BLOCK + (<usize>channel << 5);
    const low = v128.load(word), high = v128.load(word, 16);
    const part = PARTS + (<usize>channel << 4);
    const first = v128.and(
      v128.shuffle<u32>(low, high, 0, 4, 1, 5), v128.shuffle<u32>(declares, declares, 0, 0, 1, 1),
    );
    const second = v128.and(
      v128.shuffle<u32>(low, high, 2, 6, 3, 7), v128.shuffle<u32>(declares, declares, 2, 2, 3, 3),
    );
    v128.store(part, v128.add<u64>(v128.load(part), v128.add<u64>(first, second)));
  }
}
