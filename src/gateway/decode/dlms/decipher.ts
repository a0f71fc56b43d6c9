// Opening ciphered messages with AES-128-GCM (security suites 0 and 1, IEC 62056-5-3, 5.3.4; Green
// Book 9.2.3.3.7): nonce = system title and frame counter; what the tag covers besides the text =
// security control, authentication key, and for general-ciphering its own fields.

import { concatBytes } from '../../../core/bytes.ts';
import { decryptAuthenticated, decryptUnauthenticated } from '../aes-gcm.ts';
import type { DecodeOptions } from '../telegram.ts';
import type { Ciphered } from './ciphering-header.ts';
import { Malformed } from './reader.ts';

const KEY_BYTES = 16;
const MAX_SUITE_OF_AES_128 = 1;

export interface Plain {
  readonly bytes: Uint8Array;
  /** Whether a tag proves who wrote it; without, a wrong key shows only as nonsense. */
  readonly isVerified: boolean;
  readonly warnings: readonly string[];
}

/** undefined where a key is needed and not given; @throws Malformed, which never tells a key. */
export function decipher(ciphered: Ciphered, options: DecodeOptions): Plain | undefined {
  const { suite, isCompressed, isEncrypted, isAuthenticated } = ciphered;
  if (isCompressed) throw new Malformed('unsupported', 'compressed content (V.44)', 0);
  if (suite > MAX_SUITE_OF_AES_128)
    throw new Malformed('unsupported', `security suite ${suite}, of AES-256`, 0);
  if (!isEncrypted && !isAuthenticated)
    return { bytes: ciphered.content, isVerified: false, warnings: [] };
  const { key, authKey } = options;
  checkKey(key, 'encryption');
  checkKey(authKey, 'authentication');
  if (isEncrypted && key === undefined) return undefined;
  if (!isAuthenticated || key === undefined || authKey === undefined)
    return openUnverified(ciphered, key);
  return openVerified(ciphered, key, authKey);
}

function openUnverified(ciphered: Ciphered, key: Uint8Array | undefined): Plain {
  const { isEncrypted, isAuthenticated, content } = ciphered;
  const bytes =
    isEncrypted && key !== undefined
      ? decryptUnauthenticated({ key, nonce: nonceOf(ciphered), ciphertext: content })
      : content;
  const warning = isEncrypted
    ? 'the authentication tag is not verified: no authentication key given'
    : 'the authentication tag is not verified: it takes both keys';
  return { bytes, isVerified: false, warnings: isAuthenticated ? [warning] : [] };
}

function openVerified(ciphered: Ciphered, key: Uint8Array, authKey: Uint8Array): Plain {
  const { isEncrypted, content, tag, securityControl, ownFields } = ciphered;
  const head = concatBytes(Uint8Array.of(securityControl), authKey, ownFields);
  const nonce = nonceOf(ciphered);
  const text = isEncrypted
    ? decryptAuthenticated({ key, nonce, ciphertext: content, aad: head, tag })
    : decryptAuthenticated({
        key,
        nonce,
        ciphertext: new Uint8Array(0),
        aad: concatBytes(head, content),
        tag,
      });
  if (text === undefined) {
    const detail = 'the authentication tag does not match: a wrong key, or altered content';
    throw new Malformed('bad-key', detail, 0);
  }
  return { bytes: isEncrypted ? text : content, isVerified: true, warnings: [] };
}

function nonceOf({ systemTitle, counter }: Ciphered): Uint8Array {
  return concatBytes(systemTitle, counter);
}

function checkKey(key: Uint8Array | undefined, name: string): void {
  if (key === undefined || key.length === KEY_BYTES) return;
  const detail = `expected an ${name} key of 16 bytes, found ${key.length}`;
  throw new Malformed('bad-key', detail, 0);
}
