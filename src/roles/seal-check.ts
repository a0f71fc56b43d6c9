// What a seal must be, whoever reads it (design.md section 5, corrections 4, 14 and 20): its form and
// signature, who may be counted, when it may stand, which children it counts, and the decisions that
// follow. It needs no key, only the network and what was found of the seals below.
//
// A trustee runs this before it sums masks, a parent before it counts a child. Both must come to the
// same answer: a parent that counts a seal which trustees refuse is refused with it, up to the root.

import type { AttestedStreet } from '../core/attested-street.ts';
import { countBits, hasBit, isCanonicalBitmap } from '../core/bitmap.ts';
import { equalBytes } from '../core/bytes.ts';
import { ChildPresences } from '../core/child-presences.ts';
import { type HashMany, hashManyPlain } from '../core/hash-many.ts';
import {
  type Epoch,
  epochOfInterval,
  type IntervalIndex,
  intervalEndSeconds,
} from '../core/interval.ts';
import type { VerifiedNetwork } from '../core/network-bundle.ts';
import { type AreaNode, areaNamed, isDissolved } from '../core/network-tree.ts';
import { DECISIONS, decideCell, NO_PRESENCE, type Presence } from '../core/presence.ts';
import { childrenRoot, type DissolvedPresence, type Seal } from '../core/seal.ts';
import { joinFrameRoots, type StreetSeal } from '../core/seal-streets.ts';
import { setDigests } from '../core/set-digest.ts';
import { openSigned, type VerifySignature } from '../core/signed.ts';

export type SealFault =
  | 'unknown-area'
  | 'wrong-network'
  | 'bad-seal-signature'
  | 'malformed-seal'
  | 'unknown-slot'
  | 'early-seal'
  | 'bad-root'
  | 'missing-child'
  | 'conflicting-seal'
  | 'wrong-decision';

/** What the seal above needs of one that was found right. */
export interface KnownSeal {
  readonly digest: Uint8Array;
  /** By channel. Only those in which the area is dissolved are ever asked for. */
  readonly presences: readonly Presence[];
}

export interface CheckedSeal {
  /** By street child, back to back. */
  readonly setDigests: Uint8Array;
  readonly presences: ChildPresences;
  /** Of the whole area, in the channels in which it is dissolved: what the root binds. */
  readonly dissolved: readonly DissolvedPresence[];
}

/** Who says it: the area that the seal is of, where one of its aggregators signed it for this network. */
export function checkSealHeader(
  network: VerifiedNetwork,
  seal: Seal,
  verify: VerifySignature,
): AreaNode | SealFault {
  const { header } = seal;
  const node = areaNamed(network, header.area);
  if (node === undefined || node.street !== undefined) return 'unknown-area';
  if (!equalBytes(header.network, network.digest)) return 'wrong-network';
  if (epochIn(network, header.interval) < network.document.fromEpoch) return 'wrong-network';
  const keys = network.document.aggregators[node.aggregator]?.publicKeys ?? [];
  if (openSigned('seal', seal.signedHeader, keys, verify) === undefined)
    return 'bad-seal-signature';
  return node;
}

/**
 * What it says, of the area that `checkSealHeader` found. `storedAtSeconds` is when the stream stored
 * it; `knownSeal` gives what was found of an area child's seal of this interval. Linear in the slots.
 */
export function checkSeal(
  network: VerifiedNetwork,
  node: AreaNode,
  seal: Seal,
  storedAtSeconds: number,
  knownSeal: (child: number) => KnownSeal | undefined,
  hashMany: HashMany = hashManyPlain,
): CheckedSeal | SealFault {
  const presences = checkShape(network, node, seal);
  if (typeof presences === 'string') return presences;
  const fault = checkTime(network, node, seal, storedAtSeconds);
  if (fault !== undefined) return fault;
  const { header, streets, children } = seal;
  for (const [position, child] of node.areaChildren.entries()) {
    const named = children[position];
    if ((named !== undefined) !== hasBit(header.includedChildren, position)) return 'bad-root';
    // Without presences, a child counts as unsealed.
    if (named === undefined) continue;
    const known = knownSeal(child);
    if (known === undefined) return 'missing-child';
    if (!equalBytes(known.digest, named)) return 'conflicting-seal';
    for (const [channel, presence] of known.presences.entries())
      presences.set(node.streetChildren.length + position, channel, presence);
  }
  const dissolved = checkDecisions(network, node, seal, presences);
  if (typeof dissolved === 'string') return dissolved;
  const setDigests = digestSets(network, node, header.interval, streets, hashMany);
  const frameRoots = joinFrameRoots(streets);
  const root = childrenRoot({ setDigests, frameRoots, children, dissolved });
  if (!equalBytes(root, header.childrenRoot)) return 'bad-root';
  return { setDigests, presences, dissolved };
}

/** Who may be counted, and then the presences of the street children. */
function checkShape(
  network: VerifiedNetwork,
  node: AreaNode,
  seal: Seal,
): ChildPresences | SealFault {
  const streetCount = node.streetChildren.length;
  const areaCount = node.areaChildren.length;
  if (seal.streets.length !== streetCount || seal.children.length !== areaCount)
    return 'malformed-seal';
  const epoch = epochIn(network, seal.header.interval);
  const presences = new ChildPresences(streetCount + areaCount, network.channels.length);
  // By index, here and below: an iterator of pairs is most of what a street leaves to the collector.
  for (let position = 0; position < streetCount; position++) {
    const { contributors } = seal.streets[position] as StreetSeal;
    const street = network.streets[node.streetChildren[position] as number];
    if (street === undefined || !isCanonicalBitmap(contributors, street.roster.entries.length))
      return 'unknown-slot';
    const activeContributors = presences.setStreet(position, street, epoch, contributors);
    if (activeContributors !== countBits(contributors)) return 'unknown-slot';
  }
  return presences;
}

/** A seal that leaves somebody out while they may still report is a choice of who is counted. */
function checkTime(
  network: VerifiedNetwork,
  node: AreaNode,
  seal: Seal,
  storedAtSeconds: number,
): SealFault | undefined {
  const { intervalSeconds, closeAfterSeconds } = network.document;
  const isComplete =
    seal.children.every((child) => child !== undefined) &&
    seal.streets.every(({ contributors }, position) => {
      const street = node.streetChildren[position] as number;
      return countBits(contributors) >= network.areas.meterCountOf(street);
    });
  const endSeconds = intervalEndSeconds(seal.header.interval, intervalSeconds);
  return storedAtSeconds < endSeconds + (isComplete ? 0 : closeAfterSeconds)
    ? 'early-seal'
    : undefined;
}

/** Of streets that are all on attested rosters. */
export function digestSets(
  network: VerifiedNetwork,
  { streetChildren }: AreaNode,
  interval: IntervalIndex,
  streets: readonly Pick<StreetSeal, 'contributors'>[],
  hashMany: HashMany,
): Uint8Array {
  const sets = streets.map(({ contributors }, position) => {
    const child = streetChildren[position] as number;
    const { rosterDigest } = network.streets[child] as AttestedStreet;
    return { area: network.areas.idOf(child), rosterDigest, contributors };
  });
  return setDigests({ network: network.digest, interval }, sets, hashMany);
}

/** Presence of the whole area where it is dissolved, if every decision is the one that follows. */
function checkDecisions(
  network: VerifiedNetwork,
  node: AreaNode,
  { header }: Seal,
  presences: ChildPresences,
): readonly DissolvedPresence[] | SealFault {
  for (let channel = 0; channel < network.channels.length; channel++) {
    const homeCells = node.homeCells[channel] as readonly number[];
    const decisions = header.decisions[channel];
    if (decisions?.length !== homeCells.length) return 'wrong-decision';
    for (let position = 0; position < homeCells.length; position++) {
      const members = network.cells.membersOf(homeCells[position] as number);
      const decision = decideCell(presences.sum(node, members, channel), network.document);
      if (decisions[position] !== DECISIONS[decision]) return 'wrong-decision';
    }
  }
  return presencesWhereDissolved(network, node, presences);
}

export function presencesWhereDissolved(
  { channels }: VerifiedNetwork,
  node: AreaNode,
  presences: ChildPresences,
): DissolvedPresence[] {
  const dissolved: DissolvedPresence[] = [];
  for (let channel = 0; channel < channels.length; channel++)
    if (isDissolved(node, channel)) dissolved.push({ channel, ...presences.sumOfAll(channel) });
  return dissolved;
}

/** Of an area child, by channel: its presence where it is dissolved; nothing in the others. */
export function dissolvedPresences(
  dissolved: readonly DissolvedPresence[],
  channelCount: number,
): readonly Presence[] {
  const presences: Presence[] = Array.from({ length: channelCount }, () => NO_PRESENCE);
  for (const { channel, ...presence } of dissolved) presences[channel] = presence;
  return presences;
}

function epochIn(network: VerifiedNetwork, interval: IntervalIndex): Epoch {
  return epochOfInterval(interval, network.document.intervalSeconds);
}
