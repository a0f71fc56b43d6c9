// Frames in: parsed, looked up in the roster, their tags verified, each slot once, added up. Every
// call takes one interval of every street; opening its intakes is not timed here (peers/streetwatt.ts
// does), and neither is anything of the bus.

import type { Intake, IntakeMessage, Kernel } from '../../src/core/kernel/kernel.ts';
import { FRAME_OUTCOMES } from '../../src/core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../../src/core/kernel/plain-kernel.ts';
import { CHANNEL_COUNT, STREET_SLOTS } from '../data/home-readings.ts';
import { simdKernel } from '../data/simd.ts';
import {
  type BenchStreet,
  createStreets,
  FRAME_BYTES,
  INTERVAL,
  intakeSetup,
  STORED_AT_SECONDS,
  streetMessages,
} from '../data/street.ts';
import { assertAnswer, type Bench, type Timed } from '../harness/bench.ts';

const FRAMES = { kind: 'rate', item: 'frame' } as const;

/** Messages of a whole street, and of one frame each. */
export const INGEST_KERNEL: Bench = {
  id: 'ingest.kernel',
  async prepare(scale) {
    const kernel = await simdKernel();
    const streets = createStreets(scale === 'full' ? 200 : 2);
    const whole = streetMessages(kernel, streets);
    return {
      timed: [
        timeIngest('ingest.kernel', kernel, streets, whole),
        timeIngest('ingest.kernel.single', kernel, streets, whole, FRAME_BYTES),
      ],
    };
  },
};

export const INGEST_PLAIN: Bench = {
  id: 'ingest.plain',
  async prepare(scale) {
    const streets = createStreets(scale === 'full' ? 4 : 1);
    const whole = streetMessages(PLAIN_KERNEL, streets);
    return { timed: [timeIngest('ingest.plain', PLAIN_KERNEL, streets, whole)] };
  },
};

function timeIngest(
  id: string,
  kernel: Kernel,
  streets: readonly BenchStreet[],
  whole: readonly Uint8Array[],
  messageBytes: number = FRAME_BYTES * STREET_SLOTS,
): Timed {
  const intakes = streets.map(() => kernel.createIntakes());
  let open: Intake[] = [];
  const reset = () => {
    open = intakes.map((own, index) => {
      own.forget((INTERVAL + 1) as typeof INTERVAL);
      return own.open(intakeSetup(streets[index] as BenchStreet, index));
    });
  };
  const messages = whole.flatMap((data, street): IntakeMessage[] =>
    Array.from({ length: data.length / messageBytes }, (_, index) => ({
      intakes: intakes[street] as IntakeMessage['intakes'],
      data: data.slice(index * messageBytes, (index + 1) * messageBytes),
      storedAtSeconds: STORED_AT_SECONDS,
    })),
  );
  const frameCount = (messages.length * messageBytes) / FRAME_BYTES;
  reset();
  checkRefusals(kernel, messages[0] as IntakeMessage);
  checkSums(kernel, streets, messages, open);
  return {
    id,
    measure: FRAMES,
    itemsPerCall: frameCount,
    reset,
    run: () => kernel.takeMessages(messages).counts[0] as number,
    expected: frameCount,
    bytesPerReading: FRAME_BYTES,
  };
}

/** A forged frame is refused, before anything else came in. */
function checkRefusals(kernel: Kernel, message: IntakeMessage): void {
  const forged = message.data.slice(0, FRAME_BYTES);
  forged[12] = (forged[12] as number) ^ 1;
  const { counts } = kernel.takeMessages([{ ...message, data: forged }]);
  const refused = counts[FRAME_OUTCOMES.indexOf('bad-tag')];
  assertAnswer(refused === 1, `one forged frame, ${refused} refused`);
}

/** Every frame counts once, however often it comes, and the sums open to the readings' under the masks. */
function checkSums(
  kernel: Kernel,
  streets: readonly BenchStreet[],
  messages: readonly IntakeMessage[],
  open: readonly Intake[],
): void {
  for (const outcome of ['accepted', 'duplicate'] as const) {
    const { counts } = kernel.takeMessages(messages);
    const count = counts[FRAME_OUTCOMES.indexOf(outcome)];
    const sent = streets.length * STREET_SLOTS;
    assertAnswer(count === sent, `${sent} frames, ${count} ${outcome}`);
  }
  for (const [index, { batch, totals, everybody }] of streets.entries()) {
    const masked = (open[index] as Intake).sumWords(everybody);
    const masks = PLAIN_KERNEL.sumMasks({
      ...batch,
      streets: [{ keys: batch.componentKeys, contributors: everybody, sets: batch.sets }],
    });
    for (let channel = 0; channel < CHANNEL_COUNT; channel++) {
      let word = masked[channel] as bigint;
      for (let at = channel; at < masks.length; at += CHANNEL_COUNT) word -= masks[at] as bigint;
      const total = Number(BigInt.asIntN(64, word));
      assertAnswer(
        total === totals[channel],
        `street ${index} holds ${totals[channel]}, opens to ${total}`,
      );
    }
  }
}
