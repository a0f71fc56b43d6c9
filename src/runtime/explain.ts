// The story of three homes (design.md section 3): what each party holds of one interval, computed by
// the meter, frame, mask and component code that runs a network. Only the keys come from a seed, so
// that the story is the same every time; and no trustee stands between, since one would refuse a
// street of three.
//
// Nothing here is secret: the keys serve no network.

import { areaId } from '../core/area.ts';
import { toHex, u32, utf8 } from '../core/bytes.ts';
import { channelSetOf, DEFAULT_CHANNELS } from '../core/channel.ts';
import { componentHolders, heldComponents, type Quorum } from '../core/components.ts';
import { sha256 } from '../core/digest.ts';
import type { MeterKeys } from '../core/enrolment.ts';
import { createFirstKeys } from '../core/first-keys.ts';
import { decodeFrame, frameContext, isFrameTagValid } from '../core/frame.ts';
import {
  DEFAULT_INTERVAL_SECONDS,
  type Epoch,
  epochOfInterval,
  type IntervalIndex,
  intervalAt,
  intervalEndSeconds,
  intervalStartSeconds,
} from '../core/interval.ts';
import { addMask, maskWords, unmask } from '../core/mask.ts';
import { ratchetKey } from '../core/ratchet.ts';
import { slot } from '../core/roster.ts';
import { createFrame, createMeter } from '../roles/meter.ts';

const NET = 0;
const NETWORK_ID = 'explain';
const STREET = areaId('es/madrid/centro/three-homes');
const READINGS_WH: readonly number[] = [120, 310, 95];
const QUORUM: Quorum = { trusteeCount: 3, quorum: 2 };
/** The main fuse of a home, 25 A on three phases, for a quarter of an hour. */
const CAP_WH = 4313;
const INTERVAL: IntervalIndex = intervalAt(1_782_043_200, DEFAULT_INTERVAL_SECONDS);
const EPOCH: Epoch = epochOfInterval(INTERVAL, DEFAULT_INTERVAL_SECONDS);

/** A 64-bit word as 16 hexadecimal digits. */
export type WordHex = string;

/** Plain data, for text and JSON alike. Trustees and components are numbered from 0. */
export interface Explanation {
  readonly seed: string;
  readonly startSeconds: number;
  readonly intervalSeconds: number;
  readonly trusteeCount: number;
  readonly quorum: number;
  /** What stays in each home. */
  readonly homes: readonly {
    readonly readingWh: number;
    /** One per component. */
    readonly maskWords: readonly WordHex[];
  }[];
  /** What the bus, a concentrator and an auditor hold: frames, hexadecimal. */
  readonly bus: { readonly frames: readonly string[] };
  readonly aggregator: {
    readonly maskedWords: readonly WordHex[];
    readonly maskedTotal: WordHex;
  };
  /** By trustee: who reported, and the sum of the masks of each component that it holds. */
  readonly trustees: readonly {
    readonly slots: readonly number[];
    readonly maskSums: readonly { readonly component: number; readonly sum: WordHex }[];
  }[];
  readonly monitor: {
    readonly maskedTotal: WordHex;
    readonly answeredBy: readonly number[];
    /** One per component. */
    readonly maskSums: readonly WordHex[];
    readonly totalWh: number;
  };
}

export function explainThreeHomes(seed: string): Explanation {
  const random = randomOf(seed);
  const meterPolicy = random();
  const firstEpoch = (EPOCH - 1) as Epoch;
  const homes = READINGS_WH.map((readingWh) => ({ readingWh, keys: keysOf(random, firstEpoch) }));

  const nowSeconds = intervalEndSeconds(INTERVAL, DEFAULT_INTERVAL_SECONDS);
  const frames = homes.map(({ readingWh, keys }, index) => {
    const place = {
      street: STREET,
      slot: slot(index),
      channels: channelSetOf([NET]),
      capWh: CAP_WH,
      intervalSeconds: DEFAULT_INTERVAL_SECONDS,
      meterPolicy,
    };
    const outcome = createFrame(createMeter(place, keys), INTERVAL, [readingWh], {
      nowSeconds,
      isAuthenticated: true,
    });
    if (outcome.kind === 'refused')
      throw new Error(`a meter refused its reading: ${outcome.reason}`);
    return outcome.frame;
  });

  const context = frameContext(meterPolicy, STREET);
  const masked = frames.map((frame, index) => {
    const { authenticationKey } = (homes[index] as (typeof homes)[number]).keys;
    if (!isFrameTagValid(frame, todaysKey(authenticationKey), context))
      throw new Error(`the tag of slot ${index} is not valid`);
    return decodeFrame(frame);
  });
  const maskedWords = masked.map(({ words }) => words[NET] as bigint);
  const maskedTotal = sumWords(maskedWords);

  const slots = masked.map((frame) => frame.slot);
  const trustees = Array.from({ length: QUORUM.trusteeCount }, (_, trustee) => ({
    slots,
    maskSums: heldComponents(QUORUM, trustee).map((component) => ({
      component,
      sum: maskSum(homes.map(({ keys }) => keys.componentKeys[component] as Uint8Array)),
    })),
  }));

  const answeredBy = Array.from({ length: QUORUM.quorum }, (_, trustee) => trustee);
  const maskSums = componentHolders(QUORUM).map((holders, component) => {
    const sums = holders.map((holder) => sumHeldBy(trustees, holder, component));
    // What the monitor checks: all who hold a component's keys give the same sum.
    if (new Set(sums).size !== 1) throw new Error(`trustees disagree on component ${component}`);
    const answer = answeredBy.find((trustee) => holders.includes(trustee)) as number;
    return sumHeldBy(trustees, answer, component);
  });
  return {
    seed,
    startSeconds: intervalStartSeconds(INTERVAL, DEFAULT_INTERVAL_SECONDS),
    intervalSeconds: DEFAULT_INTERVAL_SECONDS,
    trusteeCount: QUORUM.trusteeCount,
    quorum: QUORUM.quorum,
    homes: homes.map(({ readingWh, keys }) => ({
      readingWh,
      maskWords: keys.componentKeys.map((key) =>
        wordHex(maskWords(todaysKey(key), INTERVAL)[NET] as bigint),
      ),
    })),
    bus: { frames: frames.map(toHex) },
    aggregator: { maskedWords: maskedWords.map(wordHex), maskedTotal: wordHex(maskedTotal) },
    trustees: trustees.map((trustee) => ({
      slots: trustee.slots,
      maskSums: trustee.maskSums.map(({ component, sum }) => ({ component, sum: wordHex(sum) })),
    })),
    monitor: {
      maskedTotal: wordHex(maskedTotal),
      answeredBy,
      maskSums: maskSums.map(wordHex),
      totalWh: Number(unmask(maskedTotal, sumWords(maskSums))),
    },
  };
}

interface HoldsSums {
  readonly maskSums: readonly { readonly component: number; readonly sum: bigint }[];
}

function sumHeldBy(trustees: readonly HoldsSums[], trustee: number, component: number): bigint {
  const held = trustees[trustee]?.maskSums.find((entry) => entry.component === component);
  return (held as HoldsSums['maskSums'][number]).sum;
}

function keysOf(random: () => Uint8Array, firstEpoch: Epoch): MeterKeys {
  const firstKeys = createFirstKeys(NETWORK_ID, firstEpoch);
  const meter = random();
  return {
    componentKeys: componentHolders(QUORUM).map((_, component) =>
      firstKeys.componentKey(meter, component, random()),
    ),
    authenticationKey: firstKeys.authenticationKey(meter, random()),
    firstEpoch,
  };
}

function todaysKey(firstKey: Uint8Array): Uint8Array {
  const key = firstKey.slice();
  ratchetKey(key, 1);
  return key;
}

function maskSum(firstKeys: readonly Uint8Array[]): bigint {
  const sums = new BigUint64Array(DEFAULT_CHANNELS.length);
  for (const key of firstKeys) addMask(sums, todaysKey(key), INTERVAL);
  return sums[NET] as bigint;
}

function sumWords(words: readonly bigint[]): bigint {
  return BigInt.asUintN(
    64,
    words.reduce((sum, word) => sum + word, 0n),
  );
}

function wordHex(word: bigint): WordHex {
  return word.toString(16).padStart(16, '0');
}

/** 32 bytes at each call, always the same for one seed. */
function randomOf(seed: string): () => Uint8Array {
  let count = 0;
  return () => sha256(utf8('streetwatt/explain'), u32(count++), utf8(seed));
}
