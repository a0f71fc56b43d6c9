// The fixed data structure of the first meters (CI 73, and 77 with the most significant byte
// first): EN 1434-3:1997, 6.2 and "The M-Bus: a documentation" 6.2. Sixteen bytes: identification,
// access number, status, medium with two units, two counters.

import type { MeterAddress } from './address.ts';
import { readBcd } from './data-field.ts';
import { count, measure, type Quantity } from './quantity.ts';
import { hexText, type Reader } from './reader.ts';
import type { DataRecord } from './records.ts';

export interface FixedData {
  readonly address: MeterAddress;
  readonly accessNumber: number;
  /** Of the variable structure's meaning: bits 0 and 1 are about the counters and taken out. */
  readonly status: number;
  readonly records: readonly DataRecord[];
}

export const FIXED_DATA_BYTES = 16;
const IS_BINARY = 0x01;
const IS_STORED = 0x02;
const SAME_BUT_HISTORIC = 0x3e;

export function readFixedData(reader: Reader, isMsbFirst: boolean): FixedData {
  const ordered = (bytes: Uint8Array): Uint8Array => (isMsbFirst ? bytes.toReversed() : bytes);
  const id = ordered(reader.take(4, 'the identification number'));
  const accessNumber = reader.byte('the access number');
  const status = reader.byte('the status');
  const [first = 0, second = 0] = ordered(reader.take(2, 'the medium and units'));
  const unit = first & 0x3f;
  const unitOfSecond = second & 0x3f;
  const isHistoric = unitOfSecond === SAME_BUT_HISTORIC;
  const isStored = (status & IS_STORED) !== 0;
  const counterOf = (code: number, storage: number): DataRecord =>
    recordOf(fixedUnit(code), ordered(reader.take(4, 'a counter')), status, storage);
  const records = [
    counterOf(unit, isStored ? 1 : 0),
    counterOf(isHistoric ? unit : unitOfSecond, isHistoric || isStored ? 1 : 0),
  ];
  const deviceType = mediumOf((first >>> 6) | ((second >>> 4) & 0x0c));
  const address = {
    linkOrder: new Uint8Array(8),
    id: hexText(id.toReversed()),
    manufacturer: '',
    version: 0,
    deviceType,
  };
  return { address, accessNumber, status: status & 0xfc, records };
}

function recordOf(
  quantity: Quantity,
  bytes: Uint8Array,
  status: number,
  storage: number,
): DataRecord {
  const signed = BigInt.asIntN(32, BigInt(`0x${hexText(bytes.toReversed())}`));
  const isBinary = (status & IS_BINARY) !== 0;
  return {
    dataField: isBinary ? 4 : 12,
    recordFunction: 'current',
    storage,
    tariff: 0,
    subunit: 0,
    quantity,
    qualifiers: [],
    data: isBinary
      ? { kind: 'number', coding: 'integer', value: { digits: signed, exponent: 0 }, bytes }
      : readBcd(bytes),
  };
}

/** Modes 2 of gas, heat, warm water, water and heat cost allocators are those media as well. */
function mediumOf(code: number): number {
  const secondMode: Readonly<Record<number, number>> = { 10: 3, 11: 4, 12: 6, 13: 7, 14: 8 };
  return secondMode[code] ?? code;
}

const UNITS: readonly (readonly [first: number, last: number, of: (at: number) => Quantity])[] = [
  [0x02, 0x0a, (n) => measure('energy', 'Wh', n)],
  [0x0b, 0x13, (n) => measure('energy', 'J', n + 3)],
  [0x14, 0x1c, (n) => measure('power', 'W', n)],
  [0x1d, 0x25, (n) => measure('power', 'J/h', n + 3)],
  [0x26, 0x2e, (n) => measure('volume', 'm3', n - 6)],
  [0x2f, 0x37, (n) => measure('volume-flow', 'm3/h', n - 6)],
  [0x38, 0x38, () => measure('temperature', '°C', -3)],
  [0x39, 0x39, () => count('heat-cost-units')],
];

function fixedUnit(code: number): Quantity {
  const unit = UNITS.find(([first, last]) => code >= first && code <= last);
  return unit?.[2](code - unit[0]) ?? count('counter');
}
