// Tokens, by their SHA-256: the table can be written down without being able to log in with it. A
// lookup by digest takes a time that says nothing of the tokens, since nobody can choose a digest.

import { createHash } from 'node:crypto';
import type { Viewer } from '../map/viewer.ts';

export interface TokenHolder {
  /** Who it was given to, for people and for limits: never the token. */
  readonly name: string;
  readonly viewer: Viewer;
  readonly mayReadMetrics: boolean;
}

export interface TokenTable {
  /** Undefined where nobody has this token. */
  find(token: string): TokenHolder | undefined;
}

export interface TokenEntry {
  /** 64 hex digits: `tokenDigest` of the token. */
  readonly digestHex: string;
  readonly name: string;
  readonly viewer: Viewer;
  readonly mayReadMetrics?: boolean;
}

/** Long enough not to be guessed, and safe in a header and in a cookie. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{16,256}$/;

/** @throws RangeError where `digestHex` is no digest, or stands there twice. */
export function createTokenTable(entries: readonly TokenEntry[]): TokenTable {
  const holders = new Map<string, TokenHolder>();
  for (const { digestHex, name, viewer, mayReadMetrics = false } of entries) {
    if (!/^[0-9a-f]{64}$/.test(digestHex))
      throw new RangeError(`digestHex of ${name}: expected 64 hex digits in lower case`);
    if (holders.has(digestHex))
      throw new RangeError(`digestHex of ${name}: expected each token once, found it twice`);
    holders.set(digestHex, { name, viewer, mayReadMetrics });
  }
  return {
    find: (token) => (TOKEN.test(token) ? holders.get(tokenDigest(token)) : undefined),
  };
}

export function tokenDigest(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}
