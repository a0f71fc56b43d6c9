// One signature for many messages (signed.ts, version 2): Ed25519 costs as much as all the rest of a
// street's seal, and every party checks it, so an aggregator signs the Merkle root over all that it
// sends in one turn. The idea is that of draft-ietf-tls-batch-signing.

import { concatBytes, u32, utf8, writeU32 } from './bytes.ts';
import { DIGEST_BYTES, sha256 } from './digest.ts';
import { type HashMany, hashManyPlain } from './hash-many.ts';
import { auditPaths } from './merkle.ts';
import {
  BLIND_BYTES,
  batchInput,
  batchLeaf,
  joinBatched,
  type MessageKind,
  type Signer,
  signMessage,
} from './signed.ts';

/**
 * How many messages a node signs at once. A larger batch gains nothing: its path is longer, and a
 * reader's hash of one node costs as much as its share of one signature among 64.
 */
export const BATCH_MESSAGES = 64;

const BLIND_LABEL: Uint8Array = utf8('streetwatt/blind/1');
const BLIND_INPUT_BYTES: number = DIGEST_BYTES + 4;

/**
 * The bodies, in their order, as messages that each carry the one signature; one alone is version 1.
 * `blindKey` is 32 secret bytes of the signer's: the same bodies under it make the same messages.
 */
export function signMany(
  kind: MessageKind,
  bodies: readonly Uint8Array[],
  { signer, blindKey, hashMany = hashManyPlain }: ManySigner,
): Uint8Array[] {
  const count = bodies.length;
  if (count < 2) return bodies.map((body) => signMessage(kind, body, signer));
  const blinds = blindsOf(bodies, blindKey, hashMany);
  const leaves = bodies.map((body, index) => batchLeaf(kind, body, blinds[index] as Uint8Array));
  const { root, paths } = auditPaths(leaves, hashMany);
  const signature = signer.sign(batchInput(count, root));
  return bodies.map((body, index) => {
    const [blind, path] = [blinds[index] as Uint8Array, paths[index] as Uint8Array];
    return joinBatched(kind, body, signature, { index, count, blind, path });
  });
}

export interface ManySigner {
  readonly signer: Signer;
  readonly blindKey: Uint8Array;
  readonly hashMany?: HashMany;
}

/**
 * Of the whole batch, not of each body: else a message that is sent again in another batch would show
 * its neighbours that it has not changed.
 */
function blindsOf(
  bodies: readonly Uint8Array[],
  blindKey: Uint8Array,
  hashMany: HashMany,
): Uint8Array[] {
  const count = bodies.length;
  const lengths = bodies.map((body) => u32(body.length));
  const secret = sha256(BLIND_LABEL, blindKey, u32(count), concatBytes(...lengths), ...bodies);
  const inputs = new Uint8Array(BLIND_INPUT_BYTES * count);
  for (let index = 0; index < count; index++) {
    inputs.set(secret, BLIND_INPUT_BYTES * index);
    writeU32(inputs, BLIND_INPUT_BYTES * index + DIGEST_BYTES, index);
  }
  const digests = hashMany(inputs, new Uint32Array(count).fill(BLIND_INPUT_BYTES));
  return bodies.map((_, index) =>
    digests.subarray(DIGEST_BYTES * index, DIGEST_BYTES * index + BLIND_BYTES),
  );
}
