import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addNumbers,
  decimalValue,
  parseDecimal,
  printDecimal,
  shiftNumber,
} from '../../../src/gateway/decode/decimal.ts';
import { measuredRegister } from '../../../src/gateway/decode/units.ts';

describe('decimals of meters', () => {
  it('move by powers of ten without an error', () => {
    const decimal = parseDecimal('00052185.7825309');
    expect(decimal).toEqual({ digits: 521857825309n, exponent: -7 });
    expect(measuredRegister(decimal as never, 'kWh')).toEqual({ value: 52185782.5309, unit: 'Wh' });
    expect(1.005 * 1000).not.toBe(1005);
    expect(measuredRegister(parseDecimal('1.005') as never, 'kW').value).toBe(1005);
    expect(shiftNumber(450091.89911, -3)).toBe(450.09189911);
    expect(shiftNumber(1.5e-7, 3)).toBe(0.00015);
  });

  it('add up to what they print as', () => {
    expect(addNumbers([0.1, 0.2])).toBe(0.3);
    expect(addNumbers([14796777.1, 2012.4])).toBe(14798789.5);
    expect(addNumbers([])).toBe(0);
  });

  it('stay a text where a number would lose digits', () => {
    expect(decimalValue({ digits: 18446744073709551615n, exponent: 0 })).toBe(
      '18446744073709551615',
    );
    expect(decimalValue({ digits: -9007199254740993n, exponent: -2 })).toBe('-90071992547409.93');
    expect(decimalValue({ digits: 2n ** 60n, exponent: 0 })).toBe('1152921504606846976');
    expect(decimalValue({ digits: 5n * 10n ** 30n, exponent: 0 })).toBe(5e30);
  });

  it('are never negative zero, and never more than a text says', () => {
    expect(decimalValue({ digits: 0n, exponent: -3 })).toBe(0);
    expect(Object.is(decimalValue(parseDecimal('-0.000') as never), 0)).toBe(true);
    for (const text of ['', '-', '1.2.3', '1e9', '0x10', 'NaN', '٣', '1'.repeat(50)])
      expect(parseDecimal(text)).toBeUndefined();
    expect(parseDecimal(' 12,5 ')).toEqual({ digits: 125n, exponent: -1 });
  });

  it('print as they were read', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
        fc.integer({ min: -9, max: 0 }),
        (digits, exponent) => {
          const text = printDecimal({ digits, exponent });
          expect(parseDecimal(text)).toEqual({ digits, exponent });
          expect(Number(text)).toBe(Number(`${digits}e${exponent}`));
        },
      ),
    );
  });
});
