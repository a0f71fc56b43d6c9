// Where KNX frames begin and end, and what is in them.
//
//   06 10 04 20 LLLL  04 CC SS 00  <cEMI>   tunnelling request (KNX 03_08_04, 4.4.6)
//   06 10 05 30 LLLL  <cEMI>                routing indication (KNX 03_08_05, 5.2)
//   29 00 C1 C2 SSSS DDDD NN TT AA ...      cEMI L_Data.ind (KNX 03_06_03, 4.1.5.3): additional
//     information, two control bytes, source, destination, length, TPCI and APCI, data
//
// NN counts what follows the TPCI byte. Data of up to six bits are in the APCI's second byte
// (KNX 03_03_07, 3.1). There is no checksum of their own: UDP, USB or the bus interface had one.

import { type Damage, damage, type Piece, type Split } from '../telegram.ts';

const IP_HEADER = [0x06, 0x10];
const IP_HEADER_BYTES = 6;
const TUNNELLING = 0x0420;
const ROUTING = 0x0530;
const SECURE_WRAPPER = 0x0950;
const CONNECTION_BYTES = 4;
const L_DATA = [0x11, 0x29, 0x2e];
/** 250 bytes of an extended frame, and as much additional information. */
const MAX_IP_BYTES = 600;
const MAX_ADDITIONAL_BYTES = 64;
const GROUP_VALUE_READ = 0x000;
const GROUP_VALUE_RESPONSE = 0x040;
const GROUP_VALUE_WRITE = 0x080;
const SECURE_SERVICE = 0x3f1;

export interface GroupValue {
  readonly kind: 'value';
  /** `1.1.5` */
  readonly source: string;
  /** `1/2/3` */
  readonly address: string;
  /** One byte where the value has six bits or less. */
  readonly data: Uint8Array;
}

export function splitFrames(bytes: Uint8Array, isEnd: boolean): Split {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = frameLength(bytes, at);
    if (length === undefined) at++;
    else if (at + length <= bytes.length) {
      pieces.push({ start: at, end: at + length });
      at += length;
    } else if (isEnd) {
      // A frame over IP has said how long it is; what may be a cEMI frame is noise as well.
      if (startsIp(bytes, at)) pieces.push({ start: at, end: bytes.length });
      at = startsIp(bytes, at) ? bytes.length : at + 1;
    } else break;
  }
  return { pieces, restStart: at };
}

/** One that is whole, over IP: nothing else looks like it. */
export function hasIpFrame(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0x06); at >= 0; at = bytes.indexOf(0x06, at + 1)) {
    if (!startsIp(bytes, at)) continue;
    const length = frameLength(bytes, at) ?? 0;
    if (at + length <= bytes.length && readFrame(bytes.subarray(at, at + length)).kind === 'value')
      return true;
  }
  return false;
}

/** Of one frame and no more. */
export function readFrame(piece: Uint8Array): GroupValue | Damage {
  if (!startsIp(piece, 0)) return readCemi(piece, 0);
  const service = u16(piece, 2);
  if (service === SECURE_WRAPPER)
    return damage('unsupported', 'expected KNXnet/IP in clear, found a secure wrapper');
  if (u16(piece, 4) > piece.length)
    return damage(
      'cut-short',
      `expected a frame of ${u16(piece, 4)} bytes, found ${piece.length}`,
      piece.length,
    );
  return readCemi(piece.subarray(0, u16(piece, 4)), cemiStart(service));
}

function readCemi(frame: Uint8Array, start: number): GroupValue | Damage {
  const code = frame[start];
  if (code === undefined || !L_DATA.includes(code))
    return damage(
      'not-a-telegram',
      'expected a cEMI frame of L_Data, found none',
      Math.min(start, frame.length),
    );
  const at = start + 2 + (frame[start + 1] ?? 0);
  const length = frame[at + 6];
  if (length === undefined || at + 8 + length > frame.length)
    return damage('cut-short', 'expected a whole cEMI frame, found its beginning', frame.length);
  if (at + 8 + length !== frame.length)
    return damage(
      'bad-structure',
      `expected ${at + 8 + length} bytes, found ${frame.length}`,
      at + 6,
    );
  if (((frame[at + 1] as number) & 0x80) === 0)
    return damage('unsupported', 'expected a group telegram, found one to a single device', at + 1);
  if (length === 0)
    return damage('unsupported', 'expected a group value, found a control telegram', at + 7);
  const apci = u16(frame, at + 7) & 0x3ff;
  if (apci === SECURE_SERVICE)
    return damage('unsupported', 'expected a group value in clear, found KNX Data Secure', at + 7);
  const service = apci & 0x3c0;
  if (service === GROUP_VALUE_READ)
    return damage('unsupported', 'expected a group value, found a request for one', at + 7);
  if (service !== GROUP_VALUE_WRITE && service !== GROUP_VALUE_RESPONSE)
    return damage(
      'unsupported',
      `expected a group value, found the service 0x${service.toString(16)}`,
      at + 7,
    );
  return {
    kind: 'value',
    source: individualAddress(u16(frame, at + 2)),
    address: groupAddress(u16(frame, at + 4)),
    data: length === 1 ? Uint8Array.of(apci & 0x3f) : frame.slice(at + 9),
  };
}

/** undefined where none begins; may be more than there is. */
function frameLength(bytes: Uint8Array, at: number): number | undefined {
  if (startsIp(bytes, at)) {
    const length = u16(bytes, at + 4);
    return length > IP_HEADER_BYTES && length <= MAX_IP_BYTES ? length : undefined;
  }
  const code = bytes[at] as number;
  if (!L_DATA.includes(code)) return undefined;
  const additional = bytes[at + 1] ?? 0;
  if (additional > MAX_ADDITIONAL_BYTES) return undefined;
  const control = at + 2 + additional;
  // The frame type and the hop count of a standard frame to a group; of an extended one to none.
  if (((bytes[control] ?? 0x80) & 0xc0) !== 0x80 || ((bytes[control + 1] ?? 0x80) & 0x8f) !== 0x80)
    return undefined;
  return 10 + additional + (bytes[control + 6] ?? 0);
}

function startsIp(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== IP_HEADER[0] || bytes[at + 1] !== IP_HEADER[1]) return false;
  if (at + IP_HEADER_BYTES > bytes.length) return false;
  const service = u16(bytes, at + 2);
  if (service === TUNNELLING)
    return (bytes[at + IP_HEADER_BYTES] ?? CONNECTION_BYTES) === CONNECTION_BYTES;
  return service === ROUTING || service === SECURE_WRAPPER;
}

function cemiStart(service: number): number {
  return IP_HEADER_BYTES + (service === TUNNELLING ? CONNECTION_BYTES : 0);
}

function groupAddress(raw: number): string {
  return `${raw >> 11}/${(raw >> 8) & 7}/${raw & 0xff}`;
}

function individualAddress(raw: number): string {
  return `${raw >> 12}.${(raw >> 8) & 0x0f}.${raw & 0xff}`;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
