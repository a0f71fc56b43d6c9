// Published vectors: the KEM's own (draft-connolly-cfrg-xwing-kem-08) and the HPKE suite that we use,
// end to end (draft-ietf-hpke-pq-05, appendix A.5). Together they cover KEM, HKDF-SHA256 key
// schedule and AEAD.

import { readFileSync } from 'node:fs';
import { XWing } from '@hpke/hybridkem-x-wing';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '../../src/core/bytes.ts';
import {
  createHpkeKeyPair,
  HPKE_ENC_BYTES,
  HPKE_PUBLIC_KEY_BYTES,
  hpkeOpen,
  hpkeSeal,
  isHpkePublicKey,
} from '../../src/core/hpke.ts';

const suiteVector = readVector('hpke-pq-draft-05.json');
const kemVectors = readVector('hpke-x-wing-draft-08.json').vectors as Record<string, string>[];

function readVector(name: string) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'));
}

describe('X-Wing, as the draft publishes it', () => {
  for (const [i, vector] of kemVectors.entries()) {
    it(`rebuilds vector ${i + 1} from its seeds`, async () => {
      const kem = new XWing();
      const pair = await createHpkeKeyPair(fromHex(vector.seed as string));
      const publicKey = toHex(pair.publicKey);
      expect(publicKey.startsWith(vector.publicKeyStart as string)).toBe(true);
      expect(publicKey.endsWith(vector.publicKeyEnd as string)).toBe(true);
      const { enc, sharedSecret } = await kem.encap({
        recipientPublicKey: await kem.deserializePublicKey(pair.publicKey),
        ekm: fromHex(vector.ephemeralSeed as string),
      });
      expect(toHex(new Uint8Array(sharedSecret))).toBe(vector.sharedSecret);
      expect(toHex(new Uint8Array(enc)).startsWith(vector.encStart as string)).toBe(true);
      expect(toHex(new Uint8Array(enc)).endsWith(vector.encEnd as string)).toBe(true);
      const recipientKey = await kem.deserializePrivateKey(pair.seed);
      const opened = await kem.decap({ recipientKey, enc });
      expect(toHex(new Uint8Array(opened))).toBe(vector.sharedSecret);
    });
  }
});

describe('HPKE with X-Wing, HKDF-SHA256 and ChaCha20-Poly1305', () => {
  it('rebuilds the published transcript of the suite, byte for byte', async () => {
    const pair = await createHpkeKeyPair(fromHex(suiteVector.seed));
    expect(toHex(pair.publicKey)).toBe(suiteVector.publicKey);
    const [info, aad] = [fromHex(suiteVector.info), fromHex(suiteVector.aad)];
    const plaintext = fromHex(suiteVector.plaintext);
    const ephemeralSeed = fromHex(suiteVector.ephemeralSeed);
    const recipientPublicKey = pair.publicKey;
    const sealed = await hpkeSeal({ recipientPublicKey, info, aad, plaintext, ephemeralSeed });
    expect(toHex(sealed.enc)).toBe(suiteVector.enc);
    expect(toHex(sealed.ciphertext)).toBe(suiteVector.ciphertext);
    expect(await hpkeOpen({ keyPair: pair, info, aad, ...sealed })).toEqual(plaintext);
  });

  it('opens nothing where any byte, the info, the aad or the key differs', async () => {
    const { pair, message } = await sealOne();
    expect(await hpkeOpen({ keyPair: pair, ...message })).toEqual(utf8('seeds'));
    const flipped = (bytes: Uint8Array, at: number) =>
      bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const { enc, ciphertext, info, aad } = message;
    const changes = [
      { enc: flipped(enc, 0) },
      { enc: flipped(enc, 1087) },
      { enc: flipped(enc, 1088) },
      { enc: flipped(enc, 1119) },
      { enc: enc.subarray(1) },
      { enc: new Uint8Array(0) },
      { enc: new Uint8Array(HPKE_ENC_BYTES) },
      { ciphertext: flipped(ciphertext, 0) },
      { ciphertext: flipped(ciphertext, ciphertext.length - 1) },
      { ciphertext: ciphertext.subarray(0, 15) },
      { ciphertext: ciphertext.subarray(0, -1) },
      { ciphertext: new Uint8Array(0) },
      { info: flipped(info, 0) },
      { aad: flipped(aad, 0) },
      { aad: new Uint8Array(0) },
      { keyPair: await createHpkeKeyPair(new Uint8Array(32).fill(2)) },
    ];
    for (const change of changes)
      expect(await hpkeOpen({ keyPair: pair, ...message, ...change })).toBeUndefined();
  });

  it('names misuse and no secret', async () => {
    await expect(createHpkeKeyPair(new Uint8Array(31))).rejects.toThrow(
      'seed: expected 32 bytes, found 31',
    );
    const { pair } = await sealOne();
    const input = {
      recipientPublicKey: pair.publicKey,
      info: utf8('i'),
      aad: utf8('a'),
      plaintext: utf8('p'),
      ephemeralSeed: new Uint8Array(64),
    };
    await expect(hpkeSeal({ ...input, ephemeralSeed: new Uint8Array(63) })).rejects.toThrow(
      'ephemeralSeed: expected 64 bytes, found 63',
    );
    const recipientPublicKey = new Uint8Array(HPKE_PUBLIC_KEY_BYTES).fill(255);
    await expect(hpkeSeal({ ...input, recipientPublicKey })).rejects.toThrow(RangeError);
  });

  it('keeps the seed of a key pair out of JSON and spreads', async () => {
    const { pair } = await sealOne();
    expect(pair.seed).toEqual(new Uint8Array(32).fill(1));
    expect(Object.keys(pair)).toEqual(['keyId', 'publicKey']);
    expect(JSON.stringify(pair)).not.toContain('seed');
  });

  it('tells a key that can be sealed to from one that cannot', async () => {
    const { pair } = await sealOne();
    expect(isHpkePublicKey(pair.publicKey)).toBe(true);
    expect(isHpkePublicKey(pair.publicKey.subarray(1))).toBe(false);
    expect(isHpkePublicKey(new Uint8Array(0))).toBe(false);
    const coefficientTooLarge = pair.publicKey.slice();
    coefficientTooLarge.fill(255, 0, 3);
    expect(isHpkePublicKey(coefficientTooLarge)).toBe(false);
    const pointOfSmallOrder = pair.publicKey.slice().fill(0, 1184);
    expect(isHpkePublicKey(pointOfSmallOrder)).toBe(false);
  });
});

async function sealOne() {
  const pair = await createHpkeKeyPair(new Uint8Array(32).fill(1));
  const [info, aad] = [utf8('info'), utf8('aad')];
  const sealed = await hpkeSeal({
    recipientPublicKey: pair.publicKey,
    info,
    aad,
    plaintext: utf8('seeds'),
    ephemeralSeed: new Uint8Array(64).fill(3),
  });
  return { pair, message: { info, aad, ...sealed } };
}
