// Messages without a frame around them: as captures and MQTT bridges keep them, with or without the
// LLC header e6 e7 00 (IEC 62056-46, 5.2; Green Book 8.3), and in the wrapper of TCP and UDP
// (IEC 62056-47, 7.3; Green Book 7.3.3): 00 01 | source port | destination port | length | message.

import { BLOCK_TRANSFER, readBlock } from './block-transfer.ts';
import {
  GENERAL_CIPHERING,
  GENERAL_DED_CIPHERING,
  GENERAL_GLO_CIPHERING,
  readCiphered,
} from './ciphering-header.ts';
import type { Frame } from './frame.ts';
import { isNotification, readNotification } from './notification.ts';
import { Malformed, Reader } from './reader.ts';

export const LLC_BYTES = 3;
const WRAPPER_BYTES = 8;

/** e6 e7 00 of a response or push, e6 e6 00 of a command. */
export function hasLlc(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 0xe6 && (bytes[at + 1] === 0xe7 || bytes[at + 1] === 0xe6) && bytes[at + 2] === 0
  );
}

/** Whether messages that we read begin with this byte. */
export function isMessageTag(tag: number | undefined): boolean {
  return isNotification(tag) || isCipheredTag(tag) || tag === BLOCK_TRANSFER;
}

export function isCipheredTag(tag: number | undefined): boolean {
  return (
    tag === GENERAL_GLO_CIPHERING || tag === GENERAL_DED_CIPHERING || tag === GENERAL_CIPHERING
  );
}

export function wrapperFrameAt(bytes: Uint8Array, at: number): Frame | 'incomplete' | undefined {
  const [high, low] = bytes.subarray(at, at + 2);
  if (high !== 0 || (low !== undefined && low !== 1)) return undefined;
  if (at + WRAPPER_BYTES >= bytes.length) return 'incomplete';
  if (!isMessageTag(bytes[at + WRAPPER_BYTES])) return undefined;
  const length = ((bytes[at + 6] as number) << 8) | (bytes[at + 7] as number);
  const payloadStart = at + WRAPPER_BYTES;
  const end = payloadStart + length;
  if (length === 0) return undefined;
  if (end > bytes.length) return 'incomplete';
  return { kind: 'wrapper', start: at, end, payload: { start: payloadStart, end } };
}

/** Finds the end by reading the message. */
export function rawFrameAt(bytes: Uint8Array, at: number): Frame | 'incomplete' | undefined {
  const start = hasLlc(bytes, at) ? at + LLC_BYTES : at;
  if (!isMessageTag(bytes[start])) return undefined;
  try {
    const end = messageEnd(bytes, start);
    return { kind: 'raw', start: at, end, payload: { start, end } };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return error.reason === 'cut-short' ? 'incomplete' : undefined;
  }
}

function messageEnd(bytes: Uint8Array, start: number): number {
  const tag = bytes[start];
  const reader = new Reader(bytes, start);
  if (isCipheredTag(tag)) {
    readCiphered(reader);
    return reader.at;
  }
  if (tag === BLOCK_TRANSFER) {
    readBlock(reader);
    return reader.at;
  }
  try {
    return readNotification(bytes, start, true).end;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return readNotification(bytes, start, false).end;
  }
}
