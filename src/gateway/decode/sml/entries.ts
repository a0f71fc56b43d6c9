// Entries of an SML list as registers: value with scaler and unit, status word, time.

import { toHex } from '../../../core/bytes.ts';
import { decimalValue } from '../decimal.ts';
import { printObis } from '../obis.ts';
import { MAX_TEXT_LENGTH, type Register } from '../telegram.ts';
import { asciiText, isPrintableAscii } from '../text.ts';
import { isoOfUnix } from '../time.ts';
import { dlmsUnit, measuredRegister } from '../units.ts';
import type { SmlEntry } from './messages.ts';
import type { SmlNode } from './tree.ts';

/** No scaler of a meter is near it; it keeps the numbers finite. */
const MAX_SCALER = 30n;
/** 2000-01-01: a "timestamp" before it counts the seconds since the meter started. */
const MIN_UNIX_SECONDS = 946_684_800n;
const SECONDS_INDEX = 1n;
const TIMESTAMP = 2n;
const LOCAL_TIMESTAMP = 3n;

/** Of entry names that are no OBIS code, hexadecimal. */
export function entryName({ name }: SmlEntry): string {
  return name.length === 6 ? printObis(name) : toHex(name.subarray(0, 32));
}

export interface EntryOptions {
  /** Reads a signed value as the unsigned one that a firmware meant. */
  readonly asUnsigned?: boolean;
}

export function entryRegister(
  entry: SmlEntry,
  { asUnsigned = false }: EntryOptions = {},
): Register {
  const { value } = entry;
  const status = entry.status.kind === 'number' ? entry.status : undefined;
  const time = timeOf(entry.time);
  const more = {
    ...(time !== undefined && { time }),
    ...(status !== undefined && { quality: `status 0x${status.value.toString(16)}` }),
  };
  if (value.kind !== 'number') return { value: textOf(value), ...more };
  const digits =
    asUnsigned && value.isSigned ? BigInt.asUintN(8 * value.byteLength, value.value) : value.value;
  const scaler = entry.scaler.kind === 'number' ? entry.scaler.value : undefined;
  if (scaler !== undefined && (scaler > MAX_SCALER || scaler < -MAX_SCALER))
    return { value: decimalValue({ digits, exponent: 0 }), quality: `scaler ${scaler}` };
  const unit = entry.unit.kind === 'number' ? dlmsUnit(Number(entry.unit.value)) : undefined;
  return measuredRegister({ digits, exponent: Number(scaler ?? 0n) }, unit, {
    ...(scaler !== undefined && { scaler: Number(scaler) }),
    ...more,
  });
}

/** undefined for seconds since the meter's start, which are no time of day. */
export function timeOf(node: SmlNode): string | undefined {
  if (node.kind !== 'list' || node.items.length !== 2) return undefined;
  const [choice, body] = node.items;
  if (choice?.kind !== 'number' || body === undefined || choice.value === SECONDS_INDEX)
    return undefined;
  if (choice.value === TIMESTAMP) return body.kind === 'number' ? unixTime(body.value) : undefined;
  if (choice.value !== LOCAL_TIMESTAMP || body.kind !== 'list') return undefined;
  const [timestamp, offset, season] = body.items;
  if (timestamp?.kind !== 'number' || offset?.kind !== 'number' || season?.kind !== 'number')
    return undefined;
  return unixTime(timestamp.value, Number(offset.value + season.value));
}

/** Printable text as it is, other bytes as hexadecimal. */
function textOf(node: SmlNode): string {
  if (node.kind === 'boolean') return String(node.value);
  if (node.kind !== 'bytes') return '';
  const bytes = node.bytes.subarray(0, MAX_TEXT_LENGTH / 2);
  return isPrintableAscii(bytes) ? asciiText(bytes) : toHex(bytes);
}

function unixTime(seconds: bigint, offsetMinutes?: number): string | undefined {
  if (seconds < MIN_UNIX_SECONDS || Math.abs(offsetMinutes ?? 0) > 14 * 60) return undefined;
  return isoOfUnix(Number(seconds), offsetMinutes);
}
