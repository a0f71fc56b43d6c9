// M-Bus telegrams made by hand for the tests: no meter's, and with every check right.

import { cbc, cmac, ctr } from '@noble/ciphers/aes.js';
import { concatBytes } from '../../../src/core/bytes.ts';
import { crcEn13757 } from '../../../src/gateway/decode/mbus/crc-en13757.ts';

export const TEST_KEY: Uint8Array = hex('000102030405060708090a0b0c0d0e0f');
export const OTHER_KEY: Uint8Array = hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');

/** EMH, 12345678, version 2, electricity: as the link layer has it. */
export const LINK_ADDRESS: Uint8Array = hex('a815785634120202');
/** Short header: access number 5, status 0, no encryption. */
export const SHORT_HEADER = '7a05000000';
/** Long header of the same meter. */
export const LONG_HEADER = '7278563412a815020205000000';
/** 12,345 Wh in, 67 Wh out, 1.5 W now. */
export const RECORDS = '0c031234560004833c430000000a2a1500';

export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** A wired long frame around CI field and data. */
export function wired(data: string, control: number = 0x08): Uint8Array {
  const body = concatBytes(Uint8Array.of(control, 1), hex(data));
  const sum = body.reduce((total, byte) => total + byte, 0) & 0xff;
  const head = Uint8Array.of(0x68, body.length, body.length, 0x68);
  return concatBytes(head, body, Uint8Array.of(sum, 0x16));
}

/** A wireless frame without CRCs. */
export function bare(payload: Uint8Array, address: Uint8Array = LINK_ADDRESS): Uint8Array {
  return concatBytes(Uint8Array.of(9 + payload.length, 0x44), address, payload);
}

export function formatA(frame: Uint8Array): Uint8Array {
  const blocks = [withCrc(frame.subarray(0, 10))];
  for (let at = 10; at < frame.length; at += 16) blocks.push(withCrc(frame.subarray(at, at + 16)));
  return concatBytes(...blocks);
}

export function formatB(frame: Uint8Array): Uint8Array {
  const isLong = frame.length > 126;
  const counted = frame.slice();
  counted[0] = (frame[0] as number) + (isLong ? 4 : 2);
  const first = withCrc(counted.subarray(0, 126));
  return isLong ? concatBytes(first, withCrc(counted.subarray(126))) : first;
}

/** Mode 5: the IV is the address and the access number. */
export function mode5(records: string, key: Uint8Array = TEST_KEY): Uint8Array {
  const text = padded(records);
  const iv = concatBytes(LINK_ADDRESS, new Uint8Array(8).fill(5));
  const encrypted = cbc(key, iv, { disablePadding: true }).encrypt(text);
  return concatBytes(Uint8Array.of(0x7a, 5, 0, (text.length / 16) << 4, 5), encrypted);
}

/** Mode 7 behind an authentication layer with a counter and a MAC of eight bytes. */
export function mode7(records: string, key: Uint8Array = TEST_KEY): Uint8Array {
  const counter = hex('0a000000');
  const id = LINK_ADDRESS.subarray(2, 6);
  const derive = (constant: number): Uint8Array =>
    cmac(concatBytes(Uint8Array.of(constant), counter, id, new Uint8Array(7).fill(7)), key);
  const text = padded(records);
  const encrypted = cbc(derive(0), new Uint8Array(16), { disablePadding: true }).encrypt(text);
  const header = Uint8Array.of(0x7a, 5, 0, (text.length / 16) << 4, 7, 0x10);
  const message = concatBytes(header, encrypted);
  const control = 0x25;
  const mac = cmac(concatBytes(Uint8Array.of(control), counter, message), derive(1)).subarray(0, 8);
  return concatBytes(hex('900f002c'), Uint8Array.of(control), counter, mac, message);
}

/** Extended link layer 8D with AES-CTR around a payload. */
export function extendedLink(payload: string, key: Uint8Array = TEST_KEY): Uint8Array {
  const inner = hex(payload);
  const crc = crcEn13757(inner);
  const session = hex('78563420');
  const iv = concatBytes(LINK_ADDRESS, Uint8Array.of(0x20), session, new Uint8Array(3));
  const text = concatBytes(Uint8Array.of(crc & 0xff, crc >>> 8), inner);
  return concatBytes(hex('8d2007'), session, ctr(key, iv).encrypt(text));
}

function padded(records: string): Uint8Array {
  const text = concatBytes(hex('2f2f'), hex(records));
  const filler = new Uint8Array((16 - (text.length % 16)) % 16).fill(0x2f);
  return concatBytes(text, filler);
}

function withCrc(block: Uint8Array): Uint8Array {
  const crc = crcEn13757(block);
  return concatBytes(block, Uint8Array.of(crc >>> 8, crc & 0xff));
}
