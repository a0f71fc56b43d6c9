// The seal: an aggregator's signed statement for one (area, interval) (design.md sections 2, 5 and
// 7, corrections 4, 14, 18 and 19).
//
// The signed header is all that a monitor gets: digests and decisions, no bitmap. What the decisions
// follow from hangs below it, bound by the header's children root = SHA-256("streetwatt/children/1" ||
// these); how many there are of each follows from the network, so none can pass for another:
//
//   street children  the set digest of each (set-digest.ts), then the frames root of each
//                    (frames-root.ts). Where other frames of a slot stood in the stream too, the
//                    counted one is named: a hint to auditors, which the root bears out
//                    (seal-streets.ts)
//   area children    the seal's digest of each, or 32 zero bytes where it had not sealed in time
//   last             the presence counts of the channels in which this area lies inside a cell further
//                    up

import { z } from 'zod';
import { type AreaId, parseAreaId } from './area.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor, MAX_CBOR_BYTES } from './cbor.ts';
import { MAX_CHANNELS } from './channel.ts';
import { DIGEST_BYTES, sha256, sha256Of } from './digest.ts';
import { bytesOf, bytesUpTo, u32Field } from './fields.ts';
import type { IntervalIndex } from './interval.ts';
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
  readonly digest: Uint8Array;
  /** By street child, in tree order. */
  readonly streets: readonly StreetSeal[];
  /** By area child, in tree order: its seal's digest, or undefined. */
  readonly children: readonly (Uint8Array | undefined)[];
  readonly dissolved: readonly DissolvedPresence[];
}

const SEAL_VERSION = 1;
const MAX_SEAL_BYTES = MAX_CBOR_BYTES;
const NO_CHILD: Uint8Array = new Uint8Array(DIGEST_BYTES);
const CHILDREN_LABEL: Uint8Array = utf8('streetwatt/children/1');
const SEAL_LABEL: Uint8Array = utf8('streetwatt/seal/1');
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
  u32Field,
  u32Field,
  u32Field,
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

export function encodeSeal(seal: Omit<Seal, 'header' | 'digest'>): Uint8Array {
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
  if (!split || header === undefined || streets === undefined) return undefined;
  return {
    signedHeader: parsed.header,
    header,
    digest: sealDigest(split.body),
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
export function sealDigest(headerBody: Uint8Array): Uint8Array {
  return sha256(SEAL_LABEL, headerBody);
}

/** What hangs below a seal's header, as its root binds it. Digests stand back to back, in tree order. */
export interface SealedChildren {
  readonly setDigests: Uint8Array;
  readonly frameRoots: Uint8Array;
  /** By area child: its seal's digest, or undefined. */
  readonly children: readonly (Uint8Array | undefined)[];
  readonly dissolved: readonly DissolvedPresence[];
}

export function childrenRoot({
  setDigests,
  frameRoots,
  children,
  dissolved,
}: SealedChildren): Uint8Array {
  const named = children.map((child) => child ?? NO_CHILD);
  const presences = encodeCbor(dissolved.map(presenceFields));
  return sha256Of([CHILDREN_LABEL, setDigests, frameRoots, ...named, presences]);
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
