// The data field of a record, EN 13757-3:2018 tables 4 and 5 (LVAR) and annex A (types A, B, D, H):
// numbers keep every digit they were sent with.

import type { Decimal } from '../decimal.ts';
import { parseDecimal } from '../decimal.ts';
import { hexByte, hexText, type Reader, TelegramError } from './reader.ts';

export type DataField =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'number';
      readonly coding: 'bcd' | 'integer' | 'real';
      readonly value: Decimal;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'text'; readonly text: string; readonly bytes: Uint8Array }
  /** Bytes whose number is not one: hexadecimal digits in a BCD, the reserved -2^n, not-a-number. */
  | { readonly kind: 'invalid'; readonly text: string; readonly bytes: Uint8Array };

const REAL = 0x05;
const SELECTION = 0x08;
export const LVAR = 0x0d;
const LENGTHS = [0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, undefined, 6, undefined];

export function isBcd(code: number): boolean {
  return (code >= 0x09 && code <= 0x0c) || code === 0x0e;
}

/** `code`: the low nibble of the DIF, not 0x0f. */
export function readDataField(
  reader: Reader,
  code: number,
  isMsbFirst: boolean = false,
): DataField {
  if (code === 0 || code === SELECTION) return { kind: 'none' };
  if (code === LVAR) return readVariable(reader);
  const taken = reader.take(LENGTHS[code] as number, 'a data field');
  const bytes = isMsbFirst ? taken.toReversed() : taken;
  if (code === REAL) return readReal(bytes);
  return isBcd(code) ? readBcd(bytes) : readInteger(bytes);
}

function readVariable(reader: Reader): DataField {
  const lvar = reader.byte('a length of variable data');
  if (lvar < 0xc0) return readText(reader.take(lvar, 'a text'));
  if (lvar <= 0xc9) return readBcd(reader.take(lvar - 0xc0, 'a number of variable length'));
  if (lvar >= 0xd0 && lvar <= 0xd9)
    return negated(readBcd(reader.take(lvar - 0xd0, 'a number of variable length')));
  const length = binaryLength(lvar);
  if (length === undefined)
    throw new TelegramError(
      'bad-structure',
      `variable data of the reserved length code ${hexByte(lvar)}`,
      reader.at - 1,
    );
  const bytes = reader.take(length, 'variable binary data');
  return bytes.length <= 8 ? readInteger(bytes) : { kind: 'text', text: reversedHex(bytes), bytes };
}

function binaryLength(lvar: number): number | undefined {
  if (lvar >= 0xe0 && lvar <= 0xef) return lvar - 0xe0;
  if (lvar >= 0xf0 && lvar <= 0xf4) return 4 * (lvar - 0xec);
  if (lvar === 0xf5) return 48;
  return lvar === 0xf6 ? 64 : undefined;
}

/** Type A: an F in the first digit is a minus sign. */
export function readBcd(bytes: Uint8Array): DataField {
  let digits = reversedHex(bytes);
  if (digits === '') return { kind: 'none' };
  const isNegative = digits.startsWith('F') && digits.length > 1;
  if (isNegative) digits = digits.slice(1);
  if (!/^\d+$/u.test(digits)) return { kind: 'invalid', text: reversedHex(bytes), bytes };
  const size = BigInt(digits);
  const value = { digits: isNegative ? -size : size, exponent: 0 };
  return { kind: 'number', coding: 'bcd', value, bytes };
}

function negated(field: DataField): DataField {
  if (field.kind !== 'number') return field;
  const { digits, exponent } = field.value;
  return { ...field, value: { digits: -digits, exponent } };
}

/** Type B: two's complement, of which the most negative number means "invalid". */
function readInteger(bytes: Uint8Array): DataField {
  if (bytes.length === 0) return { kind: 'none' };
  const width = 8 * bytes.length;
  const unsigned = BigInt(`0x${reversedHex(bytes)}`);
  const digits = BigInt.asIntN(width, unsigned);
  if (bytes.length > 1 && digits === -(1n << BigInt(width - 1)))
    return { kind: 'invalid', text: reversedHex(bytes), bytes };
  return { kind: 'number', coding: 'integer', value: { digits, exponent: 0 }, bytes };
}

/** Type H: IEEE 754 single, as the shortest decimal that is read as that single again. */
function readReal(bytes: Uint8Array): DataField {
  const real = new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
  if (!Number.isFinite(real)) return { kind: 'invalid', text: reversedHex(bytes), bytes };
  return { kind: 'number', coding: 'real', value: decimalOfSingle(real), bytes };
}

function decimalOfSingle(real: number): Decimal {
  let text = '';
  for (let precision = 1; precision <= 9; precision++) {
    text = real.toExponential(precision - 1);
    if (Math.fround(Number(text)) === real) break;
  }
  const [mantissa = '0', power = '0'] = text.split('e');
  const { digits, exponent } = parseDecimal(mantissa) as Decimal;
  return { digits, exponent: exponent + Number(power) };
}

/** ISO 8859-1, the last character first, filled up with spaces. */
function readText(bytes: Uint8Array): DataField {
  const text = String.fromCharCode(...bytes.toReversed()).replace(/[\0 ]+$/u, '');
  return { kind: 'text', text: isReadable(bytes) ? text : hexText(bytes), bytes };
}

/** Letters of ISO 8859-1, most of them ASCII: else it is data that only looks like text. */
function isReadable(bytes: Uint8Array): boolean {
  let asciiCount = 0;
  for (const byte of bytes) {
    const isAscii = (byte >= 0x20 && byte < 0x7f) || byte === 0;
    if (!isAscii && byte < 0xa0) return false;
    if (isAscii) asciiCount++;
  }
  return 2 * asciiCount >= bytes.length;
}

function reversedHex(bytes: Uint8Array): string {
  return hexText(bytes.toReversed());
}
