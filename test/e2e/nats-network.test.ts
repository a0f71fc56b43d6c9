// A whole network on a real nats-server that is killed in the middle of an interval, and on
// connections that are cut: nothing that was acknowledged is lost, and the interval completes.

import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { connectNats } from '../../src/bus/nats-bus.ts';
import type { Bus } from '../../src/bus/port.ts';
import { type IntervalIndex, intervalEndSeconds } from '../../src/core/interval.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { type LocalNetwork, startLocalNetwork } from '../../src/runtime/local-network.ts';
import type { MonitorResult } from '../../src/runtime/monitor-node.ts';
import { describeWithNats, natsServer } from '../support/nats.ts';
import {
  createWorld,
  NOON,
  plainSums,
  powersOfTwo,
  randomFrom,
  verify,
  type World,
} from '../support/world.ts';

/** The aggregator of the streets: the second to connect. */
const STREET_AGGREGATOR = 1;
const NEXT = (NOON + 1) as IntervalIndex;

class NetworkOnNats implements AsyncDisposable {
  readonly world: World;
  readonly clock: VirtualClock = new VirtualClock(NOON * 900_000);
  readonly opened: Map<IntervalIndex, MonitorResult> = new Map();
  readonly errors: unknown[] = [];
  readonly #owned = new AsyncDisposableStack();
  network!: LocalNetwork;

  private constructor(world: World) {
    this.world = world;
  }

  /** `urlOf` tells each party where its server is, by the order in which they connect. */
  static async start(urlOf: (party: number) => string): Promise<NetworkOnNats> {
    const running = new NetworkOnNats(await createWorld());
    const { clock, world } = running;
    const own = running.#owned;
    own.use(await connectNats({ url: urlOf(0), createStreams: true }));
    let party = 0;
    const connect = async (): Promise<Bus> => own.use(await connectNats({ url: urlOf(party++) }));
    running.network = own.use(
      await startLocalNetwork({
        provisioned: world,
        parties: world.parties,
        connect,
        clock,
        random: randomFrom('nats network'),
        verify,
        isDriven: true,
        hasAuditor: true,
        onInterval: (result) => void running.opened.set(result.opened.interval, result),
        onError: (error) => void running.errors.push(error),
      }),
    );
    await running.network.meters.followReceipts();
    return running;
  }

  async begin(interval: IntervalIndex): Promise<void> {
    this.network.expectInterval(interval);
    await this.clock.advanceTo(intervalEndSeconds(interval, 900) * 1000 + 1000);
  }

  /** Those of `lost` mask and store their frames, which do not get out. */
  send(interval: IntervalIndex, lost: (meter: number) => boolean = () => false) {
    const valuesOf = (meter: number) => powersOfTwo(this.world.meters[meter]!, meter);
    return this.network.meters.send(interval, valuesOf, lost);
  }

  async expectComplete(interval: IntervalIndex): Promise<void> {
    await until(() => this.opened.has(interval));
    const rows = new Map(this.opened.get(interval)!.rows.map((row) => [row.plan.name, row]));
    for (const area of ['es', 'es/r0', 'es/r0/m0', 'es/r0/m0/s1', 'es/r0/m1', 'es/r1']) {
      const { energyWh, status, coverage } = rows.get(area)!;
      const net = plainSums(this.world, area)[0];
      expect({ area, net: energyWh[0], status, coverage }).toEqual({
        ...{ area, net },
        ...{ status: 'published', coverage: 1 },
      });
    }
    expect(this.errors).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

/** A server's address that can be cut off, and back. */
async function cuttable(url: string) {
  const { port } = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    const far = connectSocket(Number(port), '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    if (isCut) near.destroy();
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address() as { readonly port: number };
  return {
    url: `nats://127.0.0.1:${address.port}`,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    restore: () => {
      isCut = false;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

async function until(isDone: () => boolean, timeoutMs = 25_000): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (!isDone()) {
    if (Date.now() > deadlineMs) throw new Error('waited in vain');
    await new Promise((done) => setTimeout(done, 5));
  }
}

describeWithNats('a network on nats-server', () => {
  it('loses no acknowledged reading when the server is killed between two readings', async () => {
    await using first = await natsServer();
    await using running = await NetworkOnNats.start(() => first.url);
    await running.begin(NOON);
    const half = await running.send(NOON, (meter) => meter % 2 === 1);
    expect(half).toMatchObject({ sentCount: running.world.meters.length, refused: new Map() });
    await first.kill();
    await using _ = await natsServer({ dir: first.dir, port: first.port });
    // All are due: those that were stored were acknowledged, but no receipt has said so yet.
    const rest = running.network.meters.unconfirmed((meter) => meter % 2 === 1);
    const lastSeq = await running.network.meters.deliver(rest);
    expect(lastSeq).toBeGreaterThan(half.lastSeq);
    await running.network.readingsTaken(lastSeq);
    await running.expectComplete(NOON);
    const { state } = running.network.aggregators[STREET_AGGREGATOR]!;
    expect(state.acceptedCount).toBe(running.world.meters.length);
    // And goes on.
    await running.begin(NEXT);
    await running.send(NEXT);
    await running.expectComplete(NEXT);
  });

  it('completes an interval whose seals were on their way when the server was killed', async () => {
    await using first = await natsServer();
    await using running = await NetworkOnNats.start(() => first.url);
    await running.begin(NOON);
    const { lastSeq } = await running.send(NOON);
    const { state } = running.network.aggregators[STREET_AGGREGATOR]!;
    await until(() => state.acceptedCount > 0);
    await first.kill();
    await new Promise((done) => setTimeout(done, 200));
    await using _ = await natsServer({ dir: first.dir, port: first.port });
    await running.network.readingsTaken(lastSeq);
    await running.expectComplete(NOON);
  });

  it('completes an interval in which the streets’ aggregator was cut off for a while', async () => {
    await using server = await natsServer();
    await using way = await cuttable(server.url);
    await using running = await NetworkOnNats.start((party) =>
      party === STREET_AGGREGATOR ? way.url : server.url,
    );
    const { state } = running.network.aggregators[STREET_AGGREGATOR]!;
    await running.begin(NOON);
    await running.send(NOON, (meter) => meter % 2 === 1);
    await until(() => state.acceptedCount === running.world.meters.length / 2);
    way.cut();
    const rest = running.network.meters.unconfirmed((meter) => meter % 2 === 1);
    const lastSeq = await running.network.meters.deliver(rest);
    await new Promise((done) => setTimeout(done, 300));
    expect(state.acceptedCount).toBe(running.world.meters.length / 2);
    expect(running.opened.size).toBe(0);
    way.restore();
    await running.network.readingsTaken(lastSeq);
    await running.expectComplete(NOON);
  });
});
