// DLMS messages and the frames around them, built byte by byte as the standards write them, with
// checksums by their slow definitions: what the decoder's tests read is not made by its own code.

import { createCipheriv } from 'node:crypto';
import { concatBytes, utf8 } from '../../../../src/core/bytes.ts';

export const LLC: Uint8Array = Uint8Array.of(0xe6, 0xe7, 0x00);
export const KEY: Uint8Array = Uint8Array.from({ length: 16 }, (_, index) => 0x50 + index);
export const AUTH_KEY: Uint8Array = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index);
export const TITLE: Uint8Array = utf8('TST12345');

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s/gu, ''), 'hex'));
}

/** ISO/IEC 13239 annex A, bit by bit. */
export function crcX25(bytes: Uint8Array): Uint8Array {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  crc ^= 0xffff;
  return Uint8Array.of(crc & 0xff, crc >> 8);
}

export interface HdlcOptions {
  readonly isSegment?: boolean;
  readonly destination?: Uint8Array;
  readonly source?: Uint8Array;
}

/** With both flags. */
export function hdlcFrame(information: Uint8Array, options: HdlcOptions = {}): Uint8Array {
  const { isSegment = false } = options;
  const { destination = Uint8Array.of(0x41), source = Uint8Array.of(0x08, 0x83) } = options;
  const length = 2 + destination.length + source.length + 1 + 2 + information.length + 2;
  const format = 0xa000 | (isSegment ? 0x0800 : 0) | length;
  const head = concatBytes(
    Uint8Array.of(format >> 8, format & 0xff),
    destination,
    source,
    Uint8Array.of(0x13),
  );
  const body = concatBytes(head, crcX25(head), information);
  return concatBytes(Uint8Array.of(0x7e), body, crcX25(body), Uint8Array.of(0x7e));
}

/** In frames of at most `size` bytes of information. */
export function hdlcSegments(message: Uint8Array, size: number): Uint8Array[] {
  const whole = concatBytes(LLC, message);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < whole.length; at += size)
    frames.push(hdlcFrame(whole.subarray(at, at + size), { isSegment: at + size < whole.length }));
  return frames;
}

export function mbusFrame(segment: Uint8Array, control: number): Uint8Array {
  const body = concatBytes(Uint8Array.of(0x53, 0xff, control, 0x01, 0x67), segment);
  const sum = body.reduce((total, byte) => total + byte, 0) & 0xff;
  const length = body.length & 0xff;
  return concatBytes(Uint8Array.of(0x68, length, length, 0x68), body, Uint8Array.of(sum, 0x16));
}

export function mbusSegments(message: Uint8Array, size: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += size) {
    const isLast = at + size >= message.length;
    const control = (frames.length & 0x0f) | (isLast ? 0x10 : 0);
    frames.push(mbusFrame(message.subarray(at, at + size), control));
  }
  return frames;
}

export function blocks(message: Uint8Array, size: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    const control = at + size >= message.length ? 0xc0 : 0x40;
    const number = found.length + 1;
    const head = Uint8Array.of(0xe0, control, number >> 8, number & 0xff, 0, 0);
    found.push(concatBytes(head, lengthOf(part.length), part));
  }
  return found;
}

export function wrapper(message: Uint8Array): Uint8Array {
  const { length } = message;
  return concatBytes(Uint8Array.of(0, 1, 0, 1, 0, 103, length >> 8, length & 0xff), message);
}

export function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  return length < 0x100 ? Uint8Array.of(0x81, length) : Uint8Array.of(0x82, length >> 8, length);
}

// Data, by type.

export function list(...items: readonly Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(0x02), lengthOf(items.length), ...items);
}

export function octets(bytes: Uint8Array | string): Uint8Array {
  const value = typeof bytes === 'string' ? utf8(bytes) : bytes;
  return concatBytes(Uint8Array.of(0x09), lengthOf(value.length), value);
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(6, value >>> 24, value >>> 16, value >>> 8, value);
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(0x12, value >>> 8, value);
}

/** `1-0:1.8.0` as an octet string of six bytes. */
export function code(text: string): Uint8Array {
  return octets(Uint8Array.from([...text.split(/[-:.]/u).map(Number), 255]));
}

export function scalerUnit(scaler: number, unit: number): Uint8Array {
  return Uint8Array.of(0x02, 0x02, 0x0f, scaler, 0x16, unit);
}

/** 2026-11-21 10:15:00; the deviation in minutes from local time to UTC. */
export function dateTime(deviation: number = -0x8000, status: number = 0): Uint8Array {
  return Uint8Array.of(
    ...[0x07, 0xea, 11, 21, 6, 10, 15, 0, 0],
    ...[(deviation >> 8) & 0xff, deviation & 0xff, status],
  );
}

export function notification(data: Uint8Array, time: Uint8Array = new Uint8Array(0)): Uint8Array {
  return concatBytes(Uint8Array.of(0x0f, 0, 0, 0, 7, time.length), time, data);
}

/** Import 12.345 kWh and 678 W, as Aidon sends them. */
export function plainMessage(time?: Uint8Array): Uint8Array {
  return notification(
    list(
      list(code('0-0:96.1.0'), octets('METER1')),
      list(code('1-0:1.8.0'), u32(12_345), scalerUnit(0, 30)),
      list(code('1-0:1.7.0'), u32(678), scalerUnit(0, 27)),
    ),
    time,
  );
}

export interface CipherOptions {
  readonly tag?: number;
  readonly control?: number;
  readonly key?: Uint8Array;
  readonly authKey?: Uint8Array;
  /** general-ciphering: what stands around the system title. */
  readonly before?: Uint8Array;
  readonly after?: Uint8Array;
  readonly keyInfo?: Uint8Array;
}

/** By node's own AES-GCM, with the tag of 12 bytes of IEC 62056-5-3. */
export function cipher(message: Uint8Array, options: CipherOptions = {}): Uint8Array {
  const { tag = 0xdb, control = 0x30, key = KEY, authKey = AUTH_KEY } = options;
  const { before = new Uint8Array(0), after = new Uint8Array(0) } = options;
  const { keyInfo = new Uint8Array(0) } = options;
  const counter = Uint8Array.of(0, 0, 1, 2);
  const isEncrypted = (control & 0x20) !== 0;
  const isAuthenticated = (control & 0x10) !== 0;
  const fields = concatBytes(before, Uint8Array.of(TITLE.length), TITLE, after);
  const gcm = createCipheriv('aes-128-gcm', key, concatBytes(TITLE, counter), {
    authTagLength: 12,
  });
  gcm.setAAD(
    concatBytes(
      Uint8Array.of(control),
      authKey,
      tag === 0xdd ? fields : new Uint8Array(0),
      isEncrypted ? new Uint8Array(0) : message,
    ),
  );
  const encrypted = isEncrypted ? Uint8Array.from(gcm.update(message)) : message;
  gcm.final();
  const content = concatBytes(
    Uint8Array.of(control),
    counter,
    encrypted,
    isAuthenticated ? Uint8Array.from(gcm.getAuthTag()) : new Uint8Array(0),
  );
  return concatBytes(Uint8Array.of(tag), fields, keyInfo, lengthOf(content.length), content);
}
