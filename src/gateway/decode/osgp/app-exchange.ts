// Table reads of OSGP as its application layer carries them over EN 14908 (ETSI GS OSG 001): the
// request, then the answer, nothing else. There is no frame to find them by, so a whole
// capture is one piece, and either all of it is such reads or it is refused.

import type { TableReads } from '../c1219/session.ts';
import { type Damage, damage, MAX_TELEGRAM_BYTES, type Split } from '../telegram.ts';

const FULL_READ = 0x30;
const PARTIAL_READ = 0x3f;
const PARTIAL_READ_BYTES = 8;
const FULL_READ_BYTES = 3;
const OK = 0x00;
const HEADER_BYTES = 3;
/** Tables of the standard; those of manufacturers are not read. */
const MAX_TABLE = 0x07ff;
/** Behind a request: sequence number and digest; behind an answer: digest. */
const SECURED_BYTES = 12;
const DIGEST_BYTES = 8;

/** `restStart` where there is no more to wait for. */
export function splitAppExchanges(bytes: Uint8Array, isEnd: boolean, restStart: number): Split {
  if (!isEnd || bytes.length === 0) return { pieces: [], restStart };
  return {
    pieces: [{ start: 0, end: Math.min(bytes.length, MAX_TELEGRAM_BYTES) }],
    restStart: bytes.length,
  };
}

/** undefined where it begins as something else. */
export function readAppExchanges(piece: Uint8Array): TableReads | Damage | undefined {
  const first = piece[0];
  if (first === 0xee) return undefined;
  const tables = new Map<number, Uint8Array>();
  let isSecured = false;
  for (let at = 0; at < piece.length; ) {
    const found = readOne(piece, at, 0, 0) ?? readOne(piece, at, SECURED_BYTES, DIGEST_BYTES);
    if (found === undefined) return refusal(at);
    isSecured ||= found.isSecured;
    tables.set(found.table, found.data);
    at = found.end;
  }
  return {
    kind: 'tables',
    tables,
    warnings: isSecured ? ['the OMA digest is not verified'] : [],
  };
}

interface Exchange {
  readonly table: number;
  readonly data: Uint8Array;
  readonly end: number;
  readonly isSecured: boolean;
}

function readOne(
  piece: Uint8Array,
  start: number,
  afterRequest: number,
  afterAnswer: number,
): Exchange | undefined {
  const isPartial = piece[start] === PARTIAL_READ;
  if (!isPartial && piece[start] !== FULL_READ) return undefined;
  const table = u16(piece, start + 1);
  // A part from elsewhere than the beginning has its fields elsewhere.
  const isWhole = !isPartial || (piece[start + 3] === 0 && u16(piece, start + 4) === 0);
  const answer = start + (isPartial ? PARTIAL_READ_BYTES : FULL_READ_BYTES) + afterRequest;
  if (answer + HEADER_BYTES > piece.length) return undefined;
  const count = u16(piece, answer + 1);
  const end = answer + HEADER_BYTES + count + afterAnswer;
  if (table > MAX_TABLE || !isWhole || piece[answer] !== OK || end > piece.length) return undefined;
  if (isPartial && count > u16(piece, start + 6)) return undefined;
  // The next one begins here, or the wrong choice was made between secured and not.
  if (end < piece.length && piece[end] !== FULL_READ && piece[end] !== PARTIAL_READ)
    return undefined;
  const data = piece.subarray(answer + HEADER_BYTES, answer + HEADER_BYTES + count);
  return { table, data, end, isSecured: afterRequest > 0 };
}

function refusal(offset: number): Damage {
  return damage(
    'unsupported',
    'expected table reads of OSGP in clear, found something else: messages encrypted by OSGP (RC4, OMA digest) are not read',
    offset,
  );
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
