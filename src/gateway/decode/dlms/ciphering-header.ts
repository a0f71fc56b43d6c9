// Headers of ciphered messages: general-glo-ciphering (db), general-ded-ciphering (dc) and
// general-ciphering (dd), IEC 62056-5-3, 7.3.13 and 8.5; Green Book 9.2.7.2 and 9.3.

import { Malformed, type Reader } from './reader.ts';

export const GENERAL_GLO_CIPHERING = 0xdb;
export const GENERAL_DED_CIPHERING = 0xdc;
export const GENERAL_CIPHERING = 0xdd;

export const SYSTEM_TITLE_BYTES = 8;
const TAG_BYTES = 12;
const SUITE = 0x0f;
const AUTHENTICATED = 0x10;
const ENCRYPTED = 0x20;
const COMPRESSED = 0x80;

export interface Ciphered {
  /** The manufacturer's three letters and a number; names the meter. */
  readonly systemTitle: Uint8Array;
  /** The security control byte, whole. */
  readonly securityControl: number;
  readonly suite: number;
  readonly isAuthenticated: boolean;
  readonly isEncrypted: boolean;
  readonly isCompressed: boolean;
  /** Frame counter, also called invocation counter. */
  readonly counter: Uint8Array;
  /** Without the tag. */
  readonly content: Uint8Array;
  /** Empty unless authenticated. */
  readonly tag: Uint8Array;
  /** general-ciphering: its own fields, with their lengths, which the tag covers as well. */
  readonly ownFields: Uint8Array;
}

/** Reads to the end of the ciphered content; @throws Malformed. */
export function readCiphered(reader: Reader): Ciphered {
  const start = reader.at;
  const kind = reader.u8();
  const fieldsStart = reader.at;
  let systemTitle: Uint8Array;
  let ownFields = new Uint8Array(0);
  if (kind === GENERAL_CIPHERING) {
    skipOctets(reader);
    systemTitle = octets(reader);
    for (const _field of ['recipient', 'date-time', 'other information']) skipOctets(reader);
    ownFields = reader.bytes.slice(fieldsStart, reader.at);
    skipKeyInfo(reader);
  } else {
    systemTitle = octets(reader);
  }
  if (systemTitle.length !== SYSTEM_TITLE_BYTES) {
    const found = `expected a system title of 8 bytes, found ${systemTitle.length}`;
    throw new Malformed('bad-structure', found, start);
  }
  return { ...readContent(reader), systemTitle, ownFields };
}

function readContent(reader: Reader): Omit<Ciphered, 'systemTitle' | 'ownFields'> {
  const start = reader.at;
  const length = reader.length();
  const securityControl = reader.u8();
  const isAuthenticated = (securityControl & AUTHENTICATED) !== 0;
  const tagBytes = isAuthenticated ? TAG_BYTES : 0;
  const counter = reader.take(4);
  const contentBytes = length - 5 - tagBytes;
  if (contentBytes < 0)
    throw new Malformed('bad-structure', `ciphered content of ${length} bytes is too short`, start);
  const content = reader.take(contentBytes);
  return {
    securityControl,
    suite: securityControl & SUITE,
    isAuthenticated,
    isEncrypted: (securityControl & ENCRYPTED) !== 0,
    isCompressed: (securityControl & COMPRESSED) !== 0,
    counter,
    content,
    tag: reader.take(tagBytes),
  };
}

/** Key-info of general-ciphering: absent, or the name of a key; others need a key agreement. */
function skipKeyInfo(reader: Reader): void {
  const at = reader.at;
  if (reader.u8() === 0) return;
  const choice = reader.u8();
  if (choice !== 0)
    throw new Malformed('unsupported', 'general-ciphering with a wrapped or agreed key', at);
  reader.u8();
}

function octets(reader: Reader): Uint8Array {
  return reader.take(reader.length());
}

function skipOctets(reader: Reader): void {
  reader.take(reader.length());
}
