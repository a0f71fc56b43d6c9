// What is around an MMS message on TCP port 102 (IEC 61850-8-1, the OSI profile): TPKT (RFC 1006),
// COTP data (RFC 905), the session's give-tokens and data-transfer (01 00 01 00), the presentation's
// user data (61). Captures of the MMS message alone are taken too.

import { concatBytes } from '../../../core/bytes.ts';
import { type Damage, damage, MAX_TELEGRAM_BYTES, type Piece, type Split } from '../telegram.ts';
import { type BerNode, readHead, readNode } from './ber.ts';

const TPKT_BYTES = 4;
const COTP_BYTES = 3;
const COTP_DATA = 0xf0;
/** Segments have a kilobyte each. */
const MAX_SEGMENTS = 256;
const IS_LAST = 0x80;
/** unconfirmed-PDU of MMS, and informationReport in it. */
export const UNCONFIRMED = 0xa3;
export const INFORMATION_REPORT = 0xa0;
const SESSION = [0x01, 0x00, 0x01, 0x00];
const USER_DATA = 0x61;

export function splitMessages(bytes: Uint8Array, isEnd: boolean): Split {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = startsTpkt(bytes, at) ? endOfTpkts(bytes, at) : endOfReport(bytes, at);
    if (end === undefined) at++;
    else if (end <= bytes.length) {
      pieces.push({ start: at, end });
      at = end;
    } else if (isEnd) {
      pieces.push({ start: at, end: Math.min(bytes.length, at + MAX_TELEGRAM_BYTES) });
      at = bytes.length;
    } else break;
  }
  return { pieces, restStart: at };
}

/** The MMS message of a piece, and where it was, roughly: segments are put together. */
export function unwrapMessage(piece: Uint8Array): Uint8Array | Damage {
  if (piece[0] === UNCONFIRMED) return piece;
  if (!startsTpkt(piece, 0))
    return damage('not-a-telegram', 'expected TPKT or an MMS report, found neither');
  const parts: Uint8Array[] = [];
  for (let at = 0; at < piece.length; ) {
    const end = at + u16(piece, at + 2);
    if (!startsTpkt(piece, at) || end > piece.length)
      return damage('cut-short', 'expected a whole message, found its beginning', piece.length);
    parts.push(piece.subarray(at + TPKT_BYTES + COTP_BYTES, end));
    at = end;
  }
  const bytes = concatBytes(...parts);
  const start = SESSION.every((byte, at) => bytes[at] === byte) ? SESSION.length : 0;
  const mms = openPresentation(bytes, start);
  if (mms === undefined)
    return damage(
      'bad-structure',
      'expected user data of the presentation layer, found none',
      TPKT_BYTES + COTP_BYTES,
    );
  return bytes.subarray(mms.start, mms.end);
}

/** 61 { 30 { 02 01 context, A0 { MMS } } } */
function openPresentation(bytes: Uint8Array, at: number): BerNode | undefined {
  const user = readNode(bytes, at, bytes.length);
  if (user?.tag !== USER_DATA) return undefined;
  const list = readNode(bytes, user.start, user.end);
  if (list?.tag !== 0x30) return undefined;
  const context = readNode(bytes, list.start, list.end);
  if (context?.tag !== 0x02) return undefined;
  const data = readNode(bytes, context.end, list.end);
  return data?.tag === 0xa0 ? data : undefined;
}

/** Up to the packet that says it is the message's last; beyond the bytes where it is not there. */
function endOfTpkts(bytes: Uint8Array, start: number): number | undefined {
  let at = start;
  for (let count = 0; startsTpkt(bytes, at); count++) {
    const end = at + u16(bytes, at + 2);
    if (end - start > MAX_TELEGRAM_BYTES || count >= MAX_SEGMENTS) return undefined;
    if (((bytes[at + TPKT_BYTES + 2] as number) & IS_LAST) !== 0 || end > bytes.length) return end;
    at = end;
  }
  return at + TPKT_BYTES + COTP_BYTES > bytes.length ? bytes.length + 1 : undefined;
}

function startsTpkt(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 3 &&
    bytes[at + 1] === 0 &&
    at + TPKT_BYTES + COTP_BYTES <= bytes.length &&
    u16(bytes, at + 2) > TPKT_BYTES + COTP_BYTES &&
    bytes[at + TPKT_BYTES] === COTP_BYTES - 1 &&
    bytes[at + TPKT_BYTES + 1] === COTP_DATA
  );
}

function endOfReport(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== UNCONFIRMED) return undefined;
  const pdu = readHead(bytes, at, bytes.length);
  if (pdu === undefined || pdu.end - at > MAX_TELEGRAM_BYTES) return undefined;
  const service = readHead(bytes, pdu.start, bytes.length);
  if (service?.tag !== INFORMATION_REPORT || service.end !== pdu.end) return undefined;
  return pdu.end;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
