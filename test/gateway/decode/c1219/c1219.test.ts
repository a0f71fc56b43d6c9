import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex, utf8 } from '../../../../src/core/bytes.ts';
import { C1219 } from '../../../../src/gateway/decode/c1219/c1219.ts';
import { readNi } from '../../../../src/gateway/decode/c1219/general-config.ts';
import { readPacket } from '../../../../src/gateway/decode/c1219/packet.ts';
import { decimalNumber } from '../../../../src/gateway/decode/decimal.ts';
import { decodeCapture } from '../../../../src/gateway/decode/decode-capture.ts';
import type { Damage, Telegram } from '../../../../src/gateway/decode/telegram.ts';
import { expectBoth, FUZZ_INPUTS, FUZZ_TIMEOUT_MS, fuzzDecoder } from '../fuzz.ts';
import {
  ACK,
  answer,
  packet,
  partialRead,
  read,
  ST0,
  ST23,
  session,
  sessionOf,
  TABLES,
  UOM_DELIVERED,
} from './build.ts';

function decode(bytes: Uint8Array): Telegram {
  const decoded = C1219.decode(bytes, {});
  expect(decoded).toMatchObject({ kind: 'telegram' });
  return decoded as Telegram;
}

function refuse(bytes: Uint8Array): Damage {
  const decoded = C1219.decode(bytes, {});
  expect(decoded).toMatchObject({ kind: 'damage' });
  return decoded as Damage;
}

describe('a session of C12.18', () => {
  it('gives the totals with the units that its tables say', () => {
    const telegram = decode(sessionOf());
    expect(telegram).toMatchObject({
      meter: 'METER-0099',
      time: '2024-01-15T10:30:00Z',
      importWh: 12_345_678,
      exportWh: 2500,
      warnings: [],
    });
    expect([...telegram.registers]).toEqual([
      ['summation-0.Wh.delivered', { value: 12_345_678, unit: 'Wh', scaler: 0 }],
      ['summation-1.Wh.received', { value: 2500, unit: 'Wh', scaler: 0 }],
      ['summation-2.varh', { value: 90_000, unit: 'varh', scaler: 3 }],
    ]);
  });

  it.each([12, 16, 22])('gives numbers without a unit where table %i was not read', (table) => {
    const telegram = decode(sessionOf({ [table]: undefined }));
    expect(telegram).not.toHaveProperty('importWh');
    expect(telegram.registers.get('summation-0')).toEqual({ value: 12_345_678 });
    expect(telegram.warnings).toEqual(['tables 12, 16 and 22 were not all read: without a unit']);
  });

  it('does not take what counts pulses, or awaits its constants, for energy', () => {
    for (const flags of [0x01, 0x39]) {
      const telegram = decode(sessionOf({ 16: [flags, 0x11, 0x11] }));
      expect(telegram).not.toHaveProperty('importWh');
      expect(telegram).toMatchObject({ exportWh: 2500 });
      expect(telegram.warnings).toHaveLength(1);
    }
  });

  it('takes only what is delivered in both quadrants, of all phases, for the import', () => {
    const bytes = (entry: number) => [0, 8, 16, 24].map((shift) => (entry >>> shift) & 0xff);
    for (const entry of [
      1 << 14,
      UOM_DELIVERED | (1 << 19),
      UOM_DELIVERED | (1 << 22),
      UOM_DELIVERED | (1 << 8),
    ]) {
      const uom = [...bytes(entry), ...bytes(0), ...bytes(0)];
      expect(decode(sessionOf({ 12: uom }))).not.toHaveProperty('importWh');
    }
  });

  it('reads tables of the other byte order', () => {
    const big = (value: number) => [
      value >>> 24,
      (value >>> 16) & 0xff,
      (value >>> 8) & 0xff,
      value & 0xff,
    ];
    const telegram = decode(
      sessionOf({
        0: [0x03, ...ST0.slice(1)],
        12: [...big(UOM_DELIVERED), ...big(0), ...big(0)],
        23: [7, ...big(300), ...big(200), ...big(100)],
        52: undefined,
      }),
    );
    expect(telegram).toMatchObject({ importWh: 300 });
  });

  it('says who is missing where tables 0 or 21 were not read', () => {
    expect(refuse(sessionOf({ 21: undefined }))).toMatchObject({
      reason: 'unsupported',
      detail: 'expected tables 0 and 21 beside table 23, found 0, 1, 5, 12, 16, 22, 52, 23',
    });
  });

  it('puts a message of several packets and a table of several reads together', () => {
    const whole = answer(ST23);
    const parts = concatBytes(
      packet([0x30, 0, 23]),
      packet(whole.slice(0, 6), { part: { sequence: 2, isFirst: true } }),
      packet(whole.slice(6, 11), { part: { sequence: 1, isFirst: false }, isToggled: true }),
      packet(whole.slice(11), { part: { sequence: 0, isFirst: false } }),
    );
    const others = [...TABLES]
      .filter(([table]) => table !== 23)
      .map(([table, data]) => read(table, data));
    expect(decode(session(...others, parts))).toMatchObject({ importWh: 12_345_678 });
    const halves = [partialRead(23, 0, ST23.slice(0, 5)), partialRead(23, 5, ST23.slice(5))];
    expect(decode(session(...others, ...halves))).toMatchObject({
      importWh: 12_345_678,
      exportWh: 2500,
    });
  });

  it('counts a packet that was sent again once', () => {
    const reads = [...TABLES].map(([table, data]) =>
      concatBytes(packet([0x30, 0, table]), ACK, packet(answer(data)), packet(answer(data)), ACK),
    );
    expect(decode(session(...reads))).toMatchObject({ importWh: 12_345_678, warnings: [] });
  });

  it('reads on behind a damaged packet, and says so', () => {
    const damaged = read(40, [1, 2, 3]);
    damaged[8] = 0xff;
    const reads = [...TABLES].map(([table, data]) => read(table, data));
    expect(decode(session(damaged, ...reads)).warnings).toEqual([
      expect.stringMatching(/^a damaged packet at byte \d+ was left out$/u),
    ]);
  });

  it('names the CRC where nothing else is there', () => {
    const bytes = read(23, ST23);
    for (const at of [8, bytes.length - 4]) bytes[at] = (bytes[at] as number) ^ 1;
    expect(refuse(bytes)).toMatchObject({ reason: 'bad-checksum', offset: 0 });
    expect(refuse(packet([0x30, 0, 23]).subarray(0, 7))).toMatchObject({ reason: 'cut-short' });
  });

  it('refuses an answer whose own checksum is wrong, and answers without requests', () => {
    const wrong = answer(ST23);
    wrong[wrong.length - 1] = (wrong.at(-1) as number) ^ 1;
    expect(refuse(concatBytes(packet([0x30, 0, 23]), packet(wrong)))).toMatchObject({
      reason: 'bad-checksum',
    });
    expect(refuse(packet(answer(ST23))).detail).toMatch(/answers alone/u);
  });

  it('says what the meter refused', () => {
    const bytes = concatBytes(packet([0x30, 0, 23]), packet([0x03]));
    expect(refuse(bytes).detail).toBe('table 23 was refused: insufficient security clearance');
  });

  it('is found in hexadecimal, twice, by itself', () => {
    const text = utf8(toHex(concatBytes(sessionOf(), sessionOf())));
    const { protocol, pieces } = decodeCapture(text, 'auto');
    expect(protocol).toBe('c1219');
    expect(pieces.map(({ decoded }) => decoded)).toEqual([
      expect.objectContaining({ importWh: 12_345_678 }),
      expect.objectContaining({ importWh: 12_345_678 }),
    ]);
  });

  it('may be written down table by table', () => {
    const lines = [...TABLES].map(
      ([table, data]) => `ST-${table}: ${toHex(Uint8Array.from(data))}`,
    );
    const { protocol, pieces } = decodeCapture(utf8(`${lines.join('\n')}\n`), 'auto');
    expect(protocol).toBe('c1219');
    expect(pieces.map(({ decoded }) => decoded)).toMatchObject([
      { meter: 'METER-0099', importWh: 12_345_678 },
    ]);
  });
});

describe('packets of C12.18', () => {
  // The identification request as the sources of rsmusllp/termineter (lib/c1218) and of openHAB's
  // smartmeterosgp send it: EE, identity, control, sequence, length 1, 0x20, CRC with its low byte first.
  it('have the CRC of HDLC', () => {
    expect(readPacket(fromHex('ee0000000001201310'), 0)).toMatchObject({ kind: 'packet', end: 9 });
  });
});

describe('numbers of C12.19', () => {
  it.each([
    [0, '000000000000f83f', 1.5],
    [1, '0000c03f', 1.5],
    [2, toHex(utf8('      12.345')), 12.345],
    [3, toHex(utf8('000123')), 123],
    [5, '563412000000', 123456],
    [6, '56341200', 123456],
    [7, '010000', 1],
    [8, 'ffffffff', -1],
    [9, '0000000001', 2 ** 32],
    [10, '010000000000', 1],
    [11, '0100000000000000', 1],
    [12, '5634120000000000', 123456],
    [13, toHex(utf8('0000000000000000012.5')), 12.5],
  ])('in format %i', (format, hex, expected) => {
    const read = readNi(fromHex(hex), format, false);
    expect(read && decimalNumber(read)).toBe(expected);
  });

  it('are none with an implied point, letters or digits above nine', () => {
    expect(readNi(fromHex('00000001'), 4, false)).toBeUndefined();
    expect(readNi(utf8('12x456'), 3, false)).toBeUndefined();
    expect(readNi(fromHex('0000000a'), 6, false)).toBeUndefined();
  });
});

describe(`c1219 under ${FUZZ_INPUTS} hostile inputs`, () => {
  it('never throws, hangs or grows', { timeout: FUZZ_TIMEOUT_MS }, () => {
    const lines = [...TABLES].map(
      ([table, data]) => `ST-${table}: ${toHex(Uint8Array.from(data))}`,
    );
    expectBoth(fuzzDecoder(C1219, [sessionOf(), utf8(`${lines.join('\n')}\n`)]));
  });
});
