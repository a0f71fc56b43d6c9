// Which areas each of a party's processes hosts: two that split them leave none out and share none.

import { describe, expect, it } from 'vitest';
import { hostedAreas } from '../../src/runtime/hosted-areas.ts';
import { createWorld } from '../support/world.ts';

const { network, parties } = await createWorld();
const key = (party: number) => parties.aggregators[party]!.signer.publicKey;

describe('the areas of a process', () => {
  it('are all of its party’s, where nothing else is said', () => {
    expect(hostedAreas(network, key(0), {})).toEqual(['es', 'es/r0', 'es/r1']);
    expect(hostedAreas(network, key(1), {})).toEqual([
      ...['es/r0/m0', 'es/r0/m1', 'es/r1/m2', 'es/r1/m3'],
    ]);
  });

  it('are what lies in the named ones, or what does not: between two processes each area once', () => {
    for (const split of [['es/r1'], ['es/r0/m0', 'es/r1/m3'], ['es/r0', 'es/r1/m2']]) {
      const named = hostedAreas(network, key(1), { areas: split });
      const rest = hostedAreas(network, key(1), { exceptAreas: split });
      expect([...named, ...rest].sort()).toEqual([...hostedAreas(network, key(1), {})].sort());
      expect(named.length * rest.length).toBeGreaterThan(0);
    }
    expect(hostedAreas(network, key(1), { areas: ['es/r0'], exceptAreas: ['es/r0/m1'] })).toEqual([
      'es/r0/m0',
    ]);
  });

  it('take no name for its beginning', () => {
    expect(() => hostedAreas(network, key(1), { areas: ['es/r'] })).toThrow(RangeError);
  });

  it('are not guessed where a name is another party’s, a street’s or nobody’s', () => {
    for (const name of ['es/r0/m9', 'es/r0/m0/s0', 'fr', ''])
      expect(() => hostedAreas(network, key(1), { exceptAreas: [name] })).toThrow(RangeError);
    expect(() => hostedAreas(network, key(0), { areas: ['es/r0/m0'] })).toThrow(RangeError);
  });
});
