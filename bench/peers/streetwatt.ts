// Streetwatt itself, beside its peers: every party's work on a reading. The client masks and tags;
// the aggregator opens the interval's intake, takes the street's message in, and makes the seal's
// frame root and sum; three trustees sum the masks of two components each; the monitor subtracts.

import { heldComponents } from '../../src/core/components.ts';
import type { MaskSumStreet, StreetIntakes } from '../../src/core/kernel/kernel.ts';
import { unmask } from '../../src/core/mask.ts';
import { CHANNEL_COUNT, STREET_SLOTS } from '../data/home-readings.ts';
import { prepareScheme } from '../data/scheme.ts';
import { simdKernel } from '../data/simd.ts';
import {
  COMPONENT_COUNT,
  createStreets,
  FRAME_BYTES,
  INTERVAL,
  intakeSetup,
  STORED_AT_SECONDS,
  streetMessages,
  trusteeKeys,
} from '../data/street.ts';
import type { Bench } from '../harness/bench.ts';

const QUORUM = { trusteeCount: 3, quorum: 2 };
/** The components of each trustee. */
const HELD: readonly (readonly number[])[] = [0, 1, 2].map((trustee) =>
  heldComponents(QUORUM, trustee),
);
/** One call of the kernel for each seal. */
const STREETS_A_SEAL = 20;

export const STREETWATT: Bench = {
  id: 'streetwatt',
  async prepare(scale) {
    const kernel = await simdKernel();
    const streets = createStreets(scale === 'full' ? 200 : 2);
    const itemsPerCall = streets.length * STREET_SLOTS;
    const messages = streetMessages(kernel, streets);
    const intakes = streets.map(() => kernel.createIntakes());
    const masked: BigUint64Array[] = [];
    const held = HELD.map((components) =>
      streets.map(
        (street): MaskSumStreet => ({
          keys: trusteeKeys(street, components),
          contributors: street.everybody,
          sets: street.batch.sets,
        }),
      ),
    );
    const aggregate = (): number => {
      const opened = streets.map((street, index) => {
        const own = intakes[index] as StreetIntakes;
        own.forget((INTERVAL + 1) as typeof INTERVAL);
        return own.open(intakeSetup(street, index));
      });
      const { completed } = kernel.takeMessages(
        messages.map((data, index) => ({
          intakes: intakes[index] as StreetIntakes,
          data,
          storedAtSeconds: STORED_AT_SECONDS,
        })),
      );
      for (const [index, intake] of opened.entries()) {
        const contributors = intake.contributors();
        intake.framesRoot(contributors);
        masked[index] = intake.sumWords(contributors);
      }
      return completed.length;
    };
    const unmaskAll = (): number => {
      let sum = 0;
      for (let first = 0; first < streets.length; first += STREETS_A_SEAL) {
        // Trustees 0 and 1 hold all components between them; the third one's answers are the check.
        const answers = held.map((own, trustee) =>
          kernel.sumMasks({
            streets: own.slice(first, first + STREETS_A_SEAL),
            componentCount: (HELD[trustee] as readonly number[]).length,
            channelCount: CHANNEL_COUNT,
            interval: INTERVAL,
          }),
        );
        for (let index = first; index < Math.min(first + STREETS_A_SEAL, streets.length); index++)
          sum += openStreet(masked[index] as BigUint64Array, answers, index - first);
      }
      return sum;
    };
    aggregate();
    return prepareScheme('streetwatt', FRAME_BYTES, {
      client: {
        itemsPerCall,
        run: () => streets.reduce((sum, { batch }) => sum + kernel.maskFrames(batch).length, 0),
        expected: itemsPerCall * FRAME_BYTES,
      },
      aggregator: { itemsPerCall, run: aggregate, expected: streets.length },
      trustees: {
        itemsPerCall,
        run: unmaskAll,
        expected: streets.reduce((sum, street) => sum + street.totals.reduce((a, b) => a + b), 0),
      },
    });
  },
};

/** The street's totals, added over the channels. NaN where two trustees differ. */
function openStreet(
  masked: BigUint64Array,
  answers: readonly BigUint64Array[],
  street: number,
): number {
  const sums = new Array<BigUint64Array | undefined>(COMPONENT_COUNT);
  for (const [trustee, answer] of answers.entries()) {
    const components = HELD[trustee] as readonly number[];
    for (const [place, component] of components.entries()) {
      const at = (street * components.length + place) * CHANNEL_COUNT;
      const own = answer.subarray(at, at + CHANNEL_COUNT);
      const other = sums[component];
      if (other?.some((word, channel) => word !== own[channel])) return Number.NaN;
      sums[component] = own;
    }
  }
  let total = 0;
  for (let channel = 0; channel < CHANNEL_COUNT; channel++) {
    let mask = 0n;
    for (const sum of sums) mask += sum?.[channel] ?? 0n;
    total += Number(unmask(masked[channel] as bigint, mask));
  }
  return total;
}
