// The frame: the only thing a meter sends (design.md section 4; corrections 10 and 19).
//
//   u8 version = 1 | u8 channel set | u32 slot | u32 intervalIndex | u64 masked word per channel | tag[16]
//
// all little-endian: 34 bytes for one channel, 50 for three. The tag is the ChaCha20-Poly1305 tag
// (RFC 8439 section 2.8) of an empty plaintext under the meter's authentication key of the epoch,
// nonce LE32(intervalIndex) || context[0..8], associated data context || frame without tag. The
// context binds network policy and street, so a frame cannot be replayed into another street,
// network, policy or interval. Nothing in a frame is secret once it is masked.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import type { AreaId } from './area.ts';
import { concatBytes, equalBytes, readU32, readU64, utf8, writeU32, writeU64 } from './bytes.ts';
import { type ChannelSet, channelCount, channelSet } from './channel.ts';
import { sha256 } from './digest.ts';
import { type IntervalIndex, intervalIndex } from './interval.ts';
import { type Slot, slot } from './roster.ts';

export const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 10;
export const TAG_BYTES = 16;
const EMPTY: Uint8Array = new Uint8Array(0);

export interface FrameBody {
  readonly channels: ChannelSet;
  readonly slot: Slot;
  readonly interval: IntervalIndex;
  /** One masked word per channel of the set, in ascending channel order. */
  readonly words: BigUint64Array;
}

export function frameBytes(channels: ChannelSet): number {
  return FRAME_HEADER_BYTES + 8 * channelCount(channels) + TAG_BYTES;
}

/** What a frame is bound to: SHA-256("streetwatt/v1" || meter policy digest || area id)[0..16]. */
export function frameContext(meterPolicyDigest: Uint8Array, street: AreaId): Uint8Array {
  return sha256(utf8('streetwatt/v1'), meterPolicyDigest, utf8(street)).subarray(0, 16);
}

export function encodeFrame(
  body: FrameBody,
  authenticationKey: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(frameBytes(body.channels));
  out[0] = FRAME_VERSION;
  out[1] = body.channels;
  writeU32(out, 2, body.slot);
  writeU32(out, 6, body.interval);
  for (let i = 0; i < body.words.length; i++)
    writeU64(out, FRAME_HEADER_BYTES + 8 * i, body.words[i] as bigint);
  const tagAt = out.length - TAG_BYTES;
  out.set(frameTag(out.subarray(0, tagAt), body.interval, authenticationKey, context), tagAt);
  return out;
}

/**
 * Splits a bus message into frames, which stand back to back. A frame's length follows from its
 * channel set, so what follows a bad header cannot be found again: the rest is one rejection.
 */
export function splitFrames(message: Uint8Array): {
  readonly frames: readonly Uint8Array[];
  readonly rejected?: 'bad-version' | 'bad-length';
} {
  const frames: Uint8Array[] = [];
  let offset = 0;
  while (offset < message.length) {
    if (message[offset] !== FRAME_VERSION) return { frames, rejected: 'bad-version' };
    const bits = message[offset + 1];
    if (bits === undefined || bits === 0) return { frames, rejected: 'bad-length' };
    const end = offset + frameBytes(channelSet(bits));
    if (end > message.length) return { frames, rejected: 'bad-length' };
    frames.push(message.subarray(offset, end));
    offset = end;
  }
  return frames.length === 0 ? { frames, rejected: 'bad-length' } : { frames };
}

/** Reads one frame of the right length and version (as `splitFrames` gives it); the tag is not checked. */
export function decodeFrame(frame: Uint8Array): FrameBody {
  const channels = channelSet(frame[1] as number);
  const words = new BigUint64Array(channelCount(channels));
  for (let i = 0; i < words.length; i++) words[i] = readU64(frame, FRAME_HEADER_BYTES + 8 * i);
  return {
    channels,
    slot: slot(readU32(frame, 2)),
    interval: intervalIndex(readU32(frame, 6)),
    words,
  };
}

export function isFrameTagValid(
  frame: Uint8Array,
  authenticationKey: Uint8Array,
  context: Uint8Array,
): boolean {
  const tagAt = frame.length - TAG_BYTES;
  const expected = frameTag(
    frame.subarray(0, tagAt),
    readU32(frame, 6),
    authenticationKey,
    context,
  );
  return equalBytes(expected, frame.subarray(tagAt));
}

function frameTag(
  untagged: Uint8Array,
  interval: number,
  key: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  const nonce = new Uint8Array(12);
  writeU32(nonce, 0, interval);
  nonce.set(context.subarray(0, 8), 4);
  return chacha20poly1305(key, nonce, concatBytes(context, untagged)).encrypt(EMPTY);
}
