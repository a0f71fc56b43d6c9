// The wireless link layer, EN 13757-4:2019, 12: L, C, M and A field, in frame format A (a CRC behind
// the first 10 bytes and each 16 that follow, not counted by L) or B (a CRC behind at most 126
// bytes and at the end, counted by L). Many receivers check the CRCs and take them out, so a frame
// whose CRCs are not there is one as well.

import { crcEn13757 } from '../mbus/crc-en13757.ts';

export type FrameFormat = 'a' | 'b' | 'bare';

export interface FrameLayout {
  readonly format: FrameFormat;
  /** As stored, CRCs included. */
  readonly byteCount: number;
}

/** L, C, M (2), A (6); a frame has at least a CI field besides. */
export const LINK_HEADER_BYTES = 10;
const CRC_BYTES = 2;
const A_BLOCK = 16;
const B_FIRST = 126;
export const MIN_L_FIELD = 10;

/** How the frame at `at` is stored. Formats are told by CRCs that match, else it is bare. */
export function frameLayout(bytes: Uint8Array, at: number): FrameLayout {
  const lField = bytes[at] as number;
  if (isFirstBlockOfA(bytes, at)) return { format: 'a', byteCount: formatABytes(lField) };
  const byteCount = lField + 1;
  const isB = at + byteCount <= bytes.length && isFormatB(bytes, at, byteCount);
  return { format: isB ? 'b' : 'bare', byteCount };
}

/** undefined where a CRC of format A does not match; formats B and bare have been looked at. */
export function withoutCrcs(frame: Uint8Array, format: FrameFormat): Uint8Array | undefined {
  if (format === 'bare') return frame;
  return format === 'a' ? withoutCrcsOfA(frame) : withoutCrcsOfB(frame);
}

function formatABytes(lField: number): number {
  const blocks = Math.ceil((lField + 1 - LINK_HEADER_BYTES) / A_BLOCK);
  return lField + 1 + CRC_BYTES * (1 + blocks);
}

function isFirstBlockOfA(bytes: Uint8Array, at: number): boolean {
  const end = at + LINK_HEADER_BYTES;
  return end + CRC_BYTES <= bytes.length && isCrcAt(bytes, at, end);
}

function isFormatB(bytes: Uint8Array, at: number, byteCount: number): boolean {
  const end = at + byteCount;
  const firstEnd = Math.min(end, at + B_FIRST + CRC_BYTES);
  if (!isCrcAt(bytes, at, firstEnd - CRC_BYTES)) return false;
  if (firstEnd === end) return true;
  return end - firstEnd > CRC_BYTES && isCrcAt(bytes, firstEnd, end - CRC_BYTES);
}

function withoutCrcsOfA(frame: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array((frame[0] as number) + 1);
  let at = 0;
  let written = 0;
  while (written < out.length) {
    const block = Math.min(written === 0 ? LINK_HEADER_BYTES : A_BLOCK, out.length - written);
    if (at + block + CRC_BYTES > frame.length || !isCrcAt(frame, at, at + block)) return undefined;
    out.set(frame.subarray(at, at + block), written);
    written += block;
    at += block + CRC_BYTES;
  }
  return out;
}

function withoutCrcsOfB(frame: Uint8Array): Uint8Array {
  const firstEnd = Math.min(frame.length, B_FIRST + CRC_BYTES);
  const first = frame.subarray(0, firstEnd - CRC_BYTES);
  const second = frame.subarray(firstEnd, Math.max(firstEnd, frame.length - CRC_BYTES));
  const out = new Uint8Array(first.length + second.length);
  out.set(first);
  out.set(second, first.length);
  return out;
}

/** The CRC has its most significant byte first, unlike all else. */
function isCrcAt(bytes: Uint8Array, start: number, end: number): boolean {
  const sent = ((bytes[end] as number) << 8) | (bytes[end + 1] as number);
  return crcEn13757(bytes, start, end) === sent;
}
