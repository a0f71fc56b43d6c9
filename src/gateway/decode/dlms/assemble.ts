// One message out of its frames: checks each of them, joins segments and blocks.

import { concatBytes } from '../../../core/bytes.ts';
import type { DecodeOptions } from '../telegram.ts';
import { BLOCK_TRANSFER, readBlock } from './block-transfer.ts';
import type { Frame, FrameDamage } from './frame.ts';
import { type FrameGroup, messageStart } from './group-frames.ts';
import { isFrameCheckRight } from './hdlc.ts';
import { Malformed, Reader } from './reader.ts';

export interface Message {
  readonly bytes: Uint8Array;
  readonly warnings: readonly string[];
}

const DAMAGES: Readonly<Record<FrameDamage, readonly [Malformed['reason'], string]>> = {
  header: ['bad-checksum', 'the header check of an HDLC frame does not match'],
  'no-end': ['bad-structure', 'a frame does not end where it says'],
  check: ['bad-checksum', 'the checksum of an M-Bus frame does not match'],
  'cut-short': ['cut-short', 'the last frame is not whole'],
};
const HDLC_CHECK = 'the frame check of an HDLC frame does not match';
const MAX_SEQUENCE = 16;

/** @throws Malformed, at a place in `bytes`. */
export function assemble(bytes: Uint8Array, group: FrameGroup, options: DecodeOptions): Message {
  const warnings = new Set<string>();
  for (const frame of group.frames) {
    const wrong = damageOf(bytes, frame);
    if (wrong === undefined) continue;
    const [reason, detail] = wrong;
    const isForgiven = options.checksums === 'ignore' && reason === 'bad-checksum';
    if (!isForgiven || frame.damage === 'header') throw new Malformed(reason, detail, frame.start);
    warnings.add(detail);
  }
  const first = group.frames[0] as Frame;
  const parts = partsOf(bytes, group);
  if (parts[0]?.[0] === BLOCK_TRANSFER)
    return { bytes: joinBlocks(parts, first), warnings: [...warnings] };
  const [message = new Uint8Array(0)] = parts;
  if (!group.isComplete) throw missing('the last segment of a message is missing', group);
  return { bytes: message, warnings: [...warnings] };
}

function damageOf(
  bytes: Uint8Array,
  frame: Frame,
): readonly [Malformed['reason'], string] | undefined {
  if (frame.damage !== undefined) return DAMAGES[frame.damage];
  const { checkStart } = frame;
  if (checkStart === undefined || isFrameCheckRight(bytes, checkStart, frame.end - 1))
    return undefined;
  return ['bad-checksum', HDLC_CHECK];
}

/** Segments joined; the LLC header is only before the first of them. */
function partsOf(bytes: Uint8Array, group: FrameGroup): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let segments: Uint8Array[] = [];
  for (const frame of group.frames) {
    checkSequence(frame, segments.length);
    const start = segments.length === 0 ? messageStart(bytes, frame) : frame.payload.start;
    segments.push(bytes.subarray(Math.min(start, frame.payload.end), frame.payload.end));
    if (frame.isSegment === true) continue;
    parts.push(concatBytes(...segments));
    segments = [];
  }
  if (segments.length > 0) throw missing('the last segment of a message is missing', group);
  return parts;
}

function checkSequence({ sequence, start }: Frame, index: number): void {
  const expected = index % MAX_SEQUENCE;
  if (sequence === undefined || sequence === expected) return;
  const detail = `expected M-Bus segment ${expected}, found ${sequence}`;
  throw new Malformed('bad-structure', detail, start);
}

function joinBlocks(parts: readonly Uint8Array[], first: Frame): Uint8Array {
  const found: Uint8Array[] = [];
  for (const [index, part] of parts.entries()) {
    const reader = new Reader(part);
    const block = readBlock(reader);
    if (block.number !== index + 1) {
      const detail = `expected block ${index + 1} of a message, found block ${block.number}`;
      throw new Malformed('bad-structure', detail, first.start);
    }
    if (reader.left > 0) {
      const detail = `expected the end of block ${block.number}, found ${reader.left} more bytes`;
      throw new Malformed('bad-structure', detail, first.start);
    }
    found.push(block.part);
    if (block.isLast) return concatBytes(...found);
  }
  throw new Malformed('cut-short', 'the last block of a message is missing', first.start);
}

function missing(detail: string, { frames }: FrameGroup): Malformed {
  return new Malformed('cut-short', detail, (frames[0] as Frame).start);
}
