import { describe, expect, it } from 'vitest';
import { parseObis, printObis, shortenObis } from '../../../src/gateway/decode/obis.ts';
import type { Register } from '../../../src/gateway/decode/telegram.ts';
import { totalsOf } from '../../../src/gateway/decode/totals.ts';

const wh = (value: number): Register => ({ value, unit: 'Wh' });
const watts = (value: number): Register => ({ value, unit: 'W' });
const totals = (registers: Record<string, Register>) =>
  totalsOf(new Map(Object.entries(registers)));

describe('totals of a telegram', () => {
  it('are the registers 1.8.0 and 2.8.0 in any of their forms', () => {
    expect(totals({ '1-0:1.8.0': wh(5), '1-0:1.8.1': wh(3), '1-0:2.8.0*255': wh(7) })).toEqual({
      importWh: 5,
      exportWh: 7,
    });
    expect(totals({ '1.8.0': wh(5) })).toEqual({ importWh: 5 });
    expect(totals({ '1-1:1.8.0': wh(6) })).toEqual({ importWh: 6 });
  });

  it('are the sum of the tariffs where the total is absent', () => {
    expect(totals({ '1-0:1.8.1': wh(0.1), '1-0:1.8.2': wh(0.2), '1-0:2.8.1': wh(0) })).toEqual({
      importWh: 0.3,
      exportWh: 0,
    });
  });

  it('leave out what is past, of another medium, or in another unit', () => {
    expect(
      totals({
        '1-0:1.8.0*01': wh(1),
        '6-0:1.8.0': wh(2),
        '1-0:1.8.0': { value: 3, unit: 'varh' },
        '1-0:3.8.0': wh(4),
      }),
    ).toEqual({});
  });

  it('have a net power on the side where it flows', () => {
    expect(totals({ '1-0:16.7.0': watts(250) })).toEqual({ importW: 250, exportW: 0 });
    expect(totals({ '16.7': watts(-250) })).toEqual({ importW: 0, exportW: 250 });
    const idle = totals({ '1-0:16.7.0': watts(0) });
    expect(Object.is(idle.exportW, 0)).toBe(true);
    expect(totals({ '1-0:16.7.0': watts(9), '1-0:1.7.0': watts(8) }).importW).toBe(8);
  });
});

describe('an OBIS code', () => {
  it('is read in its full and its short forms', () => {
    expect(parseObis('1-0:1.8.0*255')).toEqual({
      medium: 1,
      channel: 0,
      quantity: 1,
      processing: 8,
      tariff: 0,
      storage: 255,
    });
    expect(parseObis('16.7')).toEqual({ quantity: 16, processing: 7 });
    expect(parseObis('C.1.0')).toEqual({ quantity: 96, processing: 1, tariff: 0 });
    expect(parseObis('F.F')).toEqual({ quantity: 97, processing: 97 });
  });

  it('is refused where it is none', () => {
    for (const text of ['', '1', '1-0:1.8.0.0.0', '1-0:256.8.0', 'EAST', `1.8.0${' '.repeat(40)}`])
      expect(parseObis(text)).toBeUndefined();
  });

  it('prints without the storage that means now', () => {
    expect(printObis(Uint8Array.of(1, 0, 1, 8, 0, 255))).toBe('1-0:1.8.0');
    expect(printObis(Uint8Array.of(1, 0, 96, 50, 1, 1))).toBe('1-0:96.50.1*1');
    expect(shortenObis('1-0:1.8.0*255')).toBe('1-0:1.8.0');
    expect(() => printObis(new Uint8Array(5))).toThrow(RangeError);
  });
});
