// Back-pressure: what waits is bounded, however much comes, and is told; nothing of it is lost.

import { describe, expect, it } from 'vitest';
import { connectNats } from '../../src/bus/nats-bus.ts';
import { MAX_QUEUED_BYTES, MAX_QUEUED_COUNT } from '../../src/bus/nats-replay.ts';
import { readingSubject } from '../../src/core/subjects.ts';
import { createAggregator } from '../../src/roles/aggregator.ts';
import { formatIntakeStatus, IntakeReporter } from '../../src/runtime/intake-status.ts';
import { MAX_PENDING_BYTES, ReadingInlet } from '../../src/runtime/reading-inlet.ts';
import { KERNELS } from '../support/kernels.ts';
import { describeWithNats, natsServer } from '../support/nats.ts';
import { createNodes, createWorld, FIRST_DAY, NOON, sendFrames, verify } from '../support/world.ts';

const world = await createWorld();
const frames = sendFrames(world, createNodes(world), NOON).map(([street, data]) => ({
  subject: readingSubject(street),
  data,
}));
const STORED_AT_SECONDS = (NOON + 1) * 900 + 5;

describe.each(KERNELS)('an inlet of readings to the $name kernel', (kernel) => {
  const createState = () => {
    const { signer, keyPair } = world.parties.aggregators[1]!;
    return createAggregator({
      ...{ network: world.network, kernel, signer, verify, keyPair, epoch: FIRST_DAY },
      keysOf: (street) => world.aggregatorKeys.get(street)?.slice(),
    });
  };

  it('holds no more than its bound in a flood that lets it take nothing in between, and loses nothing', () => {
    const state = createState();
    let takenCount = 0;
    using inlet = new ReadingInlet(state, () => void takenCount++);
    const reporter = new IntakeReporter(state, inlet);
    // Ten times each frame in a message: more than the inlet's bound in all, within one turn.
    const messages = frames.map(({ subject, data }) => {
      const repeated = new Uint8Array(10 * data.length);
      for (let at = 0; at < repeated.length; at += data.length) repeated.set(data, at);
      return { subject, data: repeated };
    });
    let peakBytes = 0;
    let sentBytes = 0;
    let sentFrames = 0;
    while (sentBytes < 1.5 * MAX_PENDING_BYTES)
      for (const message of messages) {
        inlet.push(message, STORED_AT_SECONDS);
        peakBytes = Math.max(peakBytes, inlet.pendingBytes);
        sentBytes += message.data.length;
        sentFrames += 10;
      }
    expect(takenCount).toBe(1);
    expect(peakBytes).toBeLessThanOrEqual(MAX_PENDING_BYTES);
    expect(peakBytes).toBeGreaterThan(MAX_PENDING_BYTES / 2);
    inlet.take();
    expect(inlet.pendingBytes).toBe(0);
    const status = reporter.take();
    expect(status).toEqual({
      acceptedCount: frames.length,
      rejected: new Map([['duplicate', sentFrames - frames.length]]),
      peakPendingBytes: peakBytes,
      peakQueuedCount: 0,
    });
    expect(formatIntakeStatus(status)).toContain(`${peakBytes} of ${MAX_PENDING_BYTES} bytes`);
    expect(reporter.take()).toMatchObject({ acceptedCount: 0, peakPendingBytes: 0 });
  }, 30_000);

  it('takes in what came in one turn when the turn is over, in one go', async () => {
    const state = createState();
    const accepted: number[] = [];
    using inlet = new ReadingInlet(state, (outcome) => void accepted.push(outcome.accepted));
    for (const message of frames) inlet.push(message, STORED_AT_SECONDS);
    expect(accepted).toEqual([]);
    await new Promise((done) => setImmediate(done));
    expect(accepted).toEqual([frames.length]);
  });

  it('takes a message in that is larger than its bound', () => {
    const state = createState();
    using inlet = new ReadingInlet(state, () => {});
    const [{ subject, data }] = frames as [(typeof frames)[number]];
    const count = Math.ceil(MAX_PENDING_BYTES / data.length) + 1;
    const long = new Uint8Array(count * data.length);
    for (let at = 0; at < long.length; at += data.length) long.set(data, at);
    inlet.push({ subject, data: long }, STORED_AT_SECONDS);
    inlet.take();
    expect(state.acceptedCount).toBe(1);
    expect(state.rejected.get('duplicate')).toBe(count - 1);
  }, 30_000);
});

describeWithNats('a reader that has stopped', () => {
  it('lets no more wait than the bound, and gets all of the flood when it goes on', async () => {
    await using server = await natsServer();
    await using publisher = await connectNats({ url: server.url, createStreams: true });
    await using bus = await connectNats({ url: server.url });
    const { promise: stopped, resolve: goOn } = Promise.withResolvers<void>();
    const seen: number[] = [];
    const replay = await bus.replay('READINGS', { pattern: 'sw.v1.reading.>' }, async ({ seq }) => {
      if (seen.length === 0) await stopped;
      seen.push(seq);
    });
    const count = 4 * MAX_QUEUED_COUNT;
    const data = new Uint8Array(20_000);
    const outcomes = await publisher.appendAll(
      Array.from({ length: count }, () => ({ subject: 'sw.v1.reading.es.s0', data })),
    );
    expect(outcomes.every(({ kind }) => kind === 'stored')).toBe(true);
    await expect.poll(() => replay.queuedCount).toBeGreaterThan(100);
    // Longer than the server takes to send it all, if it were asked to.
    await new Promise((done) => setTimeout(done, 500));
    expect(replay.queuedCount).toBeLessThanOrEqual(MAX_QUEUED_COUNT);
    expect(replay.queuedBytes).toBe(replay.queuedCount * data.length);
    expect(replay.queuedBytes).toBeLessThanOrEqual(MAX_QUEUED_BYTES);
    goOn();
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(count);
    expect(seen).toEqual(outcomes.map((outcome) => outcome.kind === 'stored' && outcome.seq));
    expect(replay.queuedCount + replay.queuedBytes).toBe(0);
  }, 60_000);
});
