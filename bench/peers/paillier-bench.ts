// Paillier with a 2048-bit modulus: a ciphertext of 512 bytes a channel, as libraries do it, and
// packed, the three channels in one ciphertext, which is the best that it can do. One party holds the
// key: the threshold variant, which Streetwatt's trustees would need, costs more.

import { CHANNEL_COUNT, type Reading, STREET_SLOTS, sumReadings } from '../data/home-readings.ts';
import { inTurn, prepareScheme, schemeHomes, streetOfHomes } from '../data/scheme.ts';
import { seededStream } from '../data/seeded-bytes.ts';
import { assertAnswer, type Bench, type PreparedBench, type Scale } from '../harness/bench.ts';
import {
  generatePaillierKeys,
  type PaillierKeyPair,
  paillierAdd,
  paillierDecrypt,
  paillierEncrypt,
} from './paillier.ts';

const MODULUS_BITS = 2048;
const CIPHERTEXT_BYTES: number = (2 * MODULUS_BITS) / 8;
/** Of a channel in a packed message: far from any sum, so that none runs into the next. */
const PACKED_BITS = 64;

interface Packing {
  pack(reading: Reading): bigint[];
  unpack(messages: readonly bigint[]): number[];
}

const SEPARATE: Packing = {
  pack: (reading) => reading.map(BigInt),
  unpack: (messages) => messages.map(Number),
};

const PACKED: Packing = {
  pack: (reading) => [
    reading.reduce(
      (sum, value, channel) => sum + (BigInt(value) << BigInt(PACKED_BITS * channel)),
      0n,
    ),
  ],
  unpack([message = 0n]) {
    const values: number[] = [];
    for (let rest = message; values.length < CHANNEL_COUNT; ) {
      const value = BigInt.asIntN(PACKED_BITS, rest);
      values.push(Number(value));
      // A negative value has borrowed from the next.
      rest = (rest - value) >> BigInt(PACKED_BITS);
    }
    return values;
  },
};

export const PAILLIER_2048: Bench = {
  id: 'peer.paillier-2048',
  prepare: (scale) => preparePaillier('peer.paillier-2048', scale, SEPARATE),
};

export const PAILLIER_2048_PACKED: Bench = {
  id: 'peer.paillier-2048-packed',
  prepare: (scale) => preparePaillier('peer.paillier-2048-packed', scale, PACKED),
};

let sharedKeys: Promise<PaillierKeyPair> | undefined;

async function preparePaillier(id: string, scale: Scale, packing: Packing): Promise<PreparedBench> {
  sharedKeys ??= generatePaillierKeys(MODULUS_BITS, seededStream('paillier/keys'));
  const keys = await sharedKeys;
  const random = seededStream(id);
  const homes = schemeHomes(scale);
  const encrypt = (reading: Reading) =>
    packing.pack(reading).map((message) => paillierEncrypt(keys, message, random));
  const encrypted = homes.map(encrypt);
  const street = streetOfHomes(encrypted);
  const count = (encrypted[0] as bigint[]).length;
  const serve = () => {
    const messages: bigint[] = [];
    for (let index = 0; index < count; index++) {
      let sum = 1n;
      for (const ciphertexts of street) sum = paillierAdd(keys, sum, ciphertexts[index] as bigint);
      messages.push(paillierDecrypt(keys, sum));
    }
    return packing.unpack(messages).reduce((sum, total, channel) => sum + total * (channel + 1), 0);
  };
  const expected = sumReadings(streetOfHomes(homes)).reduce(
    (sum, total, channel) => sum + total * (channel + 1),
    0,
  );
  const found = serve();
  assertAnswer(found === expected, `${id}: ${expected}, ${found} found`);
  const next = inTurn(homes);
  return prepareScheme(id, count * CIPHERTEXT_BYTES, {
    client: { itemsPerCall: 1, run: () => encrypt(next()).length, expected: count },
    server: { itemsPerCall: STREET_SLOTS, run: serve, expected },
  });
}
