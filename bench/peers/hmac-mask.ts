// Streetwatt's own scheme without its kernel: the same three components, frames and parties, with
// HMAC-SHA256 of node:crypto for the masks and the tag. What one would write first.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { heldComponents } from '../../src/core/components.ts';
import { addWords, unmask } from '../../src/core/mask.ts';
import { CHANNEL_COUNT, type Reading, STREET_SLOTS, sumReadings } from '../data/home-readings.ts';
import { inTurn, prepareScheme, schemeHomes, streetOfHomes } from '../data/scheme.ts';
import { seededBytes } from '../data/seeded-bytes.ts';
import { assertAnswer, type Bench } from '../harness/bench.ts';

const QUORUM = { trusteeCount: 3, quorum: 2 };
const COMPONENT_COUNT = 3;
const HEADER_BYTES = 10;
const TAG_BYTES = 16;
const UNTAGGED_BYTES: number = HEADER_BYTES + 8 * CHANNEL_COUNT;
const INTERVAL: Uint8Array = Uint8Array.of(0x88, 0xdc, 0x1d, 0);

interface HmacMeter {
  readonly slot: number;
  readonly components: readonly Uint8Array[];
  readonly authentication: Uint8Array;
}

export const HMAC_MASK: Bench = {
  id: 'peer.hmac-mask',
  async prepare(scale) {
    const readings = streetOfHomes(schemeHomes(scale));
    const meters = Array.from({ length: STREET_SLOTS }, (_, slot): HmacMeter => {
      const keys = seededBytes(`hmac/${slot}`, 32 * (COMPONENT_COUNT + 1));
      const components = [0, 1, 2].map((index) => keys.subarray(32 * index, 32 * index + 32));
      return { slot, components, authentication: keys.subarray(32 * COMPONENT_COUNT) };
    });
    const mask = (slot: number) =>
      maskReading(meters[slot] as HmacMeter, readings[slot] as Reading);
    const frames = meters.map(({ slot }) => mask(slot));
    const next = inTurn(meters);
    const serve = () => openStreet(aggregate(frames, meters), meters);
    const totals = sumReadings(readings);
    const expected = totals.reduce((sum, total) => sum + total);
    assertAnswer(serve() === expected, 'the sum under HMAC masks');
    const frameBytes = UNTAGGED_BYTES + TAG_BYTES;
    return prepareScheme('peer.hmac-mask', frameBytes, {
      client: { itemsPerCall: 1, run: () => mask(next().slot).length, expected: frameBytes },
      server: { itemsPerCall: STREET_SLOTS, run: serve, expected },
    });
  },
};

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function maskWords(key: Uint8Array): BigUint64Array {
  // A digest of node:crypto may stand anywhere in a larger buffer.
  return new BigUint64Array(Uint8Array.from(hmac(key, INTERVAL)).buffer, 0, CHANNEL_COUNT);
}

function maskReading(
  { slot, components, authentication }: HmacMeter,
  reading: Reading,
): Uint8Array {
  const words = new BigUint64Array(CHANNEL_COUNT);
  for (let channel = 0; channel < CHANNEL_COUNT; channel++)
    words[channel] = BigInt.asUintN(64, BigInt(reading[channel] as number));
  for (const key of components) addWords(words, maskWords(key));
  const frame = new Uint8Array(UNTAGGED_BYTES + TAG_BYTES);
  frame[0] = 1;
  frame[1] = (1 << CHANNEL_COUNT) - 1;
  new DataView(frame.buffer).setUint32(2, slot, true);
  frame.set(INTERVAL, 6);
  frame.set(new Uint8Array(words.buffer), HEADER_BYTES);
  const tag = hmac(authentication, frame.subarray(0, UNTAGGED_BYTES));
  frame.set(tag.subarray(0, TAG_BYTES), UNTAGGED_BYTES);
  return frame;
}

function aggregate(frames: readonly Uint8Array[], meters: readonly HmacMeter[]): BigUint64Array {
  const sums = new BigUint64Array(CHANNEL_COUNT);
  const reported = new Set<number>();
  for (const frame of frames) {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const slot = view.getUint32(2, true);
    const meter = meters[slot];
    if (meter === undefined || reported.has(slot)) continue;
    const tag = hmac(meter.authentication, frame.subarray(0, UNTAGGED_BYTES)).subarray(
      0,
      TAG_BYTES,
    );
    if (!timingSafeEqual(tag, frame.subarray(UNTAGGED_BYTES))) continue;
    reported.add(slot);
    for (let channel = 0; channel < CHANNEL_COUNT; channel++)
      sums[channel] =
        (sums[channel] as bigint) + view.getBigUint64(HEADER_BYTES + 8 * channel, true);
  }
  return sums;
}

/** Every trustee sums its two components; each component is then subtracted once. */
function openStreet(masked: BigUint64Array, meters: readonly HmacMeter[]): number {
  const masks = new Map<number, BigUint64Array>();
  for (let trustee = 0; trustee < QUORUM.trusteeCount; trustee++) {
    for (const component of heldComponents(QUORUM, trustee)) {
      const sums = new BigUint64Array(CHANNEL_COUNT);
      for (const { components } of meters)
        addWords(sums, maskWords(components[component] as Uint8Array));
      masks.set(component, sums);
    }
  }
  const all = new BigUint64Array(CHANNEL_COUNT);
  for (const sums of masks.values()) addWords(all, sums);
  return masked.reduce(
    (total, word, channel) => total + Number(unmask(word, all[channel] as bigint)),
    0,
  );
}
