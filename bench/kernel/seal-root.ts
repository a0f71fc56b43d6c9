// What a seal says of a street's frames: the root over them.

import { readU32, toHex } from '../../src/core/bytes.ts';
import { framesRoot } from '../../src/core/frames-root.ts';
import type { Intake, IntakeMessage } from '../../src/core/kernel/kernel.ts';
import { STREET_SLOTS } from '../data/home-readings.ts';
import { simdKernel } from '../data/simd.ts';
import {
  type BenchStreet,
  createStreets,
  FRAME_BYTES,
  intakeSetup,
  STORED_AT_SECONDS,
  streetMessages,
} from '../data/street.ts';
import { assertAnswer, type Bench } from '../harness/bench.ts';

export const SEAL_ROOT_KERNEL: Bench = {
  id: 'seal.root.kernel',
  async prepare(scale) {
    const kernel = await simdKernel();
    const streets = createStreets(scale === 'full' ? 100 : 2);
    const opened: Intake[] = [];
    const messages = streetMessages(kernel, streets).map((data, index): IntakeMessage => {
      const intakes = kernel.createIntakes();
      opened.push(intakes.open(intakeSetup(streets[index] as BenchStreet, index)));
      return { intakes, data, storedAtSeconds: STORED_AT_SECONDS };
    });
    kernel.takeMessages(messages);
    const rootOf = (street: number) =>
      (opened[street] as Intake).framesRoot((streets[street] as BenchStreet).everybody) ??
      new Uint8Array(4);
    for (const [index, { data }] of messages.slice(0, 4).entries()) {
      const frames = Array.from({ length: STREET_SLOTS }, (_, slot) =>
        data.subarray(slot * FRAME_BYTES, (slot + 1) * FRAME_BYTES),
      );
      const isEqual = toHex(rootOf(index)) === toHex(framesRoot(frames));
      assertAnswer(isEqual, `another root over the frames of street ${index}`);
    }
    const run = () => {
      let fold = 0;
      for (let street = 0; street < streets.length; street++)
        fold = (fold ^ readU32(rootOf(street), 0)) >>> 0;
      return fold;
    };
    return {
      timed: [
        {
          id: 'seal.root.kernel',
          measure: { kind: 'rate', item: 'frame' },
          itemsPerCall: streets.length * STREET_SLOTS,
          run,
          expected: run(),
        },
      ],
    };
  },
};
