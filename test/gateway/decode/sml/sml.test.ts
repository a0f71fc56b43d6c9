import { describe, expect, it } from 'vitest';
import { CRC16_KERMIT } from '../../../../src/gateway/decode/crc16.ts';
import { SML } from '../../../../src/gateway/decode/sml/sml.ts';
import { readNode } from '../../../../src/gateway/decode/sml/tree.ts';
import type { DecodeOptions, Register, Telegram } from '../../../../src/gateway/decode/telegram.ts';
import { SML_ENTRIES, SML_SERVER_ID, type SmlSampleEntry, smlFile } from '../samples.ts';

function read(file: Uint8Array, options: DecodeOptions = {}): Telegram {
  const { pieces } = SML.split(file, true);
  expect(pieces).toEqual([{ start: 0, end: file.length }]);
  const decoded = SML.decode(file, options);
  if (decoded.kind === 'damage') throw new Error(decoded.detail);
  return decoded;
}

function readValue(value: readonly number[], more: Partial<SmlSampleEntry> = {}): Register {
  const entry = { obis: [1, 0, 1, 8, 0, 255], unit: 30, scaler: 0, value, ...more };
  return read(smlFile([entry])).registers.get('1-0:1.8.0') as Register;
}

/** `unsigned` and `signed` values of a width in bytes. */
const unsigned = (...bytes: number[]): number[] => [0x61 + bytes.length, ...bytes];
const signed = (...bytes: number[]): number[] => [0x51 + bytes.length, ...bytes];

describe('an SML file', () => {
  it('gives meter, registers, status and totals', () => {
    expect(read(smlFile())).toEqual({
      kind: 'telegram',
      protocol: 'sml',
      meter: '0a0158595a0000003039',
      registers: new Map<string, Register>([
        ['1-0:96.50.1*1', { value: 'XYZ' }],
        ['1-0:1.8.0', { value: 4500000.2, unit: 'Wh', scaler: -1, quality: 'status 0x1c8104' }],
        ['1-0:2.8.0', { value: 0.7, unit: 'Wh', scaler: -1 }],
        ['1-0:16.7.0', { value: -200, unit: 'W', scaler: 0 }],
      ]),
      importWh: 4500000.2,
      exportWh: 0.7,
      importW: 0,
      exportW: 200,
      warnings: [],
    });
  });

  it('has integers of every width, signed and unsigned', () => {
    for (let width = 1; width <= 8; width++) {
      const ones = new Array<number>(width).fill(0xff);
      expect(readValue(signed(...ones)).value).toBe(-1);
      const most = 2n ** BigInt(8 * width) - 1n;
      const wanted = width <= 6 ? Number(most) : String(most);
      expect(readValue(unsigned(...ones)).value).toBe(wanted);
      const least = signed(0x80, ...new Array<number>(width - 1).fill(0));
      expect(Number(readValue(least).value)).toBe(-(2 ** (8 * width - 1)));
    }
  });

  it('has scaled values to the last digit', () => {
    expect(readValue(unsigned(0x0a, 0x7a, 0xc1, 0xbc, 0x17), { scaler: -5 }).value).toBe(
      450091.89911,
    );
    expect(readValue(unsigned(7), { scaler: 3 }).value).toBe(7000);
  });

  it('has content with the escape sequence in it', () => {
    const value = [0x07, 0x1b, 0x1b, 0x1b, 0x1b, 0x1b, 0x1b];
    expect(readValue(value).value).toBe('1b1b1b1b1b1b');
  });

  it('has the time of a value where it is one', () => {
    const stamp = [0x72, 0x62, 0x02, 0x65, 0x65, 0xa5, 0x0a, 0x28];
    expect(readValue(unsigned(1), { time: stamp }).time).toBe('2024-01-15T10:34:16Z');
    const local = [0x72, 0x62, 0x03, 0x73, 0x65, 0x65, 0xa5, 0x0a, 0x28, 0x53, 0, 60, 0x53, 0, 0];
    expect(readValue(unsigned(1), { time: local }).time).toBe('2024-01-15T11:34:16+01:00');
    const index = [0x72, 0x62, 0x01, 0x65, 0x65, 0xa5, 0x0a, 0x28];
    expect(readValue(unsigned(1), { time: index }).time).toBeUndefined();
  });

  it('warns where the meter awaits its PIN', () => {
    const rounded = {
      obis: [1, 0, 1, 8, 0, 255],
      unit: 30,
      scaler: 3,
      value: unsigned(0x11, 0x22),
    };
    expect(read(smlFile([rounded])).warnings).toEqual([
      'whole kilowatt-hours and no power: the meter seems to await its PIN',
    ]);
    const power = { obis: [1, 0, 16, 7, 0, 255], unit: 27, value: unsigned(5) };
    expect(read(smlFile([rounded, power])).warnings).toEqual([]);
  });

  it('reads the power of a DZG meter as unsigned only in the numbers that have the fault', () => {
    const power = { obis: [1, 0, 16, 7, 0, 255], unit: 27, scaler: -2, value: signed(0x8b, 0x28) };
    const meterOf = (serial: number) =>
      Uint8Array.of(
        10,
        1,
        0x44,
        0x5a,
        0x47,
        0,
        ...[24, 16, 8, 0].map((shift) => (serial >> shift) & 0xff),
      );
    for (const [serial, powerW] of [
      [42_000_001, 356.24],
      [58_999_999, 356.24],
      [41_999_999, -299.12],
      [60_000_000, -299.12],
    ] as const) {
      const { registers } = read(smlFile([power], { serverId: meterOf(serial) }));
      expect(registers.get('1-0:16.7.0')?.value).toBe(powerW);
    }
    // Four bytes are meant as they are.
    const wide = { ...power, value: signed(0xff, 0xff, 0x8b, 0x28) };
    expect(read(smlFile([wide], { serverId: meterOf(42_000_001) })).exportW).toBe(299.12);
  });

  it('accepts the KERMIT checksum of Holley meters, and of nobody else', () => {
    const serverId = Uint8Array.of(10, 1, 0x48, 0x4c, 0x59, 2, 0, 0, 1, 2);
    expect(read(smlFile(SML_ENTRIES, { serverId, crc: CRC16_KERMIT })).warnings).toEqual([
      'the CRC is of the KERMIT kind',
    ]);
    expect(SML.decode(smlFile(SML_ENTRIES, { crc: CRC16_KERMIT }), {})).toMatchObject({
      reason: 'bad-checksum',
    });
  });

  it('is damaged by any one bit', () => {
    const file = smlFile();
    for (let bit = 64; bit < 8 * file.length; bit++) {
      const broken = file.slice();
      broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7));
      for (const { start, end } of SML.split(broken, true).pieces)
        expect(SML.decode(broken.subarray(start, end), {}).kind).toBe('damage');
    }
  });

  it('is damaged when cut anywhere', () => {
    const file = smlFile();
    for (let end = 8; end < file.length; end++)
      expect(SML.decode(file.subarray(0, end), {}).kind).toBe('damage');
  });

  it('may have more registers than fit sixteen, and no more than the cap', () => {
    const entries = Array.from({ length: 40 }, (_, at) => ({
      obis: [1, 0, 1, 8, at, 255],
      unit: 30,
      value: unsigned(at),
    }));
    expect(read(smlFile(entries, { serverId: SML_SERVER_ID })).registers.size).toBe(40);
  });

  it('nests lists to a limit', () => {
    const deep = Uint8Array.from([...new Array<number>(1000).fill(0x71), 0x01]);
    expect(readNode({ bytes: deep, at: 0 })).toMatchObject({ kind: 'failure' });
    const wide = Uint8Array.of(0xff, 0x8f, 0x8f, 0x0f, 1);
    expect(readNode({ bytes: wide, at: 0 })).toMatchObject({ kind: 'failure' });
  });
});
