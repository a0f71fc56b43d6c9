// The physical reference: a ChaCha20 block under a key of its own, four at a time, and nothing else.
// A frame's tag and a mask each need one, so nothing here can cost less than its number of blocks.

import { chacha20 } from '@noble/ciphers/chacha.js';
import { readU32 } from '../../src/core/bytes.ts';
import { KEY_BYTES } from '../../src/core/mask.ts';
import { seededBytes } from '../data/seeded-bytes.ts';
import { simdExports } from '../data/simd.ts';
import { assertAnswer, type Bench } from '../harness/bench.ts';

const NONCE: Uint8Array = new Uint8Array(12);

export const BLOCK_FLOOR: Bench = {
  id: 'chacha20.block.floor',
  async prepare(scale) {
    const count = scale === 'full' ? 10_000 : 100;
    const exports = await simdExports();
    const keys = seededBytes('block-floor', count * KEY_BYTES);
    const pointer = exports.allocate(keys.length) >>> 0;
    new Uint8Array(exports.memory.buffer).set(keys, pointer);
    let expected = 0;
    for (let at = 0; at < keys.length; at += KEY_BYTES) {
      const block = chacha20(
        keys.subarray(at, at + KEY_BYTES),
        NONCE,
        new Uint8Array(64),
        undefined,
        7,
      );
      expected = (expected ^ readU32(block, 0)) >>> 0;
    }
    const run = () => exports.blockFloor(pointer, count, 7) >>> 0;
    assertAnswer(run() === expected, 'the SIMD block is not that of RFC 8439');
    return {
      timed: [
        {
          id: 'chacha20.block.floor',
          measure: { kind: 'rate', item: 'block' },
          itemsPerCall: count,
          run,
          expected,
        },
      ],
    };
  },
};
