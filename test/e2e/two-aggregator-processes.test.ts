// One party's areas on one process, and on two that split them, each with its own connection to a
// real nats-server and its own store: what they seal is the same, byte by byte, but for the
// signatures, since areas that are sealed together share one.

import { expect, it } from 'vitest';
import { connectNats } from '../../src/bus/nats-bus.ts';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { toHex } from '../../src/core/bytes.ts';
import { type IntervalIndex, intervalEndSeconds } from '../../src/core/interval.ts';
import { areaAt } from '../../src/core/network-tree.ts';
import { decodeSeal, encodeSeal, encodeSealHeader, sealDigest } from '../../src/core/seal.ts';
import { readingSubject, sealSubject, totalSubject } from '../../src/core/subjects.ts';
import { decodeTotal, encodeTotal } from '../../src/core/total.ts';
import { createAggregator } from '../../src/roles/aggregator.ts';
import { hasAllChildren } from '../../src/roles/aggregator-children.ts';
import { AggregatorNode } from '../../src/runtime/aggregator-node.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { type AreaSplit, hostedAreas } from '../../src/runtime/hosted-areas.ts';
import { loadKernel } from '../../src/runtime/kernel.ts';
import { openAggregatorStore } from '../../src/store/aggregator-store.ts';
import { describeWithNats, natsServer } from '../support/nats.ts';
import {
  createNodes,
  createWorld,
  FIRST_DAY,
  NOON,
  powersOfTwo,
  sendFrames,
  verify,
} from '../support/world.ts';

const NEXT = (NOON + 1) as IntervalIndex;
const AREAS = ['es/r0/m0', 'es/r0/m1', 'es/r1/m2', 'es/r1/m3', 'es/r0', 'es/r1', 'es'].map(areaId);
const NO_SIGNATURE = new Uint8Array(0);

const world = await createWorld();
const meters = createNodes(world);
/** Of both intervals; a meter of the second is lost, so that its street closes by the clock. */
const messages = [
  ...sendFrames(world, meters, NOON, { readings: powersOfTwo }),
  ...sendFrames(world, meters, NEXT, { readings: powersOfTwo, drop: new Set([2]) }),
];

/** Everything that is sealed, by area and interval, without the signatures. */
async function sealWith(splits: readonly AreaSplit[]): Promise<ReadonlyMap<string, string>> {
  await using server = await natsServer();
  await using stack = new AsyncDisposableStack();
  const meterBus = stack.use(await connectNats({ url: server.url, createStreams: true }));
  const clock = new VirtualClock(NOON * 900_000);
  const errors: unknown[] = [];
  const processes = [{ party: 0, split: {} }, ...splits.map((split) => ({ party: 1, split }))];
  const nodes: AggregatorNode[] = [];
  for (const { party, split } of processes) {
    const { signer, keyPair } = world.parties.aggregators[party]!;
    const state = createAggregator({
      network: world.network,
      kernel: (await loadKernel()).kernel,
      signer,
      verify,
      keyPair,
      areas: hostedAreas(world.network, signer.publicKey, split),
      epoch: FIRST_DAY,
      keysOf: (street) => world.aggregatorKeys.get(street)?.slice(),
    });
    const store = stack.use(openAggregatorStore(':memory:'));
    const bus = stack.use(await connectNats({ url: server.url }));
    const onError = (error: unknown) => void errors.push(error);
    const node = stack.use(
      new AggregatorNode({ state, bus, clock, store, isDriven: true, onError }),
    );
    await node.start();
    nodes.push(node);
  }
  const { closeAfterSeconds, levelSeconds } = world.network.document;
  let sentCount = 0;
  for (const interval of [NOON, NEXT]) {
    const endMs = intervalEndSeconds(interval, 900) * 1000;
    for (const node of nodes) node.expectInterval(interval);
    await clock.advanceTo(endMs + 1000);
    const own = messages.filter(
      ([, frame]) => new DataView(frame.buffer).getUint32(6, true) === interval,
    );
    await meterBus.appendAll(
      own.map(([street, data]) => ({ subject: readingSubject(street), data })),
    );
    sentCount += own.length;
    await until(() => acceptedBy(nodes) === sentCount);
    for (let level = 0; level <= 3; level++) {
      await clock.advanceTo(endMs + (closeAfterSeconds + level * levelSeconds) * 1000);
      const due = AREAS.filter((area) => area.split('/').length >= 3 - level);
      await until(async () =>
        (await totalsOf(due, interval)).every((total) => total !== undefined),
      );
      // The clock may only go on when these have come back to those that count them.
      await until(() => nodes.every((node) => hasChildrenOf(node, due, interval)));
    }
  }
  expect(errors).toEqual([]);
  // Each has done its share, and no other's.
  expect(nodes.slice(1).every(({ state }) => state.acceptedCount > 0)).toBe(true);
  const sealed = new Map<string, string>();
  for (const interval of [NOON, NEXT])
    for (const area of AREAS) sealed.set(`${area} ${interval}`, await sealedOf(area, interval));
  return sealed;

  function totalsOf(areas: readonly AreaId[], interval: IntervalIndex) {
    return Promise.all(
      areas.map((area) => meterBus.lastOn('TOTALS', totalSubject(area, interval))),
    );
  }

  async function sealedOf(area: AreaId, interval: IntervalIndex): Promise<string> {
    const seal = decodeSeal((await meterBus.lastOn('SEALS', sealSubject(area, interval)))!.data)!;
    const total = decodeTotal(
      (await meterBus.lastOn('TOTALS', totalSubject(area, interval)))!.data,
    )!;
    return [
      seal.digest,
      encodeSeal({ ...seal, signedHeader: NO_SIGNATURE }),
      sealDigest(encodeSealHeader(total.header)),
      encodeTotal({ ...total, signedHeader: NO_SIGNATURE }),
    ]
      .map(toHex)
      .join(' ');
  }
}

function hasChildrenOf(
  { state }: AggregatorNode,
  sealed: readonly AreaId[],
  interval: IntervalIndex,
) {
  return [...state.hosted].every((index) => {
    const { areaChildren } = areaAt(state.network, index);
    const isDue = areaChildren.every((child) => sealed.includes(areaAt(state.network, child).id));
    return !isDue || hasAllChildren(state, index, interval);
  });
}

function acceptedBy(nodes: readonly AggregatorNode[]): number {
  return nodes.reduce((sum, { state }) => sum + state.acceptedCount, 0);
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { timeout: 15_000, interval: 20 }).toBe(true);
}

describeWithNats('an aggregator on two processes', () => {
  it('seals what it seals on one, byte by byte', async () => {
    const one = await sealWith([{}]);
    expect(one.size).toBe(2 * AREAS.length);
    expect(
      await sealWith([{ exceptAreas: ['es/r1', 'es/r0/m1'] }, { areas: ['es/r1', 'es/r0/m1'] }]),
    ).toEqual(one);
  }, 60_000);
});
