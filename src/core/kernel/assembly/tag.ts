// The frame's tag (design.md section 4, correction 10), four at a time: ChaCha20-Poly1305 (RFC 8439
// section 2.8) of an empty plaintext, nonce LE32(interval) || context[0..8], associated data context
// || frame without tag.

import { blocks4 } from './chacha';
import { block4, finish4, start4 } from './poly';

/** Where the four frames, keys and contexts of the next call are. */
export const FRAMES: usize = memory.data(16, 16);
export const KEYS: usize = memory.data(16, 16);
export const CONTEXTS: usize = memory.data(16, 16);

/**
 * Computes into poly's TAGS the tags of the four frames of FRAMES, which all have `untaggedBytes`
 * before their tags, under KEYS and CONTEXTS. Reads no byte behind the tags.
 */
export function tags4(untaggedBytes: u32): void {
  const f0: usize = load<u32>(FRAMES), f1: usize = load<u32>(FRAMES, 4);
  const f2: usize = load<u32>(FRAMES, 8), f3: usize = load<u32>(FRAMES, 12);
  const c0 = v128.load(load<u32>(CONTEXTS)), c1 = v128.load(load<u32>(CONTEXTS, 4));
  const c2 = v128.load(load<u32>(CONTEXTS, 8)), c3 = v128.load(load<u32>(CONTEXTS, 12));
  const u0 = v128.shuffle<u32>(c0, c1, 0, 4, 1, 5), u1 = v128.shuffle<u32>(c2, c3, 0, 4, 1, 5);
  const context0 = v128.shuffle<u64>(u0, u1, 0, 2), context1 = v128.shuffle<u64>(u0, u1, 1, 3);
  const u2 = v128.shuffle<u32>(c0, c1, 2, 6, 3, 7), u3 = v128.shuffle<u32>(c2, c3, 2, 6, 3, 7);
  const context2 = v128.shuffle<u64>(u2, u3, 0, 2), context3 = v128.shuffle<u64>(u2, u3, 1, 3);
  const interval = i32x4.replace_lane(
    i32x4.replace_lane(
      i32x4.replace_lane(i32x4.splat(load<u32>(f0, 6)), 1, load<u32>(f1, 6)), 2, load<u32>(f2, 6),
    ),
    3, load<u32>(f3, 6),
  );
  blocks4(
    load<u32>(KEYS), load<u32>(KEYS, 4), load<u32>(KEYS, 8), load<u32>(KEYS, 12),
    i32x4.splat(0), interval, context0, context1,
  );
  start4();
  block4(context0, context1, context2, context3);
  const whole = untaggedBytes & ~15;
  for (let at: u32 = 0; at < whole; at += 16) feed(f0 + at, f1 + at, f2 + at, f3 + at, i64x2.splat(-1), i64x2.splat(-1));
  // 10 bytes of header and 8 for each word leave a last block of 2 or of 10 bytes.
  const low: u64 = (untaggedBytes & 15) == 2 ? 0xffff : u64.MAX_VALUE;
  const high: u64 = (untaggedBytes & 15) == 2 ? 0 : 0xffff;
  feed(f0 + whole, f1 + whole, f2 + whole, f3 + whole, i64x2.splat(low), i64x2.splat(high));
  const zero = i32x4.splat(0);
  block4(i32x4.splat(16 + untaggedBytes), zero, zero, zero);
  finish4();
}

// @ts-ignore: decorator
@inline
function feed(p0: usize, p1: usize, p2: usize, p3: usize, low: v128, high: v128): void {
  const mask = v128.shuffle<u64>(low, high, 0, 2);
  const a = v128.and(v128.load(p0), mask), b = v128.and(v128.load(p1), mask);
  const c = v128.and(v128.load(p2), mask), d = v128.and(v128.load(p3), mask);
  const t0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5), t1 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const t2 = v128.shuffle<u32>(a, b, 2, 6, 3, 7), t3 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  block4(
    v128.shuffle<u64>(t0, t1, 0, 2), v128.shuffle<u64>(t0, t1, 1, 3),
    v128.shuffle<u64>(t2, t3, 0, 2), v128.shuffle<u64>(t2, t3, 1, 3),
  );
}
