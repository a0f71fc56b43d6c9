// SHA-256 over parts, without joining them first.

import { sha256 as hash } from '@noble/hashes/sha2.js';

export const DIGEST_BYTES = 32;

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const state = hash.create();
  for (const part of parts) state.update(part);
  return state.digest();
}
