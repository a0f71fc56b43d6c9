// AES-128-GCM as DLMS uses it (IEC 62056-5-3, security suite 0): a 96-bit initialisation vector and
// a tag cut to 96 bits, which no library takes as it is. Without a tag to check (authentication
// key unknown, or encryption only) the text is still had, unauthenticated: the caller warns.

import { ctr, gcm } from '@noble/ciphers/aes.js';
import { equalBytes } from '../../core/bytes.ts';

export interface GcmInput {
  /** 16 bytes. */
  readonly key: Uint8Array;
  /** System title and frame counter, 12 bytes. */
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export function decryptUnauthenticated({ key, nonce, ciphertext }: GcmInput): Uint8Array {
  // Block 1 makes the tag, so the text begins with block 2 (NIST SP 800-38D, 7.2).
  const counter = new Uint8Array(16);
  counter.set(nonce);
  counter[15] = 2;
  return ctr(key, counter).decrypt(ciphertext);
}

/** undefined where the tag, of 1 to 16 bytes, does not match. */
export function decryptAuthenticated(
  input: GcmInput & { readonly aad: Uint8Array; readonly tag: Uint8Array },
): Uint8Array | undefined {
  const { key, nonce, aad, tag, ciphertext } = input;
  if (tag.length === 0 || tag.length > 16) return undefined;
  const text = decryptUnauthenticated(input);
  // Encrypting again gives the whole tag, of which the meter sent the beginning.
  const sealed = gcm(key, nonce, aad).encrypt(text);
  const whole = sealed.subarray(ciphertext.length);
  return equalBytes(whole.subarray(0, tag.length), tag) ? text : undefined;
}
