// Ed25519 by the platform: the same signatures as the readable ones in core, more than ten times
// faster, with key objects kept since importing costs as much as verifying.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
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

export interface RememberedBounds {
  readonly count: number;
  /** Of longer messages nothing is kept. */
  readonly messageBytes: number;
}

/** The short inputs of batch signatures, and little else: 250 KiB. */
const ONE_PARTY: RememberedBounds = { count: 1024, messageBytes: 128 };

/** For a process that plays several parties: each of them checks the same bytes. */
export const ALL_PARTIES: RememberedBounds = { count: 4096, messageBytes: 2 ** 16 };

/**
 * Remembers what it has verified, so that of a batch of messages only the first one costs a signature
 * check. Only what is valid is kept, whole, and the oldest goes first: who has no key cannot fill it,
 * and who has one wins nothing but that others are checked again.
 */
export function rememberVerified(
  inner: VerifySignature,
  bounds: RememberedBounds = ONE_PARTY,
): VerifySignature {
  const seen = new Set<string>();
  return (signature, message, publicKey) => {
    // With both of a fixed length, the three joined are one name only.
    if (signature.length !== 64 || publicKey.length !== 32) return false;
    if (message.length > bounds.messageBytes) return inner(signature, message, publicKey);
    const name = Buffer.concat([publicKey, signature, message]).toString('latin1');
    if (seen.has(name)) return true;
    const isValid = inner(signature, message, publicKey);
    if (!isValid) return false;
    if (seen.size >= bounds.count) {
      const [oldest] = seen;
      seen.delete(oldest as string);
    }
    seen.add(name);
    return true;
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
