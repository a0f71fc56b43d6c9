import { describe, expect, it } from 'vitest';
import { declaredMeters } from '../../src/files/declared-channels.ts';
import { readingValues } from '../../src/files/reading-values.ts';
import { createReadingsBuilder } from '../../src/files/readings-table.ts';

const NONE = Number.NaN;
const measured = (importWh: number, exportWh: number, productionWh: number) => ({
  importWh,
  exportWh,
  productionWh,
});

describe('declaredMeters', () => {
  const builder = createReadingsBuilder();
  builder.add(1, 0, 5, NONE, NONE);
  builder.add(1, 1, 5, NONE, NONE);
  builder.add(2, 1, 5, 0, NONE);
  builder.add(1, 2, 5, NONE, 9);
  const { table } = builder.build();

  it('declares export and production where any reading has a value, a zero too', () => {
    expect(declaredMeters([undefined, undefined, undefined, undefined], table)).toEqual([
      { channels: ['net'], hasExport: false },
      { channels: ['net', 'export'], hasExport: true },
      { channels: ['net', 'production'], hasExport: false },
      { channels: ['net'], hasExport: false },
    ]);
  });

  it('lets the channels column decide, but knows what net needs', () => {
    expect(declaredMeters([['net', 'export'], ['net']], table)).toEqual([
      { channels: ['net', 'export'], hasExport: false },
      { channels: ['net'], hasExport: true },
    ]);
  });
});

describe('readingValues', () => {
  it.each([
    ['net alone', measured(120, NONE, NONE), ['net'], false, { netWh: 120 }],
    ['export', measured(0, 300, NONE), ['net', 'export'], true, { netWh: -300, exportWh: 300 }],
    [
      'production',
      measured(7, NONE, 50),
      ['net', 'production'],
      false,
      { netWh: 7, productionWh: 50 },
    ],
    ['a private export', measured(10, 4, NONE), ['net'], true, { netWh: 6 }],
    ['a production nobody declares', measured(10, NONE, 4), ['net'], false, { netWh: 10 }],
    ['a missing import', measured(NONE, 3, 4), ['net', 'export', 'production'], true, 'incomplete'],
    ['a missing export', measured(1, NONE, NONE), ['net', 'export'], true, 'incomplete'],
    ['a missing production', measured(1, NONE, NONE), ['net', 'production'], false, 'incomplete'],
    ['a missing private export', measured(1, NONE, NONE), ['net'], true, 'incomplete'],
    ['nothing', measured(NONE, NONE, NONE), ['net'], false, 'incomplete'],
  ] as const)('gives the channels of %s', (_, row, channels, hasExport, expected) => {
    expect(readingValues(row, { channels, hasExport })).toEqual(expected);
  });
});
