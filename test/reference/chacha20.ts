// ChaCha20, Poly1305 and their AEAD as RFC 8439 writes them down: slow, readable, and written from
// the text alone, so that what we rely on is held to two implementations. Never used outside tests.

import { concatBytes, readU32, writeU32 } from '../../src/core/bytes.ts';

/** Section 2.3: one 64-byte block of keystream. */
export function chacha20Block(key: Uint8Array, counter: number, nonce: Uint8Array): Uint8Array {
  const words = (bytes: Uint8Array) =>
    Array.from({ length: bytes.length / 4 }, (_, i) => readU32(bytes, 4 * i));
  const constants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
  const initial = [...constants, ...words(key), counter, ...words(nonce)];
  const state = [...initial];
  for (let round = 0; round < 10; round++) {
    for (const column of [0, 1, 2, 3])
      quarterRound(state, column, column + 4, column + 8, column + 12);
    quarterRound(state, 0, 5, 10, 15);
    quarterRound(state, 1, 6, 11, 12);
    quarterRound(state, 2, 7, 8, 13);
    quarterRound(state, 3, 4, 9, 14);
  }
  const out = new Uint8Array(64);
  for (const [i, word] of state.entries()) writeU32(out, 4 * i, (word + (initial[i] ?? 0)) >>> 0);
  return out;
}

/** Section 2.4: `data` XOR the keystream from block `counter` on. */
export function chacha20Xor(
  key: Uint8Array,
  counter: number,
  nonce: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  return data.map((byte, i) => {
    const block = chacha20Block(key, counter + Math.floor(i / 64), nonce);
    return byte ^ (block[i % 64] as number);
  });
}

/** Section 2.5: the one-time authenticator, with the arithmetic modulo 2^130 - 5 in plain sight. */
export function poly1305(oneTimeKey: Uint8Array, message: Uint8Array): Uint8Array {
  const prime = (1n << 130n) - 5n;
  const r = littleEndian(oneTimeKey.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const s = littleEndian(oneTimeKey.subarray(16, 32));
  let accumulator = 0n;
  for (let start = 0; start < message.length; start += 16) {
    const block = concatBytes(message.subarray(start, start + 16), Uint8Array.of(1));
    accumulator = ((accumulator + littleEndian(block)) * r) % prime;
  }
  const tag = accumulator + s;
  return Uint8Array.from({ length: 16 }, (_, i) => Number((tag >> BigInt(8 * i)) & 0xffn));
}

/** Section 2.8: ciphertext and tag. */
export function chacha20Poly1305(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): { readonly ciphertext: Uint8Array; readonly tag: Uint8Array } {
  const oneTimeKey = chacha20Block(key, 0, nonce).subarray(0, 32);
  const ciphertext = chacha20Xor(key, 1, nonce, plaintext);
  const lengths = new Uint8Array(16);
  writeU32(lengths, 0, associatedData.length);
  writeU32(lengths, 8, ciphertext.length);
  const padded = (bytes: Uint8Array) => concatBytes(bytes, new Uint8Array(-bytes.length & 15));
  const message = concatBytes(padded(associatedData), padded(ciphertext), lengths);
  return { ciphertext, tag: poly1305(oneTimeKey, message) };
}

/** Section 2.1. */
function quarterRound(state: number[], a: number, b: number, c: number, d: number): void {
  const add = (into: number, from: number) => {
    state[into] = ((state[into] as number) + (state[from] as number)) >>> 0;
  };
  const xorRotate = (into: number, from: number, bits: number) => {
    const word = (state[into] as number) ^ (state[from] as number);
    state[into] = ((word << bits) | (word >>> (32 - bits))) >>> 0;
  };
  add(a, b);
  xorRotate(d, a, 16);
  add(c, d);
  xorRotate(b, c, 12);
  add(a, b);
  xorRotate(d, a, 8);
  add(c, d);
  xorRotate(b, c, 7);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
