// Seals and masked totals out (design.md sections 5 and 7, corrections 14, 16, 19 and 20).
//
// A seal and its total are a pure function of the frames, the children's seals, the network, the salt
// key, and which areas are signed in one batch. So of the same set two aggregators that run hot make
// the same digests, and the one whose seal lost adds up the winner's set again (`totalOfSeal`).

import type { AttestedStreet } from '../core/attested-street.ts';
import { bitIndices, bitmapBytes, setBit } from '../core/bitmap.ts';
import { equalBytes } from '../core/bytes.ts';
import { ChildPresences, placeOfChild } from '../core/child-presences.ts';
import { epochOfInterval, type IntervalIndex } from '../core/interval.ts';
import type { Intake } from '../core/kernel/kernel.ts';
import { type AreaNode, areaAt, indexOfArea, isDissolved } from '../core/network-tree.ts';
import { DECISIONS, decideCell } from '../core/presence.ts';
import {
  childrenRoot,
  type DissolvedPresence,
  encodeSeal,
  encodeSealHeader,
  type Seal,
  type SealHeader,
} from '../core/seal.ts';
import { type ContestedSlot, joinFrameRoots, type StreetSeal } from '../core/seal-streets.ts';
import { signMany } from '../core/sign-many.ts';
import { encodeTotal, type MaskedTotals, totalDigest, totalSalt } from '../core/total.ts';
import { type AggregatorState, isReported, type OpenArea, openArea } from './aggregator.ts';
import { digestSets, presencesWhereDissolved } from './seal-check.ts';

export interface SealedArea {
  readonly header: SealHeader;
  readonly seal: Uint8Array;
  readonly total: Uint8Array;
}

/** Closes the area for this interval and seals what it has. A child without seal and total is left out. */
export function createSeal(
  state: AggregatorState,
  area: number,
  interval: IntervalIndex,
): SealedArea {
  return createSeals(state, [area], interval)[0] as SealedArea;
}

/** The same of several areas, under one signature. A child among them counts if its seal has come in before. */
export function createSeals(
  state: AggregatorState,
  areas: readonly number[],
  interval: IntervalIndex,
): SealedArea[] {
  const unsigned = areas.map((area) => createUnsigned(state, area, interval));
  const headers = signMany(
    'seal',
    unsigned.map(({ sealed }) => encodeSealHeader(sealed.header)),
    { signer: state.signer, blindKey: state.saltKey, hashMany: state.kernel.hashMany },
  );
  return unsigned.map(({ sealed, streets, children }, index) => {
    const { header, dissolved, salt, totals } = sealed;
    const signedHeader = headers[index] as Uint8Array;
    return {
      header,
      seal: encodeSeal({ signedHeader, streets, children, dissolved }),
      total: encodeTotal({ signedHeader, salt, totals }),
    };
  });
}

function createUnsigned(state: AggregatorState, area: number, interval: IntervalIndex) {
  const open = openArea(state, area, interval);
  closeArea(open);
  const node = areaAt(state.network, area);
  const streets = open.streets.map((intake) => {
    const contributors = intake.contributors();
    return {
      contributors,
      framesRoot: intake.framesRoot(contributors) as Uint8Array,
      contested: contestedSlots(intake),
    };
  });
  const children = open.children.map((child) => (isReported(child) ? child.sealDigest : undefined));
  const sealed = assemble(state, node, interval, open, { streets, children });
  return { sealed, streets, children };
}

/**
 * The total of a seal that another aggregator of this area published first, from our own frames;
 * undefined where we miss one of its frames or children, or the seal is not what it claims.
 */
export function totalOfSeal(state: AggregatorState, seal: Seal): Uint8Array | undefined {
  const { header } = seal;
  const index = indexOfArea(state.network, header.area);
  if (index === undefined || !state.hosted.has(index)) return undefined;
  const node = areaAt(state.network, index);
  const open = openArea(state, index, header.interval);
  closeArea(open);
  if (seal.streets.length !== open.streets.length || seal.children.length !== open.children.length)
    return undefined;
  for (const [position, street] of seal.streets.entries()) {
    // Undefined where we have not all of its frames.
    const own = open.streets[position]?.framesRoot(street.contributors);
    if (own === undefined || !equalBytes(own, street.framesRoot)) return undefined;
  }
  for (const [position, child] of seal.children.entries()) {
    const own = open.children[position];
    if (child === undefined) continue;
    if (
      own?.total === undefined ||
      own.sealDigest === undefined ||
      !equalBytes(own.sealDigest, child)
    )
      return undefined;
  }
  const sealed = assemble(state, node, header.interval, open, seal);
  if (!equalBytes(sealed.header.totalDigest, header.totalDigest)) return undefined;
  return encodeTotal({ signedHeader: seal.signedHeader, salt: sealed.salt, totals: sealed.totals });
}

interface Assembled {
  readonly header: SealHeader;
  readonly dissolved: readonly DissolvedPresence[];
  readonly totals: MaskedTotals;
  readonly salt: Uint8Array;
}

function assemble(
  state: AggregatorState,
  node: AreaNode,
  interval: IntervalIndex,
  open: OpenArea,
  chosen: {
    readonly streets: readonly StreetSeal[];
    readonly children: readonly (Uint8Array | undefined)[];
  },
): Assembled {
  const { network, kernel } = state;
  const epoch = epochOfInterval(interval, network.document.intervalSeconds);
  const channelCount = network.channels.length;
  const { streetChildren, areaChildren } = node;
  const childCount = streetChildren.length + areaChildren.length;
  const presences = new ChildPresences(childCount, channelCount);
  /** By place among the children; of a child that has not sealed there is nothing. */
  const sums: (BigUint64Array | undefined)[] = [];
  for (let position = 0; position < streetChildren.length; position++) {
    const attested = network.streets[streetChildren[position] as number] as AttestedStreet;
    const { contributors } = chosen.streets[position] as StreetSeal;
    presences.setStreet(position, attested, epoch, contributors);
    sums.push((open.streets[position] as Intake).sumWords(contributors));
  }
  const included = new Uint8Array(bitmapBytes(areaChildren.length));
  for (let position = 0; position < areaChildren.length; position++) {
    const report = open.children[position];
    const isIncluded = chosen.children[position] !== undefined;
    if (!isIncluded || report?.seal === undefined || report.total === undefined) {
      sums.push(undefined);
      continue;
    }
    sums.push(report.total.totals.area);
    setBit(included, position);
    for (const { channel, ...presence } of report.seal.dissolved)
      presences.set(streetChildren.length + position, channel, presence);
  }

  const area = new BigUint64Array(channelCount);
  const cells: BigUint64Array[] = [];
  const decisions: Uint8Array[] = [];
  for (let channel = 0; channel < channelCount; channel++) {
    const homeCells = node.homeCells[channel] as readonly number[];
    const words = new BigUint64Array(homeCells.length);
    const decided = new Uint8Array(homeCells.length);
    for (let index = 0; index < homeCells.length; index++) {
      const members = network.cells.membersOf(homeCells[index] as number);
      const decision = decideCell(presences.sum(node, members, channel), network.document);
      decided[index] = DECISIONS[decision];
      if (decision !== 'included') continue;
      for (const member of members)
        addWord(words, index, sums[placeOfChild(node, member)], channel);
      addWord(area, channel, words, index);
    }
    // In a cell further up, the whole area counts; otherwise, what its children could publish.
    for (let place = 0; place < childCount; place++) {
      const child = areaChildren[place - streetChildren.length];
      const isSummed =
        isDissolved(node, channel) ||
        (child !== undefined && !isDissolved(areaAt(network, child), channel));
      if (isSummed) addWord(area, channel, sums[place], channel);
    }
    cells.push(words);
    decisions.push(decided);
  }
  const dissolved = presencesWhereDissolved(network, node, presences);
  const setDigests = digestSets(network, node, interval, chosen.streets, kernel.hashMany);
  const frameRoots = joinFrameRoots(chosen.streets);
  const root = childrenRoot({ setDigests, frameRoots, children: chosen.children, dissolved });
  const salt = totalSalt(state.saltKey, interval, root);
  const totals: MaskedTotals = { area, cells };
  const header: SealHeader = {
    area: node.id,
    interval,
    network: network.digest,
    childrenRoot: root,
    decisions,
    includedChildren: included,
    totalDigest: totalDigest(salt, totals),
  };
  return { header, dissolved, totals, salt };
}

/** Mod 2^64. Of a child that has not sealed there is nothing. */
function addWord(
  into: BigUint64Array,
  index: number,
  from: BigUint64Array | undefined,
  at: number,
): void {
  if (from === undefined) return;
  into[index] = BigInt.asUintN(64, (into[index] as bigint) + (from[at] as bigint));
}

/** No frame counts any more. */
function closeArea(open: OpenArea): void {
  for (const intake of open.streets) intake.close();
}

function contestedSlots(intake: Intake): ContestedSlot[] {
  const slots: ContestedSlot[] = [];
  for (const slot of bitIndices(intake.contested())) {
    const frameDigest = intake.frameDigest(slot);
    if (frameDigest !== undefined) slots.push({ slot, frameDigest });
  }
  return slots;
}
