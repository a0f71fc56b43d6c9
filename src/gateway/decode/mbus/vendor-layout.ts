// Layouts that manufacturers made up where records should be, for meters of which somebody has told
// what the bytes are. Each begins with bytes that tell it, and gives registers or nothing.

import { decimalValue } from '../decimal.ts';
import type { Register } from '../telegram.ts';
import type { MeterAddress } from './address.ts';
import { readBcd } from './data-field.ts';
import { count, measure, type Quantity } from './quantity.ts';
import { Reader } from './reader.ts';
import type { DataRecord } from './records.ts';
import { readTimePoint } from './time-point.ts';

export type NamedRegister = readonly [name: string, register: Register];

/** `data`: behind the header, decrypted. undefined where no layout is known: read the records. */
export function vendorLayout(
  address: MeterAddress | undefined,
  data: Uint8Array,
): readonly NamedRegister[] | undefined {
  if (address === undefined) return undefined;
  const start = data.findIndex((byte) => byte !== 0x2f);
  if (start < 0) return undefined;
  const reader = new Reader(data, start);
  if (address.manufacturer === 'EFE') return engelmannFaw(reader);
  if (address.manufacturer === 'APA') return apator162(reader);
  return undefined;
}

/** The signature of a compact frame whose full frame nobody has published. */
const ENGELMANN_SIGNATURE = 0x052d;
const ENGELMANN_MONTHS = 15;
const ENGELMANN_BYTES = 4 + 2 + 4 + 1 + 4 * ENGELMANN_MONTHS + 4 + 4;

/** Engelmann FAW water meters: the due date, its volume, 15 months, the clock, the volume now. */
function engelmannFaw(reader: Reader): readonly NamedRegister[] | undefined {
  if (reader.left < ENGELMANN_BYTES) return undefined;
  if (reader.word('a signature') !== ENGELMANN_SIGNATURE) return undefined;
  reader.take(2, 'the CRC of the full frame');
  const found: NamedRegister[] = [];
  found.push(['date.storage1', pointRegister(reader.take(2, 'a date'))]);
  found.push(['volume.storage1', litres(reader)]);
  reader.take(1, 'a state');
  for (let month = 1; month <= ENGELMANN_MONTHS; month++)
    found.push([`volume.month${month}`, litres(reader)]);
  found.push(['time', pointRegister(reader.take(4, 'a time'))]);
  found.push(['volume', litres(reader)]);
  return found;
}

/** Sizes of the numbered fields of Apator at-wmbus-16-2, which are no records. */
const APATOR_SIZES: Readonly<Record<number, number>> = {
  0: 4,
  1: 3,
  16: 4,
  17: 2,
  64: 6,
  65: 2,
  66: 4,
  67: 2,
  68: 3,
  113: 9,
  114: 13,
  115: 17,
  117: 25,
  123: 49,
  128: 10,
  129: 10,
  130: 10,
  131: 10,
  132: 10,
  133: 11,
  134: 10,
  135: 10,
  136: 11,
  138: 9,
  139: 6,
  140: 6,
  142: 7,
  143: 11,
  160: 4,
  161: 4,
  162: 1,
  163: 7,
  164: 4,
  180: 2,
  240: 4,
};
const APATOR_VOLUME = 0x10;
/** 0F, four bytes of date, three of faults. */
const APATOR_HEAD = 8;

function apator162(reader: Reader): readonly NamedRegister[] | undefined {
  if (reader.bytes[reader.at] !== 0x0f || reader.left < APATOR_HEAD) return undefined;
  reader.at += APATOR_HEAD;
  while (reader.left > 0) {
    const field = reader.byte('a field');
    const size = APATOR_SIZES[field];
    if (size === undefined || reader.left < size) return undefined;
    if (field === APATOR_VOLUME) return [['volume', litres(reader)]];
    reader.at += size;
  }
  return undefined;
}

const QUNDIS_BYTES = 53;
/** By device type: what the numbers count. */
const QUNDIS_QUANTITIES: Readonly<Record<number, Quantity>> = {
  4: measure('energy', 'Wh', 2),
  6: measure('volume', 'm3', -3),
  7: measure('volume', 'm3', -3),
  8: count('heat-cost-units'),
};

/** Qundis walk-by data (VIF FF 5F): the value now, at the due date, and at the last month's end. */
function qundisWalkBy({ deviceType }: MeterAddress, bytes: Uint8Array): readonly NamedRegister[] {
  const quantity = QUNDIS_QUANTITIES[deviceType];
  if (quantity === undefined || bytes.length !== QUNDIS_BYTES) return [];
  const reader = new Reader(bytes, 12);
  const { name } = quantity;
  return [
    [name, digits(reader, quantity)],
    ['date.storage1', pointRegister(reader.take(2, 'a date'))],
    [`${name}.storage1`, digits(reader, quantity)],
    ['date.storage17', pointRegister(reader.take(2, 'a date'))],
    [`${name}.storage17`, digits(reader, quantity)],
  ];
}

/** Of records with a vendor's VIF that hold many values. */
export function vendorRecord(
  address: MeterAddress | undefined,
  { quantity, data }: DataRecord,
): readonly NamedRegister[] {
  if (address?.manufacturer !== 'QDS' || quantity.name !== 'vendor-5F') return [];
  return data.kind === 'text' ? qundisWalkBy(address, data.bytes) : [];
}

function digits(reader: Reader, { unit, exponent }: Quantity): Register {
  const field = readBcd(reader.take(4, 'a number'));
  if (field.kind !== 'number') return { value: '', quality: 'invalid' };
  const value = decimalValue({ digits: field.value.digits, exponent });
  return unit === undefined ? { value } : { value, unit, scaler: exponent };
}

function litres(reader: Reader): Register {
  const count = BigInt(reader.word('a volume')) + (BigInt(reader.word('a volume')) << 16n);
  return { value: decimalValue({ digits: count, exponent: -3 }), unit: 'm3', scaler: -3 };
}

function pointRegister(bytes: Uint8Array): Register {
  const point = readTimePoint(bytes);
  const value = point?.text ?? '';
  return point?.isInvalid === false ? { value } : { value, quality: 'invalid time' };
}
