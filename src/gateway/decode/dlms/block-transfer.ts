// General block transfer (IEC 62056-5-3, 6.2.14 and 7.3.13; Green Book 9.3.3 and 9.4.6.13): one
// message in numbered blocks, as Landis+Gyr meters push what is longer than one HDLC frame.
//
//   e0 | control | block number, 2 bytes | acknowledged, 2 bytes | length | part of the message

import { Malformed, type Reader } from './reader.ts';

export const BLOCK_TRANSFER = 0xe0;

const LAST_BLOCK = 0x80;

export interface Block {
  readonly isLast: boolean;
  /** From 1. */
  readonly number: number;
  readonly part: Uint8Array;
}

export function readBlock(reader: Reader): Block {
  const at = reader.at;
  const tag = reader.u8();
  if (tag !== BLOCK_TRANSFER)
    throw new Malformed(
      'bad-structure',
      `expected a block, found message 0x${tag.toString(16)}`,
      at,
    );
  const control = reader.u8();
  const number = reader.u16();
  reader.take(2);
  return { isLast: (control & LAST_BLOCK) !== 0, number, part: reader.take(reader.length()) };
}

export interface BlockHead {
  readonly isLast: boolean;
  readonly isFirst: boolean;
}

/** What the first bytes of a block say; undefined where they are none. */
export function peekBlock(bytes: Uint8Array, at: number): BlockHead | undefined {
  const [tag, control = 0, high, low] = bytes.subarray(at, at + 4);
  if (tag !== BLOCK_TRANSFER) return undefined;
  return { isLast: (control & LAST_BLOCK) !== 0, isFirst: high === 0 && low === 1 };
}
