// Wireless M-Bus: EN 13757-4 (link and extended link layer), OMS Specification volume 2, EN 13757-7
// (authentication and transport layer) and EN 13757-3 (records).
//
// Frames have no marked beginning. One is taken for one where the C field, the manufacturer and the
// CI field are ones that meters send, and where its CRCs, if it has them, are right.

import { addressOfLinkOrder, deviceTypeName, isManufacturer } from '../mbus/address.ts';
import { isApplicationCi, readApplication } from '../mbus/application.ts';
import { orDamage, TelegramError } from '../mbus/reader.ts';
import { readVariableData } from '../mbus/records.ts';
import { telegramOf } from '../mbus/telegram-of.ts';
import {
  type Decoded,
  type DecodeOptions,
  type Decoder,
  damage,
  type Piece,
  type Split,
  type Telegram,
} from '../telegram.ts';
import { isPrintableAscii } from '../text.ts';
import { AUTHENTICATION_CI, readAuthenticationLayer } from './authentication-layer.ts';
import { diehlAddress, factoryKeyOf, isDiehlFrame, unveilDiehl } from './diehl.ts';
import { isExtendedLinkCi, readExtendedLink } from './extended-link.ts';
import { frameLayout, LINK_HEADER_BYTES, MIN_L_FIELD, withoutCrcs } from './link.ts';

/** What meters send, EN 13757-4 table 12: SND-NR, SND-IR, ACC-NR, ACC-DMD, ACK, RSP-UD. */
const C_FIELDS: ReadonlySet<number> = new Set([
  0x44, 0x46, 0x47, 0x48, 0x08, 0x18, 0x28, 0x38, 0x00,
]);
/** Access without data (ACC-NR): header alone. */
const ACCESS = 0x47;
/** Radio modules in mode C may hand on what tells the frame format: 54 CD or 54 3D. */
const SYNC_BYTES = 2;

export const WMBUS: Decoder = {
  protocol: 'wmbus',
  detect,
  split,
  decode,
};

function detect(bytes: Uint8Array): number {
  const piece = split(bytes, true).pieces[0];
  if (piece === undefined) return 0;
  const { format, byteCount } = frameLayout(bytes, piece.start);
  if (format !== 'bare') return 0.95;
  const frame = bytes.subarray(piece.start, piece.end);
  if (frame.length < byteCount) return piece.start === 0 && !isPrintableAscii(frame) ? 0.1 : 0;
  // Without CRCs what looks like a frame in the middle of something else is likely an accident.
  const decoded = decode(frame, {});
  if (decoded.kind === 'damage') return piece.start === 0 ? 0.2 : 0;
  if (isPrintableAscii(frame)) return 0;
  return piece.start <= SYNC_BYTES ? 0.7 : 0.2;
}

function split(bytes: Uint8Array, isEnd: boolean): Split {
  const pieces: Piece[] = [];
  let cut: Piece | undefined;
  let at = 0;
  while (at < bytes.length) {
    if (!looksLikeFrame(bytes, at)) {
      at++;
      continue;
    }
    const hasHead = at + LINK_HEADER_BYTES + 2 < bytes.length;
    if (!hasHead && !isEnd) return { pieces, restStart: at };
    const end = at + frameLayout(bytes, at).byteCount;
    if (end <= bytes.length) {
      pieces.push({ start: at, end });
      at = end;
    } else if (isEnd) {
      // Perhaps no beginning at all: a whole frame behind it decides.
      if (bytes.length - at > LINK_HEADER_BYTES) cut ??= { start: at, end: bytes.length };
      at++;
    } else return { pieces, restStart: at };
  }
  const last = pieces.at(-1);
  if (cut !== undefined && (last === undefined || last.end <= cut.start)) pieces.push(cut);
  return { pieces, restStart: bytes.length };
}

/** As far as there are bytes: what is not there yet may be right. */
function looksLikeFrame(bytes: Uint8Array, at: number): boolean {
  const lField = bytes[at] as number;
  const control = bytes[at + 1];
  if (lField < MIN_L_FIELD) return false;
  if (control !== undefined && !C_FIELDS.has(control)) return false;
  const [low, high] = [bytes[at + 2], bytes[at + 3]];
  if (low !== undefined && high !== undefined && !isManufacturer(low | (high << 8))) return false;
  const type = bytes[at + 9];
  const ci = bytes[at + LINK_HEADER_BYTES];
  const ciOfA = bytes[at + LINK_HEADER_BYTES + 2];
  if (type === undefined || ci === undefined || ciOfA === undefined) return true;
  return isKnownCi(ci) || (isKnownCi(ciOfA) && frameLayout(bytes, at).format === 'a');
}

function isKnownCi(ci: number): boolean {
  const isVendors = ci >= 0xa0 && ci <= 0xb7;
  return isApplicationCi(ci) || isExtendedLinkCi(ci) || ci === AUTHENTICATION_CI || isVendors;
}

function decode(piece: Uint8Array, options: DecodeOptions): Decoded {
  const lField = piece[0];
  if (lField === undefined || lField < MIN_L_FIELD || piece.length <= LINK_HEADER_BYTES)
    return damage('cut-short', `expected a frame, found ${piece.length} bytes`, piece.length);
  const { format, byteCount } = frameLayout(piece, 0);
  if (piece.length < byteCount)
    return damage('cut-short', `expected ${byteCount} bytes, found ${piece.length}`, piece.length);
  if (piece.length > byteCount) {
    const left = piece.length - byteCount;
    return damage('bad-structure', `${left} bytes behind the frame`, byteCount);
  }
  const frame = withoutCrcs(piece, format);
  if (frame === undefined)
    return damage('bad-checksum', 'a CRC of the link layer does not match', LINK_HEADER_BYTES);
  return orDamage(() => readFrame(frame, options));
}

function readFrame(frame: Uint8Array, options: DecodeOptions): Telegram {
  const linkAddress = addressOfLinkOrder(frame.subarray(2, LINK_HEADER_BYTES));
  if (isDiehlFrame(frame, linkAddress)) return readDiehl(frame, options);
  if (frame[1] === ACCESS) {
    const warnings = ['an access to the meter, without a reading'];
    return telegramOf({ protocol: 'wmbus', address: linkAddress, warnings });
  }
  const isRequired = options.checksums === 'require';
  let payload: Uint8Array | undefined = frame.subarray(LINK_HEADER_BYTES);
  let isOpened = false;
  let warnings: readonly string[] = [];
  if (isExtendedLinkCi(payload[0])) {
    const extended = readExtendedLink({
      bytes: payload,
      linkAddress: linkAddress.linkOrder,
      key: options.key,
      isCheckIgnored: options.checksums === 'ignore',
      isClearRefused: isRequired,
    });
    ({ payload, isOpened, warnings } = extended);
    if (payload === undefined) {
      const { accessNumber } = extended;
      return telegramOf({ protocol: 'wmbus', address: linkAddress, accessNumber, warnings });
    }
  }
  const hasAuthentication = payload[0] === AUTHENTICATION_CI;
  const layer = hasAuthentication ? readAuthenticationLayer(payload) : undefined;
  const factoryKey = factoryKeyOf(linkAddress);
  return readApplication(layer?.payload ?? payload, {
    protocol: 'wmbus',
    linkAddress,
    ...(layer?.authentication !== undefined && { authentication: layer.authentication }),
    isOpened,
    ...(factoryKey !== undefined && { factoryKey }),
    options,
    warnings,
  });
}

function readDiehl(frame: Uint8Array, { key }: DecodeOptions): Telegram {
  const address = diehlAddress(frame);
  const data = unveilDiehl(frame, key);
  if (data === undefined)
    throw new TelegramError(
      'bad-key',
      `veiled data of a ${deviceTypeName(address.deviceType)} meter, for which the key is needed`,
      LINK_HEADER_BYTES,
    );
  return telegramOf({
    protocol: 'wmbus',
    address,
    accessNumber: frame[11] as number,
    status: frame[12] as number,
    data: readVariableData(data, { manufacturer: address.manufacturer, start: 0 }),
    warnings: [],
  });
}
