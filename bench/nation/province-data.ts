// A province's meters for one interval: keys, readings, who reports, and the frames that they send.
// Made when the province's turn comes and let go after it; none of this is timed.

import { readU32, utf8 } from '../../src/core/bytes.ts';
import type { ChannelSet } from '../../src/core/channel.ts';
import { heldComponents } from '../../src/core/components.ts';
import { sha256 } from '../../src/core/digest.ts';
import { frameBytes, frameContext } from '../../src/core/frame.ts';
import type { IntervalIndex } from '../../src/core/interval.ts';
import type { Kernel } from '../../src/core/kernel/kernel.ts';
import { KEY_BYTES } from '../../src/core/mask.ts';
import type { VerifiedNetwork } from '../../src/core/network-bundle.ts';
import { areaAt } from '../../src/core/network-tree.ts';
import { readingSubject } from '../../src/core/subjects.ts';
import type { ReadingMessage } from '../../src/roles/aggregator-intake.ts';
import { QUORUM, seededFractions } from './country.ts';
import type { StreetKind } from './street-kinds.ts';

const COMPONENTS = 3;
const CHANNELS = 3;
const MAX_METERS = 64;
const MAX_FRAME_BYTES: number = frameBytes(7 as ChannelSet);
const SLOTS: Uint32Array = Uint32Array.from({ length: MAX_METERS }, (_, slot) => slot);

/**
 * Memory of one province after another. Made anew for each, it made the collector run
 * twice a province: that is this bench's own doing, and no party's.
 */
export class ProvinceRoom {
  readonly #held = new Map<string, Uint8Array>();

  /** Its bytes are what was left there. */
  take(name: string, byteCount: number): Uint8Array {
    let held = this.#held.get(name);
    if (held === undefined || held.length < byteCount) {
      held = new Uint8Array(Math.ceil(1.25 * byteCount));
      this.#held.set(name, held);
    }
    return held.subarray(0, byteCount);
  }
}

/** Whether a meter sends nothing, by its street's index and its slot. */
export type IsAbsent = (street: number, slot: number) => boolean;

export interface ProvinceData {
  readonly suburbs: readonly number[];
  readonly municipalities: readonly number[];
  readonly messages: readonly ReadingMessage[];
  /** By street: where its first meter stands among the province's, and how many it has. */
  readonly places: ReadonlyMap<string, readonly [first: number, count: number]>;
  readonly authenticationKeys: Uint8Array;
  /** By trustee: the keys of its two components, meter by meter. */
  readonly trusteeKeys: readonly Uint8Array[];
  /** By area index: the plain sums, by channel, of those who report. */
  readonly plain: Map<number, readonly number[]>;
  readonly readingCount: number;
}

export function createProvince(
  network: VerifiedNetwork,
  kernel: Kernel,
  province: number,
  interval: IntervalIndex,
  kindAt: (street: number) => StreetKind,
  {
    isAbsent = absentAtRandom(province),
    room = new ProvinceRoom(),
  }: { readonly isAbsent?: IsAbsent; readonly room?: ProvinceRoom } = {},
): ProvinceData {
  const municipalities = areaAt(network, province).areaChildren;
  const suburbs = municipalities.flatMap((area) => areaAt(network, area).areaChildren);
  const streets = suburbs.flatMap((area) => areaAt(network, area).streetChildren);
  const meterCount = streets.reduce((sum, street) => sum + kindAt(street).sets.length, 0);
  const name = areaAt(network, province).id;
  const componentKeys = room.take('components', COMPONENTS * KEY_BYTES * meterCount);
  fillWithNoise(componentKeys, `${name}/components`);
  const authenticationKeys = room.take('authentication', KEY_BYTES * meterCount);
  fillWithNoise(authenticationKeys, `${name}/authentication`);
  const allFrames = room.take('frames', MAX_FRAME_BYTES * meterCount);
  let frameAt = 0;
  const random = seededFractions(province + 17);
  const plain = new Map<number, readonly number[]>();
  const places = new Map<string, readonly [number, number]>();
  const messages: ReadingMessage[] = [];
  const atSeconds = (interval + 1) * network.document.intervalSeconds + 5;
  let first = 0;
  let readingCount = 0;
  for (const street of streets) {
    const { sets } = kindAt(street);
    const { id } = areaAt(network, street);
    const count = sets.length;
    places.set(id, [first, count]);
    const values = drawReadings(sets, random);
    const frames = kernel.maskFrames({
      slots: SLOTS.subarray(0, count),
      sets,
      channelCount: CHANNELS,
      values: new BigInt64Array(values.buffer),
      componentCount: COMPONENTS,
      componentKeys: componentKeys.subarray(
        COMPONENTS * KEY_BYTES * first,
        COMPONENTS * KEY_BYTES * (first + count),
      ),
      authenticationKeys: authenticationKeys.subarray(
        KEY_BYTES * first,
        KEY_BYTES * (first + count),
      ),
      context: frameContext(network.meterPolicy, id),
      interval,
    });
    const own = allFrames.subarray(frameAt, frameAt + frames.length);
    own.set(frames);
    const kept = keepPresent(own, sets, values, (slot) => isAbsent(street, slot));
    frameAt += kept.data.length;
    messages.push({ subject: readingSubject(id), data: kept.data, atSeconds });
    plain.set(street, kept.sums);
    readingCount += kept.count;
    first += count;
  }
  for (const area of [...suburbs, ...municipalities, province]) {
    const { streetChildren, areaChildren } = areaAt(network, area);
    plain.set(
      area,
      addUp([...streetChildren, ...areaChildren].map((child) => plain.get(child) ?? [])),
    );
  }
  return {
    suburbs,
    municipalities,
    messages,
    places,
    authenticationKeys,
    trusteeKeys: Array.from({ length: QUORUM.trusteeCount }, (_, trustee) =>
      keysOfTrustee(componentKeys, meterCount, trustee, room),
    ),
    plain,
    readingCount,
  };
}

export function addUp(sums: readonly (readonly number[])[]): readonly number[] {
  const total = [0, 0, 0];
  for (const sum of sums)
    for (let channel = 0; channel < CHANNELS; channel++)
      total[channel] = (total[channel] as number) + (sum[channel] ?? 0);
  return total;
}

/** Up to 3 % of a street. */
function absentAtRandom(province: number): IsAbsent {
  const random = seededFractions(province + 91);
  let last = -1;
  let share = 0;
  return (street) => {
    if (street !== last) share = 0.03 * random();
    last = street;
    return random() < share;
  };
}

/** Watt-hours as 64-bit words, in halves: low, high. */
function drawReadings(sets: Uint8Array, random: () => number): Int32Array {
  const values = new Int32Array(2 * CHANNELS * sets.length);
  for (const [slot, set] of sets.entries()) {
    const at = 2 * CHANNELS * slot;
    const usedWh = Math.floor(random() * 600);
    const producedWh = set === 1 ? 0 : Math.floor(random() * 900);
    const netWh = usedWh - producedWh;
    values[at] = netWh;
    values[at + 1] = netWh < 0 ? -1 : 0;
    values[at + 2] = Math.max(0, -netWh);
    values[at + 4] = producedWh;
  }
  return values;
}

/** Drops the frames of the absent; the others move up. */
function keepPresent(
  frames: Uint8Array,
  sets: Uint8Array,
  values: Int32Array,
  isAbsent: (slot: number) => boolean,
): { readonly data: Uint8Array; readonly sums: readonly number[]; readonly count: number } {
  const sums = [0, 0, 0];
  let from = 0;
  let to = 0;
  let count = 0;
  for (const [slot, set] of sets.entries()) {
    const length = frameBytes(set as ChannelSet);
    if (!isAbsent(slot)) {
      frames.copyWithin(to, from, from + length);
      to += length;
      count++;
      for (let channel = 0; channel < CHANNELS; channel++)
        if (((set >>> channel) & 1) === 1)
          sums[channel] =
            (sums[channel] as number) + (values[2 * (CHANNELS * slot + channel)] as number);
    }
    from += length;
  }
  return { data: frames.subarray(0, to), sums, count };
}

function keysOfTrustee(
  keys: Uint8Array,
  meterCount: number,
  trustee: number,
  room: ProvinceRoom,
): Uint8Array {
  const held = heldComponents(QUORUM, trustee);
  const words = KEY_BYTES / 4;
  const from = new Uint32Array(keys.buffer, keys.byteOffset, keys.length / 4);
  const bytes = room.take(`trustee ${trustee}`, held.length * KEY_BYTES * meterCount);
  const out = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let at = 0;
  for (let meter = 0; meter < meterCount; meter++)
    for (const component of held) {
      const start = (meter * COMPONENTS + component) * words;
      for (let word = 0; word < words; word++) out[at++] = from[start + word] as number;
    }
  return bytes;
}

/** xoshiro128++ (Blackman and Vigna): six gigabytes of keys without garbage. What it draws is no secret. */
function fillWithNoise(bytes: Uint8Array, label: string): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const seed = sha256(utf8(label));
  let [a, b, c, d] = [readU32(seed, 0), readU32(seed, 4), readU32(seed, 8), readU32(seed, 12)];
  for (let at = 0; at < words.length; at++) {
    const sum = (a + d) | 0;
    words[at] = ((sum << 7) | (sum >>> 25)) + a;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
  }
}
