// Three receipts under one signature, each byte of their trees, and messages made of them that must be
// refused. Part of protocol-v1.json.

import { areaId } from '../../src/core/area.ts';
import { concatBytes, toHex, writeU32 } from '../../src/core/bytes.ts';
import type { IntervalIndex } from '../../src/core/interval.ts';
import { encodeReceipt } from '../../src/core/receipt.ts';
import { signMany } from '../../src/core/sign-many.ts';
import {
  batchInput,
  batchLeaf,
  joinBatched,
  joinSigned,
  MESSAGE_KINDS,
  type Signer,
  splitSigned,
} from '../../src/core/signed.ts';
import { merkleRoot } from '../reference/merkle-root.ts';
import { testBytes } from '../support/enrolment.ts';

const STREETS = ['es/m/s', 'es/m/t', 'es/m/u'];

export function createBatchVectors(
  interval: IntervalIndex,
  signer: Signer,
  stranger: Signer,
): object {
  const bodies = STREETS.map((street, index) =>
    encodeReceipt({ area: areaId(street), interval, accepted: Uint8Array.of(1 + index) }),
  );
  const blindKey = testBytes('vector blind', 32);
  const messages = signMany('receipt', bodies, { signer, blindKey });
  const parts = messages.map((message) => {
    const { body, signature, place } = splitSigned('receipt', message)!;
    return { body, signature, place: place! };
  });
  const leaves = parts.map(({ body, place }) => batchLeaf('receipt', body, place.blind));
  const root = merkleRoot(leaves);
  const theirs = splitSigned(
    'receipt',
    signMany('receipt', bodies, { signer: stranger, blindKey })[1]!,
  )!;
  const { body, signature, place } = parts[1]!;
  const edit = (change: (copy: Uint8Array) => void) => {
    const copy = messages[1]!.slice();
    change(copy);
    return copy;
  };
  const joined = (change: Partial<typeof place>) =>
    joinBatched('receipt', body, signature, { ...place, ...change });
  const bad: [string, Uint8Array][] = [
    ['at the place of the first', edit((m) => writeU32(m, 2, 0))],
    ['at the place of the last, which has a shorter path', edit((m) => writeU32(m, 2, 2))],
    ['at a place beyond the batch', edit((m) => writeU32(m, 2, 3))],
    ['of a batch of none', edit((m) => writeU32(m, 6, 0))],
    ['of a batch of four', edit((m) => writeU32(m, 6, 4))],
    ['with a node less', joined({ path: place.path.subarray(0, 32) })],
    ['with a node more', joined({ path: concatBytes(place.path, new Uint8Array(32)) })],
    ['that counts a node less', edit((m) => m.fill(1, 10, 11))],
    ['with the path of the first', joined({ path: parts[0]!.place.path })],
    ['with the blind of the first', joined({ blind: parts[0]!.place.blind })],
    ['with the body of the first', joinBatched('receipt', parts[0]!.body, signature, place)],
    ['as a ledger entry', edit((m) => m.fill(MESSAGE_KINDS.ledger, 1, 2))],
    ['signed by the auditor', joinBatched('receipt', body, theirs.signature, place)],
    ['as a message of its own', joinSigned('receipt', body, signature)],
    ['of version 3', edit((m) => m.fill(3, 0, 1))],
    ['a byte short', messages[1]!.subarray(0, -1)],
  ];
  return {
    kind: 'receipt',
    bodies: bodies.map(toHex),
    blinds: parts.map(({ place }) => toHex(place.blind)),
    leaves: leaves.map(toHex),
    root: toHex(root),
    signed: toHex(batchInput(bodies.length, root)),
    signature: toHex(signature),
    paths: parts.map(({ place }) => toHex(place.path)),
    messages: messages.map(toHex),
    bad: bad.map(([name, message]) => ({ name, message: toHex(message) })),
  };
}
