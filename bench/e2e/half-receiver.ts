// One of two aggregator processes of a party: hosts what its split of the network says, takes the
// frames of an order's intervals in and seals them, and answers with what its totals add up to.

import { connectNats } from '../../src/bus/nats-bus.ts';
import type { IntervalIndex } from '../../src/core/interval.ts';
import { areaAt } from '../../src/core/network-tree.ts';
import { subtreePattern } from '../../src/core/subjects.ts';
import { openArea } from '../../src/roles/aggregator.ts';
import { ReadingInlet } from '../../src/runtime/reading-inlet.ts';
import { simdKernel } from '../data/simd.ts';
import { type BusNetworkSize, createBusNetwork, storedAtSeconds } from './bus-network.ts';

export interface HalfOrder {
  readonly intervals: readonly IntervalIndex[];
  /** That each interval brings here. */
  readonly messagesPerInterval: number;
  readonly frameCount: number;
}

export interface HalfAnswer {
  /** By interval, then channel. */
  readonly sums: readonly (readonly string[])[];
}

const [url, size] = process.argv.slice(2) as [string, string];
const network = await createBusNetwork(await simdKernel(), JSON.parse(size) as BusNetworkSize);
const { aggregator } = network;
const bus = await connectNats({ url, name: 'bench half' });

process.on('message', (order: HalfOrder) => {
  void run(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.send?.({ ready: true });

/** Says when it is ready for the frames, and answers when all are sealed. */
async function run({ intervals, messagesPerInterval, frameCount }: HalfOrder): Promise<HalfAnswer> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const interval of intervals)
    for (const area of aggregator.hosted) openArea(aggregator, area, interval);
  const before = aggregator.acceptedCount;
  using inlet = new ReadingInlet(aggregator, ({ completed }) => {
    for (const { area, interval } of completed) network.sealIfComplete(area, interval);
    if (aggregator.acceptedCount - before >= frameCount) resolve();
  });
  let received = 0;
  await using subscribed = new AsyncDisposableStack();
  for (const area of aggregator.hosted) {
    const node = areaAt(aggregator.network, area);
    if (node.streetChildren.length === 0) continue;
    subscribed.use(
      await bus.subscribe(subtreePattern('reading', node.id), (message) => {
        const index = Math.floor(received++ / messagesPerInterval);
        inlet.push(message, storedAtSeconds(intervals[index] as IntervalIndex));
      }),
    );
  }
  process.send?.({ ready: true });
  await promise;
  for (const interval of intervals) network.sealRest(interval);
  const sums = intervals.map((interval) => [...network.sumWords(interval)].map(String));
  network.forget(((intervals.at(-1) as number) + 1) as IntervalIndex);
  return { sums };
}
