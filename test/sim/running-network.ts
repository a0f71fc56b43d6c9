// A whole network of running nodes on the bus in memory, with what may go wrong: nodes that crash at
// a chosen moment and start again on their files, lossy connections, messages held back. Time is
// virtual, but the nodes do not know: they run as on a real day, by timers and the streams' stamps.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBus } from '../../src/bus/memory-bus.ts';
import type { FaultPlan } from '../../src/bus/memory-faults.ts';
import type { Bus, BusMessage, StoredMessage, StreamName } from '../../src/bus/port.ts';
import { hasChannel } from '../../src/core/channel.ts';
import { decodeFrame, splitFrames } from '../../src/core/frame.ts';
import { type IntervalIndex, intervalEndSeconds } from '../../src/core/interval.ts';
import { areaOfReadingSubject, readingSubject } from '../../src/core/subjects.ts';
import { createAuditor } from '../../src/roles/auditor.ts';
import { AggregatorNode } from '../../src/runtime/aggregator-node.ts';
import { AuditorNode, type AuditReport } from '../../src/runtime/auditor-node.ts';
import { type Clock, VirtualClock } from '../../src/runtime/clock.ts';
import { createMeters, MeterFleet } from '../../src/runtime/meter-fleet.ts';
import { MonitorNode, type MonitorResult } from '../../src/runtime/monitor-node.ts';
import { TrusteeNode } from '../../src/runtime/trustee-node.ts';
import { type AggregatorStore, openAggregatorStore } from '../../src/store/aggregator-store.ts';
import { openTrusteeStore, type TrusteeStore } from '../../src/store/trustee-store.ts';
import {
  createAggregatorOf,
  createMonitorOf,
  createTrusteeOf,
  createWorld,
  NOON,
  powersOfTwo,
  randomFrom,
  verify,
  type World,
} from '../support/world.ts';

const STEP_MS = 5000;
/** All levels have closed, and the auditor has spoken. */
const CLOSED_AFTER_MS = 130_000;

/** What stands between a node and the world. */
export interface Interference {
  /** Before the node appends: what it returns is appended instead, when it returns. */
  readonly onAppend?: (
    messages: readonly BusMessage[],
    node: Lifeline,
  ) => readonly BusMessage[] | Promise<readonly BusMessage[]>;
  /** Holds back the message from the node until the promise resolves. */
  readonly onDelivery?: (stream: StreamName, message: StoredMessage) => Promise<void> | undefined;
}

/** A node's bus and clock, until it crashes: then nothing reaches it, and nothing it does counts. */
export class Lifeline {
  readonly bus: Bus;
  readonly clock: Clock;
  isAlive: boolean = true;
  readonly #letGo = Promise.withResolvers<void>();

  constructor(bus: Bus, clock: Clock, interference: Interference = {}) {
    this.bus = this.#guardBus(bus, interference);
    this.clock = {
      isVirtual: false,
      nowMs: () => clock.nowMs(),
      at: (timeMs, callback) =>
        clock.at(timeMs, () => (this.isAlive ? this.#orLetGo(callback()) : undefined)),
    };
  }

  crash(): void {
    this.isAlive = false;
    this.letGo();
  }

  /** From here on nobody waits for it: it hangs, or is about to be slow. */
  letGo(): void {
    this.#letGo.resolve();
  }

  async settled(node: AsyncDisposable): Promise<void> {
    if (node instanceof AggregatorNode) await this.#orLetGo(node.settled());
  }

  async #orLetGo(work: void | Promise<void>): Promise<void> {
    await Promise.race([work, this.#letGo.promise]);
  }

  #guardBus(bus: Bus, { onAppend, onDelivery }: Interference): Bus {
    const never = new Promise<never>(() => {});
    const appendAll: Bus['appendAll'] = async (messages) => {
      const sent = (await onAppend?.(messages, this)) ?? messages;
      if (!this.isAlive) return never;
      const outcomes = await bus.appendAll(sent);
      return this.isAlive ? outcomes : never;
    };
    return {
      publish: (subject, data) => bus.publish(subject, data),
      subscribe: (pattern, handler) => bus.subscribe(pattern, handler),
      respond: (pattern, handler) => bus.respond(pattern, handler),
      request: (subject, data, options) => bus.request(subject, data, options),
      append: async (subject, data) => {
        const [outcome] = await appendAll([{ subject, data }]);
        if (outcome?.kind !== 'stored') throw outcome?.error;
        return { seq: outcome.seq };
      },
      appendAll,
      lastOn: (stream, subject) => bus.lastOn(stream, subject),
      replay: (stream, options, handler) => {
        const hand = (message: StoredMessage) => (this.isAlive ? handler(message) : undefined);
        return bus.replay(stream, options, (message) => {
          const held = onDelivery?.(stream, message);
          if (held === undefined) return hand(message);
          void held.then(() => hand(message));
        });
      },
      lastSeq: (stream) => bus.lastSeq(stream),
      [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
    };
  }
}

interface Running<Node extends AsyncDisposable> {
  readonly node: Node;
  readonly life: Lifeline;
  readonly store: Store;
}

type Store = AggregatorStore | TrusteeStore;

export interface RunningOptions {
  readonly faults?: FaultPlan;
}

let worldOnce: Promise<World> | undefined;

export class RunningNetwork implements AsyncDisposable {
  readonly world: World;
  readonly bus: MemoryBus;
  /** By name: `aggregator 1`, `trustee 0`. */
  readonly #running = new Map<string, Running<AggregatorNode | TrusteeNode>>();
  readonly #clock: VirtualClock = new VirtualClock(this.endMs(NOON) - 890_000);
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'streetwatt-sim-'));
  readonly #others = new AsyncDisposableStack();
  /** By interval, the last one stands. */
  readonly opened: Map<IntervalIndex, MonitorResult> = new Map();
  readonly reports: (AuditReport & { readonly atMs: number })[] = [];
  readonly errors: unknown[] = [];
  fleet!: MeterFleet;
  monitor!: MonitorNode;

  private constructor(world: World, faults: FaultPlan | undefined) {
    this.world = world;
    this.bus = new MemoryBus({
      nowMs: () => this.#clock.nowMs(),
      ...(faults === undefined ? {} : { faults }),
    });
  }

  /** How far the meters' clocks run ahead of everybody else's. */
  metersAheadMs: number = 0;

  static async start(options: RunningOptions = {}): Promise<RunningNetwork> {
    // Enrolled once: every node copies the keys that it starts from.
    worldOnce ??= createWorld();
    const network = new RunningNetwork(await worldOnce, options.faults);
    const { world } = network;
    for (const index of world.parties.trustees.keys()) await network.startTrustee(index);
    for (const index of world.parties.aggregators.keys()) await network.startAggregator(index);
    await network.#startOthers();
    return network;
  }

  get nowMs(): number {
    return this.#clock.nowMs();
  }

  /** On its own files, as `name` left them. */
  async startAggregator(
    index: number,
    interference?: Interference,
    name: string = `aggregator ${index}`,
  ): Promise<AggregatorNode> {
    const store = openAggregatorStore(join(this.#directory, `${name}.db`));
    const life = this.#lifeline(interference);
    const { bus, clock } = life;
    const state = createAggregatorOf(this.world, index);
    const onError = (error: unknown) => this.#onError(life, error);
    const node = new AggregatorNode({ state, bus, clock, store, onError });
    this.#running.set(name, { node, life, store });
    await node.start();
    return node;
  }

  async startTrustee(index: number, name: string = `trustee ${index}`): Promise<TrusteeNode> {
    const store = openTrusteeStore(join(this.#directory, `${name}.db`));
    const life = this.#lifeline();
    const { bus, clock } = life;
    const onError = (error: unknown) => this.#onError(life, error);
    const random = randomFrom(`${name} ${clock.nowMs()}`);
    const state = createTrusteeOf(this.world, index);
    const node = new TrusteeNode({ state, bus, clock, store, random, onError });
    this.#running.set(name, { node, life, store });
    await node.start();
    return node;
  }

  node(name: string): AggregatorNode | TrusteeNode {
    return (this.#running.get(name) as Running<AggregatorNode>).node;
  }

  aggregatorStore(name: string): AggregatorStore {
    return this.#running.get(name)?.store as AggregatorStore;
  }

  /** SIGKILL: what it had not written or sent is gone. */
  crash(name: string): void {
    const running = this.#running.get(name) as Running<AggregatorNode>;
    this.#running.delete(name);
    running.life.crash();
    running.store[Symbol.dispose]();
    // It hangs where it stood; what it had subscribed to must not wait for it.
    void running.life.bus[Symbol.asyncDispose]();
  }

  /** SIGTERM: it finishes what it is doing. */
  async stop(name: string): Promise<void> {
    const running = this.#running.get(name) as Running<AggregatorNode>;
    this.#running.delete(name);
    await running.node[Symbol.asyncDispose]();
    running.store[Symbol.dispose]();
  }

  /** Masks and sends one interval; those of `lost` are lost on the way, and can be sent again. */
  async send(interval: IntervalIndex, lost: Iterable<number> = []): Promise<void> {
    const isLost = new Set(lost);
    await this.fleet.send(
      interval,
      (meter) => powersOfTwo(this.world.meters[meter]!, meter),
      (meter) => isLost.has(meter),
    );
    await this.settle();
  }

  /** Lets time pass until so many seconds after the interval's end, and all that comes of it. */
  async advance(interval: IntervalIndex, afterEndSeconds: number): Promise<void> {
    const untilMs = this.endMs(interval) + 1000 * afterEndSeconds;
    // In steps, so that a message takes less time than a level has to wait for it; at once over the
    // time in which nothing is due.
    while (this.nowMs < untilMs) {
      const intoMs = this.nowMs % 900_000;
      const stepMs = intoMs < CLOSED_AFTER_MS ? STEP_MS : 900_000 - intoMs;
      await this.#clock.advanceTo(Math.min(untilMs, this.nowMs + stepMs));
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      await this.bus.idle();
      for (const { node, life } of this.#running.values()) await life.settled(node);
    }
  }

  endMs(interval: IntervalIndex): number {
    return intervalEndSeconds(interval, 900) * 1000;
  }

  /** Everything that a stream holds. */
  async stored(stream: StreamName): Promise<StoredMessage[]> {
    const messages: StoredMessage[] = [];
    const replay = await this.bus.replay(stream, {}, (message) => void messages.push(message));
    await replay.caughtUp;
    await replay[Symbol.asyncDispose]();
    return messages;
  }

  /** Meters whose frame stood in the stream before the close, told by nobody but the stream. */
  async deliveredMeters(interval: IntervalIndex): Promise<Set<number>> {
    const { meters, policy } = this.world;
    const delivered = new Set<number>();
    const closeMs = this.endMs(interval) + 1000 * policy.closeAfterSeconds;
    for (const message of await this.stored('READINGS')) {
      if (message.storedAtMs >= closeMs) continue;
      const street = areaOfReadingSubject(message.subject);
      for (const frame of splitFrames(message.data).frames) {
        const body = decodeFrame(frame);
        const meter = meters.findIndex(({ area, slot }) => area === street && slot === body.slot);
        if (body.interval === interval) delivered.add(meter);
      }
    }
    return delivered;
  }

  /** By row, what the monitor must show of these meters: by channel, undefined where withheld. */
  expectedRows(delivered: ReadonlySet<number>): Map<string, (number | undefined)[]> {
    const { network, meters, policy } = this.world;
    const streetsOf = new Map<string, ReadonlySet<number>>();
    const cellStreets = Array.from(network.cells, (cell) => new Set(cell.streets));
    for (const area of network.areas) {
      const below = [...network.areas]
        .filter(({ id, street }) => street !== undefined && `${id}/`.startsWith(`${area.id}/`))
        .map(({ index }) => index);
      if (area.street === undefined) streetsOf.set(area.id, new Set(below));
    }
    for (const cell of network.cells) {
      const streets = cell.netCells.length === 0 ? [cell.index] : cell.netCells;
      streetsOf.set(cell.name, new Set(streets.flatMap((index) => [...cellStreets[index]!])));
    }
    const rows = new Map<string, (number | undefined)[]>();
    for (const [name, streets] of streetsOf) {
      const own = [...network.cells]
        .filter((cell) => cell.name === name)
        .map((cell) => cell.channel);
      const sums = network.channels.map((_, channel) => {
        let sum: number | undefined;
        let isWhole = true;
        for (const cell of network.cells) {
          if (cell.channel !== channel || !cell.streets.every((street) => streets.has(street)))
            continue;
          const declaring = meters.flatMap((meter, index) =>
            cellStreets[cell.index]!.has(network.areas.indexOf(meter.area)!) &&
            hasChannel(meter.channels, channel)
              ? [index]
              : [],
          );
          const present = declaring.filter((index) => delivered.has(index));
          if (present.length < policy.minMeters || present.length * 5 < declaring.length * 4) {
            isWhole = false;
            continue;
          }
          sum ??= 0;
          for (const index of present) sum += powersOfTwo(meters[index]!, index)[channel] ?? 0;
        }
        // A cell's row shows of another channel than its own all of its streets, or nothing.
        const isMain = own.length === 0 || channel === Math.min(...own);
        return isMain || isWhole ? sum : undefined;
      });
      rows.set(name, sums);
    }
    return rows;
  }

  shownRows(interval: IntervalIndex): Map<string, (number | undefined)[]> {
    const rows = this.opened.get(interval)?.rows ?? [];
    return new Map(rows.map((row) => [row.plan.name, [...row.energyWh]]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#others.disposeAsync();
    for (const name of [...this.#running.keys()]) this.crash(name);
    await this.bus[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #startOthers(): Promise<void> {
    const { world } = this;
    const onError = (error: unknown) => void this.errors.push(error);
    const clock: Clock = this.#lifeline().clock;
    const auditor = new AuditorNode({
      state: createAuditor({
        network: world.network,
        signer: world.parties.auditor.signer,
        verify,
      }),
      bus: this.bus.connect(),
      clock,
      onReport: (report) => void this.reports.push({ ...report, atMs: this.nowMs }),
      onError,
    });
    this.monitor = this.#others.use(
      new MonitorNode({
        state: createMonitorOf(world),
        keyPair: world.parties.monitor.keyPair,
        bus: this.bus.connect(),
        clock,
        random: randomFrom('monitor'),
        onInterval: (result) => void this.opened.set(result.opened.interval, result),
        onError,
        // Of real time, for work in this process: whoever is away is known to be, without a wait.
        requestTimeoutMs: 30_000,
      }),
    );
    this.#others.use(auditor);
    const { network } = world;
    const bus = this.bus.connect();
    const meters = createMeters(network, world.meters);
    const meterClock: Clock = {
      isVirtual: false,
      nowMs: () => clock.nowMs() + this.metersAheadMs,
      at: (timeMs, callback) => clock.at(timeMs, callback),
    };
    this.fleet = this.#others.use(
      new MeterFleet({ network, meters, bus, clock: meterClock, verify, onError }),
    );
    await auditor.start();
    await this.monitor.start();
    await this.fleet.followReceipts();
  }

  #lifeline(interference?: Interference): Lifeline {
    return new Lifeline(this.bus.connect(), this.#clock, interference);
  }

  #onError(life: Lifeline, error: unknown): void {
    if (life.isAlive) this.errors.push(error);
  }
}

/** The message that a meter's concentrator sent last. */
export async function lastReading(network: RunningNetwork, street: string): Promise<Uint8Array> {
  const subject = readingSubject(network.world.meters.find(({ area }) => area === street)!.area);
  return (await network.bus.lastOn('READINGS', subject))!.data;
}
