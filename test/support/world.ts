// A whole network at role level, without a bus: a few dozen meters, their aggregators, the trustees,
// an auditor and a monitor, and a function that takes one interval all the way through them. Every
// reading is another power of two, so that whatever is counted twice, or not at all, shows in the
// total. Reproducible: all randomness comes from a label.

import { type AreaId, areaId, parentArea } from '../../src/core/area.ts';
import { type ChannelSet, channelSet, hasChannel } from '../../src/core/channel.ts';
import type { Quorum } from '../../src/core/components.ts';
import { type Grant, signGrant } from '../../src/core/grant.ts';
import {
  type Epoch,
  epoch,
  type IntervalIndex,
  intervalEndSeconds,
  intervalIndex,
} from '../../src/core/interval.ts';
import type { NetworkPolicy } from '../../src/core/network.ts';
import type { VerifiedNetwork } from '../../src/core/network-bundle.ts';
import { indexOfArea, type Network } from '../../src/core/network-tree.ts';
import type { Alert } from '../../src/core/notice.ts';
import { OPEN_END_EPOCH } from '../../src/core/roster.ts';
import type { VerifySignature } from '../../src/core/signed.ts';
import { type AggregatorState, createAggregator } from '../../src/roles/aggregator.ts';
import { handleChildSeal, handleChildTotal } from '../../src/roles/aggregator-children.ts';
import { createSeal, type SealedArea } from '../../src/roles/aggregator-seal.ts';
import {
  type AuditorState,
  createAuditor,
  observeReading,
  observeSeal,
  observeTotal,
} from '../../src/roles/auditor.ts';
import { checkInterval, signAlert } from '../../src/roles/auditor-check.ts';
import { createFrame, createMeter, type MeterState } from '../../src/roles/meter.ts';
import {
  createMonitor,
  createUnmaskRequest,
  handleAlert,
  handleAnswer,
  handleTotal,
  type MonitorState,
  type OpenedInterval,
  openInterval,
} from '../../src/roles/monitor.ts';
import { createRows, type Row } from '../../src/roles/monitor-rows.ts';
import { createTrustee, type TrusteeState } from '../../src/roles/trustee.ts';
import { handleSeal } from '../../src/roles/trustee-seal.ts';
import { handleUnmaskRequest } from '../../src/roles/trustee-unmask.ts';
import { createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { createParties, type Parties } from '../../src/runtime/parties.ts';
import {
  defaultPolicy,
  type EnrolledMeter,
  type ProvisionedNetwork,
  provisionNetwork,
} from '../../src/runtime/provision.ts';
import { testBytes } from './enrolment.ts';
import { handleReading } from './handle-reading.ts';

export const verify: VerifySignature = createPlatformVerifier();
export const FIRST_DAY: Epoch = epoch(20_000);
/** An interval in the middle of the first day. */
export const NOON: IntervalIndex = intervalIndex(20_000 * 96 + 48);
export const NET_ONLY: ChannelSet = channelSet(0b001);
export const ALL_CHANNELS: ChannelSet = channelSet(0b111);
/** Above every power of two that a meter reads here. */
export const CAP_WH: number = 2 ** 40;

/** Of one street: how many meters, and how many of these have more than net, all three by default. */
export interface StreetSize {
  readonly meters: number;
  readonly producers?: number;
  readonly producerChannels?: ChannelSet;
}

/**
 * Two streets that stand alone; one too small, merged with its neighbour; and a town of three homes
 * whose only partner is the town next to it, so that both are dissolved in a cell of their region.
 */
export const STREETS: Readonly<Record<string, StreetSize>> = {
  'es/r0/m0/s0': { meters: 6, producers: 3 },
  'es/r0/m0/s1': { meters: 6, producers: 3 },
  'es/r0/m1/s0': { meters: 7 },
  'es/r0/m1/s1': { meters: 3 },
  'es/r1/m2/s0': { meters: 7 },
  'es/r1/m3/s0': { meters: 3 },
};

export interface WorldOptions {
  readonly streets?: Readonly<Record<string, StreetSize>>;
  readonly quorum?: Quorum;
  readonly policy?: Partial<NetworkPolicy>;
  /** What all keys of this world come from. */
  readonly label?: string;
}

export interface World extends ProvisionedNetwork {
  readonly parties: Parties;
  readonly policy: NetworkPolicy;
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const random = randomFrom(options.label ?? 'world');
  const quorum = options.quorum ?? { trusteeCount: 3, quorum: 2 };
  const parties = await createParties(quorum, random);
  const policy = {
    ...defaultPolicy({ networkId: 'test-net', quorum, minMeters: 5, depth: 4 }),
    ...options.policy,
  };
  const meters = Object.entries(options.streets ?? STREETS).flatMap(([area, size]) =>
    Array.from({ length: size.meters }, (_, index) => ({
      area: areaId(area),
      channels: index < (size.producers ?? 0) ? (size.producerChannels ?? ALL_CHANNELS) : NET_ONLY,
      capWh: CAP_WH,
    })),
  );
  // One aggregator hosts the towns and their streets, the other what lies above.
  const towns = new Set(meters.map(({ area }) => parentArea(area)));
  const aggregatorOf = (area: AreaId) =>
    towns.has(area) || towns.has(parentArea(area) as AreaId) ? 1 : 0;
  const made = await provisionNetwork({
    aggregatorOf,
    meters,
    policy,
    parties,
    firstEpoch: FIRST_DAY,
    random,
    verify,
  });
  return { ...made, parties, policy };
}

/** Bytes that nobody can tell from random ones, the same at every run. */
export function randomFrom(label: string): (length: number) => Uint8Array {
  let calls = 0;
  return (length) => testBytes(`${label} ${calls++}`, length);
}

/** The states of all roles, as they start on the first day. */
export interface Nodes {
  readonly meters: readonly MeterState[];
  readonly aggregators: readonly AggregatorState[];
  readonly trustees: readonly TrusteeState[];
  readonly auditor: AuditorState;
  readonly monitor: MonitorState;
}

export function createNodes(world: World, grant: Partial<Grant> = {}): Nodes {
  return {
    meters: world.meters.map((meter) => createMeterOf(world, meter)),
    aggregators: world.parties.aggregators.map((_, index) => createAggregatorOf(world, index)),
    trustees: world.parties.trustees.map((_, index) => createTrusteeOf(world, index)),
    auditor: createAuditor({
      network: world.network,
      signer: world.parties.auditor.signer,
      verify,
    }),
    monitor: createMonitorOf(world, grant),
  };
}

export function createMeterOf(world: World, meter: EnrolledMeter): MeterState {
  const { area: street, slot, channels, capWh } = meter;
  const { intervalSeconds } = world.policy;
  const { meterPolicy } = world.network;
  return createMeter({ street, slot, channels, capWh, intervalSeconds, meterPolicy }, meter.keys);
}

export function createAggregatorOf(
  world: World,
  index: number,
  network: VerifiedNetwork = world.network,
): AggregatorState {
  const { signer, keyPair } = world.parties.aggregators[index] as Parties['aggregators'][number];
  return createAggregator({
    network,
    signer,
    verify,
    keyPair,
    epoch: FIRST_DAY,
    keysOf: (street) => world.aggregatorKeys.get(street)?.slice(),
  });
}

export function createTrusteeOf(
  world: World,
  index: number,
  network: VerifiedNetwork = world.network,
): TrusteeState {
  return createTrustee({
    network,
    index,
    signer: (world.parties.trustees[index] as Parties['trustees'][number]).signer,
    verify,
    epoch: FIRST_DAY,
    keysOf: (street) => world.trusteeKeys[index]?.get(street)?.slice(),
  });
}

export function createMonitorOf(world: World, change: Partial<Grant> = {}): MonitorState {
  const grant = grantOf(world, change);
  return createMonitor({
    network: world.network,
    grant,
    signedGrant: signGrant(grant, world.parties.registrar.signer),
    signer: world.parties.monitor.signer,
    verify,
  });
}

/** A grant of everything, but for what is changed. */
export function grantOf(world: World, change: Partial<Grant> = {}): Grant {
  return {
    networkId: world.policy.networkId,
    monitor: world.parties.monitor.signer.publicKey,
    hpkePublicKey: world.parties.monitor.keyPair.publicKey,
    area: areaId('es'),
    deepestDepth: 16,
    channels: ALL_CHANNELS,
    fromEpoch: epoch(0),
    untilEpoch: OPEN_END_EPOCH,
    ...change,
  };
}

/** By channel; the meter's place in the world gives another power of two to each meter. */
export type Readings = (meter: EnrolledMeter, index: number) => readonly (number | undefined)[];

export const powersOfTwo: Readings = ({ channels }, index) =>
  [2 ** index, 2 ** index, 2 ** (index + 1)].map((value, channel) =>
    hasChannel(channels, channel) ? value : undefined,
  );

export interface RunOptions {
  readonly interval?: IntervalIndex;
  /** Fresh by default. */
  readonly nodes?: Nodes;
  readonly readings?: Readings;
  /** Indices of meters whose frame is lost on its way. */
  readonly drop?: ReadonlySet<number>;
  /** What is sent in place of a meter's frame: any number of messages. */
  readonly tamperFrame?: (frame: Uint8Array, meter: number) => readonly Uint8Array[];
  /** What the aggregator publishes in place of an area's seal and total; undefined for nothing. */
  readonly tamperSeal?: (
    area: AreaId,
    sealed: SealedArea,
    aggregator: AggregatorState,
  ) => Published | undefined;
  readonly tamperAnswer?: (answer: Uint8Array, trustee: number) => Uint8Array;
  /** All by default. */
  readonly trusteesUp?: readonly number[];
  /** Whether the auditor's alerts reach the monitor; they do by default. */
  readonly isAudited?: boolean;
  /** How long after the interval's end its seals stand in the stream. */
  readonly sealedAfterSeconds?: number;
}

export type Published = Pick<SealedArea, 'seal' | 'total'>;

export interface Run {
  readonly nodes: Nodes;
  readonly interval: IntervalIndex;
  /** What stands in the readings stream: street and message. */
  readonly messages: readonly (readonly [AreaId, Uint8Array])[];
  /** By area, as published. */
  readonly published: ReadonlyMap<AreaId, Published>;
  /** By trustee: area and reason of each seal that it refused. */
  readonly refusedSeals: readonly (readonly string[])[];
  readonly alerts: readonly Alert[];
  readonly opened: OpenedInterval;
  readonly rows: ReadonlyMap<string, Row>;
}

/** One interval, from the meters to the monitor's rows. */
export function runInterval(world: World, options: RunOptions = {}): Run {
  const interval = options.interval ?? NOON;
  const nodes = options.nodes ?? createNodes(world);
  const endSeconds = intervalEndSeconds(interval, world.policy.intervalSeconds);
  const messages = sendFrames(world, nodes, interval, options);
  for (const [street, message] of messages) {
    for (const aggregator of nodes.aggregators)
      handleReading(aggregator, street, message, endSeconds + 5);
    observeReading(nodes.auditor, street, message, endSeconds + 5);
  }
  const published = new Map<AreaId, Published>();
  const refusedSeals: string[][] = nodes.trustees.map(() => []);
  for (const [area, aggregator] of sealingOrder(world, nodes)) {
    const sealed = createSeal(aggregator, area, interval);
    const id = sealed.header.area;
    const sent =
      options.tamperSeal === undefined ? sealed : options.tamperSeal(id, sealed, aggregator);
    if (sent === undefined) continue;
    published.set(id, sent);
    publishSeal(nodes, sent, endSeconds + (options.sealedAfterSeconds ?? 60), (trustee, reason) =>
      refusedSeals[trustee]?.push(`${id} ${reason}`),
    );
  }
  const alerts = checkInterval(nodes.auditor, interval);
  if (options.isAudited !== false)
    for (const alert of alerts) handleAlert(nodes.monitor, signAlert(nodes.auditor, alert));
  const opened = askTrustees(nodes, interval, options);
  const rows = new Map(createRows(nodes.monitor, opened).map((row) => [row.plan.name, row]));
  return { nodes, interval, messages, published, refusedSeals, alerts, opened, rows };
}

/** Every meter masks its reading; what reaches the stream, as street and message. */
export function sendFrames(
  world: World,
  nodes: Nodes,
  interval: IntervalIndex,
  options: Pick<RunOptions, 'readings' | 'drop' | 'tamperFrame'> = {},
): (readonly [AreaId, Uint8Array])[] {
  const nowSeconds = intervalEndSeconds(interval, world.policy.intervalSeconds);
  const messages: (readonly [AreaId, Uint8Array])[] = [];
  for (const [index, meter] of world.meters.entries()) {
    const state = nodes.meters[index] as MeterState;
    const values = (options.readings ?? powersOfTwo)(meter, index);
    const outcome = createFrame(state, interval, values, { nowSeconds, isAuthenticated: true });
    if (outcome.kind !== 'frame' || options.drop?.has(index)) continue;
    const sent = options.tamperFrame?.(outcome.frame, index) ?? [outcome.frame];
    for (const message of sent) messages.push([meter.area, message]);
  }
  return messages;
}

/** Hosted areas with their aggregator, the deepest first. */
export function sealingOrder(world: World, nodes: Nodes): [number, AggregatorState][] {
  const hosted = nodes.aggregators.flatMap((aggregator) =>
    [...aggregator.hosted].map((area): [number, AggregatorState] => [area, aggregator]),
  );
  const depthOf = (area: number) => world.network.areas.at(area)?.depth ?? 0;
  return hosted.sort(([a], [b]) => depthOf(b) - depthOf(a) || a - b);
}

/** Hands a seal and its total to everyone who may see them. */
export function publishSeal(
  nodes: Nodes,
  { seal, total }: Published,
  atSeconds: number,
  onRefused: (trustee: number, reason: string) => void = () => {},
): void {
  for (const [trustee, state] of nodes.trustees.entries()) {
    const outcome = handleSeal(state, seal, atSeconds);
    if (outcome.kind === 'rejected') onRefused(trustee, outcome.reason);
  }
  for (const aggregator of nodes.aggregators) {
    handleChildSeal(aggregator, seal, atSeconds);
    handleChildTotal(aggregator, total, atSeconds);
  }
  observeSeal(nodes.auditor, seal);
  observeTotal(nodes.auditor, total);
  handleTotal(nodes.monitor, total);
}

let nonces = 0;

/** The monitor asks those trustees that are up, and opens what it can. */
export function askTrustees(
  nodes: Nodes,
  interval: IntervalIndex,
  options: Pick<RunOptions, 'trusteesUp' | 'tamperAnswer'> = {},
): OpenedInterval {
  const request = createUnmaskRequest(nodes.monitor, interval, testBytes(`nonce ${nonces++}`, 16));
  for (const trustee of options.trusteesUp ?? nodes.trustees.keys()) {
    const outcome = handleUnmaskRequest(nodes.trustees[trustee] as TrusteeState, request);
    if (outcome.kind === 'rejected') throw new Error(`expected an answer: ${outcome.reason}`);
    const answer = options.tamperAnswer?.(outcome.answer, trustee) ?? outcome.answer;
    handleAnswer(nodes.monitor, interval, trustee, answer);
  }
  return openInterval(nodes.monitor, interval);
}

/** What the meters of an area, but for some, read together: by channel. */
export function plainSums(
  world: World,
  area: string,
  options: { readonly readings?: Readings; readonly without?: ReadonlySet<number> } = {},
): number[] {
  const sums = [0, 0, 0];
  for (const [index, meter] of world.meters.entries()) {
    if (options.without?.has(index) || !isBelow(meter.area, area)) continue;
    for (const [channel, value] of (options.readings ?? powersOfTwo)(meter, index).entries())
      sums[channel] = (sums[channel] ?? 0) + (value ?? 0);
  }
  return sums;
}

/** Indices of the meters of an area or merged cell, in the order of the world. */
export function metersOf(world: World, area: string): number[] {
  return world.meters.flatMap((meter, index) => (isBelow(meter.area, area) ? [index] : []));
}

/** `area` is an id, or a merged cell's name: `<home>/{a+b}`. */
function isBelow(street: AreaId, area: string): boolean {
  const merged = /^(.*)\/\{(.*)\}$/.exec(area);
  const members = merged ? merged[2]!.split('+').map((token) => `${merged[1]}/${token}`) : [area];
  return members.some((member) => street === member || street.startsWith(`${member}/`));
}

export function indexOf(network: Network, area: string): number {
  return indexOfArea(network, areaId(area)) as number;
}
