import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../src/files/import/decimal.ts';
import { energyMws, roundToWh } from '../../../src/files/import/energy.ts';

const whOf = (text: string, unit: 'Wh' | 'kWh' | 'W' | 'kW' = 'kWh', seconds = 900): number => {
  const value = parseDecimal(text);
  const energy = value && energyMws(value, unit, seconds);
  return energy === undefined ? Number.NaN : roundToWh(energy);
};

describe('energy of an export', () => {
  it.each([
    ['0.29', 'kWh', 290],
    ['1.0005', 'kWh', 1001],
    ['0.00049999999999999', 'kWh', 0],
    ['0.0005', 'kWh', 1],
    ['.5', 'Wh', 1],
    ['1e-3', 'kWh', 1],
    ['2', 'W', 1],
    ['1.9999', 'W', 0],
    ['0.4', 'kW', 100],
    ['-0.0005', 'kWh', -1],
    ['1099511627776', 'Wh', 2 ** 40],
    ['1099511627777', 'Wh', Number.NaN],
    ['9'.repeat(60), 'Wh', Number.NaN],
  ] as const)('%s %s are %d Wh', (text, unit, energyWh) => {
    expect(whOf(text, unit)).toBe(energyWh);
  });

  it('rounds every number of thousandths half up, exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), (thousandths) => {
        const text = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`;
        expect(whOf(text, 'Wh')).toBe(Math.floor((thousandths + 500) / 1000));
      }),
    );
  });

  it('reads the decimal and group signs that it is told, and no others', () => {
    const comma = { decimalSign: ',', groupSign: '.' } as const;
    expect(parseDecimal('1.234,5', comma)).toEqual({ digits: 12345n, exponent: -1 });
    expect(parseDecimal('1234,5', comma)).toEqual({ digits: 12345n, exponent: -1 });
    for (const text of ['1.5', '1.23,4', '1,234.5', '12.34.567', '1,2,3'])
      expect(parseDecimal(text, comma)).toBeUndefined();
    for (const text of ['', '.', '-', '1,5', '0x10', 'NaN', 'Infinity', '1e', '1e999', '١', '1 '])
      expect(parseDecimal(text)).toBeUndefined();
  });
});
