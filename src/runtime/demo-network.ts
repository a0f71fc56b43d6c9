// The network of a demo: enrolled and planned from nothing, or read back from its folder, and started.

import { join } from 'node:path';
import type { Bus } from '../bus/port.ts';
import { channelSetOf, DEFAULT_CHANNELS } from '../core/channel.ts';
import { BATCH_SEED_EPOCHS } from '../core/enrolment-batch.ts';
import {
  DEFAULT_INTERVAL_SECONDS,
  epochOfInterval,
  type IntervalIndex,
  intervalStartSeconds,
} from '../core/interval.ts';
import type { VerifySignature } from '../core/signed.ts';
import type { MeterState } from '../roles/meter.ts';
import type { Household } from '../sim/neighbourhood.ts';
import { type MeterStore, openMeterStore } from '../store/meter-store.ts';
import { VirtualClock } from './clock.ts';
import { createNetworkFolder, type DemoSettings, loadNetwork, networkFolder } from './demo-data.ts';
import { IntervalDriver } from './interval-driver.ts';
import { type LocalNetwork, type StartingNetwork, startLocalNetwork } from './local-network.ts';
import { createMeters, placeOf } from './meter-fleet.ts';
import type { MonitorResult } from './monitor-node.ts';
import { createParties, type Parties, type RandomBytes } from './parties.ts';
import { defaultPolicy, type ProvisionMeter, provisionNetwork, treeDepth } from './provision.ts';
import type { RunBus } from './run-bus.ts';

/** An interval that is under way when the demo is stopped may end, where it does so within this. */
const STOP_GRACE_MS = 600;
const INTERVAL_SECONDS = DEFAULT_INTERVAL_SECONDS;

export interface DemoNetworkOptions {
  readonly settings: DemoSettings;
  /** Keeps state there, and goes on from what is there. */
  readonly directory?: string | undefined;
  /** Deepest level that the monitor opens unasked, as a number of tokens; by default the cells. */
  readonly liveDepth?: number | undefined;
  readonly openBus: (nowMs: () => number) => Promise<RunBus>;
  readonly random: RandomBytes;
  readonly verify: VerifySignature;
  /** What the monitor has opened, or opened again. */
  readonly onResult?: (result: MonitorResult) => void;
  readonly onProgress?: (step: string, done: number, of: number) => void;
  readonly signal: AbortSignal;
}

export interface PreparedNetwork {
  readonly parties: Parties;
  readonly provisioned: StartingNetwork;
  readonly meters: readonly MeterState[];
  readonly meterStore: MeterStore | undefined;
  /** Of a network that is not saved yet. */
  readonly bundleBytes: Uint8Array | undefined;
}

/** Enrols every household and plans the network, from the epoch of its first interval. */
export async function prepareNetwork(
  options: DemoNetworkOptions,
  households: readonly Household[],
  networkNumber: number,
  first: IntervalIndex,
  stack: AsyncDisposableStack,
): Promise<PreparedNetwork> {
  const { settings, directory, random, verify, signal } = options;
  const quorum = { trusteeCount: settings.trustees, quorum: settings.quorum };
  const folder =
    directory === undefined ? undefined : await createNetworkFolder(directory, networkNumber);
  const parties = await createParties(quorum, random);
  const provisioned = await provisionNetwork({
    meters: households.map(meterOf),
    policy: defaultPolicy({
      networkId: `demo-${networkNumber}`,
      quorum,
      intervalSeconds: INTERVAL_SECONDS,
      minMeters: settings.minMeters,
      depth: treeDepth(households),
    }),
    parties,
    firstEpoch: epochOfInterval(first, INTERVAL_SECONDS),
    epochCount: BATCH_SEED_EPOCHS,
    random,
    verify,
    onProgress: (step, done, of) => {
      signal.throwIfAborted();
      options.onProgress?.(step, done, of);
    },
  });
  const meters = createMeters(provisioned.network, provisioned.meters);
  const meterStore =
    folder === undefined ? undefined : stack.use(openMeterStore(join(folder, 'meters.db')));
  meterStore?.addMeters(meters);
  return { parties, provisioned, meters, meterStore, bundleBytes: provisioned.bundleBytes };
}

export async function loadPrepared(
  options: DemoNetworkOptions,
  households: readonly Household[],
  networkNumber: number,
  stack: AsyncDisposableStack,
): Promise<PreparedNetwork> {
  const { settings, verify } = options;
  const directory = options.directory as string;
  // First, since it says where another demo runs on the same folder.
  const folder = networkFolder(directory, networkNumber);
  const meterStore = stack.use(openMeterStore(join(folder, 'meters.db')));
  const { parties, network } = await loadNetwork(directory, { settings, networkNumber }, verify);
  // In the order in which they were enrolled: that of the households.
  const known = meterStore.meters();
  const meters = households.map((household, index) => {
    const meter = known[index];
    const state =
      meter?.street === household.area
        ? meterStore.loadMeter(placeOf(network, { ...meterOf(household), slot: meter.slot }))
        : undefined;
    if (state === undefined)
      throw new Error(
        `${meterStore.file}: expected the meter of household ${household.meter}, found none; another folder starts anew.`,
      );
    return state;
  });
  const provisioned = {
    network,
    firstEpoch: network.document.fromEpoch,
    trusteeKeys: [],
    aggregatorKeys: new Map(),
    meters: [],
  };
  return { parties, provisioned, meters, meterStore, bundleBytes: undefined };
}

export async function startNodes(
  options: DemoNetworkOptions,
  { parties, provisioned, meters, meterStore }: PreparedNetwork,
  networkNumber: number,
  first: IntervalIndex,
  stack: AsyncDisposableStack,
): Promise<DemoNetwork> {
  const { directory, random, verify, signal } = options;
  const clock = new VirtualClock(intervalStartSeconds(first, INTERVAL_SECONDS) * 1000);
  const driver = new IntervalDriver(clock, afterGrace(signal));
  const runBus = stack.use(await options.openBus(() => clock.nowMs()));
  const network = stack.use(
    await startLocalNetwork({
      provisioned,
      parties,
      meters,
      ...(meterStore === undefined ? {} : { meterStore }),
      ...(directory === undefined ? {} : { directory: networkFolder(directory, networkNumber) }),
      ...(options.liveDepth === undefined ? {} : { liveDepth: options.liveDepth }),
      connect: () => runBus.connect(),
      clock,
      random,
      verify,
      isDriven: true,
      hasAuditor: true,
      onInterval: (result) => {
        options.onResult?.(result);
        driver.onInterval(result);
      },
      onAudit: driver.onAudit,
      onError: driver.onError,
    }),
  );
  await network.meters.followReceipts();
  const lastEpoch = provisioned.firstEpoch + BATCH_SEED_EPOCHS - 1;
  return { network, clock, driver, meterStore, lastEpoch, connect: () => runBus.connect() };
}

export interface DemoNetwork {
  readonly network: LocalNetwork;
  readonly clock: VirtualClock;
  readonly driver: IntervalDriver;
  readonly meterStore: MeterStore | undefined;
  readonly lastEpoch: number;
  /** Another connection to its bus, which ends with it. */
  readonly connect: () => Promise<Bus>;
}

function meterOf({ area, channels, maxWh }: Household): ProvisionMeter {
  const names = DEFAULT_CHANNELS.map((channel) => channel.name);
  return {
    area,
    channels: channelSetOf(channels.map((name) => names.indexOf(name))),
    capWh: maxWh,
  };
}

function afterGrace(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', () => void setTimeout(abort, STOP_GRACE_MS).unref(), {
    once: true,
  });
  return controller.signal;
}
