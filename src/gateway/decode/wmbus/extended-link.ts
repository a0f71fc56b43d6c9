// The extended link layer, EN 13757-4:2019, 13 (CI 8C to 8F): communication control, access number,
// perhaps the receiver's address (8E, 8F), perhaps a session (8D, 8F) with encryption by AES-128-CTR
// and a CRC over what follows, which tells a wrong key.

import { ctr } from '@noble/ciphers/aes.js';
import { crcEn13757 } from '../mbus/crc-en13757.ts';
import { Reader, TelegramError } from '../mbus/reader.ts';

export interface ExtendedLink {
  readonly accessNumber: number;
  /** From the next CI field on; undefined: it stays closed without a key. */
  readonly payload: Uint8Array | undefined;
  /** It was encrypted, and is no more. */
  readonly isOpened: boolean;
  readonly warnings: readonly string[];
}

export interface ExtendedLinkInput {
  /** From the CI field on. */
  readonly bytes: Uint8Array;
  /** M and A field of the link layer. */
  readonly linkAddress: Uint8Array;
  readonly key: Uint8Array | undefined;
  readonly isCheckIgnored: boolean;
  readonly isClearRefused: boolean;
}

const SHORT = 0x8c;
const SHORT_SESSION = 0x8d;
const LONG = 0x8e;
const LONG_SESSION = 0x8f;
const CRC_BYTES = 2;
const AES_CTR = 1;
/** Set by repeaters on the way, and so not part of what the meter encrypted with. */
const HOP_COUNT = 0x10;

export function isExtendedLinkCi(ci: number | undefined): boolean {
  return ci !== undefined && ci >= SHORT && ci <= LONG_SESSION;
}

/** @throws TelegramError */
export function readExtendedLink(input: ExtendedLinkInput): ExtendedLink {
  const reader = new Reader(input.bytes);
  const ci = reader.byte('a CI field');
  const control = reader.byte('the communication control');
  const accessNumber = reader.byte('the access number');
  const isLong = ci === LONG || ci === LONG_SESSION;
  const address = isLong ? reader.take(8, 'the receiver address') : input.linkAddress;
  if (ci !== SHORT_SESSION && ci !== LONG_SESSION) {
    const payload = reader.take(reader.left, 'the payload');
    return { accessNumber, payload, isOpened: false, warnings: [] };
  }
  const session = reader.take(4, 'the session number');
  const protectedPart = reader.take(reader.left, 'the payload');
  if (protectedPart.length < CRC_BYTES)
    throw new TelegramError('cut-short', 'expected the CRC of the payload', reader.at);
  const iv = new Uint8Array(16);
  iv.set(address);
  iv[8] = control & ~HOP_COUNT;
  iv.set(session, 9);
  return { accessNumber, ...openSession(input, session, protectedPart, iv, reader.at) };
}

function openSession(
  { key, isCheckIgnored, isClearRefused }: ExtendedLinkInput,
  session: Uint8Array,
  protectedPart: Uint8Array,
  iv: Uint8Array,
  offset: number,
): Omit<ExtendedLink, 'accessNumber'> {
  const encryption = (session[3] as number) >>> 5;
  const isClear = isIntact(protectedPart);
  if (encryption === 0) {
    if (!isClear && !isCheckIgnored)
      throw new TelegramError('bad-checksum', 'the CRC of the payload does not match', offset);
    const warnings = isClear ? [] : ['the CRC of the payload does not match'];
    return { payload: protectedPart.subarray(CRC_BYTES), isOpened: false, warnings };
  }
  if (encryption !== AES_CTR)
    throw new TelegramError(
      'unsupported',
      `encrypted in the extended link layer with mode ${encryption}, expected 1 (AES-CTR)`,
      offset,
    );
  if (isClear && !(isClearRefused && key !== undefined)) {
    const note = 'stored in clear although its extended link layer says encrypted';
    return { payload: protectedPart.subarray(CRC_BYTES), isOpened: false, warnings: [note] };
  }
  if (key === undefined) {
    const note = "encrypted (extended link layer): the meter's key is needed to read it";
    return { payload: undefined, isOpened: false, warnings: [note] };
  }
  const text = ctr(key, iv).decrypt(protectedPart);
  if (!isIntact(text))
    throw new TelegramError('bad-key', 'the key does not fit this telegram', offset);
  return { payload: text.subarray(CRC_BYTES), isOpened: true, warnings: [] };
}

/** A CRC in front, least significant byte first, of what is behind it. */
function isIntact(bytes: Uint8Array): boolean {
  const sent = (bytes[0] as number) | ((bytes[1] as number) << 8);
  return crcEn13757(bytes, CRC_BYTES) === sent;
}
