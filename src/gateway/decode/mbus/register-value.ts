// A record's data field as a register: scaled without loss, times as times, what is no value marked.

import { decimalValue } from '../decimal.ts';
import type { Register } from '../telegram.ts';
import { type DataField, isBcd } from './data-field.ts';
import { hexText } from './reader.ts';
import type { DataRecord } from './records.ts';
import { readTimePoint, type TimePoint } from './time-point.ts';

/** Access codes, passwords and keys (VIF FD 12 to 16 and 19) stay in the telegram. */
const HIDDEN = '(not shown)';

export function registerOf(record: DataRecord): Register {
  const { quantity, qualifiers, data } = record;
  if (quantity.name === 'secret') return { value: HIDDEN };
  const value = readValue(record);
  const quality = qualityOf(record, value.quality);
  const hasUnit = value.unit !== undefined && data.kind === 'number';
  const exponent = qualifiers.reduce((sum, { exponent = 0 }) => sum + exponent, quantity.exponent);
  const isScaled = hasUnit && data.kind === 'number' && data.coding !== 'real' && exponent !== 0;
  return {
    value: value.value,
    ...(value.unit !== undefined && { unit: value.unit }),
    ...(isScaled && { scaler: exponent }),
    ...(quality !== '' && { quality }),
  };
}

/** Of records that are points in time: undefined where this is none. */
export function timePointOf({ quantity, qualifiers, data }: DataRecord): TimePoint | undefined {
  const isTime = quantity.kind === 'date' || quantity.kind === 'time';
  if (!isTime && !qualifiers.some(({ turnsInto }) => turnsInto === 'time')) return undefined;
  if (data.kind === 'number' && data.coding !== 'integer') return undefined;
  return data.kind === 'none' ? undefined : readTimePoint(data.bytes);
}

type Value = Pick<Register, 'value' | 'unit' | 'quality'>;

function readValue(record: DataRecord): Value {
  const { data, quantity, qualifiers, dataField } = record;
  if (data.kind === 'none') return { value: '' };
  const point = timePointOf(record);
  if (point !== undefined) return timeValue(point, data.bytes);
  if (qualifiers.some(({ turnsInto }) => turnsInto === 'profile') && data.kind === 'text')
    return { value: hexText(data.bytes) };
  if (data.kind === 'text') return { value: data.text };
  if (data.kind === 'invalid') return invalidValue(record, data);
  if (quantity.kind === 'identifier' && isBcd(dataField))
    return { value: hexText(data.bytes.toReversed()) };
  if (quantity.kind === 'flags' || quantity.kind === 'data') return { value: unsigned(data.bytes) };
  return numberValue(record, data);
}

function timeValue({ text, isInvalid, isSummer }: TimePoint, bytes: Uint8Array): Value {
  const quality = isInvalid ? 'invalid time' : isSummer ? 'summer time' : undefined;
  const value = text ?? hexText(bytes.toReversed());
  return { value, ...(quality !== undefined && { quality }) };
}

function invalidValue(
  { quantity }: DataRecord,
  { text, bytes }: Extract<DataField, { kind: 'invalid' }>,
): Value {
  if (quantity.kind === 'flags' || quantity.kind === 'data') return { value: unsigned(bytes) };
  return { value: text, quality: 'invalid' };
}

function numberValue(
  { quantity, qualifiers }: DataRecord,
  data: Extract<DataField, { kind: 'number' }>,
): Value {
  let { digits, exponent } = data.value;
  if (qualifiers.some(({ isUnsigned }) => isUnsigned === true) && data.coding === 'integer')
    digits = BigInt(unsigned(data.bytes));
  const turn = qualifiers.find(({ turnsInto }) => turnsInto !== undefined);
  if (turn?.turnsInto === 'count' || turn?.turnsInto === 'profile')
    return { value: decimalValue({ digits, exponent }) };
  if (turn?.turnsInto === 'duration')
    return {
      value: decimalValue({ digits: digits * BigInt(turn.factor ?? 1), exponent }),
      unit: 's',
    };
  exponent += qualifiers.reduce((sum, { exponent: more = 0 }) => sum + more, quantity.exponent);
  digits *= BigInt(quantity.factor ?? 1);
  const value = decimalValue({ digits, exponent });
  return quantity.unit === undefined ? { value } : { value, unit: quantity.unit };
}

/** A number of up to 15 digits, else its digits. */
function unsigned(bytes: Uint8Array): number | string {
  const digits = BigInt(`0x0${hexText(bytes.toReversed())}`);
  return decimalValue({ digits, exponent: 0 });
}

function qualityOf(record: DataRecord, quality: string | undefined): string {
  const found = record.qualifiers.map(({ error }) => error);
  if (record.recordFunction === 'error') found.push('value during an error');
  return [quality, ...found].filter((part) => part !== undefined).join(', ');
}
