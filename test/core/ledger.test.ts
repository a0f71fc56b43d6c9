import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { intervalIndex } from '../../src/core/interval.ts';
import {
  decodeLedgerEntry,
  encodeLedgerEntry,
  type LedgerEntry,
  ledgerEntryDigest,
  NO_LEDGER_ENTRY,
} from '../../src/core/ledger.ts';

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
const entry: fc.Arbitrary<LedgerEntry> = fc.record({
  networkId: fc.constant('net'),
  trustee: fc.nat(4),
  sequence: fc.integer({ min: 1, max: 2 ** 40 }),
  previous: digest,
  bindings: fc.array(
    fc.record({
      area: fc.constantFrom('es', 'es/r0').map(areaId),
      interval: fc.nat(0xffffffff).map(intervalIndex),
      sealDigest: digest,
    }),
    { maxLength: 5 },
  ),
});

describe('a ledger entry', () => {
  it('decodes to what was encoded, in one encoding', () => {
    fc.assert(
      fc.property(entry, (value) => {
        const body = encodeLedgerEntry(value);
        expect(decodeLedgerEntry(body)).toEqual(value);
        expect(encodeLedgerEntry(decodeLedgerEntry(body)!)).toEqual(body);
      }),
      { seed: 24 },
    );
  });

  it('has a digest that binds every field', () => {
    fc.assert(
      fc.property(entry, entry, (a, b) => {
        const [one, two] = [encodeLedgerEntry(a), encodeLedgerEntry(b)];
        const isSame = String(one) === String(two);
        expect(String(ledgerEntryDigest(one)) === String(ledgerEntryDigest(two))).toBe(isSame);
      }),
      { seed: 25 },
    );
  });

  it.each([
    ['sequence 0', { sequence: 0 }],
    ['a sixth trustee', { trustee: 5 }],
    ['a short predecessor', { previous: new Uint8Array(31) }],
    ['no network', { networkId: '' }],
  ])('with %s is refused', (_, change) => {
    const good: LedgerEntry = {
      networkId: 'net',
      trustee: 0,
      sequence: 1,
      previous: NO_LEDGER_ENTRY,
      bindings: [],
    };
    expect(decodeLedgerEntry(encodeLedgerEntry(good))).toEqual(good);
    expect(decodeLedgerEntry(encodeLedgerEntry({ ...good, ...change }))).toBeUndefined();
  });
});
