// latency.close-to-map: from the close of an interval's streets to the nation's total on the map,
// through the running nodes on the in-process bus, all of them on one thread. The clock is a driver's
// up to the close; from there on nothing waits for time, only for work.

import { MemoryBus } from '../../src/bus/memory-bus.ts';
import type { AreaId } from '../../src/core/area.ts';
import { type IntervalIndex, intervalEndSeconds } from '../../src/core/interval.ts';
import { KEY_BYTES } from '../../src/core/mask.ts';
import { areaAt } from '../../src/core/network-tree.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { ALL_PARTIES, rememberVerified } from '../../src/runtime/ed25519.ts';
import { type LocalNetwork, startLocalNetwork } from '../../src/runtime/local-network.ts';
import type { MonitorResult } from '../../src/runtime/monitor-node.ts';
import { seededStream } from '../data/seeded-bytes.ts';
import { assertAnswer, type Bench, type BenchResult } from '../harness/bench.ts';
import { median } from '../harness/summarize.ts';
import {
  createContext,
  createNationParties,
  INTERVAL,
  type NationContext,
} from '../nation/context.ts';
import { createCountry, DEPTH } from '../nation/country.ts';
import { addUp, createProvince, type ProvinceData } from '../nation/province-data.ts';
import { FIRST_EPOCH } from '../nation/street-kinds.ts';

/** Of these streets; 40.6 meters each, more or less. */
const STREET_COUNTS = { full: [1_000, 10_000, 50_000], quick: [60] };
const METERS_A_STREET = 40.6;
const INTERVAL_COUNT = { full: 3, quick: 1 };
const SEND_AFTER_MS = 1000;
const PATIENCE_MS = 300_000;

export const CLOSE_TO_MAP: Bench = {
  id: 'latency.close-to-map',
  prepare: async (scale) => {
    const results: BenchResult[] = [];
    for (const count of STREET_COUNTS[scale]) {
      const seconds = await measure(count, INTERVAL_COUNT[scale]);
      results.push({
        id: `latency.close-to-map.${count}`,
        unit: 's',
        median: median(seconds),
        min: Math.min(...seconds),
        max: Math.max(...seconds),
      });
    }
    return { timed: [], results };
  },
};

async function measure(streetCount: number, intervalCount: number): Promise<readonly number[]> {
  const parties = await createNationParties();
  const country = createCountry('xx', streetCount * METERS_A_STREET, parties);
  const context = await createContext(country.document, country.kinds, country.kindOf);
  const { network } = context;
  const clock = new VirtualClock(INTERVAL * network.document.intervalSeconds * 1000);
  const results: MonitorResult[] = [];
  let wake = (): void => {};
  let failure: unknown;
  const makeInterval = (interval: IntervalIndex) =>
    country.provinces.map((province) =>
      createProvince(network, context.kernel, province, interval, context.kindAt, {
        isAbsent: isFirstOfSuburb(context),
      }),
    );
  const first = makeInterval(INTERVAL);
  await using bus = new MemoryBus({ nowMs: () => clock.nowMs() });
  const started = await startLocalNetwork({
    provisioned: { network, firstEpoch: FIRST_EPOCH, meters: [], ...keyMaps(first) },
    parties,
    connect: async () => bus.connect(),
    clock,
    random: seededStream('latency'),
    // One process plays all parties, as in a replay.
    verify: rememberVerified(context.verify, ALL_PARTIES),
    isDriven: true,
    liveDepth: DEPTH.municipality,
    onInterval: (result) => {
      results.push(result);
      wake();
    },
    onError: (error) => {
      failure ??= error;
      wake();
    },
  });
  await using running: LocalNetwork = started;
  const concentrator = bus.connect();
  const seconds: number[] = [];
  for (let at = 0; at < intervalCount; at++) {
    const interval = (INTERVAL + at) as IntervalIndex;
    const provinces = at === 0 ? first : makeInterval(interval);
    const endMs = intervalEndSeconds(interval, network.document.intervalSeconds) * 1000;
    running.expectInterval(interval);
    await clock.advanceTo(endMs + SEND_AFTER_MS);
    let seq = 0;
    for (const { messages } of provinces) {
      const outcomes = await concentrator.appendAll(
        messages.map(({ subject, data }) => ({ subject, data })),
      );
      for (const outcome of outcomes) if (outcome.kind === 'stored') seq = outcome.seq;
    }
    await running.readingsTaken(seq);
    const closeMs = endMs + network.document.closeAfterSeconds * 1000;
    // What belongs to the half minute before the close, the receipts, is done before it.
    await clock.advanceTo(closeMs - 1);
    await settled(running);
    const start = performance.now();
    const isDone = () => results.length > at || failure !== undefined;
    const closing = clock.advanceTo(closeMs);
    await until(isDone, (next) => {
      wake = next;
    });
    seconds.push((performance.now() - start) / 1000);
    await closing;
    await settled(running);
    if (failure !== undefined) throw failure;
    check(results[at], provinces);
  }
  return seconds;
}

async function settled({ aggregators }: LocalNetwork): Promise<void> {
  for (const aggregator of aggregators) await aggregator.settled();
}

/** One home of each suburb is silent, so that all wait for the close and no cell falls short. */
function isFirstOfSuburb({ network }: NationContext) {
  return (street: number, slot: number): boolean => {
    const parent = areaAt(network, areaAt(network, street).parent as number);
    return slot === 0 && parent.streetChildren[0] === street;
  };
}

function keyMaps(provinces: readonly ProvinceData[]) {
  const aggregatorKeys = new Map<AreaId, Uint8Array>();
  const trusteeKeys = [0, 1, 2].map(() => new Map<AreaId, Uint8Array>());
  for (const data of provinces) {
    for (const [street, [at, count]] of data.places) {
      const area = street as AreaId;
      const cut = (keys: Uint8Array, each: number) =>
        keys.subarray(each * KEY_BYTES * at, each * KEY_BYTES * (at + count));
      aggregatorKeys.set(area, cut(data.authenticationKeys, 1));
      for (const [index, keys] of trusteeKeys.entries())
        keys.set(area, cut(data.trusteeKeys[index] as Uint8Array, 2));
    }
  }
  return { aggregatorKeys, trusteeKeys };
}

function check(result: MonitorResult | undefined, provinces: readonly ProvinceData[]): void {
  const nation = result?.rows[0];
  const sums = provinces.map(({ plain }) => addUp([...plain.values()].slice(-1)));
  const expected = addUp(sums)[0];
  assertAnswer(
    nation?.energyWh[0] === expected,
    `latency: expected ${expected} Wh, found ${nation?.energyWh[0]} (${nation?.status})`,
  );
}

async function until(isDone: () => boolean, listen: (wake: () => void) => void): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  while (!isDone()) {
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0) throw new Error('latency: the interval was not opened');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, leftMs);
      listen(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
