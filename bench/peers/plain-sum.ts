// No privacy at all: the same frames without masks and without tags, parsed, looked up in the roster,
// each slot once, added up. What any ordinary collector of readings does.

import { CHANNEL_COUNT, type Reading, STREET_SLOTS, sumReadings } from '../data/home-readings.ts';
import { prepareScheme, schemeHomes, streetOfHomes } from '../data/scheme.ts';
import { assertAnswer, type Bench } from '../harness/bench.ts';

const HEADER_BYTES = 10;
const FRAME_BYTES: number = HEADER_BYTES + 8 * CHANNEL_COUNT;
const SET: number = (1 << CHANNEL_COUNT) - 1;
const INTERVAL = 1_957_000;

export const PLAIN_SUM: Bench = {
  id: 'peer.plain-sum',
  async prepare(scale) {
    const streetCount = scale === 'full' ? 200 : 2;
    const readings = streetOfHomes(schemeHomes(scale));
    const sets = new Uint8Array(STREET_SLOTS).fill(SET);
    const message = encodeStreet(readings);
    const itemsPerCall = streetCount * STREET_SLOTS;
    const checksum = (sums: ArrayLike<number>) =>
      Array.from(sums).reduce((sum, value, channel) => sum + value * (channel + 1), 0);
    const expected = streetCount * checksum(sumReadings(readings));
    const serve = () => {
      let sum = 0;
      for (let street = 0; street < streetCount; street++)
        sum += checksum(addStreet(message, sets));
      return sum;
    };
    assertAnswer(serve() === expected, 'the plain sum');
    return prepareScheme('peer.plain-sum', FRAME_BYTES, {
      client: {
        itemsPerCall,
        run: () => {
          let bytes = 0;
          for (let street = 0; street < streetCount; street++)
            bytes += encodeStreet(readings).length;
          return bytes;
        },
        expected: itemsPerCall * FRAME_BYTES,
      },
      server: { itemsPerCall, run: serve, expected },
    });
  },
};

function encodeStreet(readings: readonly Reading[]): Uint8Array {
  const out = new Uint8Array(readings.length * FRAME_BYTES);
  const view = new DataView(out.buffer);
  for (let slot = 0, at = 0; slot < readings.length; slot++, at += FRAME_BYTES) {
    out[at] = 1;
    out[at + 1] = SET;
    view.setUint32(at + 2, slot, true);
    view.setUint32(at + 6, INTERVAL, true);
    const reading = readings[slot] as Reading;
    for (let channel = 0; channel < CHANNEL_COUNT; channel++) {
      const value = reading[channel] as number;
      view.setInt32(at + HEADER_BYTES + 8 * channel, value, true);
      view.setInt32(at + HEADER_BYTES + 8 * channel + 4, value < 0 ? -1 : 0, true);
    }
  }
  return out;
}

/** By channel. */
function addStreet(message: Uint8Array, sets: Uint8Array): Float64Array {
  const sums = new Float64Array(CHANNEL_COUNT);
  const reported = new Uint8Array(sets.length);
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  for (let at = 0; at + FRAME_BYTES <= message.length; at += FRAME_BYTES) {
    const slot = view.getUint32(at + 2, true);
    const isKnown = message[at] === 1 && message[at + 1] === sets[slot];
    if (!isKnown || view.getUint32(at + 6, true) !== INTERVAL || reported[slot] === 1) continue;
    reported[slot] = 1;
    for (let channel = 0; channel < CHANNEL_COUNT; channel++) {
      const low = view.getUint32(at + HEADER_BYTES + 8 * channel, true);
      const high = view.getInt32(at + HEADER_BYTES + 8 * channel + 4, true);
      sums[channel] = (sums[channel] as number) + high * 2 ** 32 + low;
    }
  }
  return sums;
}
