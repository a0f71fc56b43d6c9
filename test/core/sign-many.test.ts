import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, u32, utf8, writeU32 } from '../../src/core/bytes.ts';
import { sha256 } from '../../src/core/digest.ts';
import { signMany } from '../../src/core/sign-many.ts';
import {
  BATCHED_VERSION,
  BLIND_BYTES,
  batchInput,
  batchLeaf,
  createSigner,
  joinBatched,
  joinSigned,
  openSigned,
  SIGNED_VERSION,
  type SignedParts,
  signMessage,
  splitSigned,
} from '../../src/core/signed.ts';
import { createPlatformSigner, createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { merkleRoot } from '../reference/merkle-root.ts';

const signer = createPlatformSigner(new Uint8Array(32).fill(1));
const stranger = createPlatformSigner(new Uint8Array(32).fill(2));
const blindKey = new Uint8Array(32).fill(3);
const verify = createPlatformVerifier();
const PATH_AT = 11 + BLIND_BYTES + 64;

const bodiesOf = (count: number) => Array.from({ length: count }, (_, i) => utf8(`body ${i}`));
const batchOf = (count: number, by = signer) =>
  signMany('seal', bodiesOf(count), { signer: by, blindKey });
const open = (bytes: Uint8Array, kind: Parameters<typeof openSigned>[0] = 'seal') =>
  openSigned(kind, bytes, [signer.publicKey], verify);
const partsOf = (bytes: Uint8Array) =>
  splitSigned('seal', bytes) as SignedParts & { place: NonNullable<SignedParts['place']> };

function edited(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  change(copy);
  return copy;
}

describe('many messages under one signature', () => {
  it('each open by themselves, in batches of 1 to 70', () => {
    for (let count = 1; count <= 70; count++) {
      const bodies = bodiesOf(count);
      const messages = signMany('seal', bodies, { signer, blindKey });
      for (const [index, message] of messages.entries())
        expect(open(message)).toEqual(bodies[index]);
    }
  });

  it('sign the plain Merkle root over their blinded inputs', () => {
    for (let count = 2; count <= 70; count++) {
      const parts = batchOf(count).map(partsOf);
      const leaves = parts.map(({ body, place }) => batchLeaf('seal', body, place.blind));
      const signed = batchInput(count, merkleRoot(leaves));
      for (const { signature } of parts) expect(signature).toEqual(parts[0]!.signature);
      expect(verify(parts[0]!.signature, signed, signer.publicKey)).toBe(true);
    }
  });

  it('of one is the plain form, and of none nothing', () => {
    const body = utf8('alone');
    expect(signMany('seal', [body], { signer, blindKey })).toEqual([
      signMessage('seal', body, signer),
    ]);
    expect(signMany('seal', [], { signer, blindKey })).toEqual([]);
  });

  it('costs one signature, and one check where a reader remembers it', () => {
    let signatureCount = 0;
    const counting = {
      publicKey: signer.publicKey,
      sign: (message: Uint8Array) => {
        signatureCount++;
        return signer.sign(message);
      },
    };
    const inputs = new Set<string>();
    for (const message of signMany('seal', bodiesOf(64), { signer: counting, blindKey }))
      openSigned('seal', message, [signer.publicKey], (signature, input, key) => {
        inputs.add([signature, input, key].map(String).join());
        return verify(signature, input, key);
      });
    expect(signatureCount).toBe(1);
    expect(inputs.size).toBe(1);
  });

  it('are as long as the header, the path and the body', () => {
    const messages = batchOf(64);
    for (const [index, message] of messages.entries())
      expect(message).toHaveLength(PATH_AT + 6 * 32 + bodiesOf(64)[index]!.length);
  });

  it('are the same from the readable signer and verifier', () => {
    const readable = createSigner(new Uint8Array(32).fill(1));
    expect(batchOf(5, readable)).toEqual(batchOf(5));
  });
});

describe('a message of a batch', () => {
  const messages = batchOf(7);
  const message = messages[2]!;
  const { body, signature, place } = partsOf(message);
  const refused = (bytes: Uint8Array) => expect(open(bytes)).toBeUndefined();

  it('is refused at every other place', () => {
    for (let index = 0; index < 10; index++)
      if (index !== 2) refused(edited(message, (copy) => writeU32(copy, 2, index)));
    refused(edited(message, (copy) => writeU32(copy, 2, 2 ** 32 - 1)));
  });

  it('is refused in a batch of another size, also of 0 and 1', () => {
    for (let count = 0; count < 70; count++)
      if (count !== 7) refused(edited(message, (copy) => writeU32(copy, 6, count)));
    refused(edited(message, (copy) => writeU32(copy, 6, 2 ** 32 - 1)));
  });

  it('has one form only: a signed tree of one leaf is none', () => {
    const blind = new Uint8Array(BLIND_BYTES);
    const root = merkleRoot([batchLeaf('seal', body, blind)]);
    const path = new Uint8Array(0);
    refused(
      joinBatched('seal', body, signer.sign(batchInput(1, root)), {
        index: 0,
        count: 1,
        blind,
        path,
      }),
    );
  });

  it('is refused beside a path that is shorter, longer or of another leaf', () => {
    const { path } = place;
    const joined = (other: Uint8Array) =>
      joinBatched('seal', body, signature, { ...place, path: other });
    expect(joined(path)).toEqual(message);
    refused(joined(path.subarray(32)));
    refused(joined(path.subarray(0, -32)));
    refused(joined(concatBytes(path, new Uint8Array(32))));
    refused(joined(new Uint8Array(33 * 32)));
    refused(joined(new Uint8Array(255 * 32)));
    for (const [index, other] of messages.entries())
      if (index !== 2) refused(joined(partsOf(other).place.path));
    // The count of nodes alone: the body would begin elsewhere.
    for (let nodeCount = 0; nodeCount < 256; nodeCount++)
      if (nodeCount !== 3) refused(edited(message, (copy) => copy.fill(nodeCount, 10, 11)));
  });

  it('is refused with the body, the blind or the signature of another', () => {
    const other = partsOf(messages[3]!);
    refused(joinBatched('seal', other.body, signature, place));
    refused(joinBatched('seal', body, signature, { ...place, blind: other.place.blind }));
    const [again] = signMany('seal', [body, utf8('x')], { signer, blindKey });
    refused(joinBatched('seal', body, partsOf(again!).signature, place));
  });

  it('is refused under another kind, also where the tree mixes kinds', () => {
    expect(open(message, 'receipt')).toBeUndefined();
    const relabelled = edited(message, (copy) => copy.fill(12, 1, 2));
    expect(open(relabelled, 'receipt')).toBeUndefined();
  });

  it('is refused with the path of another signer’s batch of the same bodies', () => {
    const theirs = batchOf(7, stranger)[2]!;
    refused(theirs);
    refused(joinBatched('seal', body, signature, partsOf(batchOf(8, stranger)[2]!).place));
    refused(joinBatched('seal', body, partsOf(theirs).signature, place));
    expect(openSigned('seal', theirs, [signer.publicKey, stranger.publicKey], verify)).toEqual(
      body,
    );
  });

  it('is no message where an inner node is given for a leaf', () => {
    const parts = messages.map(partsOf);
    const leafHash = (index: number) =>
      sha256(Uint8Array.of(0), batchLeaf('seal', parts[index]!.body, parts[index]!.place.blind));
    const inner = concatBytes(leafHash(0), leafHash(1));
    const above = { index: 0, count: 4, path: parts[0]!.place.path.subarray(32) };
    // As blind and body, with the kind's label where it falls, or as a body by itself.
    refused(
      joinBatched('seal', inner, signature, { ...above, blind: new Uint8Array(BLIND_BYTES) }),
    );
    refused(
      joinBatched('seal', inner.subarray(16), signature, {
        ...above,
        blind: inner.subarray(0, 16),
      }),
    );
  });

  it('is not the plain form of its root, nor the other way round', () => {
    const root = merkleRoot(
      messages.map((m) => batchLeaf('seal', partsOf(m).body, partsOf(m).place.blind)),
    );
    refused(joinSigned('seal', batchInput(7, root), signature));
    refused(joinSigned('seal', body, signature));
    refused(edited(message, (copy) => copy.fill(SIGNED_VERSION, 0, 1)));
    refused(edited(signMessage('seal', body, signer), (copy) => copy.fill(BATCHED_VERSION, 0, 1)));
    refused(edited(message, (copy) => copy.fill(3, 0, 1)));
  });

  it('changed in any bit is refused, cut anywhere is refused, and neither throws', () => {
    for (let bit = 0; bit < 8 * message.length; bit++)
      refused(edited(message, (copy) => (copy[bit >> 3]! ^= 1 << (bit & 7))));
    for (let length = 0; length < message.length; length++) refused(message.subarray(0, length));
  });

  it('is split without a throw from any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const hostile = concatBytes(Uint8Array.of(BATCHED_VERSION, 6), bytes);
        expect(open(hostile)).toBeUndefined();
      }),
    );
  });
});

describe('what a batch tells of its other messages', () => {
  it('is not the hash of what they say: their blinds are not known', () => {
    const [first] = batchOf(2);
    const beside = partsOf(first!).place.path;
    const guesses = [utf8('streetwatt/1 seal\0'), new Uint8Array(BLIND_BYTES)].map((label) =>
      sha256(Uint8Array.of(0), label, utf8('body 1')),
    );
    for (const guess of guesses) expect(beside).not.toEqual(guess);
    const otherKey = signMany('seal', bodiesOf(2), { signer, blindKey: new Uint8Array(32) });
    expect(partsOf(otherKey[0]!).place.path).not.toEqual(beside);
  });

  it('is not that one of them says the same as in another batch', () => {
    const same = utf8('unchanged');
    const paths = [0, 1].map((turn) => {
      const [own] = signMany('seal', [u32(turn), same], { signer, blindKey });
      return partsOf(own!).place.path;
    });
    expect(paths[0]).not.toEqual(paths[1]);
  });
});
