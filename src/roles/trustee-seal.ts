// Seals in: checked, bound, and their masks summed (design.md section 5, corrections 4, 14, 20).
//
// The trustee takes nothing on the aggregator's word but who contributed. It counts presence itself,
// decides itself, and refuses the whole seal where its own decisions differ. Whatever it refuses it
// counts, and says nothing about.

import { isSlotActive } from '../core/attested-street.ts';
import { bitIndices, hasBit, isCanonicalBitmap } from '../core/bitmap.ts';
import { equalBytes, toHex } from '../core/bytes.ts';
import { hasChannel } from '../core/channel.ts';
import { type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import type { Binding } from '../core/ledger.ts';
import { KEY_BYTES, maskWords } from '../core/mask.ts';
import { type AreaNode, areaAt, type Cell, isDissolved } from '../core/network-tree.ts';
import {
  addPresence,
  coverageStep,
  DECISIONS,
  decideCell,
  NO_PRESENCE,
  type Presence,
  streetPresence,
  UNSEALED,
} from '../core/presence.ts';
import {
  childrenRoot,
  type DissolvedPresence,
  decodeSeal,
  joinSetDigests,
  type Seal,
  sealDigest,
  setDigest,
} from '../core/seal.ts';
import { openSigned } from '../core/signed.ts';
import { keysOfEpoch } from './epoch-keys.ts';
import { countRejection } from './rejections.ts';
import {
  type AreaPart,
  epochOf,
  intervalRecord,
  type MaskSum,
  type MaskSumRecord,
  type TrusteeState,
} from './trustee.ts';

export type SealRejection =
  | 'malformed-seal'
  | 'unknown-area'
  | 'wrong-network'
  | 'bad-seal-signature'
  | 'early-seal'
  | 'refused-interval'
  | 'conflicting-seal'
  | 'unknown-slot'
  | 'bad-root'
  | 'missing-child'
  | 'no-keys'
  | 'wrong-decision';

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
  const reason = checkSeal(state, seal, storedAtSeconds);
  if (reason !== undefined) return reject(state, reason);
  const node = areaAt(state.network, state.network.areaIndex.get(seal.header.area) as number);
  const record = intervalRecord(state, seal.header.interval);
  const digest = sealDigest(seal.header);
  const summed = sumSeal(state, node, seal, digest);
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

function checkSeal(
  state: TrusteeState,
  seal: Seal,
  storedAtSeconds: number,
): SealRejection | undefined {
  const { network } = state;
  const { header } = seal;
  const node = network.areas[network.areaIndex.get(header.area) ?? -1];
  if (node === undefined || node.street !== undefined) return 'unknown-area';
  if (!equalBytes(header.network, network.digest)) return 'wrong-network';
  const epoch = epochOf(state, header.interval);
  if (epoch < network.document.fromEpoch) return 'wrong-network';
  const keys = network.document.aggregators[node.aggregator]?.publicKeys ?? [];
  if (openSigned('seal', seal.signedHeader, keys, state.verify) === undefined)
    return 'bad-seal-signature';
  if (
    seal.streets.length !== node.streetChildren.length ||
    seal.children.length !== node.areaChildren.length
  )
    return 'malformed-seal';
  if (header.interval <= state.refusedUntil) return 'refused-interval';
  const bound = state.ledger.get(ledgerKey(header.area, header.interval));
  if (bound !== undefined && bound !== toHex(sealDigest(header))) return 'conflicting-seal';
  let isComplete = seal.children.every((child) => child !== undefined);
  for (const [position, { contributors }] of seal.streets.entries()) {
    const street = network.streets[node.streetChildren[position] as number];
    if (street === undefined || !isCanonicalBitmap(contributors, street.roster.entries.length))
      return 'unknown-slot';
    let count = 0;
    for (const slot of bitIndices(contributors)) {
      if (!isSlotActive(street, slot, epoch)) return 'unknown-slot';
      count++;
    }
    const expected =
      areaAt(network, node.streetChildren[position] as number).street?.meterCount ?? 0;
    if (count < expected) isComplete = false;
  }
  const { intervalSeconds, closeAfterSeconds } = network.document;
  const endSeconds = intervalEndSeconds(header.interval, intervalSeconds);
  // A seal that leaves somebody out while they may still report is a choice of who is counted.
  if (storedAtSeconds < endSeconds + (isComplete ? 0 : closeAfterSeconds)) return 'early-seal';
  return undefined;
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
  digest: Uint8Array,
): Summed | SealRejection {
  const { network } = state;
  const channelCount = network.channels.length;
  const record = intervalRecord(state, seal.header.interval);
  const parts = new Map<number, readonly AreaPart[]>();
  const roots: { setDigest: Uint8Array; framesRoot: Uint8Array }[] = [];
  for (const [position, child] of node.streetChildren.entries()) {
    const street = seal.streets[position] as Seal['streets'][number];
    const summed = sumStreet(state, child, seal.header.interval, street.contributors);
    if (typeof summed === 'string') return summed;
    parts.set(child, summed.parts);
    roots.push({ setDigest: summed.setDigest, framesRoot: street.framesRoot });
  }
  for (const [position, child] of node.areaChildren.entries()) {
    const named = seal.children[position];
    const isIncluded = hasBit(seal.header.includedChildren, position);
    if ((named !== undefined) !== isIncluded) return 'bad-root';
    if (named === undefined) {
      parts.set(child, emptyParts(state, UNSEALED));
      continue;
    }
    const known = record.seals.get(child);
    if (known === undefined) return 'missing-child';
    if (!equalBytes(known.digest, named)) return 'conflicting-seal';
    parts.set(child, known.parts);
  }

  const ownParts: AreaPart[] = [];
  const cells: (MaskSum & { index: number })[] = [];
  const area: MaskSum[] = [];
  const dissolved: DissolvedPresence[] = [];
  for (let channel = 0; channel < channelCount; channel++) {
    const join = (children: readonly number[]) =>
      joinParts(
        state,
        children.map((child) => parts.get(child)?.[channel]),
      );
    const included: AreaPart[] = [];
    const decisions = seal.header.decisions[channel];
    const homeCells = node.homeCells[channel] as readonly Cell[];
    if (decisions?.length !== homeCells.length) return 'wrong-decision';
    for (const [position, cell] of homeCells.entries()) {
      const part = join(cell.members);
      const decision = decideCell(part.presence, network.document);
      if (decisions[position] !== DECISIONS[decision]) return 'wrong-decision';
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
      dissolved.push({ channel, ...whole.presence });
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
  if (!equalBytes(childrenRoot(roots, seal.children, dissolved), seal.header.childrenRoot))
    return 'bad-root';
  return { parts: ownParts, cells, area };
}

function sumStreet(
  state: TrusteeState,
  child: number,
  interval: IntervalIndex,
  contributors: Uint8Array,
): { readonly parts: readonly AreaPart[]; readonly setDigest: Uint8Array } | SealRejection {
  const { network, held } = state;
  const epoch = epochOf(state, interval);
  const street = network.streets[child];
  const keys = state.keys.get(child);
  const epochKeys = keys && keysOfEpoch(keys, epoch);
  if (street === undefined || epochKeys === undefined) return 'no-keys';
  const channelCount = network.channels.length;
  const sums = network.channels.map(() => new BigUint64Array(held.length));
  for (const slot of bitIndices(contributors)) {
    const channels = street.roster.entries[slot]?.channels;
    if (channels === undefined) continue;
    for (let position = 0; position < held.length; position++) {
      const at = (slot * held.length + position) * KEY_BYTES;
      const words = maskWords(epochKeys.subarray(at, at + KEY_BYTES), interval);
      for (let channel = 0; channel < channelCount; channel++) {
        if (!hasChannel(channels, channel)) continue;
        const sum = sums[channel] as BigUint64Array;
        sum[position] = (sum[position] as bigint) + (words[channel] as bigint);
      }
    }
  }
  const { rosterDigest } = street;
  const set = {
    network: network.digest,
    area: areaAt(network, child).id,
    interval,
    rosterDigest,
    contributors,
  };
  const digest = setDigest(set);
  const presences = streetPresence(street, epoch, contributors, channelCount);
  return {
    setDigest: digest,
    parts: presences.map((presence, channel) => ({
      presence,
      sums: sums[channel] as BigUint64Array,
      setDigests: presence.slotsDeclared > 0 ? [digest] : [],
    })),
  };
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
