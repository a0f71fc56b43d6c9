// Poly1305 (RFC 8439 section 2.5) of four short messages at a time, over whole 16-byte blocks, which
// is all that the AEAD construction of section 2.8 feeds it. Limbs have 26 bits, one vector over the
// four lanes each. Bounds: limbs stay below 2^27 between blocks, a multiplier's below 2^26 and five
// times it below 2^29, so a sum of five products is below 2^59.

import { BLOCK } from './chacha';

const LIMB: u32 = 0x3ffffff;

let r0 = i32x4.splat(0), r1 = i32x4.splat(0), r2 = i32x4.splat(0), r3 = i32x4.splat(0), r4 = i32x4.splat(0);
let s1 = i32x4.splat(0), s2 = i32x4.splat(0), s3 = i32x4.splat(0), s4 = i32x4.splat(0);
let h0 = i32x4.splat(0), h1 = i32x4.splat(0), h2 = i32x4.splat(0), h3 = i32x4.splat(0), h4 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function limb(v: v128): v128 {
  return v128.and(v, i32x4.splat(LIMB));
}

// @ts-ignore: decorator
@inline
function times5(v: v128): v128 {
  return v128.add<u32>(v128.shl<u32>(v, 2), v);
}

/** One-time keys are the first 32 bytes of the four blocks in BLOCK. */
// @ts-ignore: decorator
@inline
export function start4(): void {
  const w0 = v128.load(BLOCK, 0), w1 = v128.load(BLOCK, 16);
  const w2 = v128.load(BLOCK, 32), w3 = v128.load(BLOCK, 48);
  r0 = limb(w0);
  r1 = v128.and(v128.or(v128.shr<u32>(w0, 26), v128.shl<u32>(w1, 6)), i32x4.splat(0x3ffff03));
  r2 = v128.and(v128.or(v128.shr<u32>(w1, 20), v128.shl<u32>(w2, 12)), i32x4.splat(0x3ffc0ff));
  r3 = v128.and(v128.or(v128.shr<u32>(w2, 14), v128.shl<u32>(w3, 18)), i32x4.splat(0x3f03fff));
  r4 = v128.and(v128.shr<u32>(w3, 8), i32x4.splat(0x00fffff));
  s1 = times5(r1), s2 = times5(r2), s3 = times5(r3), s4 = times5(r4);
  h0 = h1 = h2 = h3 = h4 = i32x4.splat(0);
}

/** One full block of each message: `w0` to `w3` are its little-endian words over the lanes. */
// @ts-ignore: decorator
@inline
export function block4(w0: v128, w1: v128, w2: v128, w3: v128): void {
  const a0 = v128.add<u32>(h0, limb(w0));
  const a1 = v128.add<u32>(h1, limb(v128.or(v128.shr<u32>(w0, 26), v128.shl<u32>(w1, 6))));
  const a2 = v128.add<u32>(h2, limb(v128.or(v128.shr<u32>(w1, 20), v128.shl<u32>(w2, 12))));
  const a3 = v128.add<u32>(h3, limb(v128.or(v128.shr<u32>(w2, 14), v128.shl<u32>(w3, 18))));
  const a4 = v128.add<u32>(h4, v128.or(v128.shr<u32>(w3, 8), i32x4.splat(1 << 24)));

  let d0 = i64x2.extmul_low_i32x4_u(a0, r0), e0 = i64x2.extmul_high_i32x4_u(a0, r0);
  let d1 = i64x2.extmul_low_i32x4_u(a0, r1), e1 = i64x2.extmul_high_i32x4_u(a0, r1);
  let d2 = i64x2.extmul_low_i32x4_u(a0, r2), e2 = i64x2.extmul_high_i32x4_u(a0, r2);
  let d3 = i64x2.extmul_low_i32x4_u(a0, r3), e3 = i64x2.extmul_high_i32x4_u(a0, r3);
  let d4 = i64x2.extmul_low_i32x4_u(a0, r4), e4 = i64x2.extmul_high_i32x4_u(a0, r4);

  d0 = v128.add<u64>(d0, i64x2.extmul_low_i32x4_u(a1, s4)); e0 = v128.add<u64>(e0, i64x2.extmul_high_i32x4_u(a1, s4));
  d1 = v128.add<u64>(d1, i64x2.extmul_low_i32x4_u(a1, r0)); e1 = v128.add<u64>(e1, i64x2.extmul_high_i32x4_u(a1, r0));
  d2 = v128.add<u64>(d2, i64x2.extmul_low_i32x4_u(a1, r1)); e2 = v128.add<u64>(e2, i64x2.extmul_high_i32x4_u(a1, r1));
  d3 = v128.add<u64>(d3, i64x2.extmul_low_i32x4_u(a1, r2)); e3 = v128.add<u64>(e3, i64x2.extmul_high_i32x4_u(a1, r2));
  d4 = v128.add<u64>(d4, i64x2.extmul_low_i32x4_u(a1, r3)); e4 = v128.add<u64>(e4, i64x2.extmul_high_i32x4_u(a1, r3));

  d0 = v128.add<u64>(d0, i64x2.extmul_low_i32x4_u(a2, s3)); e0 = v128.add<u64>(e0, i64x2.extmul_high_i32x4_u(a2, s3));
  d1 = v128.add<u64>(d1, i64x2.extmul_low_i32x4_u(a2, s4)); e1 = v128.add<u64>(e1, i64x2.extmul_high_i32x4_u(a2, s4));
  d2 = v128.add<u64>(d2, i64x2.extmul_low_i32x4_u(a2, r0)); e2 = v128.add<u64>(e2, i64x2.extmul_high_i32x4_u(a2, r0));
  d3 = v128.add<u64>(d3, i64x2.extmul_low_i32x4_u(a2, r1)); e3 = v128.add<u64>(e3, i64x2.extmul_high_i32x4_u(a2, r1));
  d4 = v128.add<u64>(d4, i64x2.extmul_low_i32x4_u(a2, r2)); e4 = v128.add<u64>(e4, i64x2.extmul_high_i32x4_u(a2, r2));

  d0 = v128.add<u64>(d0, i64x2.extmul_low_i32x4_u(a3, s2)); e0 = v128.add<u64>(e0, i64x2.extmul_high_i32x4_u(a3, s2));
  d1 = v128.add<u64>(d1, i64x2.extmul_low_i32x4_u(a3, s3)); e1 = v128.add<u64>(e1, i64x2.extmul_high_i32x4_u(a3, s3));
  d2 = v128.add<u64>(d2, i64x2.extmul_low_i32x4_u(a3, s4)); e2 = v128.add<u64>(e2, i64x2.extmul_high_i32x4_u(a3, s4));
  d3 = v128.add<u64>(d3, i64x2.extmul_low_i32x4_u(a3, r0)); e3 = v128.add<u64>(e3, i64x2.extmul_high_i32x4_u(a3, r0));
  d4 = v128.add<u64>(d4, i64x2.extmul_low_i32x4_u(a3, r1)); e4 = v128.add<u64>(e4, i64x2.extmul_high_i32x4_u(a3, r1));

  d0 = v128.add<u64>(d0, i64x2.extmul_low_i32x4_u(a4, s1)); e0 = v128.add<u64>(e0, i64x2.extmul_high_i32x4_u(a4, s1));
  d1 = v128.add<u64>(d1, i64x2.extmul_low_i32x4_u(a4, s2)); e1 = v128.add<u64>(e1, i64x2.extmul_high_i32x4_u(a4, s2));
  d2 = v128.add<u64>(d2, i64x2.extmul_low_i32x4_u(a4, s3)); e2 = v128.add<u64>(e2, i64x2.extmul_high_i32x4_u(a4, s3));
  d3 = v128.add<u64>(d3, i64x2.extmul_low_i32x4_u(a4, s4)); e3 = v128.add<u64>(e3, i64x2.extmul_high_i32x4_u(a4, s4));
  d4 = v128.add<u64>(d4, i64x2.extmul_low_i32x4_u(a4, r0)); e4 = v128.add<u64>(e4, i64x2.extmul_high_i32x4_u(a4, r0));

  const mask = i64x2.splat(LIMB);
  d1 = v128.add<u64>(d1, v128.shr<u64>(d0, 26)); d0 = v128.and(d0, mask);
  e1 = v128.add<u64>(e1, v128.shr<u64>(e0, 26)); e0 = v128.and(e0, mask);
  d4 = v128.add<u64>(d4, v128.shr<u64>(d3, 26)); d3 = v128.and(d3, mask);
  e4 = v128.add<u64>(e4, v128.shr<u64>(e3, 26)); e3 = v128.and(e3, mask);
  d2 = v128.add<u64>(d2, v128.shr<u64>(d1, 26)); d1 = v128.and(d1, mask);
  e2 = v128.add<u64>(e2, v128.shr<u64>(e1, 26)); e1 = v128.and(e1, mask);
  const cd = v128.shr<u64>(d4, 26), ce = v128.shr<u64>(e4, 26);
  d0 = v128.add<u64>(d0, v128.add<u64>(v128.shl<u64>(cd, 2), cd)); d4 = v128.and(d4, mask);
  e0 = v128.add<u64>(e0, v128.add<u64>(v128.shl<u64>(ce, 2), ce)); e4 = v128.and(e4, mask);
  d3 = v128.add<u64>(d3, v128.shr<u64>(d2, 26)); d2 = v128.and(d2, mask);
  e3 = v128.add<u64>(e3, v128.shr<u64>(e2, 26)); e2 = v128.and(e2, mask);
  d1 = v128.add<u64>(d1, v128.shr<u64>(d0, 26)); d0 = v128.and(d0, mask);
  e1 = v128.add<u64>(e1, v128.shr<u64>(e0, 26)); e0 = v128.and(e0, mask);
  d4 = v128.add<u64>(d4, v128.shr<u64>(d3, 26)); d3 = v128.and(d3, mask);
  e4 = v128.add<u64>(e4, v128.shr<u64>(e3, 26)); e3 = v128.and(e3, mask);

  h0 = v128.shuffle<u32>(d0, e0, 0, 2, 4, 6);
  h1 = v128.shuffle<u32>(d1, e1, 0, 2, 4, 6);
  h2 = v128.shuffle<u32>(d2, e2, 0, 2, 4, 6);
  h3 = v128.shuffle<u32>(d3, e3, 0, 2, 4, 6);
  h4 = v128.shuffle<u32>(d4, e4, 0, 2, 4, 6);
}

/** The four tags, their little-endian words over the lanes. */
export const TAGS: usize = memory.data(64, 16);

/** Reduces, adds the second half of the one-time keys in BLOCK, and leaves the tags in TAGS. */
// @ts-ignore: decorator
@inline
export function finish4(): void {
  let a0 = h0, a1 = h1, a2 = h2, a3 = h3, a4 = h4;
  let c = v128.shr<u32>(a1, 26); a1 = limb(a1); a2 = v128.add<u32>(a2, c);
  c = v128.shr<u32>(a2, 26); a2 = limb(a2); a3 = v128.add<u32>(a3, c);
  c = v128.shr<u32>(a3, 26); a3 = limb(a3); a4 = v128.add<u32>(a4, c);
  c = v128.shr<u32>(a4, 26); a4 = limb(a4); a0 = v128.add<u32>(a0, times5(c));
  c = v128.shr<u32>(a0, 26); a0 = limb(a0); a1 = v128.add<u32>(a1, c);

  // Where a >= 2^130 - 5, a - (2^130 - 5) instead; chosen by mask, so that time says nothing.
  let g0 = v128.add<u32>(a0, i32x4.splat(5));
  c = v128.shr<u32>(g0, 26); g0 = limb(g0);
  let g1 = v128.add<u32>(a1, c);
  c = v128.shr<u32>(g1, 26); g1 = limb(g1);
  let g2 = v128.add<u32>(a2, c);
  c = v128.shr<u32>(g2, 26); g2 = limb(g2);
  let g3 = v128.add<u32>(a3, c);
  c = v128.shr<u32>(g3, 26); g3 = limb(g3);
  const g4 = v128.sub<u32>(v128.add<u32>(a4, c), i32x4.splat(1 << 26));
  const isSmall = v128.shr<i32>(g4, 31);
  a0 = v128.bitselect(a0, g0, isSmall);
  a1 = v128.bitselect(a1, g1, isSmall);
  a2 = v128.bitselect(a2, g2, isSmall);
  a3 = v128.bitselect(a3, g3, isSmall);
  a4 = v128.bitselect(a4, g4, isSmall);

  const w0 = v128.or(a0, v128.shl<u32>(a1, 26));
  const w1 = v128.or(v128.shr<u32>(a1, 6), v128.shl<u32>(a2, 20));
  const w2 = v128.or(v128.shr<u32>(a2, 12), v128.shl<u32>(a3, 14));
  const w3 = v128.or(v128.shr<u32>(a3, 18), v128.shl<u32>(a4, 8));

  // A comparison is -1 where it holds: subtracting it adds the carry.
  const t0 = v128.add<u32>(w0, v128.load(BLOCK, 64));
  let carry = v128.lt<u32>(t0, w0);
  const p1 = v128.add<u32>(w1, v128.load(BLOCK, 80));
  const t1 = v128.sub<u32>(p1, carry);
  carry = v128.or(v128.lt<u32>(p1, w1), v128.lt<u32>(t1, p1));
  const p2 = v128.add<u32>(w2, v128.load(BLOCK, 96));
  const t2 = v128.sub<u32>(p2, carry);
  carry = v128.or(v128.lt<u32>(p2, w2), v128.lt<u32>(t2, p2));
  const t3 = v128.sub<u32>(v128.add<u32>(w3, v128.load(BLOCK, 112)), carry);
  v128.store(TAGS, t0, 0);
  v128.store(TAGS, t1, 16);
  v128.store(TAGS, t2, 32);
  v128.store(TAGS, t3, 48);
}
