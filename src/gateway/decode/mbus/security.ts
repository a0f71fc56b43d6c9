// Encryption of the transport layer: EN 13757-7:2018, 7.6 and OMS Specification volume 2, 5.2.2
// (security profile A: mode 5, AES-128-CBC, IV of the address and the access number) and 9 with
// annex E (profile B: mode 7, AES-128-CBC with a key derived by AES-CMAC from the message counter,
// and a MAC over the message). Decrypted data begins with 2F 2F, which tells a wrong key.
//
// Keys come in as arguments and leave in no result. A MAC is checked before anything is decrypted.

import { cbc, cmac } from '@noble/ciphers/aes.js';
import { concatBytes, equalBytes } from '../../../core/bytes.ts';
import { TelegramError } from './reader.ts';
import type { TransportHeader } from './transport-header.ts';

/** Of the authentication layer (AFL), where there is one. */
export interface MessageAuthentication {
  /** AFL.MCL */
  readonly control: number;
  /** AFL.MCR as sent; what derives the keys of this one message. */
  readonly counter?: Uint8Array;
  /** AFL.MAC, 2 to 16 bytes of it. */
  readonly mac?: Uint8Array;
  /** AFL.ML as sent. */
  readonly length?: Uint8Array;
}

export interface SecuredMessage {
  /** From the CI field of the transport layer to the end of the message. */
  readonly message: Uint8Array;
  /** Where in it the header ends and the (partly) encrypted data begins. */
  readonly dataStart: number;
  readonly header: TransportHeader;
  /** Manufacturer, identification, version and type: the long header's, else the link layer's. */
  readonly address: Uint8Array | undefined;
  readonly authentication: MessageAuthentication | undefined;
}

export interface Keys {
  readonly key: Uint8Array | undefined;
  /** Public, of all meters of a manufacturer: tried where no key is given. */
  readonly factoryKey: Uint8Array | undefined;
  /** Where a key is given, a telegram in clear is no telegram of that meter. */
  readonly isClearRefused: boolean;
}

export interface Unlocked {
  /** The message with its data in clear; undefined: it stays closed without a key. */
  readonly message: Uint8Array | undefined;
  /** Up to here the data was encrypted; from here on it never was. */
  readonly encryptedEnd: number;
  readonly warnings: readonly string[];
}

const BLOCK = 16;
const FILLER = 0x2f;
const CBC_STATIC_IV = 5;
const CBC_DERIVED_KEY = 7;
const TLS = 13;
const FIRST_VENDOR_MODE = 16;

const OTHER_MODES: Readonly<Record<number, string>> = {
  1: 'manufacturer specific',
  2: 'DES-CBC',
  3: 'DES-CBC with an IV',
  4: 'AES-CBC of the year 2005',
  6: 'reserved',
  8: 'AES-CTR with a MAC',
  9: 'AES-GCM',
  10: 'AES-CCM',
};

/** @throws TelegramError where the key is wrong or the mode is one that we do not have. */
export function unlock(
  secured: SecuredMessage,
  { key, factoryKey, isClearRefused }: Keys,
): Unlocked {
  const { message, dataStart, header } = secured;
  const { securityMode, encryptedBlocks } = header;
  const isVendors = securityMode >= FIRST_VENDOR_MODE;
  if (!isVendors && !isSupported(securityMode)) throw unsupportedMode(securityMode, dataStart);
  // A vendor's mode is junk in the signature field of old wired meters, which do not encrypt.
  if (securityMode === 0 || isVendors || encryptedBlocks === 0) {
    if (isClearRefused && key !== undefined) throw sentInClear(dataStart);
    return { message, encryptedEnd: message.length, warnings: [] };
  }
  const encryptedEnd = dataStart + encryptedBlocks * BLOCK;
  if (encryptedEnd > message.length)
    throw new TelegramError(
      'cut-short',
      `expected ${encryptedBlocks * BLOCK} encrypted bytes, found ${message.length - dataStart}`,
      message.length,
    );
  const isClear = beginsWithFiller(message, dataStart);
  if (key === undefined && !isClear) return unlockWithout(secured, factoryKey, encryptedEnd);
  const opened = key === undefined ? undefined : decrypt(secured, key, encryptedEnd);
  if (opened !== undefined) return { message: opened, encryptedEnd, warnings: [] };
  if (!isClear || isClearRefused) throw isClear ? sentInClear(dataStart) : wrongKey(dataStart);
  const note = `stored in clear although its header says encrypted (mode ${securityMode})`;
  return { message, encryptedEnd, warnings: [note] };
}

function unlockWithout(
  secured: SecuredMessage,
  factoryKey: Uint8Array | undefined,
  encryptedEnd: number,
): Unlocked {
  const mode = secured.header.securityMode;
  const isTried = factoryKey !== undefined && mode === CBC_STATIC_IV;
  const message = isTried ? decrypt(secured, factoryKey, encryptedEnd) : undefined;
  const note =
    message === undefined
      ? `encrypted (mode ${mode}): the meter's key is needed to read it`
      : "encrypted with the manufacturer's factory key, which is public: anybody can read it";
  return { message, encryptedEnd, warnings: [note] };
}

function decrypt(
  secured: SecuredMessage,
  key: Uint8Array,
  encryptedEnd: number,
): Uint8Array | undefined {
  const { message, dataStart, header } = secured;
  const encrypted = message.subarray(dataStart, encryptedEnd);
  const text =
    header.securityMode === CBC_STATIC_IV
      ? cbc(key, staticIv(secured), { disablePadding: true }).decrypt(encrypted)
      : decryptDerived(secured, key, encrypted);
  if (text === undefined || !beginsWithFiller(text, 0)) return undefined;
  return concatBytes(message.subarray(0, dataStart), text, message.subarray(encryptedEnd));
}

/** OMS volume 2, 5.2.2: the address, then the access number eight times. */
function staticIv({ address, header, dataStart }: SecuredMessage): Uint8Array {
  if (address === undefined) throw noAddress(dataStart);
  return concatBytes(address, new Uint8Array(8).fill(header.accessNumber));
}

function decryptDerived(
  secured: SecuredMessage,
  key: Uint8Array,
  encrypted: Uint8Array,
): Uint8Array | undefined {
  const { authentication, header, address, dataStart } = secured;
  if (address === undefined) throw noAddress(dataStart);
  const counter = authentication?.counter;
  if (counter === undefined)
    throw new TelegramError(
      'unsupported',
      'encrypted in mode 7 without a message counter in an authentication layer',
      dataStart,
    );
  const kdf = (header.configurationExtension >>> 4) & 3;
  if (kdf !== 1)
    throw new TelegramError(
      'unsupported',
      `mode 7 with key derivation ${kdf}, expected 1`,
      dataStart,
    );
  const id = address.subarray(2, 6);
  if (!isAuthentic(secured, deriveKey(key, FROM_METER_MAC, counter, id))) return undefined;
  const derived = deriveKey(key, FROM_METER_ENCRYPTION, counter, id);
  return cbc(derived, new Uint8Array(BLOCK), { disablePadding: true }).decrypt(encrypted);
}

const FROM_METER_ENCRYPTION = 0x00;
const FROM_METER_MAC = 0x01;
const KDF_PADDING = 0x07;

/** OMS volume 2, 9.5.3: CMAC of a constant, the counter and the meter, padded to one block. */
function deriveKey(
  key: Uint8Array,
  constant: number,
  counter: Uint8Array,
  id: Uint8Array,
): Uint8Array {
  const block = new Uint8Array(BLOCK).fill(KDF_PADDING);
  block[0] = constant;
  block.set(counter, 1);
  block.set(id, 5);
  return cmac(block, key);
}

/** True as well where the meter sends no MAC: mode 7 alone has the 2F 2F. */
function isAuthentic({ message, authentication }: SecuredMessage, macKey: Uint8Array): boolean {
  const mac = authentication?.mac;
  if (authentication === undefined || mac === undefined) return true;
  const none = new Uint8Array(0);
  const { control, counter = none, length = none } = authentication;
  const whole = cmac(concatBytes(Uint8Array.of(control), counter, length, message), macKey);
  return equalBytes(whole.subarray(0, mac.length), mac);
}

function isSupported(mode: number): boolean {
  return mode === 0 || mode === CBC_STATIC_IV || mode === CBC_DERIVED_KEY;
}

function beginsWithFiller(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === FILLER && bytes[at + 1] === FILLER;
}

function wrongKey(offset: number): TelegramError {
  return new TelegramError('bad-key', 'the key does not fit this telegram', offset);
}

function sentInClear(offset: number): TelegramError {
  return new TelegramError('bad-key', 'a key is given, and the telegram is not encrypted', offset);
}

function noAddress(offset: number): TelegramError {
  return new TelegramError(
    'bad-structure',
    'encrypted, and no meter address to go with it',
    offset,
  );
}

function unsupportedMode(mode: number, offset: number): TelegramError {
  const name =
    mode === TLS
      ? 'TLS, mode 13: its keys are agreed in a session that a listener has no part in'
      : `mode ${mode} (${OTHER_MODES[mode] ?? 'reserved'})`;
  return new TelegramError('unsupported', `encrypted with ${name}`, offset);
}
