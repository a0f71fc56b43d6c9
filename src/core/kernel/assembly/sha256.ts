// SHA-256 (FIPS 180-4) of four messages of equal length at a time. The caller puts their words, as
// big-endian numbers and over the lanes, into W; the state stays between the blocks of a message.

const ROUNDS: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
], 16);

/** 16 words of the block, each a vector over the lanes. Overwritten by `compress4`. */
export const W: usize = memory.data(256, 16);
/** 8 words of the state, likewise. */
export const STATE: usize = memory.data(128, 16);

// @ts-ignore: decorator
@inline
function rotr(v: v128, bits: i32): v128 {
  return v128.or(v128.shr<u32>(v, bits), v128.shl<u32>(v, 32 - bits));
}

// @ts-ignore: decorator
@inline
export function begin4(): void {
  v128.store(STATE, i32x4.splat(0x6a09e667), 0);
  v128.store(STATE, i32x4.splat(0xbb67ae85), 16);
  v128.store(STATE, i32x4.splat(0x3c6ef372), 32);
  v128.store(STATE, i32x4.splat(0xa54ff53a), 48);
  v128.store(STATE, i32x4.splat(0x510e527f), 64);
  v128.store(STATE, i32x4.splat(0x9b05688c), 80);
  v128.store(STATE, i32x4.splat(0x1f83d9ab), 96);
  v128.store(STATE, i32x4.splat(0x5be0cd19), 112);
}

/** The bytes of each 32-bit lane the other way round. */
// @ts-ignore: decorator
@inline
export function swap4(v: v128): v128 {
  return v128.shuffle<u8>(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

export function compress4(): void {
  let a = v128.load(STATE, 0), b = v128.load(STATE, 16), c = v128.load(STATE, 32), d = v128.load(STATE, 48);
  let e = v128.load(STATE, 64), f = v128.load(STATE, 80), g = v128.load(STATE, 96), h = v128.load(STATE, 112);
  for (let t: u32 = 0; t < 64; t++) {
    const at = W + (<usize>(t & 15) << 4);
    let w = v128.load(at);
    if (t >= 16) {
      const w1 = v128.load(W + (<usize>((t + 1) & 15) << 4));
      const w14 = v128.load(W + (<usize>((t + 14) & 15) << 4));
      const low = v128.xor(v128.xor(rotr(w1, 7), rotr(w1, 18)), v128.shr<u32>(w1, 3));
      const high = v128.xor(v128.xor(rotr(w14, 17), rotr(w14, 19)), v128.shr<u32>(w14, 10));
      w = v128.add<u32>(v128.add<u32>(w, low), v128.add<u32>(v128.load(W + (<usize>((t + 9) & 15) << 4)), high));
      v128.store(at, w);
    }
    const s1 = v128.xor(v128.xor(rotr(e, 6), rotr(e, 11)), rotr(e, 25));
    const t1 = v128.add<u32>(
      v128.add<u32>(v128.add<u32>(h, s1), v128.bitselect(f, g, e)),
      v128.add<u32>(w, v128.load32_splat(ROUNDS + (<usize>t << 2))),
    );
    const s0 = v128.xor(v128.xor(rotr(a, 2), rotr(a, 13)), rotr(a, 22));
    // Majority: where a and b differ, c decides.
    const t2 = v128.add<u32>(s0, v128.bitselect(c, a, v128.xor(a, b)));
    h = g; g = f; f = e;
    e = v128.add<u32>(d, t1);
    d = c; c = b; b = a;
    a = v128.add<u32>(t1, t2);
  }
  v128.store(STATE, v128.add<u32>(v128.load(STATE, 0), a), 0);
  v128.store(STATE, v128.add<u32>(v128.load(STATE, 16), b), 16);
  v128.store(STATE, v128.add<u32>(v128.load(STATE, 32), c), 32);
  v128.store(STATE, v128.add<u32>(v128.load(STATE, 48), d), 48);
  v128.store(STATE, v128.add<u32>(v128.load(STATE, 64), e), 64);
  v128.store(STATE, v128.add<u32>(v128.load(STATE, 80), f), 80);
  v128.store(STATE, v128.add<u32>(v128.load(STATE, 96), g), 96);
  v128.store(STATE, v128.add<u32>(v128.load(STATE, 112), h), 112);
}
