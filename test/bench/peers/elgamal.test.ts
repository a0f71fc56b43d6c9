// The ElGamal yardstick: RFC 9496's points, and sums.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededStream } from '../../../bench/data/seeded-bytes.ts';
import {
  CIPHERTEXT_BYTES,
  ElGamalOpener,
  elGamalAdd,
  elGamalEncrypt,
  generateElGamalKeys,
} from '../../../bench/peers/elgamal.ts';
import { toHex } from '../../../src/core/bytes.ts';

const BOUND = 1000;
const random = seededStream('test/elgamal');
const { secret, publicKey } = generateElGamalKeys(random);
const opener = new ElGamalOpener(secret, BOUND, 64);

describe('elgamal', () => {
  it('carries r G as RFC 9496 appendix A.1 encodes it, here for r = 2', () => {
    // One is added to what is drawn, so that r is never 0.
    const one = new Uint8Array(64);
    one[0] = 1;
    const ciphertext = elGamalEncrypt(publicKey, 0, () => one);
    expect(ciphertext).toHaveLength(CIPHERTEXT_BYTES);
    expect(toHex(ciphertext.subarray(0, 32))).toBe(
      '6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919',
    );
  });

  it('adds up what is encrypted, also below zero', () => {
    const messages = fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(messages, (values) => {
        const ciphertexts = values.map((value) => elGamalEncrypt(publicKey, value, random));
        expect(opener.open(elGamalAdd(ciphertexts))).toBe(values.reduce((a, b) => a + b));
      }),
      { numRuns: 10 },
    );
  });

  it('opens both ends of its range, and nothing beyond', () => {
    const open = (value: number) =>
      opener.open(elGamalAdd([elGamalEncrypt(publicKey, value, random)]));
    expect([open(BOUND), open(-BOUND)]).toEqual([BOUND, -BOUND]);
    expect(() => open(BOUND + 200)).toThrow(RangeError);
  });

  it('refuses bytes that are no point', () => {
    expect(() => elGamalAdd([new Uint8Array(CIPHERTEXT_BYTES).fill(0xff)])).toThrow();
  });
});
