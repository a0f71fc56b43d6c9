// The main job: a file of readings, run interval by interval through real meters, aggregators,
// trustees and the monitor, on a virtual clock. What comes out are the rows of each interval.

import type { Quorum } from '../core/components.ts';
import { epochOfInterval, type IntervalIndex } from '../core/interval.ts';
import type { VerifySignature } from '../core/signed.ts';
import type { DeclaredMeter } from '../files/declared-channels.ts';
import { readingValues } from '../files/reading-values.ts';
import type { ReadingsTable } from '../files/readings-table.ts';
import type { Row } from '../roles/monitor-rows.ts';
import { countRejection, type Rejections } from '../roles/rejections.ts';
import { hashUnit, seedOf } from '../sim/random.ts';
import { VirtualClock } from './clock.ts';
import { IntervalDriver } from './interval-driver.ts';
import { type LocalNetwork, startLocalNetwork } from './local-network.ts';
import { createParties, type RandomBytes } from './parties.ts';
import {
  defaultPolicy,
  type ProvisionedNetwork,
  type ProvisionMeter,
  provisionNetwork,
  treeDepth,
} from './provision.ts';
import type { RunBus } from './run-bus.ts';

export interface ReplayOptions {
  readonly meters: readonly ProvisionMeter[];
  /** Of each meter, what its readings must have. */
  readonly declared: readonly DeclaredMeter[];
  readonly table: ReadingsTable;
  readonly intervalSeconds: number;
  readonly minMeters: number;
  readonly quorum: Quorum;
  /** Share of the frames that are lost on the way. */
  readonly dropRate: number;
  readonly seed: string;
  readonly openBus: (nowMs: () => number) => Promise<RunBus>;
  readonly random: RandomBytes;
  readonly verify: VerifySignature;
  readonly onRows: (rows: readonly Row[]) => void | Promise<void>;
  readonly onProgress?: (step: string, done: number, of: number) => void;
  readonly absentTrustees?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface ReplayOutcome {
  readonly provisioned: ProvisionedNetwork;
  readonly intervalCount: number;
  readonly framesSent: number;
  readonly framesLost: number;
  readonly framesAccepted: number;
  /** Readings and frames that count nowhere, by reason. */
  readonly rejected: Rejections;
  readonly cellsPublished: number;
  readonly cellsWithheld: Rejections;
  readonly secondsPerInterval: number;
}

/** Frames are sent this long after the interval's end. */
const SEND_DELAY_MS = 1000;

export async function replayReadings(options: ReplayOptions): Promise<ReplayOutcome> {
  const { table, intervalSeconds, quorum, random, verify } = options;
  const intervalCount = table.intervalIndices.length;
  const firstInterval = table.intervalIndices[0] as IntervalIndex;
  const firstEpoch = epochOfInterval(firstInterval, intervalSeconds);
  const lastEpoch = epochOfInterval(
    table.intervalIndices[intervalCount - 1] as IntervalIndex,
    intervalSeconds,
  );
  const parties = await createParties(quorum, random);
  const policy = defaultPolicy({
    networkId: 'replay',
    quorum,
    intervalSeconds,
    minMeters: options.minMeters,
    depth: treeDepth(options.meters),
  });
  const provisioned = await provisionNetwork({
    meters: options.meters,
    policy,
    parties,
    firstEpoch,
    epochCount: lastEpoch - firstEpoch + 1,
    random,
    verify,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });

  const clock = new VirtualClock(firstInterval * intervalSeconds * 1000);
  const driver = new IntervalDriver(clock, options.signal);
  await using runBus = await options.openBus(() => clock.nowMs());
  await using network = await startLocalNetwork({
    provisioned,
    parties,
    connect: () => runBus.connect(),
    clock,
    random,
    verify,
    isDriven: true,
    absentTrustees: options.absentTrustees ?? [],
    onInterval: driver.onInterval,
    onError: driver.onError,
  });

  const rejected: Rejections = new Map();
  const cellsWithheld: Rejections = new Map();
  let framesSent = 0;
  let framesLost = 0;
  let cellsPublished = 0;
  const startMs = performance.now();
  for (let at = 0; at < intervalCount; at++) {
    options.signal?.throwIfAborted();
    options.onProgress?.('intervals', at, intervalCount);
    const interval = table.intervalIndices[at] as IntervalIndex;
    const send = async () => {
      const sent = await sendInterval(options, network, interval, at, rejected);
      framesSent += sent.sentCount;
      framesLost += sent.lostCount;
      return sent.lastSeq;
    };
    const { results } = await driver.run(network, interval, [{ afterEndMs: SEND_DELAY_MS, send }]);
    for (const { targets, opened: figures, rows } of results) {
      for (const [position, figure] of figures.figures.entries()) {
        if (targets[position]?.kind !== 'cell') continue;
        if (figure.kind === 'released') cellsPublished++;
        else countRejection(cellsWithheld, figure.reason);
      }
      await options.onRows(rows);
    }
  }
  options.onProgress?.('intervals', intervalCount, intervalCount);
  let framesAccepted = 0;
  for (const { state } of network.aggregators) {
    framesAccepted += state.acceptedCount;
    for (const [reason, count] of state.rejected) countRejection(rejected, reason, count);
  }
  return {
    provisioned,
    intervalCount,
    framesSent,
    framesLost,
    framesAccepted,
    rejected,
    cellsPublished,
    cellsWithheld,
    secondsPerInterval:
      intervalCount === 0 ? 0 : (performance.now() - startMs) / 1000 / intervalCount,
  };
}

async function sendInterval(
  options: ReplayOptions,
  network: LocalNetwork,
  interval: IntervalIndex,
  at: number,
  rejected: Rejections,
): ReturnType<LocalNetwork['meters']['send']> {
  const { table, declared, dropRate } = options;
  const values = new Map<number, readonly (number | undefined)[]>();
  for (let row = table.offsets[at] as number; row < (table.offsets[at + 1] as number); row++) {
    const meter = table.meterNumbers[row] as number;
    const measured = {
      importWh: table.importWh[row] as number,
      exportWh: table.exportWh[row] as number,
      productionWh: table.productionWh[row] as number,
    };
    const reading = readingValues(measured, declared[meter] as DeclaredMeter);
    if (reading === 'incomplete') countRejection(rejected, 'incomplete');
    else values.set(meter, [reading.netWh, reading.exportWh, reading.productionWh]);
  }
  const seed = seedOf(`${options.seed} ${interval}`);
  const isLost = (meter: number) => dropRate > 0 && hashUnit(seed, meter) < dropRate;
  const sent = await network.meters.send(interval, (meter) => values.get(meter), isLost);
  for (const [reason, count] of sent.refused) countRejection(rejected, reason, count);
  return sent;
}
