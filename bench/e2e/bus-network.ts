// A real network for the benches on the bus: streets of one size, every meter with three channels and
// keys of its own, the aggregator that hosts them all, and their frames of any interval.

import { areaId } from '../../src/core/area.ts';
import { channelSetOf } from '../../src/core/channel.ts';
import { frameContext } from '../../src/core/frame.ts';
import {
  epochOfInterval,
  type IntervalIndex,
  intervalEndSeconds,
} from '../../src/core/interval.ts';
import type { FrameBatch, Kernel } from '../../src/core/kernel/kernel.ts';
import { KEY_BYTES } from '../../src/core/mask.ts';
import { readingSubject } from '../../src/core/subjects.ts';
import {
  type AggregatorState,
  createAggregator,
  forgetIntervals,
} from '../../src/roles/aggregator.ts';
import { isAreaComplete } from '../../src/roles/aggregator-intake.ts';
import { createSeal } from '../../src/roles/aggregator-seal.ts';
import { createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { type AreaSplit, hostedAreas } from '../../src/runtime/hosted-areas.ts';
import { createParties } from '../../src/runtime/parties.ts';
import { defaultPolicy, provisionNetwork } from '../../src/runtime/provision.ts';
import { CHANNEL_COUNT, homeReadings } from '../data/home-readings.ts';
import { seededBytes } from '../data/seeded-bytes.ts';
import { COMPONENT_COUNT, FRAME_BYTES, INTERVAL } from '../data/street.ts';

const STREETS_PER_SUBURB = 25;
const INTERVAL_SECONDS = 900;

export interface BusNetwork {
  readonly meterCount: number;
  readonly aggregator: AggregatorState;
  /** The street's subject, and its meters' frames of an interval, back to back. */
  messagesOf(interval: IntervalIndex): readonly StreetMessage[];
  /** As a node does when one of the area's streets has its whole roster in. */
  sealIfComplete(area: number, interval: IntervalIndex): void;
  /** Seals the areas that are not sealed yet. */
  sealRest(interval: IntervalIndex): void;
  /** Of every sealed area's streets, by channel. */
  sumWords(interval: IntervalIndex): BigUint64Array;
  /** Forgets what came in: the next round takes the same frames in anew. */
  forget(before: IntervalIndex): void;
}

export interface StreetMessage {
  readonly subject: string;
  readonly frames: Uint8Array;
}

/** A second in which frames of the interval count. */
export function storedAtSeconds(interval: IntervalIndex): number {
  return intervalEndSeconds(interval, INTERVAL_SECONDS) + 5;
}

export interface BusNetworkSize {
  readonly streetCount: number;
  readonly slotCount: number;
  readonly streetsPerSuburb?: number;
  /** What the aggregator hosts of it; all by default. */
  readonly split?: AreaSplit;
}

/** Sizes alike give the same network, in any process. */
export async function createBusNetwork(kernel: Kernel, size: BusNetworkSize): Promise<BusNetwork> {
  const { streetCount, slotCount, streetsPerSuburb = STREETS_PER_SUBURB, split = {} } = size;
  let drawn = 0;
  const random = (length: number) => seededBytes(`bus/${drawn++}`, length);
  const quorum = { trusteeCount: 3, quorum: 2 };
  const meters = Array.from({ length: streetCount * slotCount }, (_, meter) => {
    const street = Math.floor(meter / slotCount);
    return {
      area: areaId(`es/m${Math.floor(street / streetsPerSuburb)}/s${street}`),
      channels: channelSetOf([0, 1, 2]),
      capWh: 10_000,
    };
  });
  const parties = await createParties(quorum, random, 1);
  const {
    network,
    aggregatorKeys,
    meters: enrolled,
  } = await provisionNetwork({
    meters,
    policy: defaultPolicy({ networkId: 'bench', quorum, depth: 3 }),
    parties,
    firstEpoch: epochOfInterval(INTERVAL, INTERVAL_SECONDS),
    aggregatorOf: () => 0,
    random,
    verify: createPlatformVerifier(),
  });
  const [party] = parties.aggregators;
  if (party === undefined) throw new Error('an aggregator is missing');
  const aggregator = createAggregator({
    network,
    kernel,
    signer: party.signer,
    verify: createPlatformVerifier(),
    keyPair: party.keyPair,
    areas: hostedAreas(network, party.signer.publicKey, split),
    keysOf: (street) => aggregatorKeys.get(street),
    epoch: epochOfInterval(INTERVAL, INTERVAL_SECONDS),
  });
  const streets = Array.from({ length: streetCount }, (_, street) => {
    const own = enrolled.slice(street * slotCount, (street + 1) * slotCount);
    const first = own[0] as (typeof own)[number];
    const componentKeys = new Uint8Array(COMPONENT_COUNT * KEY_BYTES * slotCount);
    const authenticationKeys = new Uint8Array(KEY_BYTES * slotCount);
    for (const [index, { keys }] of own.entries()) {
      for (const [component, key] of keys.componentKeys.entries())
        componentKeys.set(key, (index * COMPONENT_COUNT + component) * KEY_BYTES);
      authenticationKeys.set(keys.authenticationKey, index * KEY_BYTES);
    }
    const batch: Omit<FrameBatch, 'interval'> = {
      slots: Uint32Array.from(own, ({ slot }) => slot),
      sets: new Uint8Array(slotCount).fill(7),
      channelCount: CHANNEL_COUNT,
      values: BigInt64Array.from(homeReadings(slotCount).flat(), BigInt),
      componentCount: COMPONENT_COUNT,
      componentKeys,
      authenticationKeys,
      context: frameContext(network.meterPolicy, first.area),
    };
    return { subject: readingSubject(first.area), batch };
  });
  return {
    meterCount: meters.length,
    aggregator,
    messagesOf: (interval) =>
      streets.map(({ subject, batch }) => ({
        subject,
        frames: kernel.maskFrames({ ...batch, interval }),
      })),
    ...sealing(aggregator),
  };
}

function sealing(
  aggregator: AggregatorState,
): Pick<BusNetwork, 'sealIfComplete' | 'sealRest' | 'sumWords' | 'forget'> {
  const sealed = new Map<IntervalIndex, Set<number>>();
  const seal = (area: number, interval: IntervalIndex) => {
    const areas = sealed.get(interval) ?? new Set();
    if (areas.has(area)) return;
    sealed.set(interval, areas.add(area));
    createSeal(aggregator, area, interval);
  };
  return {
    sealIfComplete: (area, interval) => {
      if (isAreaComplete(aggregator, area, interval)) seal(area, interval);
    },
    sealRest: (interval) => {
      for (const area of aggregator.hosted) seal(area, interval);
    },
    sumWords: (interval) => {
      const words = new BigUint64Array(CHANNEL_COUNT);
      for (const area of sealed.get(interval) ?? []) {
        for (const intake of aggregator.open.get(interval)?.get(area)?.streets ?? []) {
          const sums = intake.sumWords(intake.contributors());
          for (let channel = 0; channel < CHANNEL_COUNT; channel++)
            words[channel] = (words[channel] as bigint) + (sums[channel] as bigint);
        }
      }
      return words;
    },
    forget: (before) => {
      sealed.clear();
      forgetIntervals(aggregator, before);
    },
  };
}

/** What the words of all frames add up to, by channel: read without the kernel. */
export function sumFrameWords(messages: readonly StreetMessage[]): BigUint64Array {
  const sums = new BigUint64Array(CHANNEL_COUNT);
  for (const { frames } of messages) {
    const view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
    for (let at = 0; at < frames.length; at += FRAME_BYTES)
      for (let channel = 0; channel < CHANNEL_COUNT; channel++)
        sums[channel] = (sums[channel] as bigint) + view.getBigUint64(at + 10 + 8 * channel, true);
  }
  return sums;
}
