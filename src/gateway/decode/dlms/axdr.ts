// A-XDR encoding of COSEM data (IEC 62056-5-3, 9.5 and IEC 61334-6; types in IEC 62056-6-2, 4.1.5;
// Green Book 9.5 and Blue Book 4.1.5): a type byte, then the value.
//
// Bounded: nesting by MAX_NESTING, values by MAX_VALUES (compact arrays can hold values of no bytes
// at all), strings by what is there.

import { MAX_NESTING } from '../telegram.ts';
import { Malformed, Reader } from './reader.ts';

export const MAX_VALUES = 8192;

export type Data =
  | { readonly kind: 'null' }
  | { readonly kind: 'list'; readonly items: readonly Data[] }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint; readonly type: number }
  | { readonly kind: 'float'; readonly value: number; readonly isSingle: boolean }
  | { readonly kind: 'octets' | 'text' | 'bits' | 'digits'; readonly bytes: Uint8Array }
  | { readonly kind: 'date-time' | 'date' | 'time'; readonly bytes: Uint8Array };

export const TYPE = {
  null: 0,
  array: 1,
  structure: 2,
  boolean: 3,
  bitString: 4,
  doubleLong: 5,
  doubleLongUnsigned: 6,
  octetString: 9,
  visibleString: 10,
  utf8String: 12,
  bcd: 13,
  integer: 15,
  long: 16,
  unsigned: 17,
  longUnsigned: 18,
  compactArray: 19,
  long64: 20,
  long64Unsigned: 21,
  enum: 22,
  float32: 23,
  float64: 24,
  dateTime: 25,
  date: 26,
  time: 27,
  dontCare: 255,
} as const;

/** Bytes and sign of the integer types. */
const INTEGERS: Readonly<Record<number, readonly [size: number, isSigned: boolean]>> = {
  [TYPE.doubleLong]: [4, true],
  [TYPE.doubleLongUnsigned]: [4, false],
  [TYPE.integer]: [1, true],
  [TYPE.long]: [2, true],
  [TYPE.unsigned]: [1, false],
  [TYPE.longUnsigned]: [2, false],
  [TYPE.long64]: [8, true],
  [TYPE.long64Unsigned]: [8, false],
  [TYPE.enum]: [1, false],
};

/** Layouts of vendors that no type byte announces. */
export type Dialect =
  | 'standard'
  /** E.GD, Sagemcom XT211: class, OBIS code and attribute as 9 bare bytes, first in a pair. */
  | 'bare-descriptors'
  /** Landis+Gyr ZMF100: type and length of an OBIS code swapped, 06 09. */
  | 'swapped-codes';

const DESCRIPTOR_BYTES = 9;
const CODE_BYTES = 6;

export class DataReader {
  readonly #reader: Reader;
  readonly #dialect: Dialect;
  #values = 0;

  constructor(reader: Reader, dialect: Dialect = 'standard') {
    this.#reader = reader;
    this.#dialect = dialect;
  }

  /** @throws Malformed */
  read(depth: number = 0): Data {
    const at = this.#reader.at;
    return this.#value(this.#reader.u8(), depth, at);
  }

  #value(type: number, depth: number, at: number): Data {
    if (++this.#values > MAX_VALUES)
      throw new Malformed('too-large', `more than ${MAX_VALUES} values`, at);
    if (type === TYPE.array || type === TYPE.structure) return this.#list(depth, at);
    if (type === TYPE.compactArray) return this.#compactArray(depth);
    return scalar(this.#reader, type, at);
  }

  #list(depth: number, at: number): Data {
    checkDepth(depth, at);
    const count = this.#reader.length();
    // Every value has at least its type byte.
    if (count > this.#reader.left)
      throw new Malformed('cut-short', `expected ${count} values in a list`, at);
    const items: Data[] = [];
    for (let left = count; left > 0; left--) {
      const isFirst = left === count;
      items.push((isFirst ? this.#vendorCode(count) : undefined) ?? this.read(depth + 1));
    }
    return { kind: 'list', items };
  }

  /** The first of a list, where the dialect writes it in its own way. */
  #vendorCode(count: number): Data | undefined {
    const reader = this.#reader;
    if (this.#dialect === 'bare-descriptors' && count === 2 && reader.peek() === 0) {
      const descriptor = reader.take(DESCRIPTOR_BYTES);
      return { kind: 'octets', bytes: descriptor.subarray(2, 2 + CODE_BYTES) };
    }
    if (this.#dialect !== 'swapped-codes') return undefined;
    if (reader.peek() !== CODE_BYTES || reader.peek(1) !== TYPE.octetString) return undefined;
    reader.take(2);
    return { kind: 'octets', bytes: reader.take(CODE_BYTES) };
  }

  #compactArray(depth: number): Data {
    const reader = this.#reader;
    const describe = reader.at;
    const description = readDescription(reader, depth + 1);
    const length = reader.length();
    const contents = new Reader(reader.take(length));
    const items: Data[] = [];
    while (contents.left > 0) {
      const before = contents.at;
      items.push(this.#described(contents, description, depth + 1));
      if (contents.at === before)
        throw new Malformed('bad-structure', 'a compact array of values without bytes', describe);
    }
    return { kind: 'list', items };
  }

  #described(contents: Reader, description: Description, depth: number): Data {
    if (description.kind === 'scalar') {
      if (++this.#values > MAX_VALUES)
        throw new Malformed('too-large', `more than ${MAX_VALUES} values`, contents.at);
      return scalar(contents, description.type, contents.at);
    }
    const items: Data[] = [];
    for (const [count, inner] of description.parts)
      for (let left = count; left > 0; left--) {
        if (++this.#values > MAX_VALUES)
          throw new Malformed('too-large', `more than ${MAX_VALUES} values`, contents.at);
        items.push(this.#described(contents, inner, depth + 1));
      }
    return { kind: 'list', items };
  }
}

type Description =
  | { readonly kind: 'scalar'; readonly type: number }
  | {
      readonly kind: 'list';
      readonly parts: readonly (readonly [count: number, of: Description])[];
    };

/** TypeDescription of a compact array, IEC 62056-5-3 table 20. */
function readDescription(reader: Reader, depth: number): Description {
  const at = reader.at;
  checkDepth(depth, at);
  const type = reader.u8();
  if (type === TYPE.array)
    return { kind: 'list', parts: [[reader.u16(), readDescription(reader, depth + 1)]] };
  if (type !== TYPE.structure) return { kind: 'scalar', type };
  const count = reader.length();
  if (count > reader.left)
    throw new Malformed('cut-short', `expected ${count} types in a description`, at);
  const parts: [number, Description][] = [];
  for (let left = count; left > 0; left--) parts.push([1, readDescription(reader, depth + 1)]);
  return { kind: 'list', parts };
}

function scalar(reader: Reader, type: number, at: number): Data {
  const integer = INTEGERS[type];
  if (integer !== undefined) return { kind: 'integer', value: reader.integer(...integer), type };
  switch (type) {
    case TYPE.null:
    case TYPE.dontCare:
      return { kind: 'null' };
    case TYPE.boolean:
      return { kind: 'boolean', value: reader.u8() !== 0 };
    case TYPE.bitString:
      return { kind: 'bits', bytes: reader.take(Math.ceil(reader.length() / 8)) };
    case TYPE.octetString:
      return { kind: 'octets', bytes: reader.take(reader.length()) };
    case TYPE.visibleString:
    case TYPE.utf8String:
      return { kind: 'text', bytes: reader.take(reader.length()) };
    case TYPE.bcd:
      return { kind: 'digits', bytes: reader.take(1) };
    case TYPE.float32:
      return { kind: 'float', value: floatOf(reader.take(4)), isSingle: true };
    case TYPE.float64:
      return { kind: 'float', value: floatOf(reader.take(8)), isSingle: false };
    case TYPE.dateTime:
      return { kind: 'date-time', bytes: reader.take(12) };
    case TYPE.date:
      return { kind: 'date', bytes: reader.take(5) };
    case TYPE.time:
      return { kind: 'time', bytes: reader.take(4) };
    default:
      throw new Malformed('bad-structure', `expected a data type, found ${type}`, at);
  }
}

function floatOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length === 4 ? view.getFloat32(0) : view.getFloat64(0);
}

function checkDepth(depth: number, at: number): void {
  if (depth >= MAX_NESTING)
    throw new Malformed('too-large', `lists nested more than ${MAX_NESTING} deep`, at);
}
