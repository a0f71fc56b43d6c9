// Seals in: checked, bound, and their masks summed (design.md section 5, corrections 4, 14, 20).
//
// The trustee takes nothing on the aggregator's word but who contributed. It counts presence itself,
// decides itself, and refuses the whole seal where its own decisions differ (seal-check.ts). Whatever
// it refuses it counts, and says nothing about.

import { toHex } from '../core/bytes.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { Binding } from '../core/ledger.ts';
import { type AreaNode, areaAt, type Cell, isDissolved } from '../core/network-tree.ts';
import {
  addPresence,
  coverageStep,
  decideCell,
  NO_PRESENCE,
  type Presence,
  UNSEALED,
} from '../core/presence.ts';
import { decodeSeal, joinSetDigests, type Seal, sealDigest } from '../core/seal.ts';
import { keysOfEpoch } from './epoch-keys.ts';
import { countRejection } from './rejections.ts';
import {
  type CheckedSeal,
  type CheckedStreet,
  checkSeal,
  checkSealHeader,
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

const NO_SUM = { setDigest: new Uint8Array(0), coverage: 0 };

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

  record.seals.set(node.index, { digest, parts: summed.parts });
  for (const { index, ...sum } of summed.cells)
    if (!record.cells.has(index)) record.cells.set(index, sum);
  if (!record.areas.has(node.index)) record.areas.set(node.index, [...summed.area]);
  const key = ledgerKey(seal.header.area, seal.header.interval);
  const isNew = !state.ledger.has(key);
  state.ledger.set(key, toHex(digest));
  const interval = seal.header.interval;
  return {
    kind: 'summed',
    isNew,
    binding: { area: seal.header.area, interval, sealDigest: digest },
    records: [
      ...summed.cells.map(
        (cell): MaskSumRecord => ({
          kind: 'cell',
          channel: state.network.cells[cell.index]?.channel as number,
          interval,
          ...cell,
        }),
      ),
      ...summed.area.map(
        (sum, channel): MaskSumRecord => ({
          kind: 'area',
          index: node.index,
          channel,
          interval,
          ...sum,
        }),
      ),
    ],
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
  const checked = checkSeal(network, node, seal, storedAtSeconds, (child) => {
    const known = seals.get(child);
    return known && { digest: known.digest, presences: known.parts.map((part) => part.presence) };
  });
  return typeof checked === 'string' ? checked : { ...checked, node };
}

interface Summed {
  readonly parts: readonly AreaPart[];
  readonly cells: readonly (MaskSum & { readonly index: number })[];
  readonly area: readonly MaskSum[];
}

function sumSeal(
  state: TrusteeState,
  node: AreaNode,
  seal: Seal,
  { digest, streets }: CheckedSeal,
): Summed | 'no-keys' {
  const { network } = state;
  const channelCount = network.channels.length;
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

  const ownParts: AreaPart[] = [];
  const cells: (MaskSum & { index: number })[] = [];
  const area: MaskSum[] = [];
  for (let channel = 0; channel < channelCount; channel++) {
    const join = (children: readonly number[]) =>
      joinParts(
        state,
        children.map((child) => parts.get(child)?.[channel]),
      );
    const included: AreaPart[] = [];
    for (const cell of node.homeCells[channel] as readonly Cell[]) {
      const part = join(cell.members);
      // The seal's decisions were found to be ours.
      const decision = decideCell(part.presence, network.document);
      if (decision !== 'included') {
        cells.push({
          index: cell.index,
          status: decision,
          sealDigest: digest,
          sums: new BigUint64Array(0),
          ...NO_SUM,
        });
        continue;
      }
      const cellDigest = joinSetDigests(part.setDigests);
      included.push({ ...part, setDigests: [cellDigest] });
      cells.push({
        index: cell.index,
        status: 'released',
        sealDigest: digest,
        sums: part.sums,
        setDigest: cellDigest,
        coverage: coverageStep(part.presence),
      });
    }
    if (isDissolved(node, channel)) {
      const whole = join([...node.streetChildren, ...node.areaChildren]);
      ownParts.push(whole);
      area.push({ status: 'no-seal', sealDigest: digest, sums: new BigUint64Array(0), ...NO_SUM });
      continue;
    }
    const below = node.areaChildren
      .filter((child) => !isDissolved(areaAt(network, child), channel))
      .map((child) => parts.get(child)?.[channel])
      .filter((part) => part !== undefined && part.setDigests.length > 0) as AreaPart[];
    const total = joinAll(state, [...below, ...included]);
    ownParts.push(total);
    area.push(
      total.setDigests.length === 0
        ? { status: 'too-few', sealDigest: digest, sums: new BigUint64Array(0), ...NO_SUM }
        : {
            status: 'released',
            sealDigest: digest,
            sums: total.sums,
            setDigest: joinSetDigests(total.setDigests),
            coverage: coverageStep({
              ...total.presence,
              slotsDeclared: declaredBelow(state, node, channel),
            }),
          },
    );
  }
  return { parts: ownParts, cells, area };
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
  return network.channels.map((_, channel) =>
    BigUint64Array.from(held, (_, position) => sums[position * channelCount + channel] as bigint),
  );
}

function joinParts(state: TrusteeState, parts: readonly (AreaPart | undefined)[]): AreaPart {
  return joinAll(
    state,
    parts.map((part) => part ?? emptyPart(state, UNSEALED)),
  );
}

function joinAll(state: TrusteeState, parts: readonly AreaPart[]): AreaPart {
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
