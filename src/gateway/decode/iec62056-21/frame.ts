// Where the readouts of IEC 62056-21 begin and end (6.3): `/XXXZ identification`, perhaps the
// acknowledgement that the reader sent, STX, data, `!`, ETX and the block check character. Mode D
// and many captures have no STX, and nothing behind `!`.

import { MAX_TELEGRAM_BYTES, type Piece, type Split } from '../telegram.ts';

export const STX = 0x02;
export const ETX = 0x03;
/** The slash, the manufacturer and the baud rate. */
const HEAD_BYTES = 5;
const SLASH = 0x2f;
const BANG = 0x21;
const OPEN = 0x28;
const CLOSE = 0x29;
const CR = 0x0d;
const LF = 0x0a;
const MAX_LINE_ENDS = 4;
/** More than an address and its values; what has more is not such a telegram. */
const MAX_VALUE_BYTES = 4096;

export function splitReadouts(bytes: Uint8Array, isEnd: boolean): Split {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === SLASH && at + HEAD_BYTES > bytes.length && !isEnd) break;
    if (!startsReadout(bytes, at)) {
      at++;
      continue;
    }
    const end = endOf(bytes, at, isEnd);
    if (end === undefined) {
      if (!isEnd) return { pieces, restStart: at };
      pieces.push({ start: at, end: Math.min(bytes.length, at + MAX_TELEGRAM_BYTES) });
      at = bytes.length;
    } else {
      pieces.push({ start: at, end });
      at = end;
    }
  }
  return { pieces, restStart: at };
}

/**
 * `/`, three letters of the manufacturer (the third may be small), and the baud rate, which in mode
 * A is any character (6.3.2); one that is no letter or digit is believed at a line's start only.
 */
export function startsReadout(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== SLASH) return false;
  for (let step = 1; step <= 3; step++) {
    const lower = (bytes[at + step] ?? 0) | 0x20;
    if (lower < 0x61 || lower > 0x7a) return false;
  }
  const speed = bytes[at + 4];
  if (isAlphanumeric(speed)) return true;
  return (at === 0 || isLineStart(bytes, at)) && isModeA(speed);
}

/** undefined where it may go on behind the bytes. */
function endOf(bytes: Uint8Array, start: number, isEnd: boolean): number | undefined {
  const limit = Math.min(bytes.length, start + MAX_TELEGRAM_BYTES);
  let hasStx = false;
  let openAt = -1;
  for (let at = start + 1; at < limit; at++) {
    const byte = bytes[at] as number;
    if (byte === OPEN) openAt = at;
    else if (byte === CLOSE || (openAt >= 0 && at - openAt > MAX_VALUE_BYTES)) openAt = -1;
    else if (byte === STX) hasStx = true;
    else if (byte === ETX)
      return at + 1 < bytes.length || isEnd ? Math.min(at + 2, bytes.length) : undefined;
    else if (byte === SLASH && openAt < 0 && isLineStart(bytes, at) && startsReadout(bytes, at))
      return at;
    else if (byte === BANG && openAt < 0) return endBehindBang(bytes, at, hasStx, isEnd);
  }
  return limit - start === MAX_TELEGRAM_BYTES ? limit : undefined;
}

function endBehindBang(
  bytes: Uint8Array,
  bang: number,
  hasStx: boolean,
  isEnd: boolean,
): number | undefined {
  let at = bang + 1;
  while (at < bytes.length && at - bang <= MAX_LINE_ENDS && isLineEnd(bytes[at])) at++;
  if (bytes[at] === ETX) {
    if (at + 1 < bytes.length) return at + 2;
    return isEnd ? at + 1 : undefined;
  }
  return hasStx && at === bytes.length && !isEnd ? undefined : at;
}

function isLineStart(bytes: Uint8Array, at: number): boolean {
  return isLineEnd(bytes[at - 1]) || (bytes[at - 1] as number) < 0x20;
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === CR || byte === LF;
}

function isModeA(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte < 0x7f && byte !== SLASH && byte !== BANG;
}

function isAlphanumeric(byte: number | undefined): boolean {
  return byte !== undefined && /[0-9A-Za-z]/u.test(String.fromCharCode(byte));
}
