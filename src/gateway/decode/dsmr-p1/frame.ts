// Where P1 telegrams begin and end (DSMR 5.0.2 P1 companion standard, 6.2): `/XXX5 identification`,
// an empty line, data, `!` and the CRC-16 of all before it, in four hexadecimal digits.
//
// Luxembourg's (and some Austrian and Swiss) meters send the same telegram encrypted, as a
// general-glo-ciphering APDU: `db 08 <system title> 82 <length> 30 <frame counter> ... <tag>`.

import { MAX_TELEGRAM_BYTES, type Piece, type Split } from '../telegram.ts';

/** The slash and the manufacturer. */
const TEXT_HEAD_BYTES = 4;
const SLASH = 0x2f;
const BANG = 0x21;
const LF = 0x0a;
const CR = 0x0d;
const GLO = 0xdb;
const TITLE_BYTES = 8;
/** Up to the length, of two bytes. */
export const GLO_HEADER_BYTES: number = 2 + TITLE_BYTES + 3;
const SECURITY = [0x20, 0x30];
const MAX_CHECKSUM_DIGITS = 4;
/** Four times the longest telegram seen. */
const MAX_ENCRYPTED_BYTES = 8192;

export function splitP1(bytes: Uint8Array, isEnd: boolean): Split {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === SLASH && at + TEXT_HEAD_BYTES > bytes.length && !isEnd) break;
    const isText = startsText(bytes, at);
    if (!isText && !startsEncrypted(bytes, at, isEnd)) {
      at++;
      continue;
    }
    const end = isText ? endOfText(bytes, at, isEnd) : endOfEncrypted(bytes, at);
    if (end === undefined || end > bytes.length) {
      // Not whole yet, and of a length that it can still be.
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

/** A slash that begins a line, before three letters of the manufacturer. */
export function startsText(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === SLASH && [1, 2, 3].every((step) => isLetter(bytes[at + step]));
}

/** Header and length fit; with less than a header there, it may still come. */
export function startsEncrypted(bytes: Uint8Array, at: number, isEnd: boolean): boolean {
  if (bytes[at] !== GLO) return false;
  if (at + GLO_HEADER_BYTES >= bytes.length) return !isEnd;
  return (
    bytes[at + 1] === TITLE_BYTES &&
    bytes[at + 2 + TITLE_BYTES] === 0x82 &&
    SECURITY.includes(bytes[at + GLO_HEADER_BYTES] as number) &&
    encryptedLength(bytes, at) <= MAX_ENCRYPTED_BYTES
  );
}

export function encryptedLength(bytes: Uint8Array, at: number): number {
  const size = at + GLO_HEADER_BYTES - 2;
  return ((bytes[size] as number) << 8) | (bytes[size + 1] as number);
}

function endOfEncrypted(bytes: Uint8Array, at: number): number | undefined {
  if (at + GLO_HEADER_BYTES >= bytes.length) return undefined;
  return at + GLO_HEADER_BYTES + encryptedLength(bytes, at);
}

function endOfText(bytes: Uint8Array, start: number, isEnd: boolean): number | undefined {
  const limit = Math.min(bytes.length, start + MAX_TELEGRAM_BYTES);
  for (let at = start + 1; at < limit; at++) {
    if (bytes[at] === SLASH && isLineStart(bytes, at) && startsText(bytes, at)) return at;
    if (bytes[at] !== BANG || !isLineStart(bytes, at)) continue;
    let end = at + 1;
    while (end < bytes.length && end - at <= MAX_CHECKSUM_DIGITS && isHexDigit(bytes[end])) end++;
    const isDigitsWhole = end - at > MAX_CHECKSUM_DIGITS;
    // Without a line end, digits may still be on their way.
    if (end === bytes.length && !isDigitsWhole && !isEnd) return undefined;
    return end;
  }
  return limit - start === MAX_TELEGRAM_BYTES ? limit : undefined;
}

function isLineStart(bytes: Uint8Array, at: number): boolean {
  return bytes[at - 1] === LF || bytes[at - 1] === CR;
}

function isLetter(byte: number | undefined): boolean {
  const lower = (byte ?? 0) | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function isHexDigit(byte: number | undefined): boolean {
  return byte !== undefined && /[0-9A-Fa-f]/u.test(String.fromCharCode(byte));
}
