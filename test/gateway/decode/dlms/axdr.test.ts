import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../../src/core/bytes.ts';
import { type Data, DataReader, MAX_VALUES } from '../../../../src/gateway/decode/dlms/axdr.ts';
import { Malformed, Reader } from '../../../../src/gateway/decode/dlms/reader.ts';
import { bytesOf } from './build.ts';

function read(hex: string): Data {
  const reader = new Reader(bytesOf(hex));
  const data = new DataReader(reader).read();
  expect(reader.left).toBe(0);
  return data;
}

function reasonOf(bytes: Uint8Array): string {
  try {
    new DataReader(new Reader(bytes)).read();
    return 'read';
  } catch (error) {
    if (error instanceof Malformed) return error.reason;
    throw error;
  }
}

describe('A-XDR data', () => {
  it.each([
    ['05 fffffffe', -2n],
    ['06 fffffffe', 4_294_967_294n],
    ['0f 80', -128n],
    ['10 8000', -32_768n],
    ['11 ff', 255n],
    ['12 ffff', 65_535n],
    ['14 8000000000000000', -9_223_372_036_854_775_808n],
    ['15 ffffffffffffffff', 18_446_744_073_709_551_615n],
    ['16 1e', 30n],
  ])('reads the integer %s', (hex, value) => {
    expect(read(hex)).toMatchObject({ kind: 'integer', value });
  });

  it.each([
    ['17 3dcccccd', Math.fround(0.1)],
    ['18 3fb999999999999a', 0.1],
  ])('reads the float %s', (hex, value) => {
    expect(read(hex)).toMatchObject({ kind: 'float', value });
  });

  it.each([
    ['09 03 010203', 'octets', '010203'],
    ['09 81 03 010203', 'octets', '010203'],
    ['0a 02 4142', 'text', '4142'],
    ['0c 02 c3a4', 'text', 'c3a4'],
    ['04 0b ffe0', 'bits', 'ffe0'],
    ['0d 42', 'digits', '42'],
    ['19 07ea0b15060a0f0000800000', 'date-time', '07ea0b15060a0f0000800000'],
    ['1a 07ea0b1506', 'date', '07ea0b1506'],
    ['1b 0a0f0000', 'time', '0a0f0000'],
  ])('reads the bytes of %s as %s', (hex, kind, bytes) => {
    expect(read(hex)).toEqual({ kind, bytes: bytesOf(bytes) });
  });

  it('reads null, what does not matter, and truth', () => {
    expect(read('00')).toEqual({ kind: 'null' });
    expect(read('ff')).toEqual({ kind: 'null' });
    expect(read('03 01')).toEqual({ kind: 'boolean', value: true });
  });

  it('reads arrays, structures and compact arrays alike', () => {
    const pair = (a: bigint, b: bigint) => ({
      kind: 'list',
      items: [expect.objectContaining({ value: a }), expect.objectContaining({ value: b })],
    });
    const expected = { kind: 'list', items: [pair(1n, 2n), pair(3n, 4n)] };
    expect(read('01 02 02 02 11 01 12 0002 02 02 11 03 12 0004')).toEqual(expected);
    expect(read('13 02 02 11 12 06 01 0002 03 0004')).toEqual(expected);
    // An array of two in each.
    expect(read('13 01 0002 11 04 01 02 03 04')).toEqual(expected);
  });

  it('refuses what ends too soon', () => {
    const whole = bytesOf('02 03 09 02 4142 06 00000001 01 02 11 01 11 02');
    for (let length = 0; length < whole.length; length++)
      expect(reasonOf(whole.subarray(0, length))).toBe('cut-short');
    expect(reasonOf(whole)).toBe('read');
  });

  it('refuses unknown types and impossible lengths', () => {
    expect(reasonOf(bytesOf('07'))).toBe('bad-structure');
    expect(reasonOf(bytesOf('09 80'))).toBe('bad-structure');
    expect(reasonOf(bytesOf('09 89'))).toBe('bad-structure');
    expect(reasonOf(bytesOf('09 84 ffffffff 00'))).toBe('cut-short');
    expect(reasonOf(bytesOf('01 84 ffffffff 00'))).toBe('cut-short');
  });

  it('refuses nesting without end', () => {
    const deep = concatBytes(new Uint8Array(0), ...Array(1000).fill(bytesOf('0201')));
    expect(reasonOf(concatBytes(deep, bytesOf('00')))).toBe('too-large');
    expect(reasonOf(bytesOf(`13 ${'01 0001'.repeat(100)} 11 01 01`))).toBe('too-large');
  });

  it('refuses more values than any meter sends', () => {
    const many = new Uint8Array(MAX_VALUES + 10);
    expect(reasonOf(concatBytes(bytesOf('01 83 002001'), many))).toBe('too-large');
    // 65,535 times 65,535 values of no bytes.
    expect(reasonOf(bytesOf('13 01 ffff 01 ffff 00 01 00'))).toBe('too-large');
    expect(reasonOf(bytesOf('13 00 01 00'))).toBe('bad-structure');
  });
});
