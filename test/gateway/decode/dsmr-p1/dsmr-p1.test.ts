import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../../src/core/bytes.ts';
import { DSMR_P1 } from '../../../../src/gateway/decode/dsmr-p1/dsmr-p1.ts';
import type { DecodeOptions, Telegram } from '../../../../src/gateway/decode/telegram.ts';
import { encryptedP1, P1_LINES, p1Telegram, TEST_KEY } from '../samples.ts';

function read(bytes: Uint8Array, options: DecodeOptions = {}): Telegram {
  const [piece] = DSMR_P1.split(bytes, true).pieces;
  const decoded = DSMR_P1.decode(bytes.subarray(piece?.start, piece?.end), options);
  if (decoded.kind === 'damage') throw new Error(decoded.detail);
  return decoded;
}

const withLine = (line: string): Uint8Array => p1Telegram([...P1_LINES, line]);

describe('a P1 telegram', () => {
  it('gives meter, time, totals out of tariffs, and sub-meters', () => {
    const telegram = read(p1Telegram());
    expect(telegram).toMatchObject({
      protocol: 'dsmr-p1',
      meter: 'E0099999999999999',
      time: '2024-01-15T10:30:00+01:00',
      importWh: 323457,
      exportWh: 30500,
      importW: 321,
      exportW: 0,
      warnings: [],
    });
    expect(telegram.registers.get('0-1:24.2.1')).toEqual({
      value: 123.456,
      unit: 'm3',
      time: '2024-07-15T10:25:00+02:00',
    });
    expect(telegram.registers.get('0-2:24.2.1')?.time).toBe('2024-01-15T10:25:00+01:00');
    expect(telegram.registers.get('0-1:24.1.0')).toEqual({ value: '003' });
  });

  it('may be in watt-hours, in any case of letters, with *255 behind the codes', () => {
    const telegram = read(
      p1Telegram([
        '1-0:1.8.0*255(006545766*Wh)',
        '1-0:3.8.0(00001.234*kVArh)',
        '1-0:1.7.0(000286*w)',
      ]),
    );
    expect(telegram.importWh).toBe(6545766);
    expect(telegram.importW).toBe(286);
    expect(telegram.registers.get('1-0:3.8.0')).toEqual({ value: 1234, unit: 'varh' });
  });

  it('has gas over two lines in DSMR 2 and 3', () => {
    const old = ['0-1:24.3.0(161107190000)(00)(60)(1)(0-1:24.2.1)(m3)', '(00001.001)'];
    expect(read(p1Telegram(old, '')).registers.get('0-1:24.2.1')).toEqual({
      value: 1.001,
      unit: 'm3',
      time: '2016-11-07T19:00:00',
    });
  });

  it('has a time only where there is such a day', () => {
    for (const stamp of ['632525252525W', '250000000000W', '240230120000W'])
      expect(read(p1Telegram([`0-0:1.0.0(${stamp})`, '1-0:1.8.0(1*kWh)']))).toMatchObject({
        warnings: ['the time is no date'],
      });
  });

  it('keeps the two hours of one name at the end of summer apart', () => {
    const timeOf = (stamp: string) => read(p1Telegram([`0-0:1.0.0(${stamp})`])).time;
    expect(timeOf('241027023000S')).toBe('2024-10-27T02:30:00+02:00');
    expect(timeOf('241027023000W')).toBe('2024-10-27T02:30:00+01:00');
  });

  it('is right with line ends that a text file lost', () => {
    expect(read(p1Telegram(P1_LINES, undefined, '\n'))).toEqual(read(p1Telegram()));
  });

  it('is damaged by any one bit of what the CRC covers', () => {
    const bytes = p1Telegram();
    for (let bit = 0; bit < 8 * (bytes.length - 6); bit++) {
      const broken = bytes.slice();
      broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7));
      for (const { start, end } of DSMR_P1.split(broken, true).pieces)
        expect([bit, DSMR_P1.decode(broken.subarray(start, end), {}).kind]).toEqual([
          bit,
          'damage',
        ]);
    }
  });

  it('needs its CRC from version 4 on, and has none before', () => {
    const bytes = p1Telegram(P1_LINES, '');
    expect(DSMR_P1.decode(bytes, {})).toMatchObject({ reason: 'bad-checksum' });
    expect(read(p1Telegram(P1_LINES.slice(2), '')).warnings).toEqual([
      'no checksum: telegrams before DSMR 4 have none',
    ]);
    expect(DSMR_P1.decode(p1Telegram(P1_LINES, '12'), {})).toMatchObject({
      reason: 'bad-checksum',
    });
  });

  it('is refused with a wrong CRC, and read with a warning if that is wanted', () => {
    const bytes = p1Telegram(P1_LINES, '0000');
    for (const checksums of ['crc', 'require'] as const)
      expect(DSMR_P1.decode(bytes, { checksums })).toMatchObject({ reason: 'bad-checksum' });
    expect(read(bytes, { checksums: 'ignore' }).warnings).toEqual(['the CRC does not match']);
  });

  it('ends before the next one where its own end is lost', () => {
    const whole = new TextDecoder().decode(p1Telegram());
    const bytes = utf8(`${whole.slice(0, 200)}\r\n${whole}`);
    const kinds = DSMR_P1.split(bytes, true).pieces.map(
      ({ start, end }) => DSMR_P1.decode(bytes.subarray(start, end), {}).kind,
    );
    expect(kinds).toEqual(['damage', 'telegram']);
  });

  it('may have a register that is called like a property of objects', () => {
    expect(read(withLine('__proto__(x)')).registers.get('__proto__')).toEqual({ value: 'x' });
  });
});

describe('an encrypted P1 telegram', () => {
  const sealed = encryptedP1(p1Telegram());

  it('is read with its key', () => {
    expect(read(sealed, { key: TEST_KEY })).toEqual(read(p1Telegram()));
  });

  it('gives its sender without a key', () => {
    expect(read(sealed)).toMatchObject({ meter: toHex(utf8('XYZ00001')), registers: new Map() });
  });

  it('is refused with another key, another authentication key, or one bit changed', () => {
    const key = TEST_KEY.slice();
    key[0] = 0;
    expect(DSMR_P1.decode(sealed, { key })).toMatchObject({ reason: 'bad-key' });
    expect(DSMR_P1.decode(sealed, { key: TEST_KEY, authKey: key })).toMatchObject({
      reason: 'bad-key',
    });
    for (const at of [2, 14, 30, sealed.length - 1]) {
      const broken = sealed.slice();
      broken[at] = (broken[at] as number) ^ 1;
      const options = { key: TEST_KEY, checksums: 'ignore' } as const;
      expect(DSMR_P1.decode(broken, options)).toMatchObject({ reason: 'bad-key' });
    }
  });

  it('is refused where it was cut', () => {
    expect(DSMR_P1.decode(sealed.subarray(0, -1), { key: TEST_KEY })).toMatchObject({
      reason: 'cut-short',
    });
  });
});
