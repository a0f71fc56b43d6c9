// Packets of ANSI C12.18-2006 (layer 2: the optical port) and C12.21-2006 (modems; the
// same packets, with the meter's number as identity):
//
//   EE II CC SS LLLL <data> RRRR
//
// CC: bit 7 part of several packets, bit 6 the first of them, bit 5 toggles; SS counts the packets
// that follow; RRRR is the CRC of HDLC (CRC-16/X.25), its low byte first. Single bytes 06 (ACK) and
// 15 (NAK) stand between packets. A packet that comes again, bit by bit, was not acknowledged in
// time: only one of them counts.

import { CRC16_X25, crc16 } from '../crc16.ts';

const START = 0xee;
export const HEADER_BYTES = 6;
const CRC_BYTES = 2;
/** C12.18, layer 2: the packet size is 8192 at most. */
const MAX_DATA_BYTES: number = 8192 - HEADER_BYTES - CRC_BYTES;
const MULTIPLE = 0x80;
/** Bits 0 and 1 are the data format, bits 2 to 4 are reserved. */
const RESERVED = 0x1c;

export interface Packet {
  readonly kind: 'packet';
  /** In what was read. */
  readonly start: number;
  readonly end: number;
  readonly isPart: boolean;
  /** How many of its message follow. */
  readonly sequence: number;
  readonly data: Uint8Array;
}

export interface BadPacket {
  readonly kind: 'bad';
  readonly reason: 'cut-short' | 'bad-checksum';
  readonly start: number;
  readonly end: number;
}

/** At `at`; undefined where no packet begins. What may be the beginning of one is `cut-short`. */
export function readPacket(bytes: Uint8Array, at: number): Packet | BadPacket | undefined {
  if (bytes[at] !== START) return undefined;
  if (at + HEADER_BYTES > bytes.length)
    return { kind: 'bad', reason: 'cut-short', start: at, end: bytes.length };
  const control = bytes[at + 2] as number;
  const sequence = bytes[at + 3] as number;
  const length = ((bytes[at + 4] as number) << 8) | (bytes[at + 5] as number);
  const isPart = (control & MULTIPLE) !== 0;
  if ((control & RESERVED) !== 0 || (!isPart && sequence !== 0)) return undefined;
  if (length === 0 || length > MAX_DATA_BYTES) return undefined;
  const dataEnd = at + HEADER_BYTES + length;
  const end = dataEnd + CRC_BYTES;
  if (end > bytes.length) return { kind: 'bad', reason: 'cut-short', start: at, end: bytes.length };
  const sent = (bytes[dataEnd] as number) | ((bytes[dataEnd + 1] as number) << 8);
  if (crc16(CRC16_X25, bytes, at, dataEnd) !== sent)
    return { kind: 'bad', reason: 'bad-checksum', start: at, end };
  const data = bytes.subarray(at + HEADER_BYTES, dataEnd);
  return { kind: 'packet', start: at, end, isPart, sequence, data };
}

/** Every packet in order, and what looks like one but is damaged. Linear, but for the CRC of each. */
export function* packetsOf(bytes: Uint8Array): Generator<Packet | BadPacket> {
  for (let at = bytes.indexOf(START); at >= 0; at = bytes.indexOf(START, at)) {
    const packet = readPacket(bytes, at);
    if (packet !== undefined) yield packet;
    // Behind the header: else a run of headers would be checked over and over.
    at = packet === undefined ? at + 1 : packet.kind === 'packet' ? packet.end : at + HEADER_BYTES;
  }
}

export function hasPacket(bytes: Uint8Array): boolean {
  for (const packet of packetsOf(bytes)) if (packet.kind === 'packet') return true;
  return false;
}
