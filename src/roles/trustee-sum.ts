// The masks of one seal summed: of every cell whose home the area is, of the area itself, and of what
// the areas above will need of it. Nothing of a single street is kept once its seal is summed.

import type { AttestedStreet } from '../core/attested-street.ts';
import type { MaskSumStreet } from '../core/kernel/kernel.ts';
import { type AreaNode, areaAt, isDissolved } from '../core/network-tree.ts';
import {
  addPresence,
  coverageStep,
  type Decision,
  decideCell,
  NO_PRESENCE,
  type Presence,
  UNSEALED,
} from '../core/presence.ts';
import { joinSetDigests, type Seal } from '../core/seal.ts';
import type { StreetSeal } from '../core/seal-streets.ts';
import type { UnmaskStatus } from '../core/unmask.ts';
import { keysOfEpoch } from './epoch-keys.ts';
import type { CheckedSeal, CheckedStreet } from './seal-check.ts';
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

/** Of a seal that was found right. */
export function sumSeal(
  state: TrusteeState,
  node: AreaNode,
  seal: Seal,
  checked: CheckedSeal,
): SummedArea | 'no-keys' {
  const words = sumStreets(state, node, seal);
  if (words === undefined) return 'no-keys';
  const { network, held } = state;
  const { interval } = seal.header;
  const channelCount = network.channels.length;
  const record = intervalRecord(state, interval);
  const children = new Map<number, Child>();
  const wordsAStreet = held.length * channelCount;
  for (let position = 0; position < node.streetChildren.length; position++) {
    const { presences, setDigest } = checked.streets[position] as CheckedStreet;
    const at = position * wordsAStreet;
    children.set(node.streetChildren[position] as number, {
      presences,
      words,
      at,
      setDigest,
      setDigests: undefined,
    });
  }
  for (const [position, child] of node.areaChildren.entries()) {
    const part = seal.children[position] && record.seals.get(child)?.part;
    if (part === undefined) continue;
    const { presences, sums, setDigests } = part;
    children.set(child, { presences, words: sums, at: 0, setDigest: undefined, setDigests });
  }

  const joins = network.channels.map((_, channel) => new Join(held.length, channelCount, channel));
  // In document order, which the set digests follow: areas below, then own cells.
  for (const [channel, join] of joins.entries()) {
    if (isDissolved(node, channel))
      for (const child of [...node.streetChildren, ...node.areaChildren])
        join.add(children.get(child));
    else
      for (const child of node.areaChildren)
        if (!isDissolved(areaAt(network, child), channel)) join.addReleased(children.get(child));
  }

  const homeCells = node.homeCells.flat();
  const sums = homeCells.map(({ channel, members }) => {
    const cell = new Join(held.length, channelCount, channel);
    for (const member of members) cell.add(children.get(member));
    return cell;
  });
  // The seal's decisions were found to be ours.
  const decisions = sums.map(({ presence }) => decideCell(presence, network.document));
  const cellDigests = joinSetDigests(
    sums.filter((_, index) => decisions[index] === 'included').map((cell) => cell.setDigests()),
    state.kernel.hashMany,
  );
  const sealDigest = checked.digest;
  let digestAt = 0;
  const cells = homeCells.map(({ index, channel }, position): MaskSumRecord => {
    const [cell, decision] = [sums[position] as Join, decisions[position] as Decision];
    const place: RecordPlace = { kind: 'cell', index, channel, interval, sealDigest };
    if (decision !== 'included') return withheldRecord(place, decision);
    const setDigest = cellDigests[digestAt++] as Uint8Array;
    joins[channel]?.addCell(cell, setDigest);
    return releasedRecord(place, cell, setDigest, cell.presence);
  });

  const setDigests = joins.map((join) => join.setDigests());
  const totalDigests = joinSetDigests(
    setDigests.map((digests, channel) => (isDissolved(node, channel) ? NO_DIGEST : digests)),
    state.kernel.hashMany,
  );
  const area = joins.map((join, channel): MaskSumRecord => {
    const place: RecordPlace = { kind: 'area', index: node.index, channel, interval, sealDigest };
    if (isDissolved(node, channel)) return withheldRecord(place, 'no-seal');
    if (setDigests[channel]?.length === 0) return withheldRecord(place, 'too-few');
    // Of all that declare the channel below, so that an area's coverage counts withheld cells too.
    const slotsDeclared = node.declaredCounts[channel] as number;
    const setDigest = totalDigests[channel] as Uint8Array;
    return releasedRecord(place, join, setDigest, { ...join.presence, slotsDeclared });
  });
  return { part: partOf(joins, setDigests, held.length), cells, area };
}

/** A child that has sealed: a street, or an area as it was summed. */
interface Child {
  readonly presences: readonly Presence[];
  /** From `at` on, of each held component in turn, a word a channel. */
  readonly words: BigUint64Array;
  readonly at: number;
  /** A street's. */
  readonly setDigest: Uint8Array | undefined;
  /** An area's, by channel. */
  readonly setDigests: AreaPart['setDigests'] | undefined;
}

/** Children added up in one channel. */
class Join {
  presence: Presence = NO_PRESENCE;
  /** By held component. */
  readonly sums: BigUint64Array;
  readonly #setDigests: Uint8Array[] = [];
  readonly channelCount: number;
  readonly channel: number;

  constructor(componentCount: number, channelCount: number, channel: number) {
    this.sums = new BigUint64Array(componentCount);
    this.channelCount = channelCount;
    this.channel = channel;
  }

  /** Nothing is there of a child that has not sealed. */
  add(child: Child | undefined): void {
    if (child === undefined) {
      this.#addPresence(UNSEALED);
      return;
    }
    const { channel, sums } = this;
    const presence = child.presences[channel] as Presence;
    this.#addPresence(presence);
    for (let i = 0, at = child.at + channel; i < sums.length; i++, at += this.channelCount)
      sums[i] = BigInt.asUintN(64, (sums[i] as bigint) + (child.words[at] as bigint));
    if (child.setDigests !== undefined)
      this.#setDigests.push(child.setDigests[channel] as Uint8Array);
    else if (child.setDigest !== undefined && presence.slotsDeclared > 0)
      this.#setDigests.push(child.setDigest);
  }

  /** Of an area that is summed on its own only what could be published of it. */
  addReleased(child: Child | undefined): void {
    if ((child?.setDigests?.[this.channel]?.length ?? 0) > 0) this.add(child);
  }

  addCell(cell: Join, setDigest: Uint8Array): void {
    const { sums } = this;
    this.#addPresence(cell.presence);
    for (let i = 0; i < sums.length; i++)
      sums[i] = BigInt.asUintN(64, (sums[i] as bigint) + (cell.sums[i] as bigint));
    this.#setDigests.push(setDigest);
  }

  /** Back to back. */
  setDigests(): Uint8Array {
    const [only] = this.#setDigests;
    if (only !== undefined && this.#setDigests.length === 1) return only;
    let byteCount = 0;
    for (const digests of this.#setDigests) byteCount += digests.length;
    const all = new Uint8Array(byteCount);
    let at = 0;
    for (const digests of this.#setDigests) {
      all.set(digests, at);
      at += digests.length;
    }
    return all;
  }

  #addPresence(presence: Presence): void {
    this.presence = this.presence === NO_PRESENCE ? presence : addPresence(this.presence, presence);
  }
}

function partOf(
  joins: readonly Join[],
  setDigests: readonly Uint8Array[],
  componentCount: number,
): AreaPart {
  const sums = new BigUint64Array(componentCount * joins.length);
  for (const [channel, join] of joins.entries())
    for (let component = 0; component < componentCount; component++)
      sums[component * joins.length + channel] = join.sums[component] as bigint;
  return {
    presences: joins.map((join) => join.presence),
    sums,
    setDigests,
  };
}

type RecordPlace = Pick<MaskSumRecord, 'kind' | 'index' | 'channel' | 'interval' | 'sealDigest'>;

// Field by field: a spread costs as much as the rest of a cell, and a country has a million.

function releasedRecord(
  { kind, index, channel, interval, sealDigest }: RecordPlace,
  { sums }: Join,
  setDigest: Uint8Array,
  presence: Presence,
): MaskSumRecord {
  const coverage = coverageStep(presence);
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
