// Readouts of IEC 62056-21 (formerly IEC 1107, "D0" in Germany), modes A to D: text of an optical
// head, after a request (A, B, C) or by itself (D). Electricity, and heat meters of the kind.
//
// The block check character is one XOR byte (6.3.15, ISO 1155), and only blocks that begin with STX
// have it. Where it does not match, that is a warning, unless checksums are required.

import { measuredValue, readDataSets } from '../data-sets.ts';
import { parseDecimal } from '../decimal.ts';
import { parseObis, shortenObis } from '../obis.ts';
import { Registers } from '../registers.ts';
import {
  type Damage,
  type Decoded,
  type DecodeOptions,
  type Decoder,
  damage,
  MAX_REGISTERS,
  type Register,
} from '../telegram.ts';
import { asciiText } from '../text.ts';
import { isoTime } from '../time.ts';
import { totalsOf } from '../totals.ts';
import { measuredRegister } from '../units.ts';
import { ETX, STX, splitReadouts, startsReadout } from './frame.ts';

const HEAD = /\/[A-Z]{2}[A-Za-z][0-9A-Za-z][^\r\n]{0,64}[\r\n]/u;
const ACK = 0x06;
/** ACK and the three characters of the reader's option select message (6.3.3). */
const ACK_BYTES = 4;
/** The meter's number, without medium and channel, in the order of preference. */
const IDENTITIES: readonly string[] = [
  '0.0.0',
  '0.0',
  'C.1.0',
  'C.1',
  '96.1.0',
  '9.21',
  '96.1.255',
];
const ENERGY = 8;
/** Import and export, active: their unit is kWh where a meter leaves it out. */
const ACTIVE = [1, 2];

export const IEC62056_21: Decoder = {
  protocol: 'iec62056-21',
  detect: (bytes) => {
    const text = asciiText(bytes);
    return HEAD.test(text) && /[^()\s]\([^()]*\)/u.test(text) ? 0.5 : 0;
  },
  split: splitReadouts,
  decode: decodeReadout,
};

function decodeReadout(piece: Uint8Array, options: DecodeOptions): Decoded {
  if (!startsReadout(piece, 0))
    return damage('not-a-telegram', 'expected "/" and the name of a meter, found neither');
  const text = asciiText(piece);
  const headEnd = text.search(/[\r\n]/u);
  const stx = piece.indexOf(STX);
  const end = endOfData(text, headEnd);
  if (headEnd < 0 || end === undefined)
    return damage('cut-short', 'expected "!" at the end, found none', piece.length);
  const warnings: string[] = [];
  const bad = checkBlock(piece, stx, options, warnings);
  if (bad !== undefined) return bad;
  const start = stx < 0 ? startOfData(piece, headEnd) : stx + 1;
  const { sets, badOffset } = readDataSets(text, start, end);
  if (badOffset !== undefined)
    return damage('bad-structure', 'expected an address and its value, found neither', badOffset);
  if (sets.length === 0) return damage('bad-structure', 'expected data, found none', start);
  const registers = new Registers();
  for (const { address, values } of sets) {
    const name = shortenObis(address);
    registers.add(name, registerOf(name, values, warnings));
  }
  if (registers.isFull) warnings.push(`registers beyond the first ${MAX_REGISTERS} left out`);
  const meter = identityOf(registers.map);
  const time = clockOf(registers.map);
  return {
    kind: 'telegram',
    protocol: 'iec62056-21',
    ...(meter !== undefined && { meter }),
    ...(time !== undefined && { time }),
    registers: registers.map,
    ...totalsOf(registers.map),
    warnings,
  };
}

/** Behind what the reader sent, which a tap on the line records as well. */
function startOfData(piece: Uint8Array, headEnd: number): number {
  let at = headEnd;
  while (piece[at] === 0x0d || piece[at] === 0x0a) at++;
  return piece[at] === ACK ? at + ACK_BYTES : headEnd;
}

/** Of the "!" that is in no value. */
function endOfData(text: string, start: number): number | undefined {
  let isOpen = false;
  for (let at = Math.max(0, start); at < text.length; at++) {
    const character = text[at];
    if (character === '(') isOpen = true;
    else if (character === ')') isOpen = false;
    else if (character === '!' && !isOpen) return at;
  }
  return undefined;
}

function checkBlock(
  piece: Uint8Array,
  stx: number,
  { checksums = 'crc' }: DecodeOptions,
  warnings: string[],
): Damage | undefined {
  const isRequired = checksums === 'require';
  const etx = piece.indexOf(ETX, Math.max(0, stx));
  if (stx < 0 && etx < 0) {
    warnings.push('no block check: telegrams of mode D have none');
    return undefined;
  }
  const sent = etx < 0 ? undefined : piece[etx + 1];
  if (stx < 0 || sent === undefined) {
    if (isRequired) return damage('cut-short', 'expected a block check, found none', piece.length);
    warnings.push('no block check: the end is missing');
    return undefined;
  }
  let calculated = 0;
  for (let at = stx + 1; at <= etx; at++) calculated ^= piece[at] as number;
  if (calculated === sent) return undefined;
  const detail = `expected the block check 0x${hex(calculated)}, found 0x${hex(sent)}`;
  if (isRequired) return damage('bad-checksum', detail, etx + 1);
  warnings.push(detail);
  return undefined;
}

function registerOf(name: string, values: readonly string[], warnings: string[]): Register {
  const [first = '', second] = values;
  const time = second === undefined ? undefined : parseStamp(second);
  const more = time === undefined ? {} : { time };
  const measured = measuredValue(first, more);
  if (measured !== undefined) return measured;
  const energy = energyWithoutUnit(name, first);
  if (energy !== undefined) {
    warnings.push(`${name} has no unit: read as kWh`);
    return { ...energy, ...more };
  }
  if (second === undefined || time !== undefined) return { value: first.trim(), ...more };
  return { value: `(${values.join(')(')})` };
}

function energyWithoutUnit(name: string, text: string): Register | undefined {
  const obis = parseObis(name);
  if (obis?.processing !== ENERGY || !ACTIVE.includes(obis.quantity)) return undefined;
  if ((obis.storage ?? 255) !== 255) return undefined;
  const value = parseDecimal(text);
  return value === undefined ? undefined : measuredRegister(value, 'kWh');
}

function identityOf(registers: ReadonlyMap<string, Register>): string | undefined {
  for (const identity of IDENTITIES) {
    for (const [name, { value }] of registers) {
      if (name.replace(/^\d{1,3}-\d{1,3}:/u, '') !== identity) continue;
      const text = String(value).trim();
      if (text !== '') return text;
    }
  }
  return undefined;
}

/** Of `0.9.1` (time) and `0.9.2` (date), the date perhaps with a digit for the season before it. */
function clockOf(registers: ReadonlyMap<string, Register>): string | undefined {
  const time = textOf(registers, '0.9.1').replaceAll(':', '');
  const date = textOf(registers, '0.9.2').replaceAll(/[-.]/gu, '');
  return /^\d{6,7}$/u.test(date) && /^\d{6,7}$/u.test(time)
    ? parseStamp(`${date.slice(-6)}${time.slice(-6)}`)
    : undefined;
}

function textOf(registers: ReadonlyMap<string, Register>, name: string): string {
  const value = (registers.get(name) ?? registers.get(`1-0:${name}`))?.value;
  return typeof value === 'string' ? value.trim() : '';
}

/** `YYMMDDhhmm` with or without seconds: local, without an offset. */
function parseStamp(text: string): string | undefined {
  const found = /^(\d\d)[-.]?(\d\d)[-.]?(\d\d)[ ]?(\d\d):?(\d\d):?(\d\d)?$/u.exec(text.trim());
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1).map((part) => Number(part ?? 0));
  return isoTime({
    year: 2000 + (year as number),
    month: month as number,
    day: day as number,
    hour: hour as number,
    minute: minute as number,
    second: second as number,
  });
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
