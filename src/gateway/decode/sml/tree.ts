// The binary encoding of SML (Smart Message Language 1.04, BSI TR-03109-1 annex IV, section 6): a
// type-length field, then the value; lists count elements. Bounded by the length of the input, and
// in depth by MAX_NESTING.

import { MAX_NESTING } from '../telegram.ts';

export type SmlNode =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly offset: number }
  | {
      readonly kind: 'number';
      readonly value: bigint;
      readonly isSigned: boolean;
      readonly byteLength: number;
      readonly offset: number;
    }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly offset: number }
  | { readonly kind: 'list'; readonly items: readonly SmlNode[]; readonly offset: number }
  /** An optional field left out. */
  | { readonly kind: 'absent'; readonly offset: number }
  | { readonly kind: 'end'; readonly offset: number };

export interface SmlFailure {
  readonly kind: 'failure';
  readonly detail: string;
  readonly offset: number;
}

export interface SmlCursor {
  readonly bytes: Uint8Array;
  at: number;
}

const ABSENT = 0x01;
const END = 0x00;
const HAS_MORE = 0x80;
/** Lengths of four nibbles: more than any telegram. */
const MAX_LENGTH_BYTES = 4;
const MAX_INTEGER_BYTES = 8;

const TYPE_BYTES = 0;
const TYPE_BOOLEAN = 4;
const TYPE_INTEGER = 5;
const TYPE_UNSIGNED = 6;
const TYPE_LIST = 7;

/** Reads one node, and moves behind it; on failure the cursor is worth nothing. */
export function readNode(cursor: SmlCursor, depth: number = 0): SmlNode | SmlFailure {
  const offset = cursor.at;
  const { bytes } = cursor;
  const first = bytes[cursor.at++];
  if (first === undefined) return failure('a value', 'the end', offset);
  if (first === ABSENT) return { kind: 'absent', offset };
  if (first === END) return { kind: 'end', offset };
  const type = (first >> 4) & 7;
  let length = first & 0x0f;
  let lengthBytes = 1;
  for (let byte = first; (byte & HAS_MORE) !== 0; lengthBytes++) {
    byte = bytes[cursor.at++] ?? 0;
    if (lengthBytes === MAX_LENGTH_BYTES)
      return failure('a length of 4 bytes at most', 'more', offset);
    length = (length << 4) | (byte & 0x0f);
  }
  if (type === TYPE_LIST) return readList(cursor, length, depth, offset);
  const size = length - lengthBytes;
  if (size < 0 || cursor.at + size > bytes.length)
    return failure(
      `${Math.max(0, bytes.length - cursor.at)} more bytes at most`,
      `a value of ${size}`,
      offset,
    );
  const value = bytes.subarray(cursor.at, cursor.at + size);
  cursor.at += size;
  if (type === TYPE_BYTES) return { kind: 'bytes', bytes: value, offset };
  if (type === TYPE_BOOLEAN && size === 1)
    return { kind: 'boolean', value: value[0] !== 0, offset };
  const isSigned = type === TYPE_INTEGER;
  if ((!isSigned && type !== TYPE_UNSIGNED) || size === 0 || size > MAX_INTEGER_BYTES)
    return failure('a type of SML', `type ${type} of ${size} bytes`, offset);
  return { kind: 'number', value: integerOf(value, isSigned), isSigned, byteLength: size, offset };
}

/** Big-endian, of any width: meters leave out leading bytes (24-bit integers are common). */
export function integerOf(bytes: Uint8Array, isSigned: boolean): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return isSigned ? BigInt.asIntN(8 * bytes.length, value) : value;
}

function readList(
  cursor: SmlCursor,
  count: number,
  depth: number,
  offset: number,
): SmlNode | SmlFailure {
  if (depth >= MAX_NESTING) return failure(`lists ${MAX_NESTING} deep at most`, 'more', offset);
  // Every element takes a byte at least.
  if (count > cursor.bytes.length - cursor.at)
    return failure(
      `${cursor.bytes.length - cursor.at} elements at most`,
      `a list of ${count}`,
      offset,
    );
  const items: SmlNode[] = [];
  for (let item = 0; item < count; item++) {
    const node = readNode(cursor, depth + 1);
    if (node.kind === 'failure') return node;
    items.push(node);
  }
  return { kind: 'list', items, offset };
}

function failure(expected: string, found: string, offset: number): SmlFailure {
  return { kind: 'failure', detail: `expected ${expected}, found ${found}`, offset };
}
