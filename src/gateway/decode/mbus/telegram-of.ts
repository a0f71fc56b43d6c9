// What was read of a meter, as the gateway's telegram: registers by name, totals, time, warnings.
//
// A register's name is its quantity and what sets it apart, with points between: `energy`,
// `energy.backward.tariff2`, `volume.storage1`, `power.max`, `voltage.l1`. What is left out is 0.

import { Registers } from '../registers.ts';
import { MAX_TEXT_LENGTH, type Protocol, type Register, type Telegram } from '../telegram.ts';
import { deviceTypeName, ELECTRICITY_DEVICE, type MeterAddress } from './address.ts';
import { expandProfile } from './compact-profile.ts';
import { MeterTotals } from './meter-totals.ts';
import { hexText } from './reader.ts';
import type { DataRecord, VariableData } from './records.ts';
import { registerOf, timePointOf } from './register-value.ts';
import { statusText } from './transport-header.ts';

export interface MeterReading {
  readonly protocol: Protocol;
  readonly address?: MeterAddress;
  readonly accessNumber?: number;
  readonly status?: number;
  readonly data?: VariableData;
  readonly more?: readonly (readonly [name: string, register: Register])[];
  /** What was written to the meter, and is not its reading. */
  readonly isToMeter?: boolean;
  readonly warnings: readonly string[];
}

export function telegramOf(reading: MeterReading): Telegram {
  const { address, data } = reading;
  const registers = new Registers();
  const totals = new MeterTotals(address?.manufacturer ?? '');
  for (const [name, register] of headRegisters(reading)) registers.add(name, register);
  const records = data?.records ?? [];
  const times = storageTimes(records);
  for (const record of records) {
    const register = withTime(registerOf(record), record, times);
    registers.add(registerName(record), register);
    totals.add(record, register);
    for (const [name, value] of expandProfile(record, records, registerName))
      registers.add(name, value);
  }
  const vendorData = data?.vendorData ?? new Uint8Array(0);
  if (vendorData.length > 0) registers.add('vendor-data', { value: shortHex(vendorData) });
  for (const [name, register] of reading.more ?? []) registers.add(name, register);
  const time = times.get('current');
  const isReading = address?.deviceType === ELECTRICITY_DEVICE && reading.isToMeter !== true;
  return {
    kind: 'telegram',
    protocol: reading.protocol,
    ...(address !== undefined && { meter: address.id }),
    ...(time !== undefined && { time }),
    ...(isReading && totals.totals),
    registers: registers.map,
    warnings: warningsOf(reading, registers.isFull),
  };
}

export function registerName(record: DataRecord): string {
  const { quantity, qualifiers, recordFunction, storage, tariff, subunit } = record;
  const parts = [quantity.name];
  for (const { word } of qualifiers) if (word !== undefined) parts.push(word);
  if (recordFunction !== 'current') parts.push(recordFunction);
  if (storage !== 0) parts.push(`storage${storage}`);
  if (tariff !== 0) parts.push(`tariff${tariff}`);
  if (subunit !== 0) parts.push(`subunit${subunit}`);
  return parts.join('.');
}

function headRegisters(reading: MeterReading): readonly (readonly [string, Register])[] {
  const { address, accessNumber, status } = reading;
  const head: [string, Register][] = [];
  if (address !== undefined) {
    const { manufacturer } = address;
    if (manufacturer !== '') head.push(['manufacturer', { value: manufacturer }]);
    head.push(['medium', { value: deviceTypeName(address.deviceType) }]);
    head.push(['version', { value: address.version }]);
  }
  if (accessNumber !== undefined) head.push(['access', { value: accessNumber }]);
  if (status !== undefined) {
    const quality = statusText(status);
    head.push(['status', { value: status, ...(quality !== '' && { quality }) }]);
  }
  return head;
}

/** Times with a date that the meter gives for itself (`current`) and for its storages. */
function storageTimes(records: readonly DataRecord[]): ReadonlyMap<number | 'current', string> {
  const times = new Map<number | 'current', string>();
  for (const record of records) {
    const { recordFunction, storage, tariff, subunit, qualifiers, quantity } = record;
    const isPlain = recordFunction === 'current' && tariff === 0 && subunit === 0;
    if (!isPlain || qualifiers.length > 0 || quantity.name !== 'time') continue;
    const point = timePointOf(record);
    if (point?.text === undefined || point.isInvalid || !point.text.includes('T')) continue;
    const key = storage === 0 ? 'current' : storage;
    if (!times.has(key)) times.set(key, point.text);
  }
  return times;
}

function withTime(
  register: Register,
  { storage, quantity }: DataRecord,
  times: ReadonlyMap<number | 'current', string>,
): Register {
  const time = times.get(storage);
  if (storage === 0 || time === undefined || quantity.kind === 'time') return register;
  return { ...register, time };
}

function warningsOf(
  { data, warnings, isToMeter, status }: MeterReading,
  isFull: boolean,
): readonly string[] {
  const all = [...warnings, ...(data?.warnings ?? [])];
  const state = status === undefined ? '' : statusText(status & 0x1f);
  if (state !== '') all.push(`the meter reports ${state}`);
  if (data?.moreFollows === true) all.push('the meter has more to send in a further telegram');
  if (isToMeter === true) all.push('sent to the meter: not its reading');
  if (isFull) all.push('more registers than are kept');
  return all;
}

function shortHex(bytes: Uint8Array): string {
  return hexText(bytes.subarray(0, MAX_TEXT_LENGTH / 2));
}
