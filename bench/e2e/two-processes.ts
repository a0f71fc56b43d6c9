// The whole way from the bus to sealed totals on two aggregator processes, each with half of the
// areas: as `e2e.nats.batch`, to be read beside it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IntervalIndex } from '../../src/core/interval.ts';
import { findNatsServer, startNatsServer } from '../../src/runtime/nats-server.ts';
import { simdKernel } from '../data/simd.ts';
import { assertAnswer, type Bench, type PreparedBench } from '../harness/bench.ts';
import {
  answerOf,
  encodeMessages,
  forkScript,
  splitFrames,
  withinPatience,
} from './bus-children.ts';
import { type BusNetworkSize, createBusNetwork, sumFrameWords } from './bus-network.ts';
import { FIRST_INTERVAL } from './bus-run.ts';
import type { HalfAnswer, HalfOrder } from './half-receiver.ts';
import type { PublishOrder } from './publisher.ts';

const FRAMES_PER_MESSAGE = 1000;
const SECOND_HALF = ['es/m1'];

export const NATS_BATCH_TWO: Bench = {
  id: 'e2e.nats.batch.two-processes',
  prepare: (scale) =>
    scale === 'full'
      ? timeHalves({ streetCount: 20, slotCount: 1000, streetsPerSuburb: 10 }, 25, 5)
      : timeHalves({ streetCount: 2, slotCount: 40, streetsPerSuburb: 1 }, 1, 1),
};

async function timeHalves(
  size: BusNetworkSize,
  intervalCount: number,
  roundCount: number,
): Promise<PreparedBench> {
  await using owned = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'streetwatt-bench-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const { bin } = await findNatsServer();
  const { url } = owned.use(await startNatsServer({ bin, dir: join(folder, 'server') }));
  const publisher = owned.use(await forkScript('publisher.ts', [url])).child;
  const halves = [{ exceptAreas: SECOND_HALF }, { areas: SECOND_HALF }];
  const receivers = [];
  for (const split of halves) {
    const args = [url, JSON.stringify({ ...size, split })];
    receivers.push(owned.use(await forkScript('half-receiver.ts', args)).child);
  }
  const network = await createBusNetwork(await simdKernel(), size);
  const intervals = Array.from(
    { length: intervalCount },
    (_, index) => (FIRST_INTERVAL + index) as IntervalIndex,
  );
  const all = intervals.map((interval) => network.messagesOf(interval));
  const messages = all.flat().flatMap((message) => splitFrames(message, FRAMES_PER_MESSAGE));
  const file = join(folder, 'messages');
  await writeFile(file, encodeMessages(messages));
  const expected = all.map((each) => [...sumFrameWords(each)].map(String));
  const frameCount = intervalCount * network.meterCount;
  const order: HalfOrder = {
    intervals,
    messagesPerInterval: messages.length / intervalCount / receivers.length,
    frameCount: frameCount / receivers.length,
  };
  const secondsPerItem: number[] = [];
  for (let round = 0; round <= roundCount; round++) {
    const ready = receivers.map((receiver) => answerOf(receiver));
    for (const receiver of receivers) receiver.send(order);
    await withinPatience(Promise.all(ready), () => 'a half did not subscribe');
    const startMs = performance.now();
    const answers = receivers.map((receiver) => answerOf<HalfAnswer>(receiver));
    const published = answerOf(publisher);
    publisher.send({ file, isDurable: false } satisfies PublishOrder);
    const [first, second] = await withinPatience(
      Promise.all([...answers, published.then(() => undefined)]),
      () => 'a half did not get all its frames',
    );
    const seconds = (performance.now() - startMs) / 1000;
    for (const [index, words] of expected.entries())
      for (const [channel, word] of words.entries()) {
        const sum = [first, second].reduce(
          (so, half) => so + BigInt(half?.sums[index]?.[channel] ?? 0),
          0n,
        );
        assertAnswer(
          BigInt.asUintN(64, sum) === BigInt(word),
          `interval ${index}, channel ${channel}: the halves add up to ${sum}, expected ${word}`,
        );
      }
    // The first warms up.
    if (round > 0) secondsPerItem.push(seconds / frameCount);
  }
  return {
    timed: [],
    sampled: [
      {
        id: NATS_BATCH_TWO.id,
        measure: { kind: 'rate', item: 'reading' },
        secondsPerItem,
      },
    ],
  };
}
