// One server, one publisher in a process of its own and this process as the receiver, and one way of
// receiving: counting what is delivered, or the whole way to sealed totals. Times are wall time from
// the order to publish until the last message is counted, or the last area sealed.

import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { connectNats } from '../../src/bus/nats-bus.ts';
import type { Bus, BusMessage } from '../../src/bus/port.ts';
import type { IntervalIndex } from '../../src/core/interval.ts';
import { openArea } from '../../src/roles/aggregator.ts';
import { findNatsServer, startNatsServer } from '../../src/runtime/nats-server.ts';
import { ReadingInlet } from '../../src/runtime/reading-inlet.ts';
import { FRAME_BYTES, INTERVAL } from '../data/street.ts';
import { assertAnswer } from '../harness/bench.ts';
import {
  answerOf,
  encodeMessages,
  forkScript,
  splitFrames,
  withinPatience,
} from './bus-children.ts';
import { type BusNetwork, storedAtSeconds, sumFrameWords } from './bus-network.ts';
import type { PublishOrder } from './publisher.ts';

const PATTERN = 'sw.v1.reading.>';

/** The first of a day. */
export const FIRST_INTERVAL: number = INTERVAL - (INTERVAL % 96);

interface Prepared {
  readonly file: string;
  readonly messages: readonly BusMessage[];
  readonly intervals: readonly IntervalIndex[];
  /** Of each interval, by channel: what all its words add up to. */
  readonly sums: readonly BigUint64Array[];
}

export type Way = 'raw' | 'e2e' | 'durable';

export class BusRun implements AsyncDisposable {
  readonly #network: BusNetwork;
  readonly #framesPerMessage: number;
  readonly #url: string;
  readonly #bus: Bus;
  readonly #publisher: ChildProcess;
  readonly #folder: string;
  readonly #owned: AsyncDisposableStack;
  #prepared: Prepared | undefined;

  private constructor(setup: {
    network: BusNetwork;
    framesPerMessage: number;
    url: string;
    bus: Bus;
    publisher: ChildProcess;
    folder: string;
    owned: AsyncDisposableStack;
  }) {
    this.#network = setup.network;
    this.#framesPerMessage = setup.framesPerMessage;
    this.#url = setup.url;
    this.#bus = setup.bus;
    this.#publisher = setup.publisher;
    this.#folder = setup.folder;
    this.#owned = setup.owned;
  }

  static async start(
    network: BusNetwork,
    framesPerMessage: number,
    stored: { readonly isSyncAlways: boolean } | undefined,
  ): Promise<BusRun> {
    await using started = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-bench-'));
    started.defer(() => rm(folder, { recursive: true, force: true }));
    const { bin } = await findNatsServer();
    const server = started.use(
      await startNatsServer({ bin, dir: join(folder, 'server'), ...stored }),
    );
    const bus = started.use(
      await connectNats({
        url: server.url,
        name: 'bench receiver',
        ...(stored === undefined ? {} : { createStreams: ['READINGS'] as const }),
      }),
    );
    const publisher = started.use(await forkScript('publisher.ts', [server.url])).child;
    const { url } = server;
    const owned = started.move();
    return new BusRun({ network, framesPerMessage, url, bus, publisher, folder, owned });
  }

  /** Seconds per frame over `intervalCount` intervals of every meter. */
  async time(way: Way, intervalCount: number): Promise<number> {
    this.#prepared ??= await this.#prepare(intervalCount);
    const { file, messages, intervals, sums } = this.#prepared;
    const seconds = await this.#run(
      way,
      { file, isDurable: way === 'durable' },
      messages,
      intervals,
    );
    if (way !== 'raw') {
      for (const [index, interval] of intervals.entries()) {
        const expected = sums[index] as BigUint64Array;
        const words = this.#network.sumWords(interval);
        assertAnswer(
          words.every((word, channel) => word === expected[channel]),
          `interval ${interval} adds up to ${words.join(' ')}, expected ${expected.join(' ')}`,
        );
      }
    }
    this.#network.forget((FIRST_INTERVAL + intervalCount) as IntervalIndex);
    return seconds / (intervalCount * this.#network.meterCount);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }

  /** The same for every round: intervals of one day, whose keys the aggregator has. */
  async #prepare(intervalCount: number): Promise<Prepared> {
    const intervals = Array.from(
      { length: intervalCount },
      (_, index) => (FIRST_INTERVAL + index) as IntervalIndex,
    );
    const file = join(this.#folder, 'messages');
    const all = intervals.map((interval) => this.#network.messagesOf(interval));
    const messages = all.flat().flatMap((message) => splitFrames(message, this.#framesPerMessage));
    await writeFile(file, encodeMessages(messages));
    return { file, messages, intervals, sums: all.map(sumFrameWords) };
  }

  async #run(
    way: Way,
    order: PublishOrder,
    messages: readonly BusMessage[],
    intervals: readonly IntervalIndex[],
  ): Promise<number> {
    const perInterval = messages.length / intervals.length;
    const { aggregator } = this.#network;
    const frameCount = intervals.length * this.#network.meterCount;
    let received = 0;
    let bytes = 0;
    let finish: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    // As a node does at each interval's end.
    for (const interval of intervals)
      for (const area of aggregator.hosted) openArea(aggregator, area, interval);
    const before = aggregator.acceptedCount;
    using inlet = new ReadingInlet(aggregator, ({ completed }) => {
      for (const { area, interval } of completed) this.#network.sealIfComplete(area, interval);
      if (aggregator.acceptedCount - before >= frameCount) finish();
    });
    const count = (data: Uint8Array) => {
      received++;
      bytes += data.length;
      if (received === messages.length) finish();
    };
    const takeIn = (message: BusMessage) => {
      const interval = intervals[Math.floor(received++ / perInterval)] as IntervalIndex;
      inlet.push(message, storedAtSeconds(interval));
    };
    const stop = await this.#receive(way, count, takeIn);
    const startMs = performance.now();
    const published = answerOf(this.#publisher);
    this.#publisher.send(order);
    await withinPatience(Promise.all([finished, published]), () => {
      const accepted = aggregator.acceptedCount - before;
      return `${received} of ${messages.length} messages came, ${accepted} of ${frameCount} frames counted`;
    });
    if (way !== 'raw') for (const interval of intervals) this.#network.sealRest(interval);
    const seconds = (performance.now() - startMs) / 1000;
    await stop();
    if (way === 'raw')
      assertAnswer(bytes === frameCount * FRAME_BYTES, `${bytes} bytes of ${frameCount} frames`);
    else {
      const accepted = aggregator.acceptedCount - before;
      assertAnswer(accepted === frameCount, `${frameCount} frames sent, ${accepted} accepted`);
    }
    return seconds;
  }

  async #receive(
    way: Way,
    count: (data: Uint8Array) => void,
    takeIn: (message: BusMessage) => void,
  ): Promise<() => Promise<void>> {
    if (way === 'raw') {
      const connection = await connect({ servers: this.#url });
      connection.subscribe(PATTERN, { callback: (_, message) => count(message.data) });
      await connection.flush();
      return () => connection.close();
    }
    if (way === 'e2e') {
      const subscription = await this.#bus.subscribe(PATTERN, takeIn);
      return async () => subscription[Symbol.asyncDispose]();
    }
    const fromSeq = (await this.#bus.lastSeq('READINGS')) + 1;
    const replay = await this.#bus.replay('READINGS', { pattern: PATTERN, fromSeq }, takeIn);
    return async () => replay[Symbol.asyncDispose]();
  }
}
