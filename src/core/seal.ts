// The seal: an aggregator's signed statement for one (area, interval) (design.md sections 2, 5 and
// 7, corrections 4, 14, 18 and 19).
//
// The signed header is all that a monitor gets: digests and decisions, no bitmap. What the decisions
// follow from hangs below it, bound by the header's Merkle root over the children in tree order:
//
//   street child  set digest || frames root over the contributors' frames in slot order
//                 (frames-root.ts). Where other frames of a slot stood in the stream too, the counted
//                 one is named: a hint to auditors, which the root bears out (seal-streets.ts)
//   area child    its seal's digest, or 32 zero bytes where it had not sealed in time
//   last leaf     the presence counts of the channels in which this area lies inside a cell further up
//
// Set digest = SHA-256("streetwatt/set/1" || network digest || u16 length || area || u32 interval ||
// roster digest || u32 length || bitmap): a count or an XOR would be no commitment to a set.

import { z } from 'zod';
import { type AreaId, parseAreaId } from './area.ts';
import { concatBytes, utf8, writeU32 } from './bytes.ts';
import { decodeCbor, encodeCbor, MAX_CBOR_BYTES } from './cbor.ts';
import { MAX_CHANNELS } from './channel.ts';
import { DIGEST_BYTES, type HashMany, hashManyPlain, sha256 } from './digest.ts';
import { bytesOf, bytesUpTo, safeCount, u32Field } from './fields.ts';
import type { IntervalIndex } from './interval.ts';
import { type Leaf, merkleRoot } from './merkle.ts';
import type { Presence } from './presence.ts';
import { type StreetSeal, streetFields, streetsOf } from './seal-streets.ts';
import { splitSigned } from './signed.ts';

export interface SealHeader {
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  readonly network: Uint8Array;
  readonly childrenRoot: Uint8Array;
  /** Per channel, one byte for each cell whose home this area is, in document order (`DECISIONS`). */
  readonly decisions: readonly Uint8Array[];
  /** Bit k: area child k had sealed and is counted in this area's totals. */
  readonly includedChildren: Uint8Array;
  /** SHA-256 over salt and masked totals (total.ts). */
  readonly totalDigest: Uint8Array;
}

/** Presence of this whole area in a channel in which it is dissolved. */
export interface DissolvedPresence extends Presence {
  readonly channel: number;
}

export interface Seal {
  /** The signed header, as it stands in totals and answers. */
  readonly signedHeader: Uint8Array;
  readonly header: SealHeader;
  /** By street child, in tree order. */
  readonly streets: readonly StreetSeal[];
  /** By area child, in tree order: its seal's digest, or undefined. */
  readonly children: readonly (Uint8Array | undefined)[];
  readonly dissolved: readonly DissolvedPresence[];
}

const SEAL_VERSION = 1;
const MAX_SEAL_BYTES = MAX_CBOR_BYTES;
const NO_CHILD: Uint8Array = new Uint8Array(DIGEST_BYTES);
const SEAL_LABEL: Uint8Array = utf8('streetwatt/seal/1');
const SET_LABEL: Uint8Array = utf8('streetwatt/set/1');
const SETS_LABEL: Uint8Array = utf8('streetwatt/sets/1');
const digest = bytesOf(DIGEST_BYTES);

const headerSchema = z.strictObject({
  area: z.string().refine((text) => parseAreaId(text) !== undefined),
  interval: u32Field,
  network: digest,
  childrenRoot: digest,
  decisions: z.array(bytesUpTo(2 ** 20)).max(MAX_CHANNELS),
  includedChildren: bytesUpTo(2 ** 20),
  totalDigest: digest,
});

const presenceSchema = z.tuple([
  z
    .int()
    .min(0)
    .max(MAX_CHANNELS - 1),
  safeCount,
  safeCount,
  safeCount,
  z.boolean(),
]);

const sealSchema = z.strictObject({
  header: bytesUpTo(2 ** 22),
  streets: z.tuple([
    bytesUpTo(MAX_SEAL_BYTES),
    bytesUpTo(MAX_SEAL_BYTES),
    bytesUpTo(MAX_SEAL_BYTES),
  ]),
  children: z.array(digest.nullable()),
  dissolved: z.array(presenceSchema).max(MAX_CHANNELS),
});

export function encodeSealHeader(header: SealHeader): Uint8Array {
  return encodeCbor({ ...header, decisions: [...header.decisions] });
}

export function decodeSealHeader(body: Uint8Array): SealHeader | undefined {
  return decodeCbor(body, headerSchema) as SealHeader | undefined;
}

export function encodeSeal(seal: Omit<Seal, 'header'>): Uint8Array {
  const body = encodeCbor({
    header: seal.signedHeader,
    streets: streetFields(seal.streets),
    children: seal.children.map((child) => child ?? null),
    dissolved: seal.dissolved.map(presenceFields),
  });
  return concatBytes(Uint8Array.of(SEAL_VERSION), body);
}

/** The seal in `bytes`, its signature unchecked; undefined where malformed. */
export function decodeSeal(bytes: Uint8Array): Seal | undefined {
  if (bytes[0] !== SEAL_VERSION) return undefined;
  const parsed = decodeCbor(bytes.subarray(1), sealSchema);
  const split = parsed && splitSigned('seal', parsed.header);
  const header = split && decodeSealHeader(split.body);
  const streets = parsed && streetsOf(parsed.streets);
  if (parsed === undefined || header === undefined || streets === undefined) return undefined;
  return {
    signedHeader: parsed.header,
    header,
    streets,
    children: parsed.children.map((child) => child ?? undefined),
    dissolved: parsed.dissolved.map(
      ([channel, slotsDeclared, slotsPresent, pointsPresent, isSealed]) => ({
        channel,
        slotsDeclared,
        slotsPresent,
        pointsPresent,
        isSealed,
      }),
    ),
  };
}

/** Names a seal: SHA-256("streetwatt/seal/1" || header body). The signature is not part of it. */
export function sealDigest(header: SealHeader): Uint8Array {
  return sha256(SEAL_LABEL, encodeSealHeader(header));
}

/** A street's set, as its digest binds it. */
export interface StreetSet {
  readonly area: AreaId;
  readonly rosterDigest: Uint8Array;
  readonly contributors: Uint8Array;
}

export function setDigest(
  input: StreetSet & { readonly network: Uint8Array; readonly interval: IntervalIndex },
): Uint8Array {
  return setDigests(input, [input])[0] as Uint8Array;
}

/** The set digests of streets of one network and interval, in their order. */
export function setDigests(
  { network, interval }: { readonly network: Uint8Array; readonly interval: IntervalIndex },
  sets: readonly StreetSet[],
  hashMany: HashMany = hashManyPlain,
): Uint8Array[] {
  const lengths = new Uint32Array(sets.length);
  let byteCount = 0;
  for (let i = 0; i < sets.length; i++) {
    const { area, contributors } = sets[i] as StreetSet;
    lengths[i] = SET_LABEL.length + 2 * DIGEST_BYTES + 10 + area.length + contributors.length;
    byteCount += lengths[i] as number;
  }
  const messages = new Uint8Array(byteCount);
  let at = 0;
  const add = (bytes: Uint8Array): void => {
    messages.set(bytes, at);
    at += bytes.length;
  };
  const addU32 = (value: number): void => {
    writeU32(messages, at, value);
    at += 4;
  };
  for (const { area, rosterDigest, contributors } of sets) {
    add(SET_LABEL);
    add(network);
    messages[at++] = area.length & 0xff;
    messages[at++] = area.length >>> 8;
    // Tokens are ASCII: cheaper than an encoder's call for each street.
    for (let i = 0; i < area.length; i++) messages[at++] = area.charCodeAt(i);
    addU32(interval);
    add(rosterDigest);
    addU32(contributors.length);
    add(contributors);
  }
  return splitDigests(hashMany(messages, lengths));
}

/**
 * The digest of several sets, for each of these lists: of a cell's streets, or an area's cells, their
 * digests back to back in document order.
 */
export function joinSetDigests(
  lists: readonly Uint8Array[],
  hashMany: HashMany = hashManyPlain,
): Uint8Array[] {
  const lengths = Uint32Array.from(lists, (list) => SETS_LABEL.length + list.length);
  const messages = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    messages.set(SETS_LABEL, at);
    messages.set(list, at + SETS_LABEL.length);
    at += SETS_LABEL.length + list.length;
  }
  return splitDigests(hashMany(messages, lengths));
}

export function childrenRoot(
  streets: readonly { readonly setDigest: Uint8Array; readonly framesRoot: Uint8Array }[],
  children: readonly (Uint8Array | undefined)[],
  dissolved: readonly DissolvedPresence[],
  hashMany: HashMany = hashManyPlain,
): Uint8Array {
  const leaves: Leaf[] = streets.map((street) => [street.setDigest, street.framesRoot]);
  for (const child of children) leaves.push(child ?? NO_CHILD);
  leaves.push(encodeCbor(dissolved.map(presenceFields)));
  return merkleRoot(leaves, hashMany);
}

function splitDigests(digests: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; at < digests.length; at += DIGEST_BYTES)
    out.push(digests.subarray(at, at + DIGEST_BYTES));
  return out;
}

function presenceFields(presence: DissolvedPresence): readonly (number | boolean)[] {
  return [
    presence.channel,
    presence.slotsDeclared,
    presence.slotsPresent,
    presence.pointsPresent,
    presence.isSealed,
  ];
}
