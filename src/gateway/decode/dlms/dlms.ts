// DLMS/COSEM as customer interfaces push it (IEC 62056-5-3, -6-2, -46, -47; EN 13757 for M-Bus):
// frames, segments, blocks, ciphering, notification, layout. Each step has a file of its own.

import type { Damage, Decoded, DecodeOptions, Decoder, Split } from '../telegram.ts';
import { damage, MAX_TELEGRAM_BYTES } from '../telegram.ts';
import { assemble } from './assemble.ts';
import { type Ciphered, readCiphered } from './ciphering-header.ts';
import { decipher } from './decipher.ts';
import { findFrames } from './find-frames.ts';
import type { Frame } from './frame.ts';
import { type FrameGroup, groupFrames } from './group-frames.ts';
import { type Notification, readNotification } from './notification.ts';
import { hasLlc, isCipheredTag, isMessageTag, LLC_BYTES } from './raw-frame.ts';
import { Malformed, Reader } from './reader.ts';
import { headerTelegram, telegramOf } from './telegram-of.ts';

export const DLMS: Decoder = { protocol: 'dlms', detect, split, decode };

const SURE = 0.95;
/** Other protocols cipher in the same way: encrypted P1 of Luxembourg. */
const RAW_CIPHERED = 0.5;
const RAW = 0.7;
/** Something begins like a frame, and is damaged. */
const DAMAGED = 0.2;
const P1_START = 0x2f;

function detect(bytes: Uint8Array): number {
  const { frames } = findFrames(bytes, true);
  let best = 0;
  for (const frame of frames) {
    if (frame.damage !== undefined) best = Math.max(best, DAMAGED);
    else if (frame.kind !== 'raw') return SURE;
    else if (isCipheredTag(bytes[frame.payload.start])) best = Math.max(best, RAW_CIPHERED);
    else best = Math.max(best, RAW);
  }
  return best;
}

function split(bytes: Uint8Array, isEnd: boolean): Split {
  const { frames, restStart } = findFrames(bytes, isEnd);
  if (frames.length === 0 && isEnd && startsRaw(bytes))
    return { pieces: [{ start: 0, end: capped(bytes) }], restStart: bytes.length };
  const groups = groupFrames(bytes, frames);
  const last = groups.at(-1);
  const isOpen = !isEnd && last !== undefined && mayGrow(bytes, last);
  const whole = isOpen ? groups.slice(0, -1) : groups;
  const pieces = whole.map(({ frames: of }) => {
    const start = (of[0] as Frame).start;
    return { start, end: Math.min((of.at(-1) as Frame).end, start + MAX_TELEGRAM_BYTES) };
  });
  return { pieces, restStart: isOpen ? (last.frames[0] as Frame).start : restStart };
}

/** A message that lacks frames waits for them, but not for ever. */
function mayGrow(bytes: Uint8Array, { frames, isComplete }: FrameGroup): boolean {
  return !isComplete && bytes.length - (frames[0] as Frame).start < MAX_TELEGRAM_BYTES;
}

function decode(piece: Uint8Array, options: DecodeOptions): Decoded {
  if (piece.length > MAX_TELEGRAM_BYTES)
    return damage('too-large', `expected at most ${MAX_TELEGRAM_BYTES} bytes, found more`);
  let place = 0;
  try {
    const group = groupIn(piece);
    if ('kind' in group) return group;
    const message = assemble(piece, group, options);
    // Offsets inside a joined message have no one place in the piece: its beginning is told.
    place = (group.frames[0] as Frame).payload.start;
    return decodeMessage(message.bytes, message.warnings, options);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const inMessage = place > 0 && error.at > 0 ? ` (byte ${error.at} of the message)` : '';
    return damage(error.reason, `${error.message}${inMessage}`, place > 0 ? place : error.at);
  }
}

function groupIn(piece: Uint8Array): FrameGroup | Damage {
  const { frames } = findFrames(piece, true);
  const [group, second] = groupFrames(piece, frames);
  if (group === undefined) {
    if (!startsRaw(piece))
      return damage('not-a-telegram', 'expected an HDLC, M-Bus or DLMS message, found none');
    const start = hasLlc(piece, 0) ? LLC_BYTES : 0;
    const frame: Frame = {
      kind: 'raw',
      start: 0,
      end: piece.length,
      payload: { start, end: piece.length },
    };
    return { frames: [frame], isComplete: true };
  }
  if (second === undefined) return group;
  return damage(
    'bad-structure',
    'expected one message, found more than one',
    (second.frames[0] as Frame).start,
  );
}

/** @throws Malformed */
function decodeMessage(
  bytes: Uint8Array,
  warnings: readonly string[],
  options: DecodeOptions,
): Decoded {
  if (!isCipheredTag(bytes[0]))
    return telegramOf(readNotification(bytes, 0, true), undefined, warnings);
  const reader = new Reader(bytes);
  const ciphered = readCiphered(reader);
  if (reader.left > 0) {
    const detail = `expected the end of the ciphered message, found ${reader.left} more bytes`;
    throw new Malformed('bad-structure', detail, reader.at);
  }
  const plain = decipher(ciphered, options);
  if (plain === undefined) return headerTelegram(ciphered, warnings);
  const notification = readPlain(ciphered, plain.bytes, plain.isVerified);
  return telegramOf(notification, ciphered, [...warnings, ...plain.warnings]);
}

/** Where no tag proves the key, nonsense does. */
function readPlain(ciphered: Ciphered, bytes: Uint8Array, isVerified: boolean): Notification {
  if (bytes[0] === P1_START) {
    const detail = 'an ASCII telegram in DLMS ciphering: read it as dsmr-p1';
    throw new Malformed('unsupported', detail, 0);
  }
  try {
    return readNotification(bytes, 0, true);
  } catch (error) {
    if (!(error instanceof Malformed) || isVerified || !ciphered.isEncrypted) throw error;
    const detail = 'what was decrypted is no DLMS notification: the key does not fit';
    throw new Malformed('bad-key', detail, 0);
  }
}

function startsRaw(bytes: Uint8Array): boolean {
  return isMessageTag(bytes[hasLlc(bytes, 0) ? LLC_BYTES : 0]);
}

function capped(bytes: Uint8Array): number {
  return Math.min(bytes.length, MAX_TELEGRAM_BYTES);
}
