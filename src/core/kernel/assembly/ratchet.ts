// The daily ratchet of many keys at once (design.md section 4): each becomes the first half of its
// own block 0 with the nonce "streetwatt/r", in place, so that the key before is gone. A key of zeros
// stands for none and stays: its successor could be computed by anybody.

import { BLOCK, blocks4 } from './chacha';
import { ZERO_KEY } from './zero-key';

const NONCE_0: u32 = 0x65727473;
const NONCE_1: u32 = 0x61777465;
const NONCE_2: u32 = 0x722f7474;

/** `count` keys of 32 bytes from `keys` on. */
export function ratchetKeys(keys: usize, count: u32): void {
  const zero = i32x4.splat(0);
  const n0 = i32x4.splat(NONCE_0), n1 = i32x4.splat(NONCE_1), n2 = i32x4.splat(NONCE_2);
  for (let i: u32 = 0; i < count; i += 4) {
    const k0 = keys + (<usize>i << 5);
    const left = count - i;
    const k1 = left > 1 ? k0 + 32 : ZERO_KEY;
    const k2 = left > 2 ? k0 + 64 : ZERO_KEY;
    const k3 = left > 3 ? k0 + 96 : ZERO_KEY;
    blocks4(k0, k1, k2, k3, zero, n0, n1, n2);
    const is0 = isKey(k0), is1 = isKey(k1), is2 = isKey(k2), is3 = isKey(k3);
    storeKeys(is0 ? k0 : 0, is1 ? k1 : 0, is2 ? k2 : 0, is3 ? k3 : 0, 0);
    storeKeys(is0 ? k0 : 0, is1 ? k1 : 0, is2 ? k2 : 0, is3 ? k3 : 0, 64);
  }
  memory.fill(BLOCK, 0, 256);
}

// @ts-ignore: decorator
@inline
function isKey(key: usize): bool {
  return v128.any_true(v128.or(v128.load(key), v128.load(key, 16)));
}

/** Four words of each block back into four keys; `from` 0 is their first half, 64 the second. */
// @ts-ignore: decorator
@inline
function storeKeys(k0: usize, k1: usize, k2: usize, k3: usize, from: usize): void {
  const w0 = v128.load(BLOCK + from), w1 = v128.load(BLOCK + from, 16);
  const w2 = v128.load(BLOCK + from, 32), w3 = v128.load(BLOCK + from, 48);
  const t0 = v128.shuffle<u32>(w0, w1, 0, 4, 1, 5), t1 = v128.shuffle<u32>(w2, w3, 0, 4, 1, 5);
  const t2 = v128.shuffle<u32>(w0, w1, 2, 6, 3, 7), t3 = v128.shuffle<u32>(w2, w3, 2, 6, 3, 7);
  const at = from >> 2;
  if (k0 != 0) v128.store(k0 + at, v128.shuffle<u64>(t0, t1, 0, 2));
  if (k1 != 0) v128.store(k1 + at, v128.shuffle<u64>(t0, t1, 1, 3));
  if (k2 != 0) v128.store(k2 + at, v128.shuffle<u64>(t2, t3, 0, 2));
  if (k3 != 0) v128.store(k3 + at, v128.shuffle<u64>(t2, t3, 1, 3));
}
