// Which frames make one message: segments of HDLC (IEC 62056-46, 6.4.4.3) and of M-Bus, and the
// blocks of a general block transfer, each of which may itself come in segments.

import { MAX_TELEGRAM_BYTES } from '../telegram.ts';
import { peekBlock } from './block-transfer.ts';
import type { Frame } from './frame.ts';
import { hasLlc, isMessageTag, LLC_BYTES } from './raw-frame.ts';

export interface FrameGroup {
  readonly frames: readonly Frame[];
  /** The last segment of the last block is there. */
  readonly isComplete: boolean;
}

interface OpenGroup {
  readonly frames: Frame[];
  /** Nothing in it begins a message. */
  readonly isOrphan: boolean;
  isSegmentOpen: boolean;
  areBlocksOpen: boolean;
}

/** The last group may be incomplete only because the capture ends. */
export function groupFrames(bytes: Uint8Array, frames: readonly Frame[]): readonly FrameGroup[] {
  const groups: FrameGroup[] = [];
  let open: OpenGroup | undefined;
  for (const frame of frames) {
    if (frame.isIdle === true) continue;
    if (open !== undefined && !joins(bytes, open, frame)) {
      groups.push({ frames: open.frames, isComplete: false });
      open = undefined;
    }
    const isStart = open === undefined;
    open ??= newGroup(bytes, frame);
    open.frames.push(frame);
    follow(bytes, open, frame, isStart);
    if (open.isOrphan || open.isSegmentOpen || open.areBlocksOpen) continue;
    groups.push({ frames: open.frames, isComplete: true });
    open = undefined;
  }
  if (open !== undefined) groups.push({ frames: open.frames, isComplete: false });
  return groups;
}

/** Where the message's own bytes begin, for a frame that begins one. */
export function messageStart(bytes: Uint8Array, frame: Frame): number {
  return hasLlc(bytes, frame.payload.start) ? frame.payload.start + LLC_BYTES : frame.payload.start;
}

function newGroup(bytes: Uint8Array, frame: Frame): OpenGroup {
  const { payload, damage } = frame;
  const isDamaged = damage !== undefined && damage !== 'check';
  // Meters leave the LLC header out, so what may be a message on its own counts as one.
  const isOrphan =
    isDamaged ||
    (!beginsMessage(bytes, frame) &&
      (peekBlock(bytes, payload.start) !== undefined || !isMessageTag(bytes[payload.start])));
  return { frames: [], isOrphan, isSegmentOpen: false, areBlocksOpen: false };
}

function follow(bytes: Uint8Array, open: OpenGroup, frame: Frame, isStart: boolean): void {
  const beginsPart = isStart || !open.isSegmentOpen;
  if (frame.damage !== undefined && frame.damage !== 'check') return;
  if (beginsPart) {
    const block = peekBlock(bytes, messageStart(bytes, frame));
    open.areBlocksOpen = block !== undefined && !block.isLast;
  }
  open.isSegmentOpen = frame.isSegment === true;
}

function joins(bytes: Uint8Array, open: OpenGroup, frame: Frame): boolean {
  const first = open.frames[0] as Frame;
  if (frame.kind !== first.kind) return false;
  if (frame.end - first.start > MAX_TELEGRAM_BYTES) return false;
  if (frame.damage !== undefined && frame.damage !== 'check') return true;
  if (beginsMessage(bytes, frame)) return false;
  if (open.isOrphan || open.isSegmentOpen) return true;
  return peekBlock(bytes, messageStart(bytes, frame)) !== undefined;
}

function beginsMessage(bytes: Uint8Array, frame: Frame): boolean {
  const block = peekBlock(bytes, messageStart(bytes, frame));
  if (block !== undefined) return block.isFirst;
  if (frame.kind === 'hdlc') return hasLlc(bytes, frame.payload.start);
  return frame.kind !== 'mbus' || frame.sequence === 0;
}
