// A whole network in one process: aggregators at every level, trustees, a monitor, an auditor and the
// meters, each on its own connection to the bus, each with its own keys and store. The demo and the
// replay run on it; `up` runs the same nodes as processes of their own.
//
// What one process holds together, no single party of a real network does: whoever runs this sees
// everything, which is why it is for demonstration and measurement.

import { join } from 'node:path';
import type { Bus } from '../bus/port.ts';
import { type AreaId, MAX_AREA_DEPTH } from '../core/area.ts';
import { type ChannelSet, MAX_CHANNELS } from '../core/channel.ts';
import { type Grant, signGrant } from '../core/grant.ts';
import { type Epoch, type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import { areaAt, deepestDepth } from '../core/network-tree.ts';
import { OPEN_END_EPOCH } from '../core/roster.ts';
import type { VerifySignature } from '../core/signed.ts';
import { createAggregator } from '../roles/aggregator.ts';
import { createAuditor } from '../roles/auditor.ts';
import type { MeterState } from '../roles/meter.ts';
import { createMonitor } from '../roles/monitor.ts';
import { createTrustee } from '../roles/trustee.ts';
import { type AggregatorStore, openAggregatorStore } from '../store/aggregator-store.ts';
import type { KeyTable } from '../store/key-table.ts';
import type { MeterStore } from '../store/meter-store.ts';
import { openTrusteeStore, type TrusteeStore } from '../store/trustee-store.ts';
import { AggregatorNode } from './aggregator-node.ts';
import { AuditorNode, type AuditReport } from './auditor-node.ts';
import type { Clock } from './clock.ts';
import { loadKernel } from './kernel.ts';
import { createMeters, MeterFleet } from './meter-fleet.ts';
import { MonitorNode, type MonitorResult } from './monitor-node.ts';
import type { Parties, RandomBytes } from './parties.ts';
import type { ProvisionedNetwork, StreetKeyMap } from './provision.ts';
import { TrusteeNode } from './trustee-node.ts';

/** What the nodes start from; a directory that has kept keys needs none here. */
export type StartingNetwork = Pick<
  ProvisionedNetwork,
  'network' | 'firstEpoch' | 'trusteeKeys' | 'aggregatorKeys' | 'meters'
>;

export interface LocalNetworkOptions {
  readonly provisioned: StartingNetwork;
  readonly parties: Parties;
  /** One connection per party; the caller closes what is behind it. */
  readonly connect: () => Promise<Bus>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly verify: VerifySignature;
  /**
   * Where the trustees' and aggregators' stores are; in memory where it is undefined. Keys that it
   * has kept, of whatever epoch they have come to, go before those that were provisioned.
   */
  readonly directory?: string;
  readonly onInterval: (result: MonitorResult) => void;
  readonly onAudit?: (report: AuditReport) => void;
  readonly onError: (error: unknown) => void;
  /** Meters that were stored by an earlier run; by default those just provisioned. */
  readonly meters?: readonly MeterState[];
  readonly meterStore?: MeterStore;
  /** Trustees that are not started: to see what the others do without them. */
  readonly absentTrustees?: readonly number[];
  readonly isDriven?: boolean;
  readonly hasAuditor?: boolean;
  /** Deepest level that the monitor opens by itself, as a number of tokens; by default the cells. */
  readonly liveDepth?: number;
}

export interface LocalNetwork extends AsyncDisposable {
  readonly aggregators: readonly AggregatorNode[];
  readonly trustees: readonly TrusteeNode[];
  /** One for each root of the tree. */
  readonly monitors: readonly MonitorNode[];
  readonly auditor: AuditorNode | undefined;
  readonly meters: MeterFleet;
  /** Tells every node of an interval that will come to its end (driven networks). */
  expectInterval(interval: IntervalIndex): void;
  /** Resolves when aggregators and the auditor have taken in all readings up to this sequence. */
  readingsTaken(seq: number): Promise<void>;
  /** When the last level has closed, in milliseconds of the clock. */
  deadlineMs(interval: IntervalIndex): number;
  /** Stores the aggregators' keys where they have moved on, and erases the epoch before. */
  keepKeys(): void;
  /** Drops what is kept of intervals before this one: seals, totals, bindings and mask sums. */
  prune(before: IntervalIndex): void;
}

export async function startLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { provisioned, parties, clock, verify, random, onError } = options;
  const { network, firstEpoch } = provisioned;
  const isDriven = options.isDriven === true;
  const { kernel } = await loadKernel();
  const file = (name: string) =>
    options.directory === undefined ? ':memory:' : join(options.directory, name);
  await using started = new AsyncDisposableStack();

  const aggregators: AggregatorNode[] = [];
  const stores: (AggregatorStore | TrusteeStore)[] = [];
  const keepKeys: (() => void)[] = [];
  for (const [index, party] of parties.aggregators.entries()) {
    const store = started.use(openAggregatorStore(file(`aggregator-${index}.db`)));
    const { keys, epoch } = startingKeys(store.keys, provisioned.aggregatorKeys, options);
    const state = createAggregator({
      network,
      kernel,
      signer: party.signer,
      verify,
      keyPair: party.keyPair,
      keysOf: (street) => keys.get(street)?.slice(),
      epoch,
    });
    if (state.hosted.size === 0) continue;
    stores.push(store);
    let keptEpoch = epoch;
    keepKeys.push(() => {
      const records = [...state.streetKeys].map(([street, { keys: held }]) => ({
        street: areaAt(network, street).id,
        epoch: held.epoch,
        keys: held.keys,
      }));
      const heldEpoch = records[0]?.epoch ?? keptEpoch;
      if (heldEpoch === keptEpoch) return;
      store.keys.replaceAll(records);
      keptEpoch = heldEpoch;
    });
    const bus = await options.connect();
    aggregators.push(
      started.use(new AggregatorNode({ state, bus, clock, store, onError, isDriven })),
    );
  }
  const trustees: TrusteeNode[] = [];
  for (const [index, party] of parties.trustees.entries()) {
    if (options.absentTrustees?.includes(index) === true) continue;
    const store = started.use(openTrusteeStore(file(`trustee-${index}.db`)));
    const { keys, epoch } = startingKeys(
      store.keys,
      provisioned.trusteeKeys[index] ?? new Map(),
      options,
    );
    const state = createTrustee({
      network,
      kernel,
      index,
      signer: party.signer,
      verify,
      epoch,
      keysOf: (street) => keys.get(street)?.slice(),
    });
    stores.push(store);
    const bus = await options.connect();
    trustees.push(
      started.use(new TrusteeNode({ state, bus, clock, store, random, onError, isDriven })),
    );
  }
  const monitors: MonitorNode[] = [];
  for (const root of network.roots)
    monitors.push(started.use(await createMonitorNode(options, firstEpoch, root)));
  const auditor =
    options.hasAuditor === true
      ? started.use(
          new AuditorNode({
            state: createAuditor({ network, signer: parties.auditor.signer, verify }),
            bus: await options.connect(),
            clock,
            onError,
            isDriven,
            ...(options.onAudit === undefined ? {} : { onReport: options.onAudit }),
          }),
        )
      : undefined;
  const meters = started.use(
    new MeterFleet({
      network,
      meters: options.meters ?? createMeters(network, provisioned.meters),
      ...(options.meterStore === undefined ? {} : { store: options.meterStore }),
      bus: await options.connect(),
      clock,
      verify,
      kernel,
      onError,
    }),
  );
  for (const node of [
    ...aggregators,
    ...trustees,
    ...monitors,
    ...(auditor === undefined ? [] : [auditor]),
  ]) {
    await node.start();
  }

  const { intervalSeconds, closeAfterSeconds, levelSeconds } = network.document;
  const depth = deepestDepth(network);
  const owned = started.move();
  return {
    aggregators,
    trustees,
    monitors,
    auditor,
    meters,
    expectInterval: (interval) => {
      for (const node of [...aggregators, ...trustees, ...monitors]) node.expectInterval(interval);
      auditor?.expectInterval(interval);
    },
    readingsTaken: async (seq) => {
      for (const node of aggregators) await node.readingsTaken(seq);
      await auditor?.readingsTaken(seq);
    },
    deadlineMs: (interval) =>
      (intervalEndSeconds(interval, intervalSeconds) + closeAfterSeconds + levelSeconds * depth) *
      1000,
    keepKeys: () => {
      if (options.directory !== undefined) for (const keep of keepKeys) keep();
    },
    prune: (before) => {
      for (const store of stores) store.prune(before);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * The keys that the store kept, of whatever epoch they had come to; where it has none, those that
 * were provisioned, which it keeps from here on. Nothing of the epoch before is opened after a
 * restart, so that epoch's keys go.
 */
function startingKeys(
  table: KeyTable,
  provisioned: StreetKeyMap,
  { directory, provisioned: { firstEpoch } }: LocalNetworkOptions,
): { readonly keys: StreetKeyMap; readonly epoch: Epoch } {
  if (directory === undefined) return { keys: provisioned, epoch: firstEpoch };
  const kept = table.load();
  const first = kept[0];
  if (first === undefined) {
    table.save([...provisioned].map(([street, keys]) => ({ street, epoch: firstEpoch, keys })));
    return { keys: provisioned, epoch: firstEpoch };
  }
  table.erasePrevious();
  const keys = new Map<AreaId, Uint8Array>(kept.map((record) => [record.street, record.keys]));
  return { keys, epoch: first.epoch };
}

async function createMonitorNode(
  options: LocalNetworkOptions,
  firstEpoch: Epoch,
  root: number,
): Promise<MonitorNode> {
  const { provisioned, parties, clock, verify, random, onInterval, onError } = options;
  const { network } = provisioned;
  const grant: Grant = {
    networkId: network.document.networkId,
    monitor: parties.monitor.signer.publicKey,
    hpkePublicKey: parties.monitor.keyPair.publicKey,
    area: areaAt(network, root).id,
    deepestDepth: MAX_AREA_DEPTH,
    channels: (2 ** MAX_CHANNELS - 1) as ChannelSet,
    fromEpoch: firstEpoch,
    untilEpoch: OPEN_END_EPOCH,
  };
  const state = createMonitor({
    network,
    grant,
    signedGrant: signGrant(grant, parties.registrar.signer),
    signer: parties.monitor.signer,
    verify,
    ...(options.liveDepth === undefined
      ? {}
      : { scope: { ...grant, deepestDepth: options.liveDepth } }),
  });
  return new MonitorNode({
    state,
    keyPair: parties.monitor.keyPair,
    bus: await options.connect(),
    clock,
    random,
    onInterval,
    onError,
    isDriven: options.isDriven === true,
  });
}
