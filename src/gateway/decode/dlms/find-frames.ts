// Frames of any transport in a capture or a stream, skipping what is between them. Linear: what is
// looked at again for a beginning that turns out to be none is bounded by the length of one frame.

import type { Frame } from './frame.ts';
import { type HeaderSearch, hdlcFrameAt, isHdlcFormat } from './hdlc.ts';
import { mbusFrameAt } from './mbus-frame.ts';
import { rawFrameAt, wrapperFrameAt } from './raw-frame.ts';

const HDLC_FLAG = 0x7e;
const MBUS_START = 0x68;
/** Fewer bytes at the end of a capture are not told as a frame that was cut. */
const MIN_CUT_BYTES = 4;

export interface FoundFrames {
  readonly frames: readonly Frame[];
  /** From here on a frame may still grow. */
  readonly restStart: number;
}

/**
 * `isEnd`: nothing follows. Messages without a frame are looked for only then, at the very beginning
 * and behind each other: nothing tells a message from any other bytes in the middle of a stream.
 */
export function findFrames(bytes: Uint8Array, isEnd: boolean): FoundFrames {
  const frames: Frame[] = [];
  let cutAt: number | undefined;
  let before: Frame | undefined;
  const search: HeaderSearch = { from: 0, until: 0 };
  let at = 0;
  while (at < bytes.length) {
    const isBehind = at === (before?.end ?? 0);
    const behind = isBehind ? (before?.kind ?? 'any') : 'none';
    const found = frameAt(bytes, at, { behind, isEnd, search });
    if (found === 'incomplete' && !isEnd) return { frames, restStart: at };
    if (found === 'incomplete' && bytes.length - at >= MIN_CUT_BYTES) cutAt ??= at;
    if (found === undefined || found === 'incomplete') {
      at++;
      continue;
    }
    if (cutAt !== undefined) frames.push(cutFrame(bytes, cutAt, found.start));
    cutAt = undefined;
    frames.push(found);
    before = found;
    at = found.end;
  }
  if (cutAt !== undefined) frames.push(cutFrame(bytes, cutAt, bytes.length));
  return { frames, restStart: bytes.length };
}

interface Context {
  /** What kind of frame ended here; `any` at the very beginning. */
  readonly behind: Frame['kind'] | 'any' | 'none';
  readonly isEnd: boolean;
  readonly search: HeaderSearch;
}

function frameAt(
  bytes: Uint8Array,
  at: number,
  { behind, isEnd, search }: Context,
): Frame | 'incomplete' | undefined {
  const byte = bytes[at] as number;
  if (byte === HDLC_FLAG) {
    if (at + 1 === bytes.length) return isEnd ? undefined : 'incomplete';
    return isHdlcFormat(bytes[at + 1]) ? hdlcFrameAt(bytes, at + 1, at, search) : undefined;
  }
  if (byte === MBUS_START) return mbusFrameAt(bytes, at);
  // One flag closes a frame and opens the next.
  if ((behind === 'hdlc' || behind === 'any') && isHdlcFormat(byte))
    return hdlcFrameAt(bytes, at, at, search);
  const isUnframed = behind === 'any' || behind === 'wrapper' || behind === 'raw';
  if (!isUnframed) return undefined;
  const wrapped = wrapperFrameAt(bytes, at);
  return wrapped === undefined && isEnd ? rawFrameAt(bytes, at) : wrapped;
}

function cutFrame(bytes: Uint8Array, start: number, end: number): Frame {
  const byte = bytes[start];
  const kind = byte === HDLC_FLAG || isHdlcFormat(byte) ? 'hdlc' : 'mbus';
  return {
    kind: byte === MBUS_START || kind === 'hdlc' ? kind : 'raw',
    start,
    end,
    payload: { start: end, end },
    damage: 'cut-short',
  };
}
