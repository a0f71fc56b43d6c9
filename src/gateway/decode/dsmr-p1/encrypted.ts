// The encrypted P1 telegram of Luxembourg's Smarty meters ("Specification of the P1 companion
// standard for the Luxembourg smart meter", section 3): general-glo-ciphering, AES-128-GCM, a tag
// of 12 bytes. The additional authenticated data are the security byte and an authentication key
// that the specification makes public.

import { concatBytes, fromHex, toHex } from '../../../core/bytes.ts';
import { decryptAuthenticated, decryptUnauthenticated } from '../aes-gcm.ts';
import { type Damage, type DecodeOptions, damage } from '../telegram.ts';
import { encryptedLength, GLO_HEADER_BYTES } from './frame.ts';

const PUBLIC_AUTH_KEY = '00112233445566778899aabbccddeeff';
const COUNTER_BYTES = 4;
const TAG_BYTES = 12;
const AUTHENTICATED = 0x10;

export interface Decrypted {
  readonly kind: 'decrypted';
  readonly systemTitle: string;
  /** undefined without a key. */
  readonly text: Uint8Array | undefined;
}

export function decryptP1(piece: Uint8Array, { key, authKey }: DecodeOptions): Decrypted | Damage {
  const length = encryptedLength(piece, 0);
  const security = piece[GLO_HEADER_BYTES] as number;
  const isAuthenticated = (security & AUTHENTICATED) !== 0;
  const textStart = GLO_HEADER_BYTES + 1 + COUNTER_BYTES;
  const textEnd = piece.length - (isAuthenticated ? TAG_BYTES : 0);
  if (piece.length < GLO_HEADER_BYTES + length)
    return damage(
      'cut-short',
      `expected ${length} encrypted bytes, found ${piece.length - GLO_HEADER_BYTES}`,
      piece.length,
    );
  if (textEnd <= textStart)
    return damage('bad-structure', `expected more than ${length} encrypted bytes`, textStart);
  const title = piece.subarray(2, 10);
  const systemTitle = toHex(title);
  if (key === undefined) return { kind: 'decrypted', systemTitle, text: undefined };
  const input = {
    key,
    nonce: concatBytes(title, piece.subarray(GLO_HEADER_BYTES + 1, textStart)),
    ciphertext: piece.subarray(textStart, textEnd),
  };
  if (!isAuthenticated)
    return { kind: 'decrypted', systemTitle, text: decryptUnauthenticated(input) };
  const aad = concatBytes(Uint8Array.of(security), authKey ?? fromHex(PUBLIC_AUTH_KEY));
  const text = decryptAuthenticated({ ...input, aad, tag: piece.subarray(textEnd) });
  if (text === undefined)
    return damage(
      'bad-key',
      'the authentication tag does not match: another key, or a damaged telegram',
      textEnd,
    );
  return { kind: 'decrypted', systemTitle, text };
}
