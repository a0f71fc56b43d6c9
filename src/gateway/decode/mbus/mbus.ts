// Wired M-Bus: EN 13757-2 (link layer), EN 13757-3 and -7 (application and transport layer).
//
// What a bus master asks, and acknowledgements, are skipped between telegrams: they have no values.
// DLMS in the same framing (CI 00 to 1F) is left to the `dlms` decoder.

import {
  type Damage,
  type Decoded,
  type DecodeOptions,
  type Decoder,
  damage,
  type Piece,
  type Split,
} from '../telegram.ts';
import { isApplicationCi, readApplication } from './application.ts';
import {
  ACKNOWLEDGEMENT,
  isShortFrame,
  LONG_START,
  longFrameBytes,
  readLinkFrame,
  SHORT_BYTES,
  SHORT_START,
  STOP,
} from './link.ts';
import { orDamage } from './reader.ts';

/** C field (SND_UD, SND_UD2 and others): from the master, who never answers. */
const FROM_MASTER = 0x40;
/** A CI field that may stand alone. */
const APPLICATION_ERROR = 0x70;
const LONG_HEAD = 4;
/** Up to and with the CI field. */
const DATA_START = 6;

export const MBUS: Decoder = {
  protocol: 'mbus',
  detect,
  split,
  decode,
};

function detect(bytes: Uint8Array): number {
  const { pieces } = split(bytes, true);
  let best = 0;
  for (const { start, end } of pieces) {
    const ci = bytes[start + DATA_START];
    if (bytes[start] !== LONG_START || ci === undefined || !isApplicationCi(ci)) continue;
    const frame = readLinkFrame(bytes.subarray(start, end), false);
    best = Math.max(best, frame.kind === 'long' ? 0.95 : 0.3);
  }
  return best;
}

function split(bytes: Uint8Array, isEnd: boolean): Split {
  const pieces: Piece[] = [];
  let traffic: Piece | undefined;
  let at = 0;
  while (at < bytes.length) {
    const length = longFrameBytes(bytes, at);
    const left = bytes.length - at;
    if (length !== undefined) {
      const isWhole = left >= LONG_HEAD && left >= length;
      if (!isWhole && !isEnd) return { pieces, restStart: at };
      // What is cut at the end may have been no beginning: look on behind its first byte.
      if (isWhole || (left >= LONG_HEAD && !hasLaterStart(bytes, at + 1))) {
        const end = endOfFrame(bytes, at, Math.min(at + length, bytes.length));
        pieces.push({ start: at, end });
        at = end;
        continue;
      }
    }
    const skipped = trafficBytes(bytes, at);
    if (skipped > 0) traffic ??= { start: at, end: at + skipped };
    else if (!isEnd && bytes[at] === SHORT_START && left < SHORT_BYTES)
      return { pieces, restStart: at };
    at += Math.max(1, skipped);
  }
  if (isEnd && pieces.length === 0 && traffic !== undefined) pieces.push(traffic);
  return { pieces, restStart: bytes.length };
}

/** A frame that lost bytes ends where the next one begins, and does not take it along. */
function endOfFrame(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[end - 1] === STOP) return end;
  for (let at = start + LONG_HEAD; at + LONG_HEAD <= end; at++)
    if (longFrameBytes(bytes, at) !== undefined) return at;
  return end;
}

/** Only within the length of one frame, so that splitting stays linear. */
function hasLaterStart(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length - LONG_HEAD; at++) {
    const length = longFrameBytes(bytes, at);
    if (length !== undefined && at + length <= bytes.length) return true;
  }
  return false;
}

function trafficBytes(bytes: Uint8Array, at: number): number {
  if (bytes[at] === ACKNOWLEDGEMENT) return 1;
  return isShortFrame(bytes, at) ? SHORT_BYTES : 0;
}

function decode(piece: Uint8Array, options: DecodeOptions): Decoded {
  const frame = readLinkFrame(piece, options.checksums === 'ignore');
  if (frame.kind === 'damage') return frame;
  if (frame.kind !== 'long') return withoutValues(frame.kind);
  if (frame.data.length === 1 && frame.data[0] !== APPLICATION_ERROR)
    return withoutValues('control');
  const { control, data, warnings } = frame;
  const isToMeter = (control & FROM_MASTER) !== 0;
  const notes = isToMeter ? [...warnings, 'sent by the master of the bus'] : warnings;
  const read = orDamage(() =>
    readApplication(data, { protocol: 'mbus', options, warnings: notes }),
  );
  return read.kind === 'damage' ? { ...read, offset: read.offset + DATA_START } : read;
}

function withoutValues(kind: 'acknowledgement' | 'short' | 'control'): Damage {
  const what = {
    acknowledgement: 'an acknowledgement (E5)',
    short: 'a short frame',
    control: 'a control frame',
  };
  return damage('unsupported', `${what[kind]}, which has no values`);
}
