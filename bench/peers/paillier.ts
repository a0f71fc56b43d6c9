// Paillier's additively homomorphic encryption (EUROCRYPT 1999, scheme 1) on bigint-crypto-utils, as a
// yardstick: not constant-time, and used for nothing else. Encryption is c = g^m r^n mod n^2 and
// decryption m = L(c^lambda mod n^2) mu mod n with L(u) = (u - 1) / n; g is n + 1 unless a test
// vector says otherwise, which saves one of the two powers.

import { gcd, isProbablyPrime, lcm, modInv, modPow } from 'bigint-crypto-utils';

export interface PaillierPublicKey {
  readonly n: bigint;
  readonly nSquared: bigint;
  readonly g: bigint;
}

export interface PaillierKeyPair extends PaillierPublicKey {
  readonly lambda: bigint;
  readonly mu: bigint;
}

export type RandomBytes = (byteCount: number) => Uint8Array;

/** Of two primes of equal length; `g` as a vector has it. */
export function paillierKeyPair(p: bigint, q: bigint, g: bigint = p * q + 1n): PaillierKeyPair {
  const n = p * q;
  const nSquared = n * n;
  const lambda = lcm(p - 1n, q - 1n);
  const mu = modInv((modPow(g, lambda, nSquared) - 1n) / n, n);
  return { n, nSquared, g, lambda, mu };
}

/** A key pair whose modulus has exactly `bits` bits. */
export async function generatePaillierKeys(
  bits: number,
  random: RandomBytes,
): Promise<PaillierKeyPair> {
  const p = await drawPrime(bits / 2, random);
  for (;;) {
    const q = await drawPrime(bits / 2, random);
    if (q !== p && gcd(p * q, (p - 1n) * (q - 1n)) === 1n) return paillierKeyPair(p, q);
  }
}

/** `message` may be negative: it is taken mod n. */
export function paillierEncrypt(
  { n, nSquared, g }: PaillierPublicKey,
  message: bigint,
  random: RandomBytes,
): bigint {
  const m = ((message % n) + n) % n;
  const gm = g === n + 1n ? 1n + m * n : modPow(g, m, nSquared);
  return (gm * modPow(drawUnit(n, random), n, nSquared)) % nSquared;
}

/** The ciphertext of the sum of two. */
export function paillierAdd({ nSquared }: PaillierPublicKey, a: bigint, b: bigint): bigint {
  return (a * b) % nSquared;
}

/** Between -n/2 and n/2. */
export function paillierDecrypt(keys: PaillierKeyPair, ciphertext: bigint): bigint {
  const { n, nSquared, lambda, mu } = keys;
  const m = (((modPow(ciphertext, lambda, nSquared) - 1n) / n) * mu) % n;
  return m > n / 2n ? m - n : m;
}

async function drawPrime(bits: number, random: RandomBytes): Promise<bigint> {
  // The two highest bits, so that the product of two such primes has full length; and odd.
  const fixed = (3n << BigInt(bits - 2)) | 1n;
  for (;;) {
    const candidate = (toBigInt(random(bits / 8)) & ((1n << BigInt(bits)) - 1n)) | fixed;
    if (await isProbablyPrime(candidate, 16, true)) return candidate;
  }
}

function drawUnit(n: bigint, random: RandomBytes): bigint {
  const byteCount = Math.ceil(n.toString(16).length / 2);
  for (;;) {
    const r = toBigInt(random(byteCount));
    // A common factor of r and n would be one of n's primes: nobody finds it so.
    if (r > 0n && r < n) return r;
  }
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
