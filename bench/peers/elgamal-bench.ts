// ElGamal over ristretto255: two points a channel. One party holds the key.

import {
  CHANNEL_COUNT,
  MAX_WH,
  type Reading,
  STREET_SLOTS,
  sumReadings,
} from '../data/home-readings.ts';
import { inTurn, prepareScheme, schemeHomes, streetOfHomes } from '../data/scheme.ts';
import { seededStream } from '../data/seeded-bytes.ts';
import { assertAnswer, type Bench } from '../harness/bench.ts';
import {
  CIPHERTEXT_BYTES,
  ElGamalOpener,
  elGamalAdd,
  elGamalEncrypt,
  generateElGamalKeys,
} from './elgamal.ts';

/** A quarter of a second to make, and at most 53 additions to open a street's sum. */
const BABY_STEPS = 8192;

export const ELGAMAL_RISTRETTO255: Bench = {
  id: 'peer.elgamal-ristretto255',
  async prepare(scale) {
    const random = seededStream('elgamal');
    const { secret, publicKey } = generateElGamalKeys(random);
    const opener = new ElGamalOpener(secret, STREET_SLOTS * MAX_WH, BABY_STEPS);
    const homes = schemeHomes(scale);
    const encrypt = (reading: Reading) =>
      reading.map((value) => elGamalEncrypt(publicKey, value, random));
    const street = streetOfHomes(homes.map(encrypt));
    const serve = () => {
      let sum = 0;
      for (let channel = 0; channel < CHANNEL_COUNT; channel++) {
        const own = street.map((ciphertexts) => ciphertexts[channel] as Uint8Array);
        sum += opener.open(elGamalAdd(own)) * (channel + 1);
      }
      return sum;
    };
    const expected = sumReadings(streetOfHomes(homes)).reduce(
      (sum, total, channel) => sum + total * (channel + 1),
      0,
    );
    const found = serve();
    assertAnswer(found === expected, `elgamal: ${expected}, ${found} found`);
    const next = inTurn(homes);
    return prepareScheme('peer.elgamal-ristretto255', CHANNEL_COUNT * CIPHERTEXT_BYTES, {
      client: { itemsPerCall: 1, run: () => encrypt(next()).length, expected: CHANNEL_COUNT },
      server: { itemsPerCall: STREET_SLOTS, run: serve, expected },
    });
  },
};
