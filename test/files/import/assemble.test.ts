import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../../src/files/file-error.ts';
import { assembleRows } from '../../../src/files/import/assemble.ts';
import { MWS_PER_WH } from '../../../src/files/import/energy.ts';
import {
  ImportedValues,
  type Span,
  VALUE_KINDS,
} from '../../../src/files/import/imported-values.ts';

const KINDS = VALUE_KINDS.filter((kind) => kind !== 'net');
const span: fc.Arbitrary<Span> = fc.record({
  meter: fc.constantFrom('a', 'b'),
  kind: fc.constantFrom(...KINDS),
  startSeconds: fc.integer({ min: 0, max: 40 }).map((index) => index * 300),
  durationSeconds: fc.constant(300),
  energyMws: fc.bigInt({ min: 0n, max: 3n * MWS_PER_WH }),
});
const spans = fc.uniqueArray(span, {
  selector: ({ meter, kind, startSeconds }) => `${meter} ${kind} ${startSeconds}`,
  maxLength: 120,
});

function assemble(list: readonly Span[]): unknown {
  const values = new ImportedValues();
  for (const [i, one] of list.entries()) values.addSpan(one, { file: 'f', line: i + 2 });
  return [...assembleRows(values).rows];
}

/** The slow twin: every interval of every meter, asked for by itself. */
function expectedRows(list: readonly Span[]): unknown {
  const rows: unknown[] = [];
  for (const meter of ['a', 'b']) {
    for (let start = 0; start < 14_000; start += 900) {
      const [importWh, exportWh, productionWh] = KINDS.map((kind) => {
        const parts = list.filter(
          (one) =>
            one.meter === meter &&
            one.kind === kind &&
            Math.floor(one.startSeconds / 900) * 900 === start,
        );
        if (parts.length < 3) return undefined;
        const sum = parts.reduce((total, { energyMws }) => total + energyMws, 0n);
        return Number((sum + MWS_PER_WH / 2n) / MWS_PER_WH);
      });
      if (importWh === undefined && exportWh === undefined && productionWh === undefined) continue;
      rows.push({ meter, startSeconds: start, importWh, exportWh, productionWh });
    }
  }
  return rows;
}

describe('imported values as rows', () => {
  it('are complete intervals in order, whatever the order of the values', () => {
    fc.assert(
      fc.property(spans, fc.integer(), (list, seed) => {
        const shuffled = list.map((one, i) => [((i + 1) * 7919 * (seed | 1)) % 1009, one] as const);
        shuffled.sort(([a], [b]) => a - b);
        expect(assemble(list)).toEqual(expectedRows(list));
        expect(assemble(shuffled.map(([, one]) => one))).toEqual(expectedRows(list));
      }),
    );
  });

  it('are the same with every value twice, and an error with one that differs', () => {
    fc.assert(
      fc.property(spans, (list) => {
        expect(assemble([...list, ...list])).toEqual(assemble(list));
        const [first] = list;
        if (first === undefined) return;
        const other = { ...first, energyMws: first.energyMws + 1n };
        expect(() => assemble([...list, other])).toThrow(FileError);
      }),
    );
  });

  it('are refused where a meter has net beside import', () => {
    const one: Span = {
      meter: 'a',
      kind: 'net',
      startSeconds: 0,
      durationSeconds: 900,
      energyMws: 1n,
    };
    expect(() => assemble([one, { ...one, kind: 'import' }])).toThrow(/either net or import/);
  });

  it('name the way out where two lengths meet', () => {
    const one: Span = {
      meter: 'a',
      kind: 'import',
      startSeconds: 0,
      durationSeconds: 900,
      energyMws: 1n,
    };
    expect(() => assemble([one, { ...one, meter: 'b', durationSeconds: 3600 }])).toThrow(
      'f, line 3: expected one length of intervals, 15 minutes as in f for meter a, or --interval-minutes 60, found 60 minutes for meter b.',
    );
  });
});
