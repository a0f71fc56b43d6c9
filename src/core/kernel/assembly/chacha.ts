// ChaCha20 (RFC 8439 section 2.3), four blocks at a time: lane l of every vector belongs to block l,
// so four keys, counters or nonces that have nothing to do with one another cost one pass.

/** The 16 words of the last four blocks, each a vector over the lanes: 256 bytes. */
export const BLOCK: usize = memory.data(256, 16);

// @ts-ignore: decorator
@inline
function rotl16(v: v128): v128 {
  return v128.shuffle<u8>(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

// @ts-ignore: decorator
@inline
function rotl8(v: v128): v128 {
  return v128.shuffle<u8>(v, v, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
}

// @ts-ignore: decorator
@inline
function rotl(v: v128, bits: i32): v128 {
  return v128.or(v128.shl<u32>(v, bits), v128.shr<u32>(v, 32 - bits));
}

/**
 * Four blocks under the 32-byte keys at k0 to k3, into BLOCK. `counter` and the nonce's three words
 * are vectors over the lanes.
 */
// @ts-ignore: decorator
@inline
export function blocks4(
  k0: usize, k1: usize, k2: usize, k3: usize,
  counter: v128, nonce0: v128, nonce1: v128, nonce2: v128,
): void {
  let a = v128.load(k0), b = v128.load(k1), c = v128.load(k2), d = v128.load(k3);
  let t0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5), t1 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  let t2 = v128.shuffle<u32>(a, b, 2, 6, 3, 7), t3 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  const key0 = v128.shuffle<u64>(t0, t1, 0, 2), key1 = v128.shuffle<u64>(t0, t1, 1, 3);
  const key2 = v128.shuffle<u64>(t2, t3, 0, 2), key3 = v128.shuffle<u64>(t2, t3, 1, 3);
  a = v128.load(k0, 16), b = v128.load(k1, 16), c = v128.load(k2, 16), d = v128.load(k3, 16);
  t0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5), t1 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  t2 = v128.shuffle<u32>(a, b, 2, 6, 3, 7), t3 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  const key4 = v128.shuffle<u64>(t0, t1, 0, 2), key5 = v128.shuffle<u64>(t0, t1, 1, 3);
  const key6 = v128.shuffle<u64>(t2, t3, 0, 2), key7 = v128.shuffle<u64>(t2, t3, 1, 3);

  // "expand 32-byte k"
  let x0 = i32x4.splat(0x61707865), x1 = i32x4.splat(0x3320646e);
  let x2 = i32x4.splat(0x79622d32), x3 = i32x4.splat(0x6b206574);
  let x4 = key0, x5 = key1, x6 = key2, x7 = key3;
  let x8 = key4, x9 = key5, x10 = key6, x11 = key7;
  let x12 = counter, x13 = nonce0, x14 = nonce1, x15 = nonce2;

  for (let round = 0; round < 10; round++) {
    x0 = v128.add<u32>(x0, x4); x12 = rotl16(v128.xor(x12, x0));
    x1 = v128.add<u32>(x1, x5); x13 = rotl16(v128.xor(x13, x1));
    x2 = v128.add<u32>(x2, x6); x14 = rotl16(v128.xor(x14, x2));
    x3 = v128.add<u32>(x3, x7); x15 = rotl16(v128.xor(x15, x3));
    x8 = v128.add<u32>(x8, x12); x4 = rotl(v128.xor(x4, x8), 12);
    x9 = v128.add<u32>(x9, x13); x5 = rotl(v128.xor(x5, x9), 12);
    x10 = v128.add<u32>(x10, x14); x6 = rotl(v128.xor(x6, x10), 12);
    x11 = v128.add<u32>(x11, x15); x7 = rotl(v128.xor(x7, x11), 12);
    x0 = v128.add<u32>(x0, x4); x12 = rotl8(v128.xor(x12, x0));
    x1 = v128.add<u32>(x1, x5); x13 = rotl8(v128.xor(x13, x1));
    x2 = v128.add<u32>(x2, x6); x14 = rotl8(v128.xor(x14, x2));
    x3 = v128.add<u32>(x3, x7); x15 = rotl8(v128.xor(x15, x3));
    x8 = v128.add<u32>(x8, x12); x4 = rotl(v128.xor(x4, x8), 7);
    x9 = v128.add<u32>(x9, x13); x5 = rotl(v128.xor(x5, x9), 7);
    x10 = v128.add<u32>(x10, x14); x6 = rotl(v128.xor(x6, x10), 7);
    x11 = v128.add<u32>(x11, x15); x7 = rotl(v128.xor(x7, x11), 7);

    x0 = v128.add<u32>(x0, x5); x15 = rotl16(v128.xor(x15, x0));
    x1 = v128.add<u32>(x1, x6); x12 = rotl16(v128.xor(x12, x1));
    x2 = v128.add<u32>(x2, x7); x13 = rotl16(v128.xor(x13, x2));
    x3 = v128.add<u32>(x3, x4); x14 = rotl16(v128.xor(x14, x3));
    x10 = v128.add<u32>(x10, x15); x5 = rotl(v128.xor(x5, x10), 12);
    x11 = v128.add<u32>(x11, x12); x6 = rotl(v128.xor(x6, x11), 12);
    x8 = v128.add<u32>(x8, x13); x7 = rotl(v128.xor(x7, x8), 12);
    x9 = v128.add<u32>(x9, x14); x4 = rotl(v128.xor(x4, x9), 12);
    x0 = v128.add<u32>(x0, x5); x15 = rotl8(v128.xor(x15, x0));
    x1 = v128.add<u32>(x1, x6); x12 = rotl8(v128.xor(x12, x1));
    x2 = v128.add<u32>(x2, x7); x13 = rotl8(v128.xor(x13, x2));
    x3 = v128.add<u32>(x3, x4); x14 = rotl8(v128.xor(x14, x3));
    x10 = v128.add<u32>(x10, x15); x5 = rotl(v128.xor(x5, x10), 7);
    x11 = v128.add<u32>(x11, x12); x6 = rotl(v128.xor(x6, x11), 7);
    x8 = v128.add<u32>(x8, x13); x7 = rotl(v128.xor(x7, x8), 7);
    x9 = v128.add<u32>(x9, x14); x4 = rotl(v128.xor(x4, x9), 7);
  }

  v128.store(BLOCK, v128.add<u32>(x0, i32x4.splat(0x61707865)), 0);
  v128.store(BLOCK, v128.add<u32>(x1, i32x4.splat(0x3320646e)), 16);
  v128.store(BLOCK, v128.add<u32>(x2, i32x4.splat(0x79622d32)), 32);
  v128.store(BLOCK, v128.add<u32>(x3, i32x4.splat(0x6b206574)), 48);
  v128.store(BLOCK, v128.add<u32>(x4, key0), 64);
  v128.store(BLOCK, v128.add<u32>(x5, key1), 80);
  v128.store(BLOCK, v128.add<u32>(x6, key2), 96);
  v128.store(BLOCK, v128.add<u32>(x7, key3), 112);
  v128.store(BLOCK, v128.add<u32>(x8, key4), 128);
  v128.store(BLOCK, v128.add<u32>(x9, key5), 144);
  v128.store(BLOCK, v128.add<u32>(x10, key6), 160);
  v128.store(BLOCK, v128.add<u32>(x11, key7), 176);
  v128.store(BLOCK, v128.add<u32>(x12, counter), 192);
  v128.store(BLOCK, v128.add<u32>(x13, nonce0), 208);
  v128.store(BLOCK, v128.add<u32>(x14, nonce1), 224);
  v128.store(BLOCK, v128.add<u32>(x15, nonce2), 240);
}

/** The bare cost: `count` blocks (a multiple of four) under the keys at `keys`, folded into one word. */
export function blockFloor(keys: usize, count: u32, counter: u32): u32 {
  let fold = i32x4.splat(0);
  const zero = i32x4.splat(0);
  for (let i: u32 = 0; i < count; i += 4) {
    const k = keys + (<usize>i << 5);
    blocks4(k, k + 32, k + 64, k + 96, i32x4.splat(counter), zero, zero, zero);
    fold = v128.xor(fold, v128.load(BLOCK, 0));
  }
  return (
    i32x4.extract_lane(fold, 0) ^ i32x4.extract_lane(fold, 1) ^
    i32x4.extract_lane(fold, 2) ^ i32x4.extract_lane(fold, 3)
  );
}
