// SML transport protocol version 1 (SML 1.04, section 8): escape sequences around each SML file.
//
//   1b1b1b1b 01010101   begin
//   1b1b1b1b 1b1b1b1b   four bytes 1b of the content
//   1b1b1b1b 1a PP CCCC end: PP padding bytes before it, CRC-16/X.25 over all before CCCC
//
// Firmware of old Holley meters computes CRC-16/KERMIT instead; the caller knows whose it is.

import { CRC16_KERMIT, CRC16_X25, crc16 } from '../crc16.ts';
import { type Damage, damage, MAX_TELEGRAM_BYTES, type Piece, type Split } from '../telegram.ts';

const ESCAPE = 0x1b;
const BEGIN = 0x01;
const END = 0x1a;
const MARK_BYTES = 8;
/** The standard says 3; DZG pads by 4. */
const MAX_PADDING = 7;

export function splitTransport(bytes: Uint8Array, isEnd: boolean): Split {
  const pieces: Piece[] = [];
  let start = -1;
  let at = 0;
  const last = bytes.length - MARK_BYTES;
  for (; at <= last; at++) {
    if (start >= 0 && at - start > MAX_TELEGRAM_BYTES - MARK_BYTES) {
      pieces.push({ start, end: at });
      start = -1;
    }
    if (bytes[at] !== ESCAPE || !isMark(bytes, at, ESCAPE)) continue;
    const next = bytes[at + 4];
    if (next === BEGIN && isMark(bytes, at + 4, BEGIN)) {
      if (start >= 0) pieces.push({ start, end: at });
      start = at;
      at += MARK_BYTES - 1;
    } else if (start >= 0 && next === ESCAPE && isMark(bytes, at + 4, ESCAPE)) {
      at += MARK_BYTES - 1;
    } else if (start >= 0 && next === END) {
      pieces.push({ start, end: at + MARK_BYTES });
      start = -1;
      at += MARK_BYTES - 1;
    }
  }
  if (!isEnd) return { pieces, restStart: start >= 0 ? start : Math.min(at, bytes.length) };
  if (start >= 0) pieces.push({ start, end: Math.min(bytes.length, start + MAX_TELEGRAM_BYTES) });
  return { pieces, restStart: bytes.length };
}

export function hasBeginning(bytes: Uint8Array): boolean {
  for (let at = 0; at <= bytes.length - MARK_BYTES; at++)
    if (bytes[at] === ESCAPE && isMark(bytes, at, ESCAPE) && isMark(bytes, at + 4, BEGIN))
      return true;
  return false;
}

export interface Unwrapped {
  readonly kind: 'content';
  /** Without escapes and padding. */
  readonly bytes: Uint8Array;
  /** `none`: neither checksum matches. */
  readonly checksum: 'x25' | 'kermit' | 'none';
}

/** Of one piece; offsets in the content are 8 less than in the piece, and more after escapes. */
export function unwrapTransport(piece: Uint8Array): Unwrapped | Damage {
  const end = piece.length - MARK_BYTES;
  if (end < MARK_BYTES || !isMark(piece, end, ESCAPE) || piece[end + 4] !== END)
    return damage('cut-short', 'expected the end of the SML file, found none', piece.length);
  const padding = piece[end + 5] as number;
  if (padding > MAX_PADDING || end - padding < MARK_BYTES)
    return damage(
      'bad-structure',
      `expected 0 to ${MAX_PADDING} padding bytes, found ${padding}`,
      end + 5,
    );
  const sent = (piece[end + 6] as number) | ((piece[end + 7] as number) << 8);
  const checksum = checksumOf(piece, end + 6, sent);
  const content = new Uint8Array(end - padding - MARK_BYTES);
  let length = 0;
  for (let at = MARK_BYTES; at < end - padding; at++) {
    if (piece[at] === ESCAPE && isMark(piece, at, ESCAPE) && isMark(piece, at + 4, ESCAPE)) at += 4;
    else {
      content[length++] = piece[at] as number;
      continue;
    }
    content.fill(ESCAPE, length, length + 4);
    length += 4;
    at += 3;
  }
  return { kind: 'content', bytes: content.subarray(0, length), checksum };
}

function checksumOf(piece: Uint8Array, end: number, sent: number): Unwrapped['checksum'] {
  if (crc16(CRC16_X25, piece, 0, end) === sent) return 'x25';
  return crc16(CRC16_KERMIT, piece, 0, end) === sent ? 'kermit' : 'none';
}

function isMark(bytes: Uint8Array, at: number, byte: number): boolean {
  return (
    bytes[at] === byte && bytes[at + 1] === byte && bytes[at + 2] === byte && bytes[at + 3] === byte
  );
}
