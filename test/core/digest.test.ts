import { createHash } from 'node:crypto';
import { sha256 as portable } from '@noble/hashes/sha2.js';
import { afterEach, expect, it, vi } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';

const LENGTHS = [0, 1, 31, 55, 56, 63, 64, 65, 119, 120, 1000, 100_000];

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

it.each(['the platform’s', 'the portable'])('%s SHA-256 is that of FIPS 180-4', async (which) => {
  // As a browser: without a module of the platform's.
  if (which === 'the portable')
    vi.spyOn(process, 'getBuiltinModule').mockImplementation((() => undefined) as never);
  const { sha256 } = await import('../../src/core/digest.ts');
  for (const length of LENGTHS) {
    const message = new Uint8Array(length).map((_, index) => index * 31);
    const expected = createHash('sha256').update(message).digest('hex');
    const [a, b] = [message.subarray(0, length >> 2), message.subarray(length >> 2)];
    expect([sha256(message), sha256(a, b), sha256(a, new Uint8Array(0), b)].map(toHex)).toEqual(
      Array.from({ length: 3 }, () => expected),
    );
    expect(toHex(portable(message))).toBe(expected);
  }
  expect(toHex(sha256())).toBe(createHash('sha256').digest('hex'));
});

it('gives digests of their own, which no later one overwrites', async () => {
  const { sha256 } = await import('../../src/core/digest.ts');
  const first = sha256(Uint8Array.of(1));
  const kept = first.slice();
  for (let i = 0; i < 1000; i++) sha256(Uint8Array.of(i & 0xff, i >>> 8));
  expect(first).toEqual(kept);
  expect(first.constructor).toBe(Uint8Array);
});
