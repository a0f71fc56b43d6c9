// Diehl's "real data": telegrams of Hydrometer, Sappel and Diehl meters whose security mode is
// above 15 (EN 13757-7 leaves those to manufacturers). The address has version and type first, and
// the data is veiled by a shift register of 32 bits, seeded by the header and a key that all
// meters share unless told otherwise. No standard; as the free decoders describe it.
//
// This is no encryption: anybody can take it off, and a sum of the bytes is all that is checked.

import type { MeterAddress } from '../mbus/address.ts';
import { addressOfLinkOrder } from '../mbus/address.ts';

const MANUFACTURERS = ['DME', 'EWT', 'HYD', 'SAP', 'SPL'];
const SEND_NO_REPLY = 0x44;
const INSTALLATION = 0x46;
const SHORT_HEADER = 0x7a;
/** L, C, M, A, CI, access number, status and configuration: clear. */
const CLEAR_BYTES = 15;
/** The factory's two seeds, public since 2019. */
const FACTORY_SEEDS = [0xdfd109e8, 0xb71f0ae8];
const CHECK_MASK = 0xef;

/** Of the same makers' meters in mode 5, which leave the factory with it. Public as well. */
const FACTORY_KEY_HALF = [0x51, 0x72, 0x89, 0x10, 0xe6, 0x6d, 0x83, 0xf8];

/** undefined for other makers. */
export function factoryKeyOf({ manufacturer }: MeterAddress): Uint8Array | undefined {
  if (!MANUFACTURERS.includes(manufacturer)) return undefined;
  return Uint8Array.from([...FACTORY_KEY_HALF, ...FACTORY_KEY_HALF]);
}

/** `frame` without CRCs. */
export function isDiehlFrame(frame: Uint8Array, { manufacturer }: MeterAddress): boolean {
  const control = frame[1];
  return (
    MANUFACTURERS.includes(manufacturer) &&
    (control === SEND_NO_REPLY || control === INSTALLATION) &&
    frame.length > CLEAR_BYTES &&
    frame[LINK_CI] === SHORT_HEADER &&
    ((frame[14] as number) & 0x10) !== 0
  );
}

const LINK_CI = 10;

/** Version and type behind the identification, as everybody has them. */
export function diehlAddress(frame: Uint8Array): MeterAddress {
  const linkOrder = new Uint8Array(8);
  linkOrder.set(frame.subarray(2, 4), 0);
  linkOrder.set(frame.subarray(6, 10), 2);
  linkOrder.set(frame.subarray(4, 6), 6);
  return addressOfLinkOrder(linkOrder);
}

/** The records; undefined where no seed gives the sum that is in the header. */
export function unveilDiehl(
  frame: Uint8Array,
  key: Uint8Array | undefined,
): Uint8Array | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const header = view.getUint32(2) ^ view.getUint32(6) ^ view.getUint32(LINK_CI);
  const check = (frame[14] as number) & CHECK_MASK;
  for (const seed of key === undefined ? FACTORY_SEEDS : [seedOf(key)]) {
    const data = shiftedOut(frame.subarray(CLEAR_BYTES), seed ^ header);
    const sum = data.reduce((total, byte) => total + byte, 0);
    if ((sum & CHECK_MASK) === check) return data;
  }
  return undefined;
}

function seedOf(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return view.getUint32(0) ^ view.getUint32(4);
}

function shiftedOut(veiled: Uint8Array, seed: number): Uint8Array {
  let state = seed;
  return veiled.map((byte) => {
    for (let bit = 0; bit < 8; bit++) {
      const next = (state >>> 31) ^ (state >>> 11) ^ (state >>> 2) ^ (state >>> 1);
      state = (state << 1) | (next & 1);
    }
    return byte ^ (state & 0xff);
  });
}
