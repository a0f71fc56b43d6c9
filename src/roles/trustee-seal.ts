// Seals in: checked, bound, and their masks summed (design.md section 5, corrections 4, 14, 20).
//
// The trustee takes nothing on the aggregator's word but who contributed. It counts presence itself,
// decides itself, and refuses the whole seal where its own decisions differ (seal-check.ts). Whatever
// it refuses it counts, and says nothing about.

import { toHex } from '../core/bytes.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { Binding } from '../core/ledger.ts';
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
import { decodeSeal, joinManySetDigests, type Seal, sealDigest } from '../core/seal.ts';
import type { UnmaskStatus } from '../core/unmask.ts';
import { keysOfEpoch } from './epoch-keys.ts';
import { countRejection } from './rejections.ts';
import {
  type CheckedSeal,
  type CheckedStreet,
  checkSeal,
  checkSealHeader,
  type KnownSeal,
  type SealFault,
} from './seal-check.ts';
import {
  type AreaPart,
  epochOf,
  intervalRecord,
  type MaskSum,
  type MaskSumRecord,
  type TrusteeState,
} from './trustee.ts';

export type SealRejection = SealFault | 'refused-interval' | 'no-keys';

export type SealOutcome =
  | {
      readonly kind: 'summed';
      /** To store, and to publish, before anything is said about the interval. */
      readonly binding: Binding;
      readonly records: readonly MaskSumRecord[];
      /** False where the ledger already held it: a replay. */
      readonly isNew: boolean;
    }
  | { readonly kind: 'rejected'; readonly reason: SealRejection };

/** `storedAtSeconds` is when the stream stored the seal. */
export function handleSeal(
  state: TrusteeState,
  bytes: Uint8Array,
  storedAtSeconds: number,
): SealOutcome {
  const seal = decodeSeal(bytes);
  if (seal === undefined) return reject(state, 'malformed-seal');
  const checked = checkSealOf(state, seal, storedAtSeconds);
  if (typeof checked === 'string') return reject(state, checked);
  const { node, digest } = checked;
  const record = intervalRecord(state, seal.header.interval);
  const summed = sumSeal(state, node, seal, checked);
  if (typeof summed === 'string') return reject(state, summed);

  const { area, interval } = seal.header;
  record.seals.set(node.index, { digest, parts: summed.parts });
  for (const cell of summed.cells)
    if (!record.cells.has(cell.index)) record.cells.set(cell.index, cell);
  if (!record.areas.has(node.index)) record.areas.set(node.index, [...summed.area]);
  const key = ledgerKey(area, interval);
  const isNew = !state.ledger.has(key);
  state.ledger.set(key, toHex(digest));
  return {
    kind: 'summed',
    isNew,
    binding: { area, interval, sealDigest: digest },
    records: [...summed.cells, ...summed.area],
  };
}

export function ledgerKey(area: string, interval: IntervalIndex): string {
  return `${area} ${interval}`;
}

function checkSealOf(
  state: TrusteeState,
  seal: Seal,
  storedAtSeconds: number,
): (CheckedSeal & { readonly node: AreaNode }) | SealRejection {
  const { network } = state;
  const { header } = seal;
  const node = checkSealHeader(network, seal, state.verify);
  if (typeof node === 'string') return node;
  if (header.interval <= state.refusedUntil) return 'refused-interval';
  const bound = state.ledger.get(ledgerKey(header.area, header.interval));
  if (bound !== undefined && bound !== toHex(sealDigest(header))) return 'conflicting-seal';
  const { seals } = intervalRecord(state, header.interval);
  const knownSeal = (child: number): KnownSeal | undefined => {
    const known = seals.get(child);
    return known && { digest: known.digest, presences: known.parts.map((part) => part.presence) };
  };
  const { hashMany } = state.kernel;
  const checked = checkSeal(network, node, seal, storedAtSeconds, knownSeal, hashMany);
  return typeof checked === 'string' ? checked : { ...checked, node };
}

interface Summed {
  readonly parts: readonly AreaPart[];
  readonly cells: readonly MaskSumRecord[];
  /** By channel. */
  readonly area: readonly MaskSumRecord[];
}

function sumSeal(
  state: TrusteeState,
  node: AreaNode,
  seal: Seal,
  { digest, streets }: CheckedSeal,
): Summed | 'no-keys' {
  const { network } = state;
  const record = intervalRecord(state, seal.header.interval);
  const parts = new Map<number, readonly AreaPart[]>();
  for (const [position, child] of node.streetChildren.entries()) {
    const { contributors } = seal.streets[position] as Seal['streets'][number];
    const sums = sumStreet(state, child, seal.header.interval, contributors);
    if (sums === undefined) return 'no-keys';
    const street = streets[position] as CheckedStreet;
    parts.set(
      child,
      street.presences.map((presence, channel) => ({
        presence,
        sums: sums[channel] as BigUint64Array,
        setDigests: presence.slotsDeclared > 0 ? [street.setDigest] : [],
      })),
    );
  }
  for (const [position, child] of node.areaChildren.entries()) {
    const known = seal.children[position] && record.seals.get(child);
    parts.set(child, known?.parts ?? emptyParts(state, UNSEALED));
  }

  const join = (children: readonly number[], channel: number) =>
    joinParts(
      state,
      children.map((child) => parts.get(child)?.[channel]),
    );
  const decided = node.homeCells.flat().map(({ index, members, channel }) => {
    const part = join(members, channel);
    // The seal's decisions were found to be ours.
    return { index, channel, part, decision: decideCell(part.presence, network.document) };
  });
  const isIncluded = ({ decision }: { readonly decision: Decision }) => decision === 'included';
  const cellDigests = joinManySetDigests(
    decided.filter(isIncluded).map(({ part }) => part.setDigests),
    state.kernel.hashMany,
  );
  const { interval } = seal.header;
  const cells: MaskSumRecord[] = [];
  const included: AreaPart[][] = network.channels.map(() => []);
  let digestAt = 0;
  for (const { index, channel, part, decision } of decided) {
    if (decision !== 'included') {
      cells.push({ kind: 'cell', index, channel, interval, ...withheld(decision, digest) });
      continue;
    }
    const setDigest = cellDigests[digestAt++] as Uint8Array;
    included[channel]?.push({ ...part, setDigests: [setDigest] });
    cells.push({
      kind: 'cell',
      index,
      channel,
      interval,
      status: 'released',
      sealDigest: digest,
      sums: part.sums,
      setDigest,
      coverage: coverageStep(part.presence),
    });
  }

  const ownParts = network.channels.map((_, channel): AreaPart => {
    if (isDissolved(node, channel))
      return join([...node.streetChildren, ...node.areaChildren], channel);
    const below = node.areaChildren
      .filter((child) => !isDissolved(areaAt(network, child), channel))
      .map((child) => parts.get(child)?.[channel])
      .filter((part) => part !== undefined && part.setDigests.length > 0) as AreaPart[];
    return joinAll(state, [...below, ...(included[channel] as AreaPart[])]);
  });
  const totalDigests = joinManySetDigests(
    ownParts.map((part, channel) => (isDissolved(node, channel) ? [] : part.setDigests)),
    state.kernel.hashMany,
  );
  const area = ownParts.map((total, channel): MaskSumRecord => {
    const place = { kind: 'area', index: node.index, channel, interval } as const;
    if (isDissolved(node, channel)) return { ...place, ...withheld('no-seal', digest) };
    if (total.setDigests.length === 0) return { ...place, ...withheld('too-few', digest) };
    const slotsDeclared = declaredBelow(state, node, channel);
    return {
      ...place,
      status: 'released',
      sealDigest: digest,
      sums: total.sums,
      setDigest: totalDigests[channel] as Uint8Array,
      coverage: coverageStep({ ...total.presence, slotsDeclared }),
    };
  });
  return { parts: ownParts, cells, area };
}

function withheld(status: UnmaskStatus, sealDigest: Uint8Array): MaskSum {
  const nothing = new Uint8Array(0);
  return { status, sealDigest, sums: new BigUint64Array(0), setDigest: nothing, coverage: 0 };
}

/** Mask sums by channel, each by held component; undefined where the keys are not here. */
function sumStreet(
  state: TrusteeState,
  child: number,
  interval: IntervalIndex,
  contributors: Uint8Array,
): readonly BigUint64Array[] | undefined {
  const { network, held } = state;
  const epoch = epochOf(state, interval);
  const street = network.streets[child];
  const keys = state.keys.get(child);
  const epochKeys = keys && keysOfEpoch(keys, epoch);
  if (street === undefined || epochKeys === undefined) return undefined;
  let sets = state.sets.get(child);
  if (sets === undefined) {
    sets = Uint8Array.from(street.roster.entries, (entry) => entry.channels);
    state.sets.set(child, sets);
  }
  const channelCount = network.channels.length;
  const sums = state.kernel.sumMasks({
    keys: epochKeys,
    componentCount: held.length,
    channelCount,
    contributors,
    sets,
    interval,
  });
  return network.channels.map((_, channel) => {
    const own = new BigUint64Array(held.length);
    for (let position = 0; position < own.length; position++)
      own[position] = sums[position * channelCount + channel] as bigint;
    return own;
  });
}

function joinParts(state: TrusteeState, parts: readonly (AreaPart | undefined)[]): AreaPart {
  return joinAll(
    state,
    parts.map((part) => part ?? emptyPart(state, UNSEALED)),
  );
}

function joinAll(state: TrusteeState, parts: readonly AreaPart[]): AreaPart {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const sums = new BigUint64Array(state.held.length);
  let presence = NO_PRESENCE;
  const setDigests: Uint8Array[] = [];
  for (const part of parts) {
    presence = addPresence(presence, part.presence);
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as bigint) + (part.sums[i] as bigint);
    for (const digest of part.setDigests) setDigests.push(digest);
  }
  return { presence, sums, setDigests };
}

function emptyPart(state: TrusteeState, presence: Presence): AreaPart {
  return { presence, sums: new BigUint64Array(state.held.length), setDigests: [] };
}

function emptyParts(state: TrusteeState, presence: Presence): readonly AreaPart[] {
  return state.network.channels.map(() => emptyPart(state, presence));
}

/** Meters that declare the channel anywhere below, so that an area's coverage counts withheld cells too. */
function declaredBelow(state: TrusteeState, node: AreaNode, channel: number): number {
  let count = 0;
  for (const child of node.streetChildren)
    count += areaAt(state.network, child).street?.declaredCounts[channel] ?? 0;
  for (const child of node.areaChildren)
    count += declaredBelow(state, areaAt(state.network, child), channel);
  return count;
}

function reject(state: TrusteeState, reason: SealRejection): SealOutcome {
  countRejection(state.rejected, reason);
  return { kind: 'rejected', reason };
}
