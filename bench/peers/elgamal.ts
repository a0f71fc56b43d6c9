// Exponential ElGamal over ristretto255 (RFC 9496) on @noble/curves, as a yardstick: (r G, m G + r H)
// with H = x G. Sums of ciphertexts are sums of points; what is opened is m G, and m is found by
// baby steps and giant steps, so it has to be small.

import { ristretto255 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import type { RandomBytes } from './paillier.ts';

const Point: typeof ristretto255.Point = ristretto255.Point;
type Point = typeof ristretto255.Point.BASE;
const ORDER: bigint = Point.Fn.ORDER;

export const CIPHERTEXT_BYTES = 64;

export interface ElGamalKeyPair {
  readonly secret: bigint;
  readonly publicKey: Point;
}

export function generateElGamalKeys(random: RandomBytes): ElGamalKeyPair {
  const secret = drawScalar(random);
  const publicKey = Point.BASE.multiply(secret);
  // A table of its multiples, as every client would keep: encryption is three times as fast.
  publicKey.precompute(8);
  return { secret, publicKey };
}

export function elGamalEncrypt(publicKey: Point, message: number, random: RandomBytes): Uint8Array {
  const r = drawScalar(random);
  const masked = publicKey.multiply(r).add(timesBase(message));
  const out = new Uint8Array(CIPHERTEXT_BYTES);
  out.set(Point.BASE.multiply(r).toBytes(), 0);
  out.set(masked.toBytes(), 32);
  return out;
}

export interface ElGamalSum {
  readonly blinding: Point;
  readonly masked: Point;
}

/** @throws Error of bytes that are no points. */
export function elGamalAdd(ciphertexts: Iterable<Uint8Array>): ElGamalSum {
  let blinding: Point = Point.ZERO;
  let masked: Point = Point.ZERO;
  for (const bytes of ciphertexts) {
    blinding = blinding.add(Point.fromBytes(bytes.subarray(0, 32)));
    masked = masked.add(Point.fromBytes(bytes.subarray(32)));
  }
  return { blinding, masked };
}

/** Opens sums between -bound and bound. */
export class ElGamalOpener {
  readonly #secret: bigint;
  readonly #bound: number;
  /** i G, by its bytes, for 0 <= i < the number of steps. */
  readonly #babySteps: ReadonlyMap<string, number>;
  readonly #giantStep: Point;

  /** Makes `babyStepCount` table entries; opening then takes at most 2 bound / babyStepCount additions. */
  constructor(secret: bigint, bound: number, babyStepCount: number) {
    const steps = new Map<string, number>();
    let point = Point.ZERO;
    for (let i = 0; i < babyStepCount; i++) {
      steps.set(point.toHex(), i);
      point = point.add(Point.BASE);
    }
    this.#secret = secret;
    this.#bound = bound;
    this.#babySteps = steps;
    this.#giantStep = point.negate();
  }

  /** @throws RangeError where the message is beyond the bound. */
  open({ blinding, masked }: ElGamalSum): number {
    let point = masked.subtract(blinding.multiply(this.#secret)).add(timesBase(this.#bound));
    for (let value = 0; value <= 2 * this.#bound; value += this.#babySteps.size) {
      const step = this.#babySteps.get(point.toHex());
      if (step !== undefined) return value + step - this.#bound;
      point = point.add(this.#giantStep);
    }
    throw new RangeError(`elgamal: expected a sum of at most ${this.#bound}`);
  }
}

function timesBase(value: number): Point {
  const scalar = ((BigInt(value) % ORDER) + ORDER) % ORDER;
  return scalar === 0n ? Point.ZERO : Point.BASE.multiply(scalar);
}

/** 64 bytes mod the order: no value is likelier than another by more than 2^-250. */
function drawScalar(random: RandomBytes): bigint {
  return (bytesToNumberLE(random(64)) % (ORDER - 1n)) + 1n;
}
