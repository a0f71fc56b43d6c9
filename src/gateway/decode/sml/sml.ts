// SML (Smart Message Language 1.04, BSI TR-03109-1 annex IV; what German meters push over their
// optical head, DIN EN 62056-21 annex): one telegram is one SML file, whose GetListResponse holds
// the registers.
//
// Quirks of real meters that are known here: power of DZG DVS74 in signed integers that were meant
// unsigned; KERMIT checksums of old Holley firmware; values of any width; meters that round to
// kilowatt-hours and send no power until their PIN has been entered.

import { toHex } from '../../../core/bytes.ts';
import { Registers } from '../registers.ts';
import {
  type Decoded,
  type DecodeOptions,
  type Decoder,
  damage,
  MAX_REGISTERS,
  type Register,
  type Telegram,
} from '../telegram.ts';
import { totalsOf } from '../totals.ts';
import { entryName, entryRegister, timeOf } from './entries.ts';
import { readMessages, type SmlEntry, type SmlList } from './messages.ts';
import { hasBeginning, splitTransport, unwrapTransport } from './transport.ts';
import type { SmlNode } from './tree.ts';

const SERVER_ID = '1-0:0.0.9';
const DEVICE_ID = '1-0:96.1.0';
const NET_POWER = '1-0:16.7.0';
const HOLLEY = [0x48, 0x4c, 0x59];
/** `0a 01 'DZG'`, then the serial number in five bytes. */
const DZG = [0x0a, 0x01, 0x44, 0x5a, 0x47];
/** DVS74 that send positive power of 1 to 3 bytes as if it were signed; half-open. */
const DZG_UNSIGNED_SERIALS = [
  [42_000_000, 49_000_000],
  [55_000_000, 59_000_000],
] as const;
const DZG_MAX_BYTES = 3;

export const SML: Decoder = {
  protocol: 'sml',
  detect: (bytes) => (hasBeginning(bytes) ? 1 : 0),
  split: splitTransport,
  decode: decodeSml,
};

function decodeSml(piece: Uint8Array, { checksums = 'crc' }: DecodeOptions): Decoded {
  if (!hasBeginning(piece.subarray(0, 8)))
    return damage('not-a-telegram', 'expected the beginning of an SML file, found none');
  const content = unwrapTransport(piece);
  if (content.kind === 'damage') return content;
  if (content.checksum === 'none' && checksums !== 'ignore')
    return damage('bad-checksum', 'the CRC of the SML file does not match', piece.length - 2);
  const messages = readMessages(content.bytes);
  if (messages.kind === 'damage') return { ...messages, offset: messages.offset + 8 };
  const { lists } = messages;
  const [list] = lists;
  if (list === undefined)
    return damage(
      'unsupported',
      `expected a GetListResponse, found ${tagNames(messages.bodyTags)}`,
      8,
    );
  const meter = meterOf(list, messages.openServerId);
  const isKermit = content.checksum === 'kermit';
  if (isKermit && !isHolley(meter) && checksums !== 'ignore')
    return damage('bad-checksum', 'the CRC of the SML file does not match', piece.length - 2);
  // The file's CRC has vouched for every byte; one message's own may be of an old Holley, too.
  if (messages.checksum === 'none' && checksums === 'require')
    return damage('bad-checksum', 'the CRC of an SML message does not match', 8);
  return telegramOf(lists, meter, [
    ...(content.checksum === 'none' ? ['the CRC of the SML file does not match'] : []),
    ...(messages.checksum === 'none' ? ['the CRC of an SML message does not match'] : []),
    ...(isKermit || messages.checksum === 'kermit' ? ['the CRC is of the KERMIT kind'] : []),
  ]);
}

function telegramOf(
  lists: readonly SmlList[],
  meter: Uint8Array | undefined,
  warnings: string[],
): Telegram {
  const [list] = lists as readonly [SmlList];
  const registers = new Registers();
  const asUnsigned = isDzgUnsigned(meter);
  for (const { entries } of lists) {
    for (const entry of entries) {
      const name = entryName(entry);
      const isMeant = asUnsigned && name === NET_POWER && isNarrowNegative(entry);
      registers.add(name, entryRegister(entry, { asUnsigned: isMeant }));
      if (isMeant) warnings.push('power read as unsigned: this firmware of DZG means it so');
    }
  }
  if (registers.isFull) warnings.push(`registers beyond the first ${MAX_REGISTERS} left out`);
  if (lists.length > 1) warnings.push(`${lists.length} lists in one SML file`);
  if (awaitsPin(registers.map))
    warnings.push('whole kilowatt-hours and no power: the meter seems to await its PIN');
  const time = timeOf(list.sensorTime) ?? timeOf(list.gatewayTime) ?? firstTime(registers.map);
  return {
    kind: 'telegram',
    protocol: 'sml',
    ...(meter !== undefined && { meter: toHex(meter) }),
    ...(time !== undefined && { time }),
    registers: registers.map,
    ...totalsOf(registers.map),
    warnings,
  };
}

/** The server id, or the device id among the entries. */
function meterOf(list: SmlList, openServerId: SmlNode | undefined): Uint8Array | undefined {
  for (const node of [list.serverId, ...idsOf(list.entries), openServerId])
    if (node?.kind === 'bytes' && node.bytes.length > 0) return node.bytes.subarray(0, 64);
  return undefined;
}

function idsOf(entries: readonly SmlEntry[]): readonly SmlNode[] {
  return entries
    .filter((entry) => entryName(entry) === SERVER_ID || entryName(entry) === DEVICE_ID)
    .map(({ value }) => value);
}

function firstTime(registers: ReadonlyMap<string, Register>): string | undefined {
  for (const { time } of registers.values()) if (time !== undefined) return time;
  return undefined;
}

function isNarrowNegative({ value }: SmlEntry): boolean {
  return value.kind === 'number' && value.value < 0n && value.byteLength <= DZG_MAX_BYTES;
}

function isDzgUnsigned(meter: Uint8Array | undefined): boolean {
  if (meter?.length !== 10 || !DZG.every((byte, at) => meter[at] === byte)) return false;
  let serial = 0;
  for (const byte of meter.subarray(DZG.length)) serial = serial * 256 + byte;
  return DZG_UNSIGNED_SERIALS.some(([first, end]) => serial >= first && serial < end);
}

function isHolley(meter: Uint8Array | undefined): boolean {
  return meter !== undefined && HOLLEY.every((byte, at) => meter[at + 2] === byte);
}

function awaitsPin(registers: ReadonlyMap<string, Register>): boolean {
  let energies = 0;
  for (const [name, { value, unit }] of registers) {
    if (unit === 'W' || unit === 'V' || unit === 'A') return false;
    if (unit !== 'Wh' || !/:[12]\.8\.0$/u.test(name)) continue;
    if (typeof value !== 'number' || value % 1000 !== 0) return false;
    if (value > 0) energies++;
  }
  return energies > 0;
}

function tagNames(tags: readonly number[]): string {
  if (tags.length === 0) return 'no message';
  return `messages ${tags
    .slice(0, 8)
    .map((tag) => `0x${tag.toString(16).padStart(8, '0')}`)
    .join(', ')}`;
}
