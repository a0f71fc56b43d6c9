import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/core/bytes.ts';
import { epoch } from '../../src/core/interval.ts';
import { nextEpochKey, ratchetKey } from '../../src/core/ratchet.ts';
import {
  advanceEpochKeys,
  createEpochKeys,
  erasePreviousKeys,
  keysOfEpoch,
  MAX_ADVANCE_EPOCHS,
} from '../../src/roles/epoch-keys.ts';
import { chacha20Block } from '../reference/chacha20.ts';

const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('the ratchet', () => {
  it('is the first half of ChaCha20 block 0 under the key', () => {
    fc.assert(
      fc.property(key32, (key) => {
        const block = chacha20Block(key, 0, utf8('streetwatt/r'));
        expect(nextEpochKey(key)).toEqual(block.slice(0, 32));
      }),
      { seed: 19 },
    );
  });

  it('overwrites the key where it stands, and several steps are one after another', () => {
    const key = new Uint8Array(32).fill(7);
    const expected = nextEpochKey(nextEpochKey(nextEpochKey(key)));
    ratchetKey(key, 3);
    expect(key).toEqual(expected);
    ratchetKey(key, 0);
    expect(key).toEqual(expected);
  });
});

describe('the keys of a party', () => {
  const start = () => Uint8Array.from({ length: 96 }, (_, at) => at);

  it('of the day before stay until they are erased; older ones are zeros at once', () => {
    const first = start();
    const state = createEpochKeys(epoch(10), first);
    advanceEpochKeys(state, epoch(11));
    const second = state.keys;
    expect(keysOfEpoch(state, epoch(10))).toBe(first);
    expect(first).toEqual(start());
    advanceEpochKeys(state, epoch(12));
    expect(first).toEqual(new Uint8Array(96));
    expect(keysOfEpoch(state, epoch(10))).toBeUndefined();
    expect(keysOfEpoch(state, epoch(11))).toBe(second);
    erasePreviousKeys(state);
    expect(second).toEqual(new Uint8Array(96));
    expect(keysOfEpoch(state, epoch(11))).toBeUndefined();
    expect(keysOfEpoch(state, epoch(13))).toBeUndefined();
  });

  it('each ratchet on their own', () => {
    const state = createEpochKeys(epoch(10), start());
    advanceEpochKeys(state, epoch(11));
    for (let at = 0; at < 96; at += 32)
      expect(state.keys.slice(at, at + 32)).toEqual(nextEpochKey(start().slice(at, at + 32)));
  });

  it('leave a slot whose key is not known without one: anybody could follow a key of zeros', () => {
    const keys = start();
    keys.fill(0, 32, 64);
    const state = createEpochKeys(epoch(10), keys);
    advanceEpochKeys(state, epoch(12));
    expect(state.keys.slice(32, 64)).toEqual(new Uint8Array(32));
    expect(state.keys.slice(0, 32)).toEqual(nextEpochKey(nextEpochKey(start().slice(0, 32))));
  });

  it('never go back, and no clock spins them', () => {
    const state = createEpochKeys(epoch(10), start());
    advanceEpochKeys(state, epoch(9));
    expect(state.epoch).toBe(10);
    advanceEpochKeys(state, epoch(10 + MAX_ADVANCE_EPOCHS + 1));
    advanceEpochKeys(state, epoch(0xffffffff));
    expect(state.epoch).toBe(10);
  });
});
