// The Paillier yardstick: a worked example, and sums.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededStream } from '../../../bench/data/seeded-bytes.ts';
import {
  generatePaillierKeys,
  paillierAdd,
  paillierDecrypt,
  paillierEncrypt,
  paillierKeyPair,
} from '../../../bench/peers/paillier.ts';

const keys = await generatePaillierKeys(512, seededStream('test/paillier'));
const random = seededStream('test/paillier/r');

describe('paillier', () => {
  it('gives the ciphertext of the worked example with p = 7, q = 11, g = 5652, m = 42, r = 23', () => {
    const small = paillierKeyPair(7n, 11n, 5652n);
    const ciphertext = paillierEncrypt(small, 42n, () => Uint8Array.of(23));
    expect(ciphertext).toBe(4624n);
    expect(paillierDecrypt(small, ciphertext)).toBe(-35n);
  });

  it('opens every small message under g = n + 1', () => {
    const small = paillierKeyPair(7n, 11n);
    for (let m = -38n; m <= 38n; m++) {
      const ciphertext = paillierEncrypt(small, m, () => Uint8Array.of(23));
      expect(paillierDecrypt(small, ciphertext)).toBe(m);
    }
  });

  it('makes a modulus of exactly the length asked for', () => {
    expect(keys.n.toString(2)).toHaveLength(512);
  });

  it('adds up what is encrypted, also below zero', () => {
    const values = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(values, (messages) => {
        const sum = messages
          .map((message) => paillierEncrypt(keys, message, random))
          .reduce((a, b) => paillierAdd(keys, a, b));
        expect(paillierDecrypt(keys, sum)).toBe(messages.reduce((a, b) => a + b));
      }),
      { numRuns: 20 },
    );
  });

  it('encrypts one message to different ciphertexts', () => {
    expect(paillierEncrypt(keys, 5n, random)).not.toBe(paillierEncrypt(keys, 5n, random));
  });
});
