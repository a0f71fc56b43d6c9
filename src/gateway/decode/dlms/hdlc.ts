// HDLC frame format type 3 (IEC 62056-46, 6.4; Green Book 8.4):
//
//   7e | format and length, 2 bytes | destination | source | control | HCS | information | FCS | 7e
//
// The length counts everything between the flags, so there is no bit or byte stuffing, and one flag
// may close a frame and open the next. Both checks are CRC-16/X.25, least significant byte first.

import { CRC16_X25, crc16 } from '../crc16.ts';
import type { Frame } from './frame.ts';

const FLAG = 0x7e;
const FORMAT_TYPE_3 = 0xa0;
const SEGMENTATION = 0x08;
const CHECK_BYTES = 2;
const MAX_ADDRESS_BYTES = 4;
const MAX_HEADER_BYTES = 2 + 2 * MAX_ADDRESS_BYTES + 1 + CHECK_BYTES;
/** Format, two addresses of one byte, control, one check. */
const MIN_LENGTH = 7;

/** What a search for headers has already passed, so that no byte is searched twice. */
export interface HeaderSearch {
  /** No header begins in `from` to before `until`. */
  from: number;
  until: number;
}

interface Header {
  /** Flags not counted. */
  readonly length: number;
  readonly isSegment: boolean;
  /** From the format on, with its check. */
  readonly headerBytes: number;
}

/**
 * The frame whose format field is at `at`; `incomplete` where more bytes decide. undefined where
 * there is no such header with a right check, and no flag either where it says that the frame ends.
 */
export function hdlcFrameAt(
  bytes: Uint8Array,
  at: number,
  start: number,
  search: HeaderSearch,
): Frame | 'incomplete' | undefined {
  const header = headerAt(bytes, at);
  if (header === undefined || header === 'incomplete') return header;
  const { length, headerBytes, isSegment } = header;
  const flagAt = at + length;
  const isHeaderRight = crcMatches(bytes, at, at + headerBytes);
  if (!isHeaderRight) {
    // Damage in the header of what else looks like a frame is told, and not skipped in silence.
    if (start === at || bytes[flagAt] !== FLAG || length < headerBytes + CHECK_BYTES)
      return undefined;
    if (nextHeader(bytes, at + 1, flagAt, search) !== undefined) return undefined;
    return { kind: 'hdlc', start, end: flagAt + 1, payload: emptyAt(flagAt), damage: 'header' };
  }
  // Without information there is one check only (receive ready, disconnect, ...).
  if (length === headerBytes) {
    if (flagAt >= bytes.length) return 'incomplete';
    return { kind: 'hdlc', start, end: flagAt, payload: emptyAt(flagAt), isIdle: true };
  }
  if (length < headerBytes + CHECK_BYTES) return undefined;
  const payload = { start: at + headerBytes, end: flagAt - CHECK_BYTES };
  if (flagAt < bytes.length && bytes[flagAt] === FLAG)
    return {
      kind: 'hdlc',
      start,
      end: flagAt + 1,
      payload,
      isSegment,
      checkStart: at,
      ...(payload.start === payload.end && { isIdle: true }),
    };
  const nextAt = nextHeader(bytes, at + headerBytes, Math.min(flagAt, bytes.length), search);
  if (nextAt === undefined && flagAt >= bytes.length) return 'incomplete';
  const end = nextAt ?? flagAt + 1;
  return { kind: 'hdlc', start, end, payload: emptyAt(end), isSegment, damage: 'no-end' };
}

/** Whether the check over the whole frame is right. */
export function isFrameCheckRight(bytes: Uint8Array, checkStart: number, flagAt: number): boolean {
  return crcMatches(bytes, checkStart, flagAt);
}

export function isHdlcFormat(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xf0) === FORMAT_TYPE_3;
}

function headerAt(bytes: Uint8Array, at: number): Header | 'incomplete' | undefined {
  if (at >= bytes.length) return 'incomplete';
  const format = bytes[at] as number;
  if (!isHdlcFormat(format)) return undefined;
  if (at + 1 >= bytes.length) return 'incomplete';
  const length = ((format & 0x07) << 8) | (bytes[at + 1] as number);
  if (length < MIN_LENGTH) return undefined;
  let end = at + 2;
  for (let address = 0; address < 2; address++) {
    const size = addressSize(bytes, end);
    if (size === undefined || size === 'incomplete') return size;
    end += size;
  }
  const headerBytes = end + 1 + CHECK_BYTES - at;
  if (at + headerBytes > bytes.length) return 'incomplete';
  return { length, isSegment: (format & SEGMENTATION) !== 0, headerBytes };
}

/** 1, 2 or 4 bytes, of which the last is odd (6.4.2.1). */
function addressSize(bytes: Uint8Array, at: number): number | 'incomplete' | undefined {
  for (let size = 1; size <= MAX_ADDRESS_BYTES; size++) {
    const byte = bytes[at + size - 1];
    if (byte === undefined) return 'incomplete';
    if ((byte & 1) === 1) return size === 3 ? undefined : size;
  }
  return undefined;
}

/** Where, before `end`, another frame begins: bytes of this one were lost. */
function nextHeader(
  bytes: Uint8Array,
  from: number,
  end: number,
  search: HeaderSearch,
): number | undefined {
  const last = end - MAX_HEADER_BYTES;
  const isKnown = from >= search.from && from <= search.until;
  if (!isKnown) search.from = from;
  let at = isKnown ? search.until : from;
  while (at < last && !isHeader(bytes, at)) at++;
  search.until = Math.max(at, isKnown ? search.until : from);
  return at < last ? at : undefined;
}

function isHeader(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== FLAG) return false;
  const header = headerAt(bytes, at + 1);
  if (header === undefined || header === 'incomplete') return false;
  return crcMatches(bytes, at + 1, at + 1 + header.headerBytes);
}

/** The last two bytes before `end` are the check of those before. */
function crcMatches(bytes: Uint8Array, start: number, end: number): boolean {
  const found = (bytes[end - 2] as number) | ((bytes[end - 1] as number) << 8);
  return crc16(CRC16_X25, bytes, start, end - CHECK_BYTES) === found;
}

function emptyAt(at: number): { readonly start: number; readonly end: number } {
  return { start: at, end: at };
}
