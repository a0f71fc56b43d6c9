// The wired link layer, EN 13757-2:2018, 5 (FT 1.2 of IEC 60870-5): single character E5, short
// frame 10 C A check 16, control and long frame 68 L L 68 C A CI ... check 16.

import { type Damage, damage } from '../telegram.ts';
import { hexByte } from './reader.ts';

export const ACKNOWLEDGEMENT = 0xe5;
export const SHORT_START = 0x10;
export const LONG_START = 0x68;
export const STOP = 0x16;
export const SHORT_BYTES = 5;
/** Start, length twice, start; checksum, stop. */
const LONG_OVERHEAD = 6;
/** C, A and CI. */
export const MIN_LONG_LENGTH = 3;

export type LinkFrame =
  | { readonly kind: 'acknowledgement' }
  | { readonly kind: 'short'; readonly control: number }
  | {
      readonly kind: 'long';
      readonly control: number;
      readonly address: number;
      /** From the CI field on. */
      readonly data: Uint8Array;
      readonly warnings: readonly string[];
    };

/** How long the long frame at `at` is; undefined where none begins there. */
export function longFrameBytes(bytes: Uint8Array, at: number): number | undefined {
  const length = bytes[at + 1];
  const isStart = bytes[at] === LONG_START && (bytes[at + 3] ?? LONG_START) === LONG_START;
  if (!isStart || (length ?? MIN_LONG_LENGTH) < MIN_LONG_LENGTH) return undefined;
  if ((bytes[at + 2] ?? length) !== length) return undefined;
  return (length ?? MIN_LONG_LENGTH) + LONG_OVERHEAD;
}

export function isShortFrame(bytes: Uint8Array, at: number): boolean {
  const [control = 0, address = 0, check, stop] = bytes.subarray(at + 1, at + SHORT_BYTES);
  return bytes[at] === SHORT_START && check === ((control + address) & 0xff) && stop === STOP;
}

export function readLinkFrame(bytes: Uint8Array, isCheckIgnored: boolean): LinkFrame | Damage {
  if (bytes[0] === ACKNOWLEDGEMENT && bytes.length === 1) return { kind: 'acknowledgement' };
  if (bytes[0] === SHORT_START && isShortFrame(bytes, 0))
    return { kind: 'short', control: bytes[1] as number };
  const length = longFrameBytes(bytes, 0);
  if (length === undefined || bytes.length < 4)
    return damage('not-a-telegram', `expected 68 L L 68, found ${headText(bytes)}`);
  if (bytes.length < length)
    return damage('cut-short', `expected ${length} bytes, found ${bytes.length}`, bytes.length);
  if (bytes.length > length)
    return damage('bad-structure', `${bytes.length - length} bytes behind the frame`, length);
  return readLongFrame(bytes, isCheckIgnored);
}

function readLongFrame(bytes: Uint8Array, isCheckIgnored: boolean): LinkFrame | Damage {
  const end = bytes.length - 2;
  const stop = bytes[end + 1] as number;
  if (stop !== STOP) return damage('bad-structure', `expected 16, found ${hexByte(stop)}`, end + 1);
  let sum = 0;
  for (let at = 4; at < end; at++) sum = (sum + (bytes[at] as number)) & 0xff;
  const warnings: string[] = [];
  if (sum !== bytes[end]) {
    const text = `expected the checksum ${hexByte(sum)}, found ${hexByte(bytes[end] as number)}`;
    if (!isCheckIgnored) return damage('bad-checksum', text, end);
    warnings.push(text);
  }
  return {
    kind: 'long',
    control: bytes[4] as number,
    address: bytes[5] as number,
    data: bytes.subarray(6, end),
    warnings,
  };
}

function headText(bytes: Uint8Array): string {
  const head = Array.from(bytes.subarray(0, 4), hexByte).join(' ');
  return head === '' ? 'nothing' : head;
}
