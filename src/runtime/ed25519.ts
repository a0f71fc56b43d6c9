// Ed25519 by the platform: the same signatures as the readable ones in core, more than ten times
// faster, with key objects kept since importing costs as much as verifying.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { equalBytes } from '../core/bytes.ts';
import type { Signer, VerifySignature } from '../core/signed.ts';

// DER prefixes of RFC 8410: a 32-byte seed as PKCS #8, a 32-byte public key as SubjectPublicKeyInfo.
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const MAX_CACHED_KEYS = 4096;

export function createPlatformSigner(seed: Uint8Array): Signer {
  const privateKey = privateKeyOf(seed);
  return {
    publicKey: exportPublicKey(privateKey),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

export function platformPublicKey(seed: Uint8Array): Uint8Array {
  return exportPublicKey(privateKeyOf(seed));
}

/** A verifier with its own key cache. */
export function createPlatformVerifier(): VerifySignature {
  const keys = new Map<string, KeyObject>();
  return (signature, message, publicKey) => {
    if (signature.length !== 64 || publicKey.length !== 32) return false;
    try {
      const name = Buffer.from(publicKey).toString('latin1');
      let key = keys.get(name);
      if (key === undefined) {
        key = createPublicKey({
          key: Buffer.concat([SPKI_PREFIX, publicKey]),
          format: 'der',
          type: 'spki',
        });
        if (keys.size >= MAX_CACHED_KEYS) keys.clear();
        keys.set(name, key);
      }
      return verify(null, message, key, signature);
    } catch {
      return false;
    }
  };
}

/**
 * Remembers what it has verified, for a process that plays several parties: each of them checks the
 * same bytes, and the answer cannot differ. Only valid ones are kept, with the whole message.
 */
export function createRememberingVerifier(inner: VerifySignature): VerifySignature {
  const seen = new Map<string, Uint8Array>();
  return (signature, message, publicKey) => {
    const name = Buffer.concat([signature, publicKey]).toString('latin1');
    const known = seen.get(name);
    if (known !== undefined && equalBytes(known, message)) return true;
    const isValid = inner(signature, message, publicKey);
    if (isValid) {
      if (seen.size >= MAX_CACHED_KEYS) seen.clear();
      seen.set(name, message);
    }
    return isValid;
  };
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
}

function exportPublicKey(privateKey: KeyObject): Uint8Array {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(der.length - 32));
}
