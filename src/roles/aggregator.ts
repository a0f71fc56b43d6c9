// The aggregator: sums what it cannot read (design.md sections 2, 4, 5 and 7). One state hosts any
// number of areas. Frames of their streets come in (aggregator-intake.ts), seals and totals of their
// area children come in (aggregator-children.ts), a seal and a masked total of each area go out
// (aggregator-seal.ts).
//
// Secret: the authentication keys and the salt key. It holds no component key, so every sum it forms
// is uniformly random to it. Invariants: a closed interval takes no frame; one area and interval has
// one seal, the first that the stream took, and the totals are of exactly that set.

import type { AreaId } from '../core/area.ts';
import { isSlotActive } from '../core/attested-street.ts';
import { equalBytes, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { frameContext } from '../core/frame.ts';
import type { HpkeKeyPair } from '../core/hpke.ts';
import {
  type Epoch,
  epochOfInterval,
  type IntervalIndex,
  intervalEndSeconds,
} from '../core/interval.ts';
import type { Intake, Kernel, StreetIntakes } from '../core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../core/kernel/plain-kernel.ts';
import { KEY_BYTES } from '../core/mask.ts';
import type { VerifiedNetwork } from '../core/network-bundle.ts';
import { areaAt } from '../core/network-tree.ts';
import type { Seal } from '../core/seal.ts';
import type { Signer, VerifySignature } from '../core/signed.ts';
import { readingSubject } from '../core/subjects.ts';
import type { Total } from '../core/total.ts';
import {
  advanceEpochKeys,
  createEpochKeys,
  type EpochKeys,
  eraseEpochKeys,
  erasePreviousKeys,
  keysOfEpoch,
} from './epoch-keys.ts';
import { CLOCK_SKEW_SECONDS } from './frame-check.ts';
import type { Rejections } from './rejections.ts';
import type { KnownSeal } from './seal-check.ts';

export interface ChildReport {
  seal: Pick<Seal, 'signedHeader' | 'header' | 'dissolved'> | undefined;
  sealDigest: Uint8Array | undefined;
  total: Total | undefined;
}

/** One area in one interval, until it is forgotten. */
export interface OpenArea {
  /** By street child. */
  readonly streets: readonly Intake[];
  /** By area child. */
  readonly children: readonly ChildReport[];
}

/** What is known of the areas below the hosted ones in one interval, by area index. */
export interface SealsBelow {
  /** Found right, the first of each. */
  readonly known: Map<number, KnownSeal>;
  /** They name a child's seal that has not come yet. */
  readonly waiting: Map<number, { readonly seal: Seal; readonly storedAtSeconds: number }>;
}

export interface StreetKeys {
  readonly street: number;
  readonly context: Uint8Array;
  /** Authentication keys, slot by slot; all zero where the slot is unknown here. */
  readonly keys: EpochKeys;
  readonly intakes: StreetIntakes;
  /** Who may report what, of the epoch that was asked for last. */
  sets: { readonly epoch: Epoch; readonly bySlot: Uint8Array } | undefined;
}

export interface AggregatorState {
  readonly network: VerifiedNetwork;
  readonly kernel: Kernel;
  readonly signer: Signer;
  readonly verify: VerifySignature;
  /** Hosted areas that are no streets, by index. */
  readonly hosted: ReadonlySet<number>;
  /** Areas anywhere below a hosted one: their seals decide which children trustees will accept. */
  readonly below: ReadonlySet<number>;
  readonly streetKeys: ReadonlyMap<number, StreetKeys>;
  /** The same by the subject of their readings. */
  readonly streetsBySubject: ReadonlyMap<string, StreetKeys>;
  readonly streetsByIntakes: ReadonlyMap<StreetIntakes, StreetKeys>;
  readonly saltKey: Uint8Array;
  readonly open: Map<IntervalIndex, Map<number, OpenArea>>;
  readonly sealsBelow: Map<IntervalIndex, SealsBelow>;
  readonly rejected: Rejections;
  acceptedCount: number;
}

export interface AggregatorSetup {
  readonly network: VerifiedNetwork;
  readonly signer: Signer;
  readonly verify: VerifySignature;
  /** Shared by all that run hot for these areas: seeds are sealed to it, salts derive from it. */
  readonly keyPair: HpkeKeyPair;
  /** The areas it hosts; by default all that the document gives to its key. */
  readonly areas?: readonly AreaId[];
  /** Authentication keys of each hosted street, slots x 32 bytes, of `epoch`. */
  readonly keysOf: (street: AreaId) => Uint8Array | undefined;
  readonly epoch: Epoch;
  /** By default the plain one. */
  readonly kernel?: Kernel;
}

export function createAggregator(setup: AggregatorSetup): AggregatorState {
  const { network, kernel = PLAIN_KERNEL } = setup;
  const isMine = (party: number) =>
    network.document.aggregators[party]?.publicKeys.some((key) =>
      equalBytes(key, setup.signer.publicKey),
    ) === true;
  const wanted = setup.areas && new Set(setup.areas);
  const hosted = new Set<number>();
  const below = new Set<number>();
  const streetKeys = new Map<number, StreetKeys>();
  const streetsBySubject = new Map<string, StreetKeys>();
  const streetsByIntakes = new Map<StreetIntakes, StreetKeys>();
  // Parents stand before their children.
  for (const area of network.areas.inner) {
    const { parent } = area;
    if (parent !== undefined && (hosted.has(parent) || below.has(parent))) below.add(area.index);
    if (!isMine(area.aggregator) || wanted?.has(area.id) === false) continue;
    hosted.add(area.index);
    for (const child of area.streetChildren) {
      const street = network.areas.idOf(child);
      const slotCount = network.streets[child]?.roster.entries.length ?? 0;
      const keys = setup.keysOf(street) ?? new Uint8Array(KEY_BYTES * slotCount);
      const held: StreetKeys = {
        street: child,
        context: frameContext(network.meterPolicy, street),
        keys: createEpochKeys(setup.epoch, keys),
        intakes: kernel.createIntakes(),
        sets: undefined,
      };
      streetKeys.set(child, held);
      streetsBySubject.set(readingSubject(street), held);
      streetsByIntakes.set(held.intakes, held);
    }
  }
  return {
    network,
    kernel,
    signer: setup.signer,
    verify: setup.verify,
    hosted,
    below,
    streetKeys,
    streetsBySubject,
    streetsByIntakes,
    saltKey: sha256(utf8('streetwatt/salt-key/1'), setup.keyPair.seed),
    open: new Map(),
    sealsBelow: new Map(),
    rejected: new Map(),
    acceptedCount: 0,
  };
}

/** The area's state in an interval, created where it is not there yet. */
export function openArea(state: AggregatorState, area: number, interval: IntervalIndex): OpenArea {
  let areas = state.open.get(interval);
  if (areas === undefined) {
    areas = new Map();
    state.open.set(interval, areas);
  }
  let open = areas.get(area);
  if (open === undefined) {
    const node = areaAt(state.network, area);
    open = {
      streets: node.streetChildren.map((street) => openIntake(state, street, interval)),
      children: node.areaChildren.map(() => ({
        seal: undefined,
        sealDigest: undefined,
        total: undefined,
      })),
    };
    areas.set(area, open);
  }
  return open;
}

/** Drops what is held of intervals before this one, when their totals are stored. */
export function forgetIntervals(state: AggregatorState, before: IntervalIndex): void {
  for (const intervals of [state.open, state.sealsBelow])
    for (const interval of intervals.keys()) if (interval < before) intervals.delete(interval);
  for (const { intakes } of state.streetKeys.values()) intakes.forget(before);
}

/**
 * Drops all that is held of intervals, and gives back what it has of the kernel, which the process shares
 * and which would keep copies of keys. For an aggregator that ends while the process goes on.
 */
export function closeAggregator(state: AggregatorState): void {
  state.open.clear();
  state.sealsBelow.clear();
  for (const { intakes } of state.streetKeys.values()) intakes[Symbol.dispose]();
}

/** Overwrites its own keys, of every epoch. */
export function eraseAggregatorKeys(state: AggregatorState): void {
  for (const { keys } of state.streetKeys.values()) eraseEpochKeys(keys);
}

/** Ratchets all authentication keys; the epoch before stays for what is still late. */
export function advanceAggregator(state: AggregatorState, epoch: Epoch): void {
  for (const street of state.streetKeys.values())
    advanceEpochKeys(street.keys, epoch, state.kernel);
}

export function eraseAggregatorEpoch(state: AggregatorState): void {
  for (const street of state.streetKeys.values()) erasePreviousKeys(street.keys);
  for (const [interval, areas] of state.open) {
    const epoch = epochOfInterval(interval, state.network.document.intervalSeconds);
    for (const { streets } of areas.values()) {
      for (const intake of streets) {
        const keys = state.streetKeys.get(intake.street)?.keys;
        if (keys === undefined || epoch < keys.epoch) intake.eraseKeys();
      }
    }
  }
}

/** Whether a child's seal and the total of that very seal are here. */
export function isReported(report: ChildReport): boolean {
  return (
    report.seal !== undefined &&
    report.total !== undefined &&
    equalBytes(report.seal.header.totalDigest, report.total.header.totalDigest)
  );
}

function openIntake(state: AggregatorState, street: number, interval: IntervalIndex): Intake {
  const { document, channels } = state.network;
  const held = state.streetKeys.get(street) as StreetKeys;
  const epoch = epochOfInterval(interval, document.intervalSeconds);
  const endSeconds = intervalEndSeconds(interval, document.intervalSeconds);
  const keys = keysOfEpoch(held.keys, epoch);
  if (held.sets?.epoch !== epoch) held.sets = { epoch, bySlot: setsOf(state, held, epoch, keys) };
  return held.intakes.open({
    street,
    interval,
    channelCount: channels.length,
    opensAtSeconds: endSeconds - CLOCK_SKEW_SECONDS,
    closesAtSeconds: endSeconds + document.closeAfterSeconds,
    rosterCount: state.network.areas.meterCountOf(street),
    context: held.context,
    sets: held.sets.bySlot,
    keys,
  });
}

/** The channel set of each slot that is active and whose key is known: under a key of zeros anybody could make tags. */
function setsOf(
  state: AggregatorState,
  { street }: StreetKeys,
  epoch: Epoch,
  keys: Uint8Array | undefined,
): Uint8Array {
  const attested = state.network.streets[street];
  const sets = new Uint8Array(attested?.roster.entries.length ?? 0);
  if (attested === undefined) return sets;
  for (const [slot, entry] of attested.roster.entries.entries()) {
    if (!isSlotActive(attested, slot, epoch)) continue;
    if (keys !== undefined && isZeroKey(keys, slot)) continue;
    // Of an entry that ended before this document, which may have fewer channels.
    if (entry.channels >>> state.network.channels.length !== 0) continue;
    sets[slot] = entry.channels;
  }
  return sets;
}

/** The first byte decides for nearly every key: no view is made for it. */
function isZeroKey(keys: Uint8Array, slot: number): boolean {
  const end = Math.min((slot + 1) * KEY_BYTES, keys.length);
  for (let at = slot * KEY_BYTES; at < end; at++) if (keys[at] !== 0) return false;
  return true;
}
