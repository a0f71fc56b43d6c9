// SHA-256 of many messages of any lengths, four at a time: what seals are made of (core/seal.ts), set
// digests and Merkle nodes, which are short and come by the dozen.

import { begin4, compress4, STATE, swap4, W } from './sha256';

/** One block of each of four messages. */
const BLOCKS: usize = memory.data(256, 16);

/** Messages back to back, `lengths` a u32 each; 32 bytes each to `out`. The four lanes run as long as the longest. */
export function hashMany(messages: usize, lengths: usize, count: u32, out: usize): void {
  for (let first: u32 = 0; first < count; first += 4) {
    const lanes = min<u32>(4, count - first);
    let blockCount: u32 = 0;
    for (let lane: u32 = 0; lane < lanes; lane++)
      blockCount = max<u32>(blockCount, blocksOf(lengthAt(lengths, first + lane)));
    begin4();
    for (let block: u32 = 0; block < blockCount; block++) {
      let message = messages;
      for (let lane: u32 = 0; lane < lanes; lane++) {
        const length = lengthAt(lengths, first + lane);
        if (block < blocksOf(length)) writeBlock(BLOCKS + (<usize>lane << 6), message, length, block);
        message += length;
      }
      transpose();
      compress4();
      for (let lane: u32 = 0; lane < lanes; lane++)
        if (block + 1 == blocksOf(lengthAt(lengths, first + lane)))
          writeDigest(out + (<usize>(first + lane) << 5), lane);
    }
    for (let lane: u32 = 0; lane < lanes; lane++) messages += lengthAt(lengths, first + lane);
  }
}

// @ts-ignore: decorator
@inline
function lengthAt(lengths: usize, index: u32): u32 {
  return load<u32>(lengths + (<usize>index << 2));
}

/** One byte and eight of padding at least: FIPS 180-4 section 5.1.1. */
// @ts-ignore: decorator
@inline
function blocksOf(length: u32): u32 {
  return (length + 72) >> 6;
}

// @ts-ignore: decorator
@inline
function writeBlock(to: usize, message: usize, length: u32, block: u32): void {
  const from = block << 6;
  if (from + 64 <= length) {
    v128.store(to, v128.load(message + from), 0);
    v128.store(to, v128.load(message + from, 16), 16);
    v128.store(to, v128.load(message + from, 32), 32);
    v128.store(to, v128.load(message + from, 48), 48);
    return;
  }
  memory.fill(to, 0, 64);
  if (from <= length) {
    memory.copy(to, message + from, length - from);
    store<u8>(to + (length - from), 0x80);
  }
  if (block + 1 == blocksOf(length)) store<u64>(to + 56, bswap<u64>(<u64>length << 3));
}

// @ts-ignore: decorator
@inline
function transpose(): void {
  for (let at: u32 = 0; at < 64; at += 16) {
    const from = BLOCKS + at;
    const a = v128.load(from), b = v128.load(from, 64), c = v128.load(from, 128), d = v128.load(from, 192);
    const t0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5), t1 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
    const t2 = v128.shuffle<u32>(a, b, 2, 6, 3, 7), t3 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
    const word = W + (<usize>at << 2);
    v128.store(word, swap4(v128.shuffle<u64>(t0, t1, 0, 2)), 0);
    v128.store(word, swap4(v128.shuffle<u64>(t0, t1, 1, 3)), 16);
    v128.store(word, swap4(v128.shuffle<u64>(t2, t3, 0, 2)), 32);
    v128.store(word, swap4(v128.shuffle<u64>(t2, t3, 1, 3)), 48);
  }
}

// @ts-ignore: decorator
@inline
function writeDigest(to: usize, lane: u32): void {
  for (let word: u32 = 0; word < 8; word++)
    store<u32>(to + (word << 2), bswap<u32>(load<u32>(STATE + (<usize>word << 4) + (lane << 2))));
}
