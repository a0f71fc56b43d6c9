// Frames and groups of the French customer telemetry (Enedis-NOI-CPT_54E "Sorties de
// télé-information client des appareils de comptage Linky", section 5):
//
//   STX { LF label SP value SP checksum CR } ETX                     historic mode
//   STX { LF label HT [time HT] value HT checksum CR } ETX           standard mode
//
// The checksum is the low six bits of a sum of characters, plus 0x20: in standard mode up to the
// last tabulator and with it; in historic mode without the last space, in practice also with it.

import { type Damage, damage, MAX_TELEGRAM_BYTES, type Piece, type Split } from '../telegram.ts';
import { asciiText } from '../text.ts';

export const STX = 0x02;
const ETX = 0x03;
/** The meter broke off, to answer somebody else. */
const EOT = 0x04;
const LF = 0x0a;
const CR = 0x0d;

export interface TicGroup {
  readonly label: string;
  /** `horodate`, as sent; standard mode only. */
  readonly time?: string;
  readonly value: string;
  readonly isRight: boolean;
  readonly offset: number;
}

export interface TicFrame {
  readonly kind: 'frame';
  readonly mode: 'historic' | 'standard';
  readonly groups: readonly TicGroup[];
}

export function splitTic(bytes: Uint8Array, isEnd: boolean): Split {
  const pieces: Piece[] = [];
  let start = -1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    const isLong = start >= 0 && at - start >= MAX_TELEGRAM_BYTES - 1;
    if (start >= 0 && (byte === ETX || byte === EOT || isLong)) {
      pieces.push({ start, end: at + 1 });
      start = -1;
    } else if (byte === STX) {
      if (start >= 0) pieces.push({ start, end: at });
      start = at;
    }
  }
  if (!isEnd) return { pieces, restStart: start >= 0 ? start : bytes.length };
  if (start >= 0) pieces.push({ start, end: bytes.length });
  return { pieces, restStart: bytes.length };
}

export function readFrame(piece: Uint8Array): TicFrame | Damage {
  const last = piece[piece.length - 1];
  if (piece[0] !== STX) return damage('not-a-telegram', 'expected STX, found none');
  if (last === EOT) return damage('cut-short', 'the meter broke off with EOT', piece.length - 1);
  if (last !== ETX || piece.length < 2)
    return damage('cut-short', 'expected ETX at the end, found none', piece.length);
  const groups: TicGroup[] = [];
  let mode: TicFrame['mode'] | undefined;
  let at = 1;
  while (at < piece.length - 1) {
    const end = piece.indexOf(CR, at);
    if (piece[at] !== LF || end < 0)
      return damage('bad-structure', 'expected a group between LF and CR, found none', at);
    const text = asciiText(piece, at + 1, end);
    const groupMode = text.includes('\t') ? 'standard' : 'historic';
    if (mode !== undefined && mode !== groupMode)
      return damage('bad-structure', `expected a group of ${mode} mode, found another`, at);
    mode = groupMode;
    const group = mode === 'standard' ? standardGroup(text, at) : historicGroup(text, at);
    if (group === undefined)
      return damage('bad-structure', 'expected label, value and checksum, found less', at);
    groups.push(group);
    at = end + 1;
  }
  if (mode === undefined) return damage('bad-structure', 'expected groups, found none', 1);
  return { kind: 'frame', mode, groups };
}

function standardGroup(text: string, offset: number): TicGroup | undefined {
  const covered = text.slice(0, -1);
  const fields = covered.split('\t');
  // Behind the last tabulator stands the checksum alone.
  if (fields.pop() !== '' || fields.length < 2 || fields.length > 3) return undefined;
  const [label = '', second = '', third] = fields;
  const isRight = checksumOf(covered) === text.at(-1);
  if (!isLabel(label)) return undefined;
  if (third === undefined) return { label, value: second, isRight, offset };
  return { label, time: second, value: third, isRight, offset };
}

function historicGroup(text: string, offset: number): TicGroup | undefined {
  if (text.length < 4 || text.at(-2) !== ' ') return undefined;
  const covered = text.slice(0, -2);
  const space = covered.indexOf(' ');
  if (space < 1) return undefined;
  const label = covered.slice(0, space);
  if (!isLabel(label)) return undefined;
  const isRight = [checksumOf(covered), checksumOf(`${covered} `)].includes(text.at(-1) as string);
  return { label, value: covered.slice(space + 1), isRight, offset };
}

function isLabel(text: string): boolean {
  return /^[A-Z][A-Z0-9+-]{0,15}$/u.test(text);
}

function checksumOf(text: string): string {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum += text.charCodeAt(at);
  return String.fromCharCode((sum & 0x3f) + 0x20);
}
