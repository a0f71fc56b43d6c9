// Table reads of ANSI C12.18-2006 (layer 7, PSEM), which C12.21 and OSGP share.
//
//   30 TTTT               full read of table TTTT         3F TTTT OOOOOO NNNN   part of it
//   00 NNNN <data> KK     the answer: ok, count, data, and the two's complement of their sum
//   01 to 1F              refused
//
// An answer does not say which table it is of, so a capture needs both directions. One session, from
// its first request to `logoff` or `terminate`, is one piece.

import { concatBytes } from '../../../core/bytes.ts';
import { type Damage, damage, MAX_TELEGRAM_BYTES, type Piece, type Split } from '../telegram.ts';
import { type BadPacket, packetsOf } from './packet.ts';

const IDENTIFY = 0x20;
const TERMINATE = 0x21;
const FULL_READ = 0x30;
const PARTIAL_READ = 0x3f;
const LOGOFF = 0x52;
/** Codes of answers are below, those of requests above. */
const FIRST_REQUEST = 0x20;
/** Code, count and checksum of a read. */
const MIN_ANSWER_BYTES = 4;

/** C12.18, layer 7, response codes. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'error',
  2: 'service not supported',
  3: 'insufficient security clearance',
  4: 'operation not possible',
  5: 'inappropriate action requested',
  6: 'device busy',
  7: 'data not ready',
  8: 'data locked',
  9: 'renegotiate request',
  10: 'invalid service sequence state',
};

export interface TableReads {
  readonly kind: 'tables';
  /** What was read of each, from its first byte on. */
  readonly tables: ReadonlyMap<number, Uint8Array>;
  readonly warnings: readonly string[];
}

interface ReadRequest {
  readonly table: number;
  readonly offset: number;
  readonly count?: number;
}

export function splitSessions(bytes: Uint8Array, isEnd: boolean): Split {
  const pieces: Piece[] = [];
  let open: { start: number; end: number } | undefined;
  /** After the end of a session, its last answer belongs to nothing. */
  let isAfter = false;
  const close = () => {
    if (open !== undefined) pieces.push(open);
    open = undefined;
  };
  for (const packet of packetsOf(bytes)) {
    if (packet.kind === 'bad') {
      // Not whole yet: more may come.
      if (packet.reason === 'cut-short' && !isEnd)
        return { pieces, restStart: open?.start ?? packet.start };
      if (open !== undefined && packet.end - open.start <= MAX_TELEGRAM_BYTES)
        open.end = packet.end;
      else if (open === undefined && !isAfter) open = { start: packet.start, end: packet.end };
      continue;
    }
    const code = packet.data[0] as number;
    // Nor does the late answer of an end begin another.
    const isBare = open === undefined && packet.data.length < MIN_ANSWER_BYTES;
    if (code < FIRST_REQUEST && (isAfter || isBare)) continue;
    isAfter = false;
    if (code === IDENTIFY || (open !== undefined && packet.end - open.start > MAX_TELEGRAM_BYTES))
      close();
    // What was damaged may overlap with what is whole.
    open = { start: open?.start ?? packet.start, end: packet.end };
    if (code !== TERMINATE && code !== LOGOFF) continue;
    close();
    isAfter = true;
  }
  if (!isEnd && open !== undefined) return { pieces, restStart: open.start };
  close();
  return { pieces: apart(pieces), restStart: bytes.length };
}

/** Without overlaps: a damaged packet's length may be of anything. */
function apart(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map(({ start, end }, at) => ({
    start,
    end: Math.min(end, pieces[at + 1]?.start ?? end),
  }));
}

/** Of one piece of `splitSessions`. */
export function readSession(piece: Uint8Array): TableReads | Damage {
  const tables = new Map<number, Uint8Array>();
  const warnings: string[] = [];
  let bad: BadPacket | undefined;
  let request: ReadRequest | undefined;
  let parts: Uint8Array[] = [];
  let previous: Uint8Array | undefined;
  let isLost = false;
  for (const packet of packetsOf(piece)) {
    if (packet.kind === 'bad') {
      bad ??= packet;
      continue;
    }
    const whole = piece.subarray(packet.start, packet.end);
    if (previous !== undefined && isSame(previous, whole)) continue;
    previous = whole;
    parts.push(packet.data);
    if (packet.isPart && packet.sequence > 0) continue;
    const message = parts.length === 1 ? packet.data : concatBytes(...parts);
    parts = [];
    const code = message[0] as number;
    if (code >= FIRST_REQUEST) {
      request = requestOf(message);
      continue;
    }
    if (request === undefined) {
      isLost ||= code === 0 && message.length > MIN_ANSWER_BYTES;
      continue;
    }
    const data = code === 0 ? answerOf(message, request) : undefined;
    if (data === 'bad')
      return damage(
        'bad-checksum',
        `the answer of table ${request.table} contradicts its own length or checksum`,
        packet.start,
      );
    if (data === undefined)
      warnings.push(`table ${request.table} was refused: ${REFUSALS[code] ?? `code ${code}`}`);
    else addTable(tables, request, data, warnings);
    request = undefined;
  }
  if (tables.size > 0) {
    if (bad !== undefined) warnings.push(`a damaged packet at byte ${bad.start} was left out`);
    return { kind: 'tables', tables, warnings };
  }
  if (bad !== undefined)
    return damage(
      bad.reason,
      bad.reason === 'cut-short'
        ? 'expected a whole packet, found its beginning'
        : 'the CRC of a packet does not match',
      bad.start,
    );
  if (isLost)
    return damage(
      'unsupported',
      'expected the request before each answer, found answers alone: they do not say which table they are of',
    );
  return damage('unsupported', warnings[0] ?? 'expected the answer of a table read, found none');
}

function requestOf(message: Uint8Array): ReadRequest | undefined {
  const table = ((message[1] ?? 0) << 8) | (message[2] ?? 0);
  if (message[0] === FULL_READ && message.length === 3) return { table, offset: 0 };
  if (message[0] !== PARTIAL_READ || message.length !== 8) return undefined;
  const [, , , high = 0, middle = 0, low = 0, countHigh = 0, countLow = 0] = message;
  return { table, offset: (high << 16) | (middle << 8) | low, count: (countHigh << 8) | countLow };
}

function answerOf(message: Uint8Array, { count }: ReadRequest): Uint8Array | 'bad' {
  const length = ((message[1] ?? 0) << 8) | (message[2] ?? 0);
  if (message.length !== MIN_ANSWER_BYTES + length || (count ?? length) < length) return 'bad';
  const data = message.subarray(3, 3 + length);
  let sum = message[3 + length] as number;
  for (const byte of data) sum += byte;
  return (sum & 0xff) === 0 ? data : 'bad';
}

/** Parts are put together where each begins at the end of what is there. */
function addTable(
  tables: Map<number, Uint8Array>,
  { table, offset }: ReadRequest,
  data: Uint8Array,
  warnings: string[],
): void {
  const known = tables.get(table);
  if (offset === 0) tables.set(table, data);
  else if (known?.length === offset && offset + data.length <= MAX_TELEGRAM_BYTES)
    tables.set(table, concatBytes(known, data));
  else
    warnings.push(
      `a part of table ${table} from byte ${offset} was left out: what is before it was not read`,
    );
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
