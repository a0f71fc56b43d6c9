import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AUTHENTICATION_INDEX, createFirstKeys } from '../../src/core/first-keys.ts';
import { epoch } from '../../src/core/interval.ts';

const meter = new Uint8Array(32).fill(1);
const seed = new Uint8Array(32).fill(2);
const firstEpoch = epoch(0x01020304);

function plainHash(...parts: readonly (string | readonly number[] | Uint8Array)[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(typeof part === 'string' ? part : Uint8Array.from(part));
  return new Uint8Array(hash.digest());
}

describe('first keys and commitments', () => {
  const keys = createFirstKeys('red-é', firstEpoch);
  const id = [6, 0, ...Buffer.from('red-é')];
  const epochBytes = [4, 3, 2, 1];

  it('are the hashes that the header of the module writes down', () => {
    expect(keys.componentKey(meter, 2, seed)).toEqual(
      plainHash('streetwatt/k1', id, meter, [2], epochBytes, seed),
    );
    expect(keys.authenticationKey(meter, seed)).toEqual(
      plainHash('streetwatt/a1', id, meter, epochBytes, seed),
    );
    expect(keys.commitment(meter, AUTHENTICATION_INDEX, seed)).toEqual(
      plainHash('streetwatt/c1', id, meter, [255], seed),
    );
  });

  it('do not depend on what was derived before', () => {
    const again = createFirstKeys('red-é', firstEpoch);
    const first = again.componentKey(meter, 0, seed);
    again.componentKey(seed, 1, meter);
    expect(again.componentKey(meter, 0, seed)).toEqual(first);
    expect(first).toEqual(keys.componentKey(meter, 0, seed));
  });

  it('keep a network id from running into the meter key', () => {
    const shifted = createFirstKeys('red-é\x01', firstEpoch);
    expect(shifted.componentKey(meter, 0, seed)).not.toEqual(keys.componentKey(meter, 0, seed));
  });

  it('refuse a meter or seed of the wrong length', () => {
    expect(() => keys.componentKey(meter.subarray(1), 0, seed)).toThrow(RangeError);
    expect(() => keys.commitment(meter, 0, new Uint8Array(33))).toThrow(RangeError);
  });
});
