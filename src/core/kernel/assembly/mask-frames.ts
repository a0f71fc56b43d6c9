// Masks and tags many readings of one street and interval: for gateways, concentrators and
// simulation. Meters are taken four at a time; each frame is as long as its channel set says.

import { BLOCK, blocks4 } from './chacha';
import { TAGS } from './poly';
import { CONTEXTS, FRAMES, KEYS, tags4 } from './tag';
import { ZERO_KEY } from './zero-key';

const HEADER_BYTES: u32 = 10;
const TAG_BYTES: u32 = 16;
const NONCE_0: u32 = 0x65727473;
const NONCE_1: u32 = 0x61777465;
const NONCE_2: u32 = 0x6d2f7474;

/** Four lanes of eight words: the values, then the masked words. */
const WORDS: usize = memory.data(256, 16);
/** For lanes without a frame of the length in question. */
const NO_FRAME: usize = memory.data(128, 16);

/**
 * Writes `count` frames back to back to `out` and returns their bytes. Of reading i: `slots` has its
 * u32 slot, `sets` its u8 channel set, `values` its `channelCount` signed 64-bit values by channel,
 * `keys` its `componentCount` component keys of 32 bytes, `tagKeys` its authentication key.
 */
export function maskFrames(
  count: u32, slots: usize, sets: usize, values: usize, channelCount: u32,
  keys: usize, componentCount: u32, tagKeys: usize, context: usize, interval: u32, out: usize,
): u32 {
  const start = out;
  const keyBytes = componentCount << 5;
  for (let i: u32 = 0; i < count; i += 4) {
    const left = min<u32>(4, count - i);
    for (let lane: u32 = 0; lane < left; lane++)
      memory.copy(WORDS + (lane << 6), values + (i + lane) * (channelCount << 3), channelCount << 3);
    for (let component: u32 = 0; component < componentCount; component++) {
      const k0 = keys + i * keyBytes + (component << 5);
      blocks4(
        k0,
        left > 1 ? k0 + keyBytes : ZERO_KEY,
        left > 2 ? k0 + 2 * keyBytes : ZERO_KEY,
        left > 3 ? k0 + 3 * keyBytes : ZERO_KEY,
        i32x4.splat(interval), i32x4.splat(NONCE_0), i32x4.splat(NONCE_1), i32x4.splat(NONCE_2),
      );
      for (let channel: u32 = 0; channel < channelCount; channel++) {
        const low = v128.load(BLOCK + (channel << 5)), high = v128.load(BLOCK + (channel << 5), 16);
        const first = v128.shuffle<u32>(low, high, 0, 4, 1, 5);
        const second = v128.shuffle<u32>(low, high, 2, 6, 3, 7);
        const at = WORDS + (channel << 3);
        store<u64>(at, load<u64>(at) + v128.extract_lane<u64>(first, 0));
        store<u64>(at + 64, load<u64>(at + 64) + v128.extract_lane<u64>(first, 1));
        store<u64>(at + 128, load<u64>(at + 128) + v128.extract_lane<u64>(second, 0));
        store<u64>(at + 192, load<u64>(at + 192) + v128.extract_lane<u64>(second, 1));
      }
    }
    out = writeFour(i, left, slots, sets, channelCount, tagKeys, context, interval, out);
  }
  memory.fill(WORDS, 0, 256);
  memory.fill(BLOCK, 0, 256);
  return <u32>(out - start);
}

function writeFour(
  i: u32, left: u32, slots: usize, sets: usize, channelCount: u32,
  tagKeys: usize, context: usize, interval: u32, out: usize,
): usize {
  let at0: usize = 0, at1: usize = 0, at2: usize = 0, at3: usize = 0;
  let lengths: u32 = 0;
  for (let lane: u32 = 0; lane < left; lane++) {
    const set: u32 = load<u8>(sets + i + lane);
    if (lane == 0) at0 = out;
    else if (lane == 1) at1 = out;
    else if (lane == 2) at2 = out;
    else at3 = out;
    store<u8>(out, 1);
    store<u8>(out, set, 1);
    store<u32>(out, load<u32>(slots + ((i + lane) << 2)), 2);
    store<u32>(out, interval, 6);
    let at = out + HEADER_BYTES;
    for (let channel: u32 = 0; channel < channelCount; channel++) {
      if (((set >> channel) & 1) == 0) continue;
      store<u64>(at, load<u64>(WORDS + (lane << 6) + (channel << 3)));
      at += 8;
    }
    lengths |= <u32>(at - out) << (lane << 3);
    out = at + TAG_BYTES;
  }
  for (let lane: u32 = 0; lane < left; lane++) {
    const length = (lengths >> (lane << 3)) & 0xff;
    // Done with an earlier lane of this length.
    if (length == 0) continue;
    let isDone: u32 = 0;
    for (let other: u32 = 0; other < 4; other++) {
      const isIn = ((lengths >> (other << 3)) & 0xff) == length;
      if (isIn) isDone |= <u32>1 << other;
      const at = other == 0 ? at0 : other == 1 ? at1 : other == 2 ? at2 : at3;
      store<u32>(FRAMES + (other << 2), <u32>(isIn ? at : NO_FRAME));
      store<u32>(KEYS + (other << 2), <u32>(isIn ? tagKeys + ((i + other) << 5) : ZERO_KEY));
      store<u32>(CONTEXTS + (other << 2), <u32>context);
    }
    tags4(length);
    for (let other: u32 = 0; other < 4; other++) {
      if (((isDone >> other) & 1) == 0) continue;
      const at = (other == 0 ? at0 : other == 1 ? at1 : other == 2 ? at2 : at3) + length;
      for (let word: u32 = 0; word < 4; word++)
        store<u32>(at + (word << 2), load<u32>(TAGS + (word << 4) + (other << 2)));
      lengths &= ~(<u32>0xff << (other << 3));
    }
  }
  return out;
}
