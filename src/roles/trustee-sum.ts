// The masks of one seal summed: of every cell whose home the area is, of the area itself, and of what
// the areas above will need of it. Nothing of a single street is kept once its seal is summed.

import type { AttestedStreet } from '../core/attested-street.ts';
import { placeOfChild } from '../core/child-presences.ts';
import { DIGEST_BYTES } from '../core/digest.ts';
import type { MaskSumStreet } from '../core/kernel/kernel.ts';
import { type AreaNode, areaAt, isDissolved } from '../core/network-tree.ts';
import { coverageStep, type Decision, decisionOf, PresenceTally } from '../core/presence.ts';
import type { Seal } from '../core/seal.ts';
import type { StreetSeal } from '../core/seal-streets.ts';
import { SetJoins } from '../core/set-digest.ts';
import type { UnmaskStatus } from '../core/unmask.ts';
import { keysOfEpoch } from './epoch-keys.ts';
import type { CheckedSeal } from './seal-check.ts';
import {
  type AreaPart,
  epochOf,
  intervalRecord,
  type MaskSumRecord,
  type TrusteeState,
} from './trustee.ts';

export interface SummedArea {
  readonly part: AreaPart;
  readonly cells: readonly MaskSumRecord[];
  /** By channel. */
  readonly area: readonly MaskSumRecord[];
}

const NO_SUMS: BigUint64Array = new BigUint64Array(0);
const NO_DIGEST: Uint8Array = new Uint8Array(0);
/** Cleared for each seal. */
const cellSets: SetJoins = new SetJoins();
const areaSets: SetJoins = new SetJoins();

/** Of a seal that was found right. */
export function sumSeal(
  state: TrusteeState,
  node: AreaNode,
  seal: Seal,
  checked: CheckedSeal,
): SummedArea | 'no-keys' {
  const words = sumStreets(state, node, seal);
  if (words === undefined) return 'no-keys';
  const { network, kernel } = state;
  const { digest: sealDigest } = seal;
  const { interval } = seal.header;
  const children = new SealedChildren(state, node, seal, checked, words);

  // Cells first: an area's sets are joined of theirs.
  cellSets.clear();
  const cells = network.channels.map((_, channel) =>
    sumCells(state, node, seal, children, channel),
  );
  const cellDigests = cellSets.join(kernel.hashMany);

  areaSets.clear();
  const records: MaskSumRecord[] = [];
  let digestAt = 0;
  const sums = cells.map((own, channel) => {
    const sum = new Sum(state.held.length);
    areaSets.begin();
    for (let place = 0; place < children.count; place++) {
      if (!children.isSummed(place, channel)) continue;
      children.addTo(sum, place, channel);
      children.joinTo(areaSets, place, channel);
    }
    for (const cell of own) {
      const place: RecordPlace = { kind: 'cell', index: cell.index, channel, interval, sealDigest };
      if (cell.decision !== 'included') {
        records.push(withheldRecord(place, cell.decision));
        continue;
      }
      const setDigest = cellDigests.subarray(digestAt, digestAt + DIGEST_BYTES);
      areaSets.add(cellDigests, digestAt);
      digestAt += DIGEST_BYTES;
      sum.add(cell.sum);
      records.push(releasedRecord(place, cell.sum, setDigest, coverageStep(cell.sum.presence)));
    }
    return sum;
  });

  const areaDigests = areaSets.join(kernel.hashMany);
  const setDigests = sums.map((_, channel) =>
    areaSets.hasAny(channel)
      ? areaDigests.subarray(DIGEST_BYTES * channel, DIGEST_BYTES * (channel + 1))
      : NO_DIGEST,
  );
  const area = sums.map((sum, channel): MaskSumRecord => {
    const place: RecordPlace = { kind: 'area', index: node.index, channel, interval, sealDigest };
    if (isDissolved(node, channel)) return withheldRecord(place, 'no-seal');
    if (!areaSets.hasAny(channel)) return withheldRecord(place, 'too-few');
    // Of all that declare the channel below, so that an area's coverage counts withheld cells too.
    const slotsDeclared = node.declaredCounts[channel] as number;
    const coverage = coverageStep({ ...sum.presence, slotsDeclared });
    return releasedRecord(place, sum, setDigests[channel] as Uint8Array, coverage);
  });
  return { part: partOf(sums, setDigests), cells: records, area };
}

/** The cells of one channel whose home the area is, their sets in `cellSets` where they are included. */
function sumCells(
  { network, held }: TrusteeState,
  node: AreaNode,
  { header }: Seal,
  children: SealedChildren,
  channel: number,
): SummedCell[] {
  return (node.homeCells[channel] ?? []).map((index, position) => {
    // The seal's decisions were found to be ours.
    const decision = decisionOf(header.decisions[channel]?.[position] as number) as Decision;
    const sum = new Sum(held.length);
    if (decision !== 'included') return { index, decision, sum };
    const members = network.cells.membersOf(index);
    cellSets.begin();
    for (let i = 0; i < members.length; i++) {
      const place = placeOfChild(node, members[i] as number);
      children.addTo(sum, place, channel);
      children.joinTo(cellSets, place, channel);
    }
    return { index, decision, sum };
  });
}

interface SummedCell {
  readonly index: number;
  readonly decision: Decision;
  /** Of nothing where the cell is not included. */
  readonly sum: Sum;
}

/** Children added up in one channel. */
class Sum {
  readonly presence: PresenceTally = new PresenceTally();
  /** By held component. */
  readonly words: BigUint64Array;

  constructor(componentCount: number) {
    this.words = new BigUint64Array(componentCount);
  }

  add({ presence, words }: Sum): void {
    this.presence.add(presence);
    for (let i = 0; i < words.length; i++) addWord(this.words, i, words[i] as bigint);
  }
}

/** The children of an area as a seal counts them: streets, and behind them areas as they were summed. */
class SealedChildren {
  readonly count: number;
  readonly #node: AreaNode;
  readonly #checked: CheckedSeal;
  readonly #channelCount: number;
  /** Of the streets: of each held component in turn, a word a channel. */
  readonly #words: BigUint64Array;
  /** By area child; nothing is there of one that has not sealed. */
  readonly #parts: readonly (AreaPart | undefined)[];
  readonly #areas: readonly AreaNode[];

  constructor(
    state: TrusteeState,
    node: AreaNode,
    seal: Seal,
    checked: CheckedSeal,
    words: BigUint64Array,
  ) {
    const { network } = state;
    const { seals } = intervalRecord(state, seal.header.interval);
    this.count = node.streetChildren.length + node.areaChildren.length;
    this.#node = node;
    this.#checked = checked;
    this.#channelCount = network.channels.length;
    this.#words = words;
    this.#parts = node.areaChildren.map((child, position) =>
      seal.children[position] === undefined ? undefined : seals.get(child)?.part,
    );
    this.#areas = node.areaChildren.map((child) => areaAt(network, child));
  }

  /**
   * Whether it counts in the area's own sum beside the area's cells: all do where the area lies in a
   * cell further up; else the areas of which something could be published.
   */
  isSummed(place: number, channel: number): boolean {
    if (isDissolved(this.#node, channel)) return true;
    const position = place - this.#node.streetChildren.length;
    const area = this.#areas[position];
    if (area === undefined || isDissolved(area, channel)) return false;
    return (this.#parts[position]?.setDigests[channel]?.length ?? 0) > 0;
  }

  addTo(sum: Sum, place: number, channel: number): void {
    this.#checked.presences.addTo(sum.presence, place, channel);
    const streetCount = this.#node.streetChildren.length;
    const words = place < streetCount ? this.#words : this.#parts[place - streetCount]?.sums;
    if (words === undefined) return;
    const componentCount = sum.words.length;
    let at = channel + (place < streetCount ? place * componentCount * this.#channelCount : 0);
    for (let i = 0; i < componentCount; i++, at += this.#channelCount)
      addWord(sum.words, i, words[at] as bigint);
  }

  /** Its set digest, or an area's joined one; none of a street that declares nothing of the channel. */
  joinTo(sets: SetJoins, place: number, channel: number): void {
    const position = place - this.#node.streetChildren.length;
    if (position < 0) {
      const { presences, setDigests } = this.#checked;
      if (presences.declares(place, channel)) sets.add(setDigests, DIGEST_BYTES * place);
      return;
    }
    const joined = this.#parts[position]?.setDigests[channel] ?? NO_DIGEST;
    if (joined.length > 0) sets.add(joined, 0);
  }
}

/** Mod 2^64. */
function addWord(into: BigUint64Array, index: number, word: bigint): void {
  into[index] = BigInt.asUintN(64, (into[index] as bigint) + word);
}

function partOf(sums: readonly Sum[], setDigests: readonly Uint8Array[]): AreaPart {
  const componentCount = sums[0]?.words.length ?? 0;
  const words = new BigUint64Array(componentCount * sums.length);
  for (const [channel, sum] of sums.entries())
    for (let component = 0; component < componentCount; component++)
      words[component * sums.length + channel] = sum.words[component] as bigint;
  return { presences: sums.map(({ presence }) => presence), sums: words, setDigests };
}

type RecordPlace = Pick<MaskSumRecord, 'kind' | 'index' | 'channel' | 'interval' | 'sealDigest'>;

// Field by field: a spread costs as much as the rest of a cell, and a country has a million.

function releasedRecord(
  { kind, index, channel, interval, sealDigest }: RecordPlace,
  { words: sums }: Sum,
  setDigest: Uint8Array,
  coverage: number,
): MaskSumRecord {
  return {
    kind,
    index,
    channel,
    interval,
    status: 'released',
    sealDigest,
    sums,
    setDigest,
    coverage,
  };
}

function withheldRecord(
  { kind, index, channel, interval, sealDigest }: RecordPlace,
  status: UnmaskStatus,
): MaskSumRecord {
  return {
    kind,
    index,
    channel,
    interval,
    status,
    sealDigest,
    sums: NO_SUMS,
    setDigest: NO_DIGEST,
    coverage: 0,
  };
}

/**
 * Mask sums of the street children, in tree order: of each, and of each held component in turn, a word a
 * channel. Undefined where keys of one are not here.
 */
function sumStreets(state: TrusteeState, node: AreaNode, seal: Seal): BigUint64Array | undefined {
  const { network, held } = state;
  const { interval } = seal.header;
  const epoch = epochOf(state, interval);
  const streets: MaskSumStreet[] = [];
  for (let position = 0; position < node.streetChildren.length; position++) {
    const child = node.streetChildren[position] as number;
    const keys = state.keys.get(child);
    const epochKeys = keys && keysOfEpoch(keys, epoch);
    if (epochKeys === undefined) return undefined;
    const { contributors } = seal.streets[position] as StreetSeal;
    streets.push({ keys: epochKeys, contributors, sets: setsOf(state, child) });
  }
  return state.kernel.sumMasks({
    streets,
    componentCount: held.length,
    channelCount: network.channels.length,
    interval,
  });
}

function setsOf({ network, sets }: TrusteeState, street: number): Uint8Array {
  let own = sets.get(street);
  if (own === undefined) {
    const { entries } = (network.streets[street] as AttestedStreet).roster;
    own = Uint8Array.from(entries, (entry) => entry.channels);
    sets.set(street, own);
  }
  return own;
}
