// Data sets of a P1 telegram as registers. Of several values the last is the reading, and what
// looks like a time before it is when it was taken (gas, water, heat; maximum demand).

import { fromHex } from '../../../core/bytes.ts';
import { type DataSet, measuredValue } from '../data-sets.ts';
import { shortenObis } from '../obis.ts';
import type { Registers } from '../registers.ts';
import type { Register } from '../telegram.ts';
import { asciiText, isPrintableAscii } from '../text.ts';
import { isoTime } from '../time.ts';

const TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW]?)$/u;
/** Central European time: summer and winter. */
const OFFSETS: Readonly<Record<string, string>> = { S: '+02:00', W: '+01:00', '': '' };
/** Of DSMR 2 and 3: `(time)(status)(minutes)(count)(0-1:24.2.1)(m3)(value)`. */
const OLD_PROFILE_FIELDS = 6;
/** Where meters have their own identity, in the order of preference. */
const IDENTITIES: readonly string[] = [
  '0-0:96.1.1',
  '0-0:96.1.0',
  '0-0:42.0.0',
  '1-0:0.0.0',
  '0-0:96.1.255',
  '1-0:96.1.1',
];

export function addDataSet(registers: Registers, { address, values }: DataSet): void {
  const name = shortenObis(address);
  if (isOldProfile(values)) {
    const [time, , , , code, unit, value] = values as readonly string[];
    registers.add(name, { value: time as string });
    const read = measuredValue(`${value ?? ''}*${unit}`, timeOf(time));
    if (read !== undefined) registers.add(shortenObis(code as string), read);
    return;
  }
  registers.add(name, registerOf(values));
}

function registerOf(values: readonly string[]): Register {
  const [first = '', second] = values;
  if (second !== undefined && values.length > 2) return { value: `(${values.join(')(')})` };
  const time = second === undefined ? {} : timeOf(first);
  const text = second ?? first;
  const measured = measuredValue(text, time);
  if (measured !== undefined) return measured;
  return second === undefined
    ? { value: text }
    : time.time === undefined
      ? { value: `(${values.join(')(')})` }
      : { value: text, ...time };
}

/** `200512135409S`; undefined for a date that cannot be. */
export function parseP1Time(text: string): string | undefined {
  const found = TIME.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  return isoTime(
    {
      year: 2000 + (year as number),
      month: month as number,
      day: day as number,
      hour: hour as number,
      minute: minute as number,
      second: second as number,
    },
    OFFSETS[found[7] as string] ?? '',
  );
}

/** The electricity meter's identity; sent as the hexadecimal of its characters by most. */
export function identityOf(registers: ReadonlyMap<string, Register>): string | undefined {
  for (const name of IDENTITIES) {
    const value = registers.get(name)?.value;
    if (typeof value === 'string' && value.trim() !== '') return readIdentity(value.trim());
  }
  return undefined;
}

function readIdentity(text: string): string {
  if (!/^(?:[0-9a-fA-F]{2})+$/u.test(text)) return text;
  const bytes = fromHex(text.toLowerCase());
  return isPrintableAscii(bytes) ? asciiText(bytes) : text;
}

function isOldProfile(values: readonly string[]): boolean {
  return values.length >= OLD_PROFILE_FIELDS && /^0-\d:24\.\d\.\d$/u.test(values[4] as string);
}

function timeOf(text: string | undefined): { readonly time?: string } {
  const time = parseP1Time(text ?? '');
  return time === undefined ? {} : { time };
}
