import { createCipheriv } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  decryptAuthenticated,
  decryptUnauthenticated,
} from '../../../src/gateway/decode/aes-gcm.ts';

const key = Uint8Array.from({ length: 16 }, (_, at) => at);
const nonce = Uint8Array.from({ length: 12 }, (_, at) => 100 + at);
const aad = Uint8Array.of(0x30, 1, 2, 3);

it('opens what the platform seals with a tag of 12 bytes', () => {
  for (const length of [1, 15, 16, 17, 500]) {
    const plain = Uint8Array.from({ length }, (_, at) => at & 0xff);
    const cipher = createCipheriv('aes-128-gcm', key, nonce, { authTagLength: 12 }).setAAD(aad);
    const ciphertext = new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final()]));
    const tag = new Uint8Array(cipher.getAuthTag());
    expect(decryptUnauthenticated({ key, nonce, ciphertext })).toEqual(plain);
    expect(decryptAuthenticated({ key, nonce, ciphertext, aad, tag })).toEqual(plain);
    const other = tag.slice();
    other[11] = (other[11] as number) ^ 1;
    expect(decryptAuthenticated({ key, nonce, ciphertext, aad, tag: other })).toBeUndefined();
    expect(
      decryptAuthenticated({ key, nonce, ciphertext, aad: aad.subarray(1), tag }),
    ).toBeUndefined();
    expect(
      decryptAuthenticated({ key, nonce, ciphertext, aad, tag: new Uint8Array(0) }),
    ).toBeUndefined();
  }
});
