// A notification as a telegram: finds the vendor's layout, names the meter, reads its clock.

import { toHex } from '../../../core/bytes.ts';
import { Registers } from '../registers.ts';
import type { Register, Telegram } from '../telegram.ts';
import { asciiText, isPrintableAscii } from '../text.ts';
import { totalsOf } from '../totals.ts';
import { assumedWarning, vendorOf } from './assumed-unit.ts';
import type { Data } from './axdr.ts';
import type { Ciphered } from './ciphering-header.ts';
import { readCodedLayout } from './coded-layout.ts';
import { DATE_TIME_BYTES, type MeterTime, readDateTime } from './date-time.ts';
import type { Layout } from './entry.ts';
import type { Notification } from './notification.ts';
import { readPositionalLayout } from './positional-layout.ts';
import { Malformed } from './reader.ts';
import { readEntry, textOf } from './values.ts';

/** Codes that name the meter, the surest first; of Kamstrup's numbers the first is the GS1 one. */
const METER_NAMES: readonly string[] = [
  '0-0:42.0.0',
  '0-0:96.1.0',
  '1-1:0.0.5',
  '1-0:0.0.5',
  '1-1:0.0.1',
  '1-0:0.0.1',
  '1-0:0.0.0',
  '0-0:96.1.1',
  '0-0:96.1.2',
  '0-0:96.1.3',
];
const SUBMETER_NAME = /^0-[1-9]\d*:96\.1\.0$/u;
const CLOCK_NAME = '0-0:1.0.0';
const CLOCK_CODE = /^\d+-\d+:1\.0\.0$/u;

/** @throws Malformed where no layout is known for it. */
export function telegramOf(
  notification: Notification,
  ciphered: Ciphered | undefined,
  doubts: readonly string[],
): Telegram {
  const layout = layoutOf(notification.data);
  const texts = textsOf(layout, ciphered);
  const vendor = vendorOf(texts);
  const warnings = [...doubts];
  const registers = new Registers();
  let isAssumed = false;
  for (const entry of layout.entries) {
    const read = readEntry(entry, vendor);
    if (read === undefined) continue;
    isAssumed ||= read.isAssumed;
    registers.add(entry.name, read.register);
  }
  if (isAssumed) warnings.push(assumedWarning(vendor));
  if (registers.isFull) warnings.push('more registers than are kept');
  const time = timeOf(notification, layout);
  if (time !== undefined && time.doubts.length > 0)
    warnings.push(`the meter says that its clock is ${time.doubts.join(' and ')}`);
  const meter = meterOf(registers.map, layout, ciphered);
  if (ciphered !== undefined) addHeader(registers, ciphered);
  return {
    kind: 'telegram',
    protocol: 'dlms',
    ...(meter !== undefined && { meter }),
    ...(time !== undefined && { time: time.iso }),
    registers: registers.map,
    ...totalsOf(registers.map),
    warnings,
  };
}

/** What can be said without the key. */
export function headerTelegram(ciphered: Ciphered, warnings: readonly string[]): Telegram {
  const registers = new Registers();
  addHeader(registers, ciphered);
  const what = ciphered.isAuthenticated ? 'encrypted and authenticated' : 'encrypted';
  return {
    kind: 'telegram',
    protocol: 'dlms',
    meter: titleOf(ciphered),
    registers: registers.map,
    warnings: [...warnings, `the telegram is ${what}, and no key is given`],
  };
}

function layoutOf(data: Data): Layout {
  // Lists by position say by their first text and their types exactly which they are.
  const positional = readPositionalLayout(data);
  if (positional !== undefined) return positional;
  const coded = readCodedLayout(data);
  if (coded.entries.length > 0) return coded;
  const count = data.kind === 'list' ? data.items.length : 1;
  const detail = `a list of ${count} values without OBIS codes, in no order that is known`;
  throw new Malformed('unsupported', detail, 0);
}

/** Under the names that the standard gives these fields. */
function addHeader(registers: Registers, ciphered: Ciphered): void {
  registers.add('system-title', { value: titleOf(ciphered) });
  registers.add('security-control', { value: ciphered.securityControl });
  let counter = 0;
  for (const byte of ciphered.counter) counter = counter * 256 + byte;
  registers.add('frame-counter', { value: counter });
}

function titleOf({ systemTitle }: Ciphered): string {
  return toHex(systemTitle);
}

/** What may tell the vendor: the first texts, the device name, the system title. */
function textsOf({ entries, unnamed }: Layout, ciphered: Ciphered | undefined): readonly string[] {
  const values = [...unnamed, ...entries.map(({ value }) => value)];
  const texts = values.flatMap((value) => textOf(value) ?? []);
  if (ciphered !== undefined) texts.push(asciiText(ciphered.systemTitle));
  return texts;
}

function meterOf(
  registers: ReadonlyMap<string, Register>,
  { unnamed }: Layout,
  ciphered: Ciphered | undefined,
): string | undefined {
  for (const name of METER_NAMES) {
    const found = nameIn(registers.get(name));
    if (found !== undefined) return found;
  }
  // Austrian utilities send the meter's number last, without a code.
  const last = unnamed.at(-1);
  if (last?.kind === 'octets' && unnamed.length > 1 && isPrintableAscii(last.bytes))
    return asciiText(last.bytes);
  if (ciphered !== undefined) return titleOf(ciphered);
  for (const [name, register] of registers) {
    const found = SUBMETER_NAME.test(name) ? nameIn(register) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameIn(register: Register | undefined): string | undefined {
  const text = register === undefined ? '' : String(register.value);
  return /[^0]/u.test(text) ? text : undefined;
}

/** The time of the push, or the clock among the values. */
function timeOf({ dateTime }: Notification, { entries, unnamed }: Layout): MeterTime | undefined {
  const pushed = dateTime === undefined ? undefined : readDateTime(dateTime);
  const clocks = entries.filter(({ name }) => CLOCK_CODE.test(name));
  const clock = clocks.find(({ name }) => name === CLOCK_NAME) ?? clocks[0];
  const read = dateIn(clock?.value) ?? unnamed.map(dateIn).find((time) => time !== undefined);
  if (pushed === undefined || read === undefined) return pushed ?? read;
  return { iso: pushed.iso, doubts: [...new Set([...pushed.doubts, ...read.doubts])] };
}

function dateIn(data: Data | undefined): MeterTime | undefined {
  if (data?.kind !== 'octets' && data?.kind !== 'date-time') return undefined;
  return data.bytes.length === DATE_TIME_BYTES ? readDateTime(data.bytes) : undefined;
}
