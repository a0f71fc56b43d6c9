// Frames that somebody altered, made up, moved or multiplied: each is counted with its reason and
// dropped, changes no total, and what is good after it still counts.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { concatBytes, writeU32 } from '../../src/core/bytes.ts';
import { channelSet, NET } from '../../src/core/channel.ts';
import { encodeFrame, frameContext, TAG_BYTES } from '../../src/core/frame.ts';
import { frameDigest } from '../../src/core/frames-root.ts';
import {
  epoch,
  type IntervalIndex,
  intervalEndSeconds,
  intervalIndex,
} from '../../src/core/interval.ts';
import { meterPolicyDigest } from '../../src/core/network.ts';
import { type RosterEntry, slot } from '../../src/core/roster.ts';
import { type AggregatorState, createAggregator } from '../../src/roles/aggregator.ts';
import { createSeal } from '../../src/roles/aggregator-seal.ts';
import { handleReading } from '../support/handle-reading.ts';
import {
  createAggregatorOf,
  createNodes,
  createWorld,
  FIRST_DAY,
  indexOf,
  NOON,
  plainSums,
  runInterval,
  sendFrames,
  verify,
  type World,
} from '../support/world.ts';
import { readSeal } from './forge.ts';

const STREET = areaId('es/r0/m0/s0');
const END = intervalEndSeconds(NOON, 900);
let world: World;
/** The frames of the street's six meters in this interval: the first three of three channels. */
let frames: readonly Uint8Array[];

beforeAll(async () => {
  world = await createWorld();
  frames = sendFrames(world, createNodes(world), NOON)
    .slice(0, 6)
    .map(([, frame]) => frame);
});

function take(
  message: Uint8Array,
  options: { aggregator?: AggregatorState; street?: string; atSeconds?: number } = {},
): { readonly accepted: number; readonly rejected: Record<string, number> } {
  const aggregator = options.aggregator ?? createAggregatorOf(world, 1);
  const { street = STREET, atSeconds = END + 5 } = options;
  const { accepted } = handleReading(aggregator, street, message, atSeconds);
  return { accepted, rejected: Object.fromEntries(aggregator.rejected) };
}

function keyOf(meter: number): Uint8Array {
  return world.meters[meter]!.keys.authenticationKey;
}

function flipped(frame: Uint8Array, at: number, bits = 1): Uint8Array {
  return frame.map((byte, index) => (index === at ? byte ^ bits : byte));
}

describe('a frame with one byte changed', () => {
  it.each([
    ['version', 0, 'bad-version'],
    ['channel set, to another length', 1, 'bad-length'],
    ['slot, to another meter’s', 2, 'bad-tag'],
    ['slot, to none', 5, 'unknown-slot'],
    ['interval, to an earlier one', 6, 'closed-interval'],
    ['interval, to the far future', 9, 'future-interval'],
    ['first masked word, lowest byte', 10, 'bad-tag'],
    ['first masked word, highest byte', 17, 'bad-tag'],
    ['last masked word', 33, 'bad-tag'],
    ['tag, first byte', 34, 'bad-tag'],
    ['tag, last byte', 49, 'bad-tag'],
  ])('in its %s is refused', (_, at, reason) => {
    // The interval's lowest bit that is set, so that the change goes backwards.
    const bits = at === 6 ? NOON & -NOON & 0xff : at === 1 ? 8 : 1;
    expect(take(flipped(frames[0]!, at, bits))).toEqual({ accepted: 0, rejected: { [reason]: 1 } });
  });

  it('anywhere, in any bit, is never accepted', () => {
    const property = fc.property(fc.nat(49), fc.nat(7), (at, bit) => {
      expect(take(flipped(frames[0]!, at, 1 << bit)).accepted).toBe(0);
    });
    fc.assert(property, { numRuns: 150, seed: 6 });
  });
});

describe('a message of the wrong size', () => {
  it.each([
    ['nothing', () => new Uint8Array(0), 0, 'bad-length'],
    ['one byte', () => Uint8Array.of(1), 0, 'bad-length'],
    ['a frame that lacks its last byte', () => frames[0]!.subarray(0, -1), 0, 'bad-length'],
    ['a frame without tag', () => frames[0]!.subarray(0, -TAG_BYTES), 0, 'bad-length'],
    ['a header alone', () => frames[0]!.subarray(0, 10), 0, 'bad-length'],
    ['no channel at all', () => Uint8Array.of(1, 0, ...frames[0]!.subarray(2)), 0, 'bad-length'],
    ['a byte behind a frame', () => concatBytes(frames[0]!, Uint8Array.of(1)), 1, 'bad-length'],
    ['zeros behind a frame', () => concatBytes(frames[0]!, new Uint8Array(34)), 1, 'bad-version'],
    ['a megabyte of ones', () => new Uint8Array(2 ** 20).fill(1), 0, 'bad-length'],
    ['a megabyte of zeros', () => new Uint8Array(2 ** 20), 0, 'bad-version'],
  ] as const)(
    '(%s) is counted once, and what stood before it counts',
    (_, make, accepted, reason) => {
      const outcome = take(make());
      expect(outcome.accepted).toBe(accepted);
      expect(outcome.rejected[reason]).toBe(1);
    },
  );

  it('never throws, whatever the bytes, and later good frames count', () => {
    const aggregator = createAggregatorOf(world, 1);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(5), (noise, which) => {
        const fresh = createAggregatorOf(world, 1);
        expect(take(noise, { aggregator: fresh }).accepted).toBe(0);
        expect(take(frames[which]!, { aggregator: fresh }).accepted).toBe(1);
        take(noise, { aggregator });
      }),
      { numRuns: 100, seed: 7 },
    );
    expect(take(concatBytes(...frames), { aggregator }).accepted).toBe(6);
  });

  it.each(['es/r0/m0', 'es', 'nowhere', 'es/r0/m0/*', 'es.r0.m0.s0', '', '/', 'es/r0/m0/s0/'])(
    'for %j, which is no street of ours, is counted as unknown-area',
    (street) => {
      const rejected = { 'unknown-area': 1 };
      expect(take(frames[0]!, { street })).toEqual({ accepted: 0, rejected });
    },
  );
});

describe('a replayed frame', () => {
  it('into another interval does not carry its tag with it', () => {
    const moved = frames[0]!.slice();
    writeU32(moved, 6, NOON - 1);
    const atSeconds = END - 900 + 5;
    expect(take(moved, { atSeconds }).rejected).toEqual({ 'bad-tag': 1 });
  });

  it('into another street is refused, also where the same slot exists there', () => {
    expect(take(frames[0]!, { street: 'es/r0/m0/s1' }).rejected).toEqual({ 'bad-tag': 1 });
  });

  it('into another street is refused even where the meter has the same key there', () => {
    const aggregator = createAggregator({
      ...world.parties.aggregators[1]!,
      network: world.network,
      verify,
      epoch: FIRST_DAY,
      keysOf: () => world.aggregatorKeys.get(STREET)!.slice(),
    });
    const street = 'es/r0/m0/s1';
    expect(take(frames[0]!, { aggregator, street }).rejected).toEqual({ 'bad-tag': 1 });
    expect(take(frames[0]!, { aggregator }).accepted).toBe(1);
  });

  it.each([
    ['network', { networkId: 'other-net' }],
    ['interval length', { intervalSeconds: 1800 }],
    ['minimum', { minMeters: 6 }],
    ['quorum', { quorum: 3 }],
    ['channel list', { channels: [{ name: 'net', isSigned: false }] }],
  ])('into another %s is refused, with the very same keys', (_, change) => {
    const network = {
      ...world.network,
      meterPolicy: meterPolicyDigest({ ...world.network.document, ...change }),
    };
    const aggregator = createAggregatorOf(world, 1, network);
    expect(take(frames[0]!, { aggregator }).rejected).toEqual({ 'bad-tag': 1 });
  });

  it('a day later meets other keys', () => {
    const day = intervalIndex(NOON + 96);
    const key = keyOf(0);
    const words = new BigUint64Array(3);
    const body = { channels: channelSet(7), slot: slot(0), interval: day, words };
    const forged = encodeFrame(body, key, frameContext(world.network.meterPolicy, STREET));
    expect(take(forged, { atSeconds: END + 86_405 }).rejected).toEqual({ 'closed-interval': 1 });
  });
});

describe('time', () => {
  it.each([
    ['before its interval is over', -31, 0, 'future-interval'],
    ['by a clock that runs half a minute ahead', -30, 1, undefined],
    ['in the last second', 59, 1, undefined],
    ['when the street has closed', 60, 0, 'closed-interval'],
    ['a year later', 365 * 86_400, 0, 'closed-interval'],
  ])('a frame %s counts as it should', (_, after, accepted, reason) => {
    const outcome = take(frames[0]!, { atSeconds: END + after });
    expect(outcome.accepted).toBe(accepted);
    expect(outcome.rejected).toEqual(reason === undefined ? {} : { [reason]: 1 });
  });

  it('a frame that comes after the seal is counted and changes nothing', () => {
    const aggregator = createAggregatorOf(world, 1);
    take(concatBytes(...frames.slice(1)), { aggregator });
    const area = indexOf(world.network, 'es/r0/m0');
    const sealed = createSeal(aggregator, area, NOON);
    expect(take(frames[0]!, { aggregator }).rejected).toEqual({ 'closed-interval': 1 });
    expect(createSeal(aggregator, area, NOON)).toEqual(sealed);
  });
});

describe('two frames for one slot and interval', () => {
  function second(interval: IntervalIndex = NOON): Uint8Array {
    const words = new BigUint64Array([1n, 2n, 3n]);
    const body = { channels: channelSet(7), slot: slot(0), interval, words };
    return encodeFrame(body, keyOf(0), frameContext(world.network.meterPolicy, STREET));
  }

  it('that are the same count once', () => {
    const aggregator = createAggregatorOf(world, 1);
    const outcome = take(concatBytes(frames[0]!, frames[0]!), { aggregator });
    expect(outcome).toEqual({ accepted: 1, rejected: { duplicate: 1 } });
    expect(take(frames[0]!, { aggregator }).rejected).toEqual({ duplicate: 2 });
  });

  it('that differ are an equivocation: the first is kept, the second counted as such', () => {
    const aggregator = createAggregatorOf(world, 1);
    take(frames[0]!, { aggregator });
    expect(take(second(), { aggregator }).rejected).toEqual({ equivocation: 1 });
    const only = createAggregatorOf(world, 1);
    take(frames[0]!, { aggregator: only });
    const area = indexOf(world.network, 'es/r0/m0');
    const both = createSeal(aggregator, area, NOON);
    const one = createSeal(only, area, NOON);
    expect({ ...both, seal: undefined }).toEqual({ ...one, seal: undefined });
    // All that is left of the second: the seal says which one it counts.
    const streets = [both, one].map(({ seal }) => readSeal(seal).streets);
    const named = frameDigest(frames[0]!);
    expect(streets.map(([first]) => first!.contested)).toEqual([
      [{ slot: 0, frameDigest: named }],
      [],
    ]);
  });

  it('of which one is forged are no equivocation, whichever comes first', () => {
    for (const pair of [
      [frames[0]!, flipped(frames[0]!, 12)],
      [flipped(frames[0]!, 12), frames[0]!],
    ])
      expect(take(concatBytes(...pair))).toEqual({ accepted: 1, rejected: { 'bad-tag': 1 } });
  });

  it('leave the totals and the audit as the first one made them', () => {
    const run = runInterval(world, {
      tamperFrame: (frame, meter) => (meter === 0 ? [frame, second()] : [frame]),
    });
    expect(run.rows.get('es')?.energyWh[NET]).toBe(plainSums(world, 'es')[NET]);
    expect(run.nodes.aggregators[1]?.rejected.get('equivocation')).toBe(1);
    expect(run.alerts).toEqual([]);
  });
});

describe('a meter that does not exist', () => {
  const words = new BigUint64Array(1);
  function forge(change: { slot?: number; channels?: number; key?: Uint8Array }): Uint8Array {
    const channels = channelSet(change.channels ?? 1);
    const body = { channels, slot: slot(change.slot ?? 5), interval: NOON, words };
    const sized = { ...body, words: channels === 7 ? new BigUint64Array(3) : words };
    const context = frameContext(world.network.meterPolicy, STREET);
    return encodeFrame(sized, change.key ?? keyOf(5), context);
  }

  it.each([
    ['at a slot that no roster has', { slot: 6 }, 'unknown-slot'],
    ['at the last slot that a frame can name', { slot: 0xffffffff }, 'unknown-slot'],
    ['with channels that it does not declare', { channels: 7 }, 'bad-channels'],
    ['without one that it declares', { slot: 0, channels: 1 }, 'bad-channels'],
    ['under the zero key', { key: new Uint8Array(32) }, 'bad-tag'],
  ])('(%s) is not counted', (_, change, reason) => {
    expect(take(forge(change)).rejected).toEqual({ [reason]: 1 });
  });

  it('whose authentication key never opened cannot report under the zero key', () => {
    const keys = world.aggregatorKeys.get(STREET)!.slice();
    keys.fill(0, 5 * 32, 6 * 32);
    const aggregator = createAggregator({
      ...world.parties.aggregators[1]!,
      network: world.network,
      verify,
      epoch: FIRST_DAY,
      keysOf: (street) => (street === STREET ? keys : undefined),
    });
    const outcome = take(forge({ key: new Uint8Array(32) }), { aggregator });
    expect(outcome.rejected).toEqual({ 'unknown-slot': 1 });
    // A street of which no key opened at all is no different.
    const other = areaId('es/r0/m0/s1');
    const body = { channels: channelSet(1), slot: slot(5), interval: NOON, words };
    const context = frameContext(world.network.meterPolicy, other);
    const message = encodeFrame(body, new Uint8Array(32), context);
    expect(take(message, { aggregator, street: other }).rejected['unknown-slot']).toBe(2);
  });

  it.each<[string, Partial<RosterEntry>, Uint8Array?]>([
    ['not attested by every trustee', {}, Uint8Array.of(0b011111)],
    ['not yet active', { fromEpoch: epoch(FIRST_DAY + 1) }],
    ['no longer active', { untilEpoch: FIRST_DAY }],
  ])('(%s) is not counted', (_, change, attested) => {
    const network = withEntry(STREET, 5, change, attested);
    const aggregator = createAggregatorOf(world, 1, network);
    expect(take(frames[5]!, { aggregator }).rejected).toEqual({ 'unknown-slot': 1 });
    expect(take(frames[4]!, { aggregator }).accepted).toBe(1);
  });

  function withEntry(
    street: AreaId,
    at: number,
    change: Partial<RosterEntry>,
    attested?: Uint8Array,
  ) {
    const index = indexOf(world.network, street);
    const streets = [...world.network.streets];
    const before = streets[index]!;
    const entries = before.roster.entries.map((entry, place) =>
      place === at ? { ...entry, ...change } : entry,
    );
    const roster = { ...before.roster, entries };
    streets[index] = { ...before, roster, attested: attested ?? before.attested };
    return { ...world.network, streets };
  }
});

describe('contributors', () => {
  it('in a seal are exactly the slots whose frame was accepted', () => {
    const aggregator = createAggregatorOf(world, 1);
    take(concatBytes(frames[1]!, frames[4]!, flipped(frames[2]!, 20)), { aggregator });
    const sealed = createSeal(aggregator, indexOf(world.network, 'es/r0/m0'), NOON);
    expect(readSeal(sealed.seal).streets[0]?.contributors).toEqual(Uint8Array.of(0b010010));
  });
});
