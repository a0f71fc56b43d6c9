// Values of MMS (ISO 9506-2, Data and AccessResult) in an information report.

import { MAX_NESTING, MAX_TEXT_LENGTH } from '../telegram.ts';
import { asciiText } from '../text.ts';
import { isoOfUnix } from '../time.ts';
import { type BerNode, childrenOf } from './ber.ts';

export type MmsValue =
  | { readonly kind: 'list'; readonly items: readonly MmsValue[] }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number; readonly isDouble: boolean }
  | { readonly kind: 'bits'; readonly bits: readonly boolean[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'time'; readonly time: string | undefined }
  /** Octets, booleans, and what the server could not read: nothing here counts with them. */
  | { readonly kind: 'other' };

const ARRAY = 0xa1;
const STRUCTURE = 0xa2;
const BIT_STRING = 0x84;
const INTEGER = 0x85;
const UNSIGNED = 0x86;
const FLOAT = 0x87;
const VISIBLE_STRING = 0x8a;
const BINARY_TIME = 0x8c;
const MMS_STRING = 0x90;
const UTC_TIME = 0x91;
const MAX_INTEGER_BYTES = 9;
const MAX_BITS = 8 * 1024;
const MAX_VALUES = 8192;
/** 1984-01-01, of binary time. */
const BINARY_EPOCH_SECONDS = 441_763_200;

/** undefined where the bytes are no such value. */
export function readValue(
  bytes: Uint8Array,
  node: BerNode,
  depth: number = 0,
): MmsValue | undefined {
  const content = bytes.subarray(node.start, node.end);
  switch (node.tag) {
    case ARRAY:
    case STRUCTURE:
      return readList(bytes, node, depth);
    case INTEGER:
    case UNSIGNED:
      return readInteger(content, node.tag === INTEGER);
    case FLOAT:
      return readFloat(content);
    case BIT_STRING:
      return readBits(content);
    case VISIBLE_STRING:
    case MMS_STRING:
      return content.length > MAX_TEXT_LENGTH
        ? undefined
        : { kind: 'text', text: asciiText(content) };
    case UTC_TIME:
      return content.length === 8 ? { kind: 'time', time: isoOfUnix(u32(content, 0)) } : undefined;
    case BINARY_TIME:
      return readBinaryTime(content);
    default:
      return { kind: 'other' };
  }
}

function readList(bytes: Uint8Array, node: BerNode, depth: number): MmsValue | undefined {
  const children = depth < MAX_NESTING ? childrenOf(bytes, node) : undefined;
  if (children === undefined || children.length > MAX_VALUES) return undefined;
  const items: MmsValue[] = [];
  for (const child of children) {
    const item = readValue(bytes, child, depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return { kind: 'list', items };
}

function readInteger(content: Uint8Array, isSigned: boolean): MmsValue | undefined {
  if (content.length === 0 || content.length > MAX_INTEGER_BYTES) return undefined;
  let value = 0n;
  for (const byte of content) value = (value << 8n) | BigInt(byte);
  return { kind: 'integer', value: isSigned ? BigInt.asIntN(8 * content.length, value) : value };
}

/** The width of the exponent, then IEEE 754, most significant byte first. */
function readFloat(content: Uint8Array): MmsValue | undefined {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  if (content.length === 5 && content[0] === 8)
    return { kind: 'float', value: view.getFloat32(1), isDouble: false };
  if (content.length === 9 && content[0] === 11)
    return { kind: 'float', value: view.getFloat64(1), isDouble: true };
  return undefined;
}

function readBits(content: Uint8Array): MmsValue | undefined {
  const unused = content[0] ?? 8;
  const count = 8 * (content.length - 1) - unused;
  if (unused > 7 || count < 0 || count > MAX_BITS) return undefined;
  const bits: boolean[] = [];
  for (let bit = 0; bit < count; bit++)
    bits.push((((content[1 + (bit >> 3)] as number) >> (7 - (bit & 7))) & 1) === 1);
  return { kind: 'bits', bits };
}

function readBinaryTime(content: Uint8Array): MmsValue {
  if (content.length !== 6) return { kind: 'time', time: undefined };
  const days = ((content[4] as number) << 8) | (content[5] as number);
  const seconds = Math.floor(u32(content, 0) / 1000);
  return { kind: 'time', time: isoOfUnix(BINARY_EPOCH_SECONDS + days * 86_400 + seconds) };
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at);
}
