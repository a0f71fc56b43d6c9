// Values of COSEM data as registers.

import { toHex } from '../../../core/bytes.ts';
import { type Decimal, decimalValue } from '../decimal.ts';
import { parseObis } from '../obis.ts';
import { MAX_TEXT_LENGTH, type Register } from '../telegram.ts';
import { asciiText, isPrintableAscii } from '../text.ts';
import { dlmsUnit, measuredRegister } from '../units.ts';
import { assumedUnit, type Vendor } from './assumed-unit.ts';
import type { Data } from './axdr.ts';
import { readDateTime } from './date-time.ts';
import type { Entry } from './entry.ts';

/** Significant digits that a float of 32 or 64 bits holds for sure or needs at most. */
const SINGLE_DIGITS = 9;
const CLOCK_NAME = /^\d+-\d+:1\.0\.0$/u;
const NO_UNIT = 255;
/** A meter's scaler is a signed byte; beyond this nothing is electricity any more. */
const MAX_SCALER = 30;
/** With any scaler still a number; above it, and what is none, stays a text. */
const MAX_FLOAT = 1e40;

export interface ReadValue {
  readonly register: Register;
  readonly isAssumed: boolean;
}

/** undefined where there is no value (null). */
export function readEntry(entry: Entry, vendor: Vendor): ReadValue | undefined {
  const { name, value, scaler, unitCode } = entry;
  const decimal = decimalOf(value);
  if (decimal === undefined) {
    const text = textOf(value, CLOCK_NAME.test(name));
    return text === undefined ? undefined : { register: { value: text }, isAssumed: false };
  }
  if (scaler !== undefined) {
    // A scaler that cannot be leaves a bare number, which counts for nothing.
    if (Math.abs(scaler) > MAX_SCALER)
      return { register: { value: decimalValue(decimal) }, isAssumed: false };
    const shifted = { digits: decimal.digits, exponent: decimal.exponent + scaler };
    const unit = unitCode === undefined || unitCode === NO_UNIT ? undefined : dlmsUnit(unitCode);
    return { register: measuredRegister(shifted, unit, { scaler }), isAssumed: false };
  }
  const obis = parseObis(name);
  const assumed = obis === undefined ? undefined : assumedUnit(obis, vendor);
  if (assumed === undefined)
    return { register: { value: decimalValue(decimal) }, isAssumed: false };
  const shifted = { digits: decimal.digits, exponent: decimal.exponent + assumed.scaler };
  return { register: measuredRegister(shifted, assumed.unit), isAssumed: true };
}

/** undefined for what is no number. */
function decimalOf(data: Data): Decimal | undefined {
  if (data.kind === 'integer') return { digits: data.value, exponent: 0 };
  if (data.kind === 'boolean') return { digits: data.value ? 1n : 0n, exponent: 0 };
  if (data.kind !== 'float' || !(Math.abs(data.value) < MAX_FLOAT)) return undefined;
  const text = data.isSingle ? shortestSingle(data.value) : String(data.value);
  const [mantissa = '0', power = '0'] = text.split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(`${whole}${fraction}`), exponent: Number(power) - fraction.length };
}

/** The fewest digits that are this float of 32 bits again: 0.1 and not 0.10000000149011612. */
function shortestSingle(value: number): string {
  for (let digits = 1; digits < SINGLE_DIGITS; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toPrecision(SINGLE_DIGITS);
}

/** Strings as text where they are printable, else in hexadecimal; dates as dates. */
export function textOf(data: Data, isClock: boolean = false): string | undefined {
  switch (data.kind) {
    case 'null':
    case 'list':
    case 'integer':
    case 'boolean':
      return undefined;
    case 'float':
      return String(data.value);
    case 'date-time':
      return readDateTime(data.bytes)?.iso ?? toHex(data.bytes);
    case 'octets':
    case 'text': {
      const time = isClock ? readDateTime(data.bytes) : undefined;
      return time?.iso ?? plainText(data.bytes);
    }
    default:
      return toHex(data.bytes).slice(0, MAX_TEXT_LENGTH);
  }
}

/** Meters fill fixed fields up with zero bytes. */
function plainText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const text = bytes.subarray(0, end);
  if (isPrintableAscii(text)) return asciiText(text).slice(0, MAX_TEXT_LENGTH);
  return toHex(bytes).slice(0, MAX_TEXT_LENGTH);
}
