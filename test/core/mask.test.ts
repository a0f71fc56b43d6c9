// The mask and what it stands on: RFC 8439's own vectors on the library and on the readable twin,
// the twin against the library on anything, and the arithmetic modulo 2^64.

import { readFileSync } from 'node:fs';
import { poly1305 as libraryPoly1305 } from '@noble/ciphers/_poly1305.js';
import { chacha20, chacha20poly1305 } from '@noble/ciphers/chacha.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '../../src/core/bytes.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import { addMask, addWords, maskWords, unmask } from '../../src/core/mask.ts';
import { wordsOfBytes } from '../../src/core/words.ts';
import { chacha20Block, chacha20Poly1305, poly1305 } from '../reference/chacha20.ts';

const rfc = JSON.parse(readFileSync(new URL('../vectors/rfc8439.json', import.meta.url), 'utf8'));
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes12 = fc.uint8Array({ minLength: 12, maxLength: 12 });
// The library refuses the very last block; at 15 minutes that interval is in the year 124,449.
const u32 = fc.integer({ min: 0, max: 0xfffffffe });
const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

describe('RFC 8439, on the library and on its readable twin', () => {
  it('gives the block of section 2.3.2', () => {
    const { key, nonce, counter, keystream } = rfc.block;
    const zeros = new Uint8Array(64);
    expect(toHex(chacha20Block(fromHex(key), counter, fromHex(nonce)))).toBe(keystream);
    expect(toHex(chacha20(fromHex(key), fromHex(nonce), zeros, undefined, counter))).toBe(
      keystream,
    );
  });

  it('gives the Poly1305 tag of section 2.5.2', () => {
    const { key, message, tag } = rfc.poly1305;
    expect(toHex(poly1305(fromHex(key), fromHex(message)))).toBe(tag);
    expect(toHex(libraryPoly1305(fromHex(message), fromHex(key)))).toBe(tag);
  });

  it('gives the ciphertext and tag of section 2.8.2', () => {
    const { key, nonce, associatedData, plaintext, ciphertext, tag } = rfc.aead;
    const [k, n, a, p] = [key, nonce, associatedData, plaintext].map(fromHex) as Uint8Array[];
    const twin = chacha20Poly1305(k!, n!, a!, p!);
    expect(toHex(twin.ciphertext) + toHex(twin.tag)).toBe(ciphertext + tag);
    expect(toHex(chacha20poly1305(k!, n!, a!).encrypt(p!))).toBe(ciphertext + tag);
  });

  it('agrees on every block of any key, nonce and counter', () => {
    fc.assert(
      fc.property(bytes32, bytes12, u32, (key, nonce, counter) => {
        const zeros = new Uint8Array(64);
        const library = chacha20(key, nonce, zeros, undefined, counter);
        expect(toHex(library)).toBe(toHex(chacha20Block(key, counter, nonce)));
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('agrees on the tag of an empty plaintext, the only use that a frame makes of the AEAD', () => {
    fc.assert(
      fc.property(bytes32, bytes12, fc.uint8Array({ maxLength: 120 }), (key, nonce, data) => {
        const empty = new Uint8Array(0);
        const library = chacha20poly1305(key, nonce, data).encrypt(empty);
        expect(toHex(library)).toBe(toHex(chacha20Poly1305(key, nonce, data, empty).tag));
      }),
      { numRuns: 200, seed: 2 },
    );
  });
});

describe('the mask', () => {
  it.each([0, 1, 1_920_005, 0x7fffffff, 0x80000000, 0xfffffffe])(
    'of interval %i is that keystream block, word by word',
    (interval) => {
      const key = Uint8Array.from({ length: 32 }, (_, i) => i);
      const block = chacha20Block(key, interval, utf8('streetwatt/m'));
      expect(maskWords(key, intervalIndex(interval))).toEqual(wordsOfBytes(block));
    },
  );

  it('comes off again, whatever value, keys and interval: also across 2^64', () => {
    const value = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
    fc.assert(
      fc.property(fc.array(bytes32, { maxLength: 10 }), u32, value, (keys, interval, reading) => {
        const index = interval as IntervalIndex;
        const masked = new BigUint64Array([BigInt.asUintN(64, reading)]);
        const maskSum = new BigUint64Array(1);
        for (const key of keys) addMask(masked, key, index);
        for (const key of keys) addMask(maskSum, key, index);
        expect(unmask(masked[0]!, maskSum[0]!)).toBe(reading);
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it.each([
    { masked: 0n, maskSum: 0n, value: 0n },
    { masked: 0n, maskSum: (1n << 64n) - 1n, value: 1n },
    { masked: (1n << 64n) - 1n, maskSum: 0n, value: -1n },
    { masked: 5n, maskSum: (1n << 64n) - 5n, value: 10n },
    { masked: 1n << 63n, maskSum: 0n, value: -(1n << 63n) },
    { masked: (1n << 63n) - 1n, maskSum: (1n << 64n) - 1n, value: -(1n << 63n) },
  ])('opens $masked minus $maskSum as $value', ({ masked, maskSum, value }) => {
    expect(unmask(masked, maskSum)).toBe(value);
  });

  it('sums to the same in any order and grouping', () => {
    const pair = fc.tuple(word, word);
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 20 }), fc.nat(19), (pairs, cut) => {
        const sumOf = (list: readonly (readonly [bigint, bigint])[]) => {
          const sum = new BigUint64Array(2);
          for (const words of list) addWords(sum, new BigUint64Array(words));
          return sum;
        };
        const whole = sumOf(pairs);
        const grouped = sumOf(pairs.slice(cut));
        addWords(grouped, sumOf(pairs.slice(0, cut)));
        expect(sumOf([...pairs].reverse())).toEqual(whole);
        expect(grouped).toEqual(whole);
      }),
      { seed: 4 },
    );
  });

  it('of one key differs in every interval, and of two keys in every word', () => {
    const keyOf = (fill: number) => new Uint8Array(32).fill(fill);
    const seen = new Set<bigint>();
    for (const key of [keyOf(1), keyOf(2)])
      for (let i = 0; i < 500; i++)
        for (const mask of maskWords(key, intervalIndex(i))) seen.add(mask);
    expect(seen.size).toBe(2 * 500 * 8);
  });
});
