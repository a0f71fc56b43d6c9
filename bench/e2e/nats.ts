// Readings over a real nats-server: what the bus delivers, and what the whole way from the bus to
// sealed totals takes in, in turns and in the same run. One frame a message, as meters send; a
// thousand, as a concentrator does; and through JetStream with acknowledgements.

import { simdKernel } from '../data/simd.ts';
import type { Bench, PreparedBench } from '../harness/bench.ts';
import { createBusNetwork } from './bus-network.ts';
import { BusRun, type Way } from './bus-run.ts';

const READINGS = { kind: 'rate', item: 'reading' } as const;

interface Shape {
  readonly id: string;
  readonly framesPerMessage: number;
  readonly streetCount: number;
  readonly slotCount: number;
  readonly intervalCount: number;
  readonly roundCount: number;
  readonly stored?: { readonly isSyncAlways: boolean };
  /** In turns; the result's id of each. */
  readonly ways: readonly (readonly [way: Way, id: string])[];
}

/** `bus.raw.nats` and `e2e.nats.single`: one frame a message, not stored. */
export const NATS_SINGLE: Bench = busBench({
  id: 'e2e.nats.single',
  framesPerMessage: 1,
  streetCount: 400,
  slotCount: 50,
  intervalCount: 10,
  roundCount: 5,
  ways: [
    ['raw', 'bus.raw.nats'],
    ['e2e', 'e2e.nats.single'],
  ],
});

/** `bus.raw.nats.batch` and `e2e.nats.batch`: 1,000 frames a message, not stored. */
export const NATS_BATCH: Bench = busBench({
  id: 'e2e.nats.batch',
  framesPerMessage: 1000,
  streetCount: 20,
  slotCount: 1000,
  intervalCount: 25,
  roundCount: 5,
  ways: [
    ['raw', 'bus.raw.nats.batch'],
    ['e2e', 'e2e.nats.batch'],
  ],
});

const DURABLE = {
  framesPerMessage: 1,
  streetCount: 400,
  slotCount: 50,
  intervalCount: 5,
  roundCount: 3,
} as const;
const DURABLE_BATCH = { ...DURABLE, framesPerMessage: 1000, streetCount: 20, slotCount: 1000 };

/** Acknowledged by JetStream on disk at its default sync, which a power loss may take back. */
export const NATS_DURABLE: Bench = busBench({
  ...DURABLE,
  id: 'e2e.nats.durable',
  stored: { isSyncAlways: false },
  ways: [['durable', 'e2e.nats.durable']],
});

export const NATS_DURABLE_BATCH: Bench = busBench({
  ...DURABLE_BATCH,
  id: 'e2e.nats.durable.batch',
  stored: { isSyncAlways: false },
  ways: [['durable', 'e2e.nats.durable.batch']],
});

/** Every message synced before its acknowledgement: survives a power loss. */
export const NATS_DURABLE_ALWAYS: Bench = busBench({
  ...DURABLE,
  id: 'e2e.nats.durable.always',
  streetCount: 40,
  intervalCount: 1,
  stored: { isSyncAlways: true },
  ways: [['durable', 'e2e.nats.durable.always']],
});

export const NATS_DURABLE_BATCH_ALWAYS: Bench = busBench({
  ...DURABLE_BATCH,
  id: 'e2e.nats.durable.batch.always',
  stored: { isSyncAlways: true },
  ways: [['durable', 'e2e.nats.durable.batch.always']],
});

function busBench(shape: Shape): Bench {
  return {
    id: shape.id,
    prepare: (scale) => timeShape(scale === 'full' ? shape : quick(shape)),
  };
}

function quick(shape: Shape): Shape {
  return { ...shape, streetCount: 2, slotCount: 40, intervalCount: 1, roundCount: 1 };
}

/** These take their turns here, by wall time: three processes share the work. */
async function timeShape(shape: Shape): Promise<PreparedBench> {
  const network = await createBusNetwork(await simdKernel(), shape);
  await using run = await BusRun.start(network, shape.framesPerMessage, shape.stored);
  const samples = new Map<string, number[]>(shape.ways.map(([, id]) => [id, []]));
  for (let round = 0; round <= shape.roundCount; round++) {
    const ways = round % 2 === 0 ? shape.ways : shape.ways.toReversed();
    for (const [way, id] of ways) {
      const seconds = await run.time(way, shape.intervalCount);
      // The first warms up.
      if (round > 0) samples.get(id)?.push(seconds);
    }
  }
  return {
    timed: [],
    sampled: shape.ways.map(([, id]) => ({
      id,
      measure: READINGS,
      secondsPerItem: samples.get(id) ?? [],
    })),
  };
}
