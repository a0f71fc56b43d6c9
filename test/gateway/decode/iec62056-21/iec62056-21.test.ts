import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../../src/core/bytes.ts';
import { IEC62056_21 } from '../../../../src/gateway/decode/iec62056-21/iec62056-21.ts';
import type { DecodeOptions, Telegram } from '../../../../src/gateway/decode/telegram.ts';
import { READOUT_LINES, readout } from '../samples.ts';

function read(bytes: Uint8Array, options: DecodeOptions = { checksums: 'require' }): Telegram {
  expect(IEC62056_21.split(bytes, true).pieces).toEqual([{ start: 0, end: bytes.length }]);
  const decoded = IEC62056_21.decode(bytes, options);
  if (decoded.kind === 'damage') throw new Error(decoded.detail);
  return decoded;
}

describe('a readout of IEC 62056-21', () => {
  it('gives meter, time, totals and historic values', () => {
    const telegram = read(readout());
    expect(telegram).toMatchObject({
      protocol: 'iec62056-21',
      meter: '00012345',
      time: '2024-01-15T10:30:00',
      importWh: 285400,
      exportWh: 120100,
      importW: 0,
      exportW: 250,
      warnings: [],
    });
    expect(telegram.registers.get('1.8.0*01')).toEqual({ value: 250000, unit: 'Wh' });
    expect(telegram.registers.get('1.6.0')).toEqual({
      value: 2468,
      unit: 'W',
      time: '2024-01-12T09:30:00',
    });
  });

  it('of mode D has no block check, and a warning says so', () => {
    const text = ['/XYZ5METER', '', ...READOUT_LINES, '!', ''].join('\r\n');
    expect(read(utf8(text))).toMatchObject({
      importWh: 285400,
      warnings: ['no block check: telegrams of mode D have none'],
    });
  });

  it('of mode A has any character for its speed, at the start of a line', () => {
    const text = ['/XYZ METER', '\u0002', ...READOUT_LINES, '!', ''].join('\r\n');
    expect(read(utf8(text), {})).toMatchObject({ importWh: 285400 });
    expect(IEC62056_21.split(utf8(`path/abc ${text.slice(5)}`), true).pieces).toEqual([]);
  });

  it('may have been recorded with what the reader acknowledged', () => {
    const text = ['/XYZ5METER', '\u0006050', ...READOUT_LINES, '!', ''].join('\r\n');
    expect(read(utf8(text)).importWh).toBe(285400);
  });

  it('reads energy without a unit as kilowatt-hours, and says so', () => {
    const telegram = read(readout(['1-0:1.8.1*255(032942.0231)', '0.2.0(1.03)']));
    expect(telegram.importWh).toBe(32942023.1);
    expect(telegram.warnings).toEqual(['1-0:1.8.1 has no unit: read as kWh']);
    expect(telegram.registers.get('0.2.0')).toEqual({ value: '1.03' });
  });

  it('has heat in Wh and volumes as they are', () => {
    const telegram = read(
      readout(['6.8(0029.055*MWh)6.26(01589.28*m3)6.31(0030710*h)9.21(00010213)']),
    );
    expect(telegram.registers.get('6.8')).toEqual({ value: 29055000, unit: 'Wh' });
    expect(telegram.registers.get('6.26')).toEqual({ value: 1589.28, unit: 'm3' });
    expect(telegram.meter).toBe('00010213');
    expect(telegram.importWh).toBeUndefined();
  });

  it('is damaged by any one bit of its block where checks are required', () => {
    const bytes = readout();
    const start = bytes.indexOf(2) + 1;
    for (let bit = 8 * start; bit < 8 * bytes.length; bit++) {
      const broken = bytes.slice();
      broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7));
      for (const { start: from, end } of IEC62056_21.split(broken, true).pieces) {
        const decoded = IEC62056_21.decode(broken.subarray(from, end), { checksums: 'require' });
        expect([bit, decoded.kind]).toEqual([bit, 'damage']);
      }
    }
  });

  it('with a wrong block check is read with a warning, and refused by the gateway', () => {
    const bytes = readout();
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 0x11;
    expect(read(bytes, {}).warnings[0]).toMatch(/^expected the block check 0x.., found 0x..$/u);
    expect(IEC62056_21.decode(bytes, { checksums: 'require' })).toMatchObject({
      reason: 'bad-checksum',
    });
  });

  it('is refused where something stands between the data', () => {
    for (const line of ['1.8.0', '1.8.0(', '1.8.0)1(', ' ERROR '])
      expect(IEC62056_21.decode(readout(['0.0.0(1)', line]), {})).toMatchObject({ kind: 'damage' });
  });
});
