// Wired M-Bus long frames that carry DLMS segments (EN 13757-2, 5.5; EN 13757-3, CI-field 00 to 1f;
// the transport of EN 13757-1 that Austrian and other customer interfaces use):
//
//   68 L L 68 | C | A | CI | STSAP | DTSAP | segment | sum of all after the second 68 | 16
//
// The low four bits of the CI-field number the segments, 10 marks the last one. L is one byte, and
// yet meters send frames of 256 and 257 bytes with L = 0 and 1 (Sagemcom T210-D).

import type { Frame } from './frame.ts';

const START = 0x68;
const STOP = 0x16;
const LAST_SEGMENT = 0x10;
const SEQUENCE = 0x0f;
const START_BYTES = 4;
/** C, A, CI, STSAP, DTSAP. */
const HEADER_BYTES = 5;
const END_BYTES = 2;

/** As `hdlcFrameAt`. */
export function mbusFrameAt(bytes: Uint8Array, at: number): Frame | 'incomplete' | undefined {
  if (bytes[at] !== START) return undefined;
  const lengthByte = bytes[at + 1];
  if (at + START_BYTES + HEADER_BYTES > bytes.length) return isStartOf(bytes, at);
  if (bytes[at + 2] !== lengthByte || bytes[at + 3] !== START) return undefined;
  if ((bytes[at + 6] as number) > (LAST_SEGMENT | SEQUENCE)) return undefined;
  const length = lengthOf(lengthByte as number);
  const stopAt = at + START_BYTES + length + 1;
  if (stopAt >= bytes.length) return 'incomplete';
  if (bytes[stopAt] === STOP) return frameOf(bytes, at, length);
  // Bytes of it were lost or changed: told, up to where the next one may begin.
  const end = nextStart(bytes, at + START_BYTES, stopAt + 1);
  return { kind: 'mbus', start: at, end, payload: { start: end, end }, damage: 'no-end' };
}

/** No frame is as short as its own header, so a length that says so has lost its 256. */
function lengthOf(lengthByte: number): number {
  return lengthByte > HEADER_BYTES ? lengthByte : lengthByte + 256;
}

function frameOf(bytes: Uint8Array, at: number, length: number): Frame {
  const control = bytes[at + 6] as number;
  const payloadStart = at + START_BYTES + HEADER_BYTES;
  const sum = sumOf(bytes, at + START_BYTES, length);
  return {
    kind: 'mbus',
    start: at,
    end: at + START_BYTES + length + END_BYTES,
    payload: { start: payloadStart, end: at + START_BYTES + length },
    isSegment: (control & LAST_SEGMENT) === 0,
    sequence: control & SEQUENCE,
    ...(sum !== bytes[at + START_BYTES + length] && { damage: 'check' as const }),
  };
}

function isStartOf(bytes: Uint8Array, at: number): 'incomplete' | undefined {
  const [, first, second, start, , , control = 0] = bytes.subarray(at);
  const isSame = second === undefined || first === second;
  const isStart = start === undefined || start === START;
  return isSame && isStart && control <= (LAST_SEGMENT | SEQUENCE) ? 'incomplete' : undefined;
}

function nextStart(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++)
    if (bytes[at] === START && bytes[at + 3] === START && bytes[at + 1] === bytes[at + 2])
      return at;
  return end;
}

function sumOf(bytes: Uint8Array, start: number, length: number): number {
  let sum = 0;
  for (let at = start; at < start + length; at++) sum += bytes[at] as number;
  return sum & 0xff;
}
