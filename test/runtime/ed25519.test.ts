import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/core/bytes.ts';
import { createSigner, type VerifySignature, verifyEd25519 } from '../../src/core/signed.ts';
import {
  createPlatformSigner,
  createPlatformVerifier,
  rememberVerified,
} from '../../src/runtime/ed25519.ts';

const seed = new Uint8Array(32).fill(7);
const signer = createPlatformSigner(seed);
const other = createPlatformSigner(new Uint8Array(32).fill(8));

/** A real verifier, and how often it was asked. */
function counted() {
  const platform = createPlatformVerifier();
  const calls = { count: 0 };
  const verify: VerifySignature = (...input) => {
    calls.count++;
    return platform(...input);
  };
  return { verify, calls };
}

describe('signatures of the platform', () => {
  it('are those of the readable signer, and each verifies the other’s', () => {
    const message = utf8('the same');
    const readable = createSigner(seed);
    expect(signer.publicKey).toEqual(readable.publicKey);
    expect(signer.sign(message)).toEqual(readable.sign(message));
    const platform = createPlatformVerifier();
    for (const verify of [platform, verifyEd25519]) {
      expect(verify(signer.sign(message), message, signer.publicKey)).toBe(true);
      expect(verify(signer.sign(message), utf8('another'), signer.publicKey)).toBe(false);
      expect(verify(new Uint8Array(3), message, signer.publicKey)).toBe(false);
      expect(verify(signer.sign(message), message, new Uint8Array(31))).toBe(false);
    }
  });
});

describe('a verifier that remembers', () => {
  const message = utf8('short');
  const signature = signer.sign(message);

  it('asks once for what is valid, and again for anything else', () => {
    const { verify, calls } = counted();
    const remembering = rememberVerified(verify);
    for (let turn = 0; turn < 3; turn++)
      expect(remembering(signature, message, signer.publicKey)).toBe(true);
    expect(calls.count).toBe(1);
    const changed = signature.slice();
    changed[63]! ^= 1;
    expect(remembering(changed, message, signer.publicKey)).toBe(false);
    expect(remembering(signature, utf8('shorn'), signer.publicKey)).toBe(false);
    expect(remembering(signature, message, other.publicKey)).toBe(false);
    expect(calls.count).toBe(4);
  });

  it('takes no other division of the same bytes for what it knows', () => {
    const { verify } = counted();
    const remembering = rememberVerified(verify);
    remembering(signature, message, signer.publicKey);
    const moved = Uint8Array.of(...signature.subarray(63), ...message);
    expect(remembering(signature.subarray(0, 63), moved, signer.publicKey)).toBe(false);
  });

  it('holds what it saw, also where the caller writes over it', () => {
    const { verify } = counted();
    const remembering = rememberVerified(verify);
    const buffer = message.slice();
    remembering(signature, buffer, signer.publicKey);
    buffer.fill(0);
    expect(remembering(signature, buffer, signer.publicKey)).toBe(false);
    expect(remembering(signature, message, signer.publicKey)).toBe(true);
  });

  it('remembers no failure, so that nobody without a key can push anything out', () => {
    const { verify, calls } = counted();
    const remembering = rememberVerified(verify, { count: 2, messageBytes: 128 });
    remembering(signature, message, signer.publicKey);
    for (let forged = 0; forged < 50; forged++)
      remembering(new Uint8Array(64).fill(forged), message, signer.publicKey);
    const before = calls.count;
    expect(remembering(signature, message, signer.publicKey)).toBe(true);
    expect(calls.count).toBe(before);
  });

  it('forgets the oldest beyond its bound, and keeps no long message', () => {
    const { verify, calls } = counted();
    const remembering = rememberVerified(verify, { count: 2, messageBytes: 8 });
    const check = (text: string) => {
      const before = calls.count;
      const bytes = utf8(text);
      expect(remembering(signer.sign(bytes), bytes, signer.publicKey)).toBe(true);
      return calls.count - before;
    };
    expect(['a', 'b', 'b', 'a', 'c', 'c', 'b', 'a'].map(check)).toEqual([1, 1, 0, 0, 1, 0, 0, 1]);
    expect(['123456789', '123456789'].map(check)).toEqual([1, 1]);
  });
});
