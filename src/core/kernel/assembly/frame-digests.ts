// The digests of the frames that a street's seal counts, SHA-256(0x00 || frame) in slot order, the
// leaves of the tree in wide-root.ts. Frames are put together again from what intake keeps of them.
// Hashes go four at a time.

import { begin4, compress4, STATE, swap4, W } from './sha256';

/** Four messages of up to two blocks, each in its 128 bytes, padded as FIPS 180-4 section 5.1.1 says. */
const MESSAGES: usize = memory.data(512, 16);

/**
 * Writes the frames' leaf hashes, 32 bytes each in slot order, to `nodes`, which has room for as many as
 * there are bits in `bitmap`, and returns how many. `words` and `tags` are the intake's.
 */
export function frameDigests(
  bitmap: usize, slotCount: u32, sets: usize, words: usize, tags: usize,
  channelCount: u32, interval: u32, nodes: usize,
): u32 {
  let count: u32 = 0;
  let lane: u32 = 0;
  let isLong = false;
  for (let slot: u32 = 0; slot < slotCount; slot++) {
    if (((load<u8>(bitmap + (slot >> 3)) >> (slot & 7)) & 1) == 0) continue;
    const set: u32 = load<u8>(sets + slot);
    // Frames of up to 54 bytes are one block; four of a kind go together.
    const isTwo = popcnt<u32>(set) > 3;
    if (lane > 0 && isTwo != isLong) {
      hashMessages(lane, isLong ? 2 : 1, nodes + ((<usize>count - lane) << 5));
      lane = 0;
    }
    isLong = isTwo;
    writeFrame(MESSAGES + (<usize>lane << 7), slot, set, words, tags, channelCount, interval);
    lane++;
    count++;
    if (lane == 4) {
      hashMessages(4, isLong ? 2 : 1, nodes + ((<usize>count - 4) << 5));
      lane = 0;
    }
  }
  if (lane > 0) hashMessages(lane, isLong ? 2 : 1, nodes + ((<usize>count - lane) << 5));
  return count;
}

function writeFrame(
  message: usize, slot: u32, set: u32, words: usize, tags: usize, channelCount: u32, interval: u32,
): void {
  memory.fill(message, 0, 128);
  // Behind the leaf's prefix, which is zero.
  store<u8>(message, 1, 1);
  store<u8>(message, set, 2);
  store<u32>(message, slot, 3);
  store<u32>(message, interval, 7);
  let at = message + 11;
  const own = words + <usize>(slot * channelCount) * 8;
  for (let left = set; left != 0; left &= left - 1, at += 8)
    store<u64>(at, load<u64>(own + (<usize>ctz(left) << 3)));
  v128.store(at, v128.load(tags + (<usize>slot << 4)));
  pad(message, <u32>(at + 16 - message));
}

/** Behind `length` bytes of a message that is zero behind them. */
// @ts-ignore: decorator
@inline
function pad(message: usize, length: u32): void {
  store<u8>(message + length, 0x80);
  store<u32>(message + (length > 55 ? 124 : 60), bswap<u32>(length << 3));
}

/** Hashes the first `lanes` messages of one or two blocks, their digests back to back at `out`. */
function hashMessages(lanes: u32, blockCount: u32, out: usize): void {
  begin4();
  for (let block: u32 = 0; block < blockCount; block++) {
    for (let at: u32 = 0; at < 64; at += 16) {
      const from = MESSAGES + (<usize>block << 6) + at;
      const a = v128.load(from), b = v128.load(from, 128), c = v128.load(from, 256), d = v128.load(from, 384);
      const t0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5), t1 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
      const t2 = v128.shuffle<u32>(a, b, 2, 6, 3, 7), t3 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
      const word = W + (<usize>at << 2);
      v128.store(word, swap4(v128.shuffle<u64>(t0, t1, 0, 2)), 0);
      v128.store(word, swap4(v128.shuffle<u64>(t0, t1, 1, 3)), 16);
      v128.store(word, swap4(v128.shuffle<u64>(t2, t3, 0, 2)), 32);
      v128.store(word, swap4(v128.shuffle<u64>(t2, t3, 1, 3)), 48);
    }
    compress4();
  }
  for (let lane: u32 = 0; lane < lanes; lane++) {
    for (let word: u32 = 0; word < 8; word++)
      store<u32>(out + (<usize>lane << 5) + (word << 2), bswap<u32>(load<u32>(STATE + (<usize>word << 4) + (lane << 2))));
  }
}
