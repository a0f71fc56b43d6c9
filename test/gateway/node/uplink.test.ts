import { describe, expect, it } from 'vitest';
import { MemoryBus } from '../../../src/bus/memory-bus.ts';
import type { StoredMessage } from '../../../src/bus/port.ts';
import { bitmapBytes } from '../../../src/core/bitmap.ts';
import { decodeFrame } from '../../../src/core/frame.ts';
import type { IntervalIndex } from '../../../src/core/interval.ts';
import { indexOfArea } from '../../../src/core/network-tree.ts';
import { encodeReceipt } from '../../../src/core/receipt.ts';
import { type Signer, signMessage } from '../../../src/core/signed.ts';
import { readingSubject, receiptSubject } from '../../../src/core/subjects.ts';
import { openHomeStore } from '../../../src/gateway/home-store.ts';
import { Household } from '../../../src/gateway/node/household.ts';
import { Uplink } from '../../../src/gateway/node/uplink.ts';
import { VirtualClock } from '../../../src/runtime/clock.ts';
import { placeOf } from '../../../src/runtime/meter-fleet.ts';
import { openMeterStore } from '../../../src/store/meter-store.ts';
import { createMeterOf, createWorld, verify } from '../../support/world.ts';
import { until } from '../sources/collect.ts';
import { CRASH_CONFIG, CRASH_METER, FIRST_MS, INTERVAL_MS, registerMilli } from './crash-home.ts';

const world = await createWorld();
const enrolled = world.meters[CRASH_METER]!;
const HOUR = 4;
const DAY = 24 * HOUR;

/** A home on a virtual clock whose bus can be away. */
class Home implements AsyncDisposable {
  readonly clock: VirtualClock = new VirtualClock(FIRST_MS + 60_000);
  readonly hub: MemoryBus = new MemoryBus({ nowMs: () => this.clock.nowMs() });
  readonly home = openHomeStore(':memory:');
  readonly meterStore = openMeterStore(':memory:');
  readonly sent: number[] = [];
  readonly errors: unknown[] = [];
  readonly household: Household;
  readonly uplink: Uplink;
  isAway = false;

  constructor(hasAuthenticatedTime: boolean) {
    const { clock, home, meterStore, hub } = this;
    const place = placeOf(world.network, enrolled);
    meterStore.addMeters([createMeterOf(world, enrolled)]);
    const state = meterStore.loadMeter(place)!;
    const street = world.network.streets[indexOfArea(world.network, enrolled.area)!]!;
    const entry = street.roster.entries[enrolled.slot]!;
    this.household = new Household({
      ...{ config: CRASH_CONFIG, intervalSeconds: INTERVAL_MS / 1000, store: home },
      clock: { nowMs: () => clock.nowMs(), steadyMs: () => clock.nowMs() },
      onRefused: (_source, reason) => void this.errors.push(reason),
      onReadings: () => this.uplink.maskDue(),
    });
    const inner = hub.connect();
    const append = async (subject: string, data: Uint8Array) => {
      if (this.isAway) throw new Error('the bus is away');
      this.sent.push(decodeFrame(data).interval);
      return inner.append(subject, data);
    };
    const bus = new Proxy(inner, {
      get: (target, name) => {
        const value = name === 'append' ? append : Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    this.uplink = new Uplink({
      ...{ network: world.network, place: { slot: enrolled.slot, entry }, state, meterStore, home },
      ...{ household: this.household, hasAuthenticatedTime, clock, verify },
      connect: async () => bus,
      onError: (error) => void this.errors.push(error),
    });
    this.uplink.start();
  }

  async live(intervals: number): Promise<void> {
    const untilMs = this.clock.nowMs() + intervals * INTERVAL_MS;
    while (this.clock.nowMs() < untilMs) {
      await this.clock.advanceTo(this.clock.nowMs() + 20_000);
      const amounts = new Map([['import', registerMilli(this.clock.nowMs())]]);
      this.household.take('grid', { amounts, powersW: new Map() });
    }
    await this.hub.idle();
  }

  async confirm(
    interval: number,
    signer: Signer = world.parties.aggregators[1]!.signer,
  ): Promise<void> {
    const accepted = new Uint8Array(bitmapBytes(enrolled.slot + 1)).fill(0xff);
    const receipt = encodeReceipt({
      area: enrolled.area,
      interval: interval as IntervalIndex,
      accepted,
    });
    await using bus = this.hub.connect();
    await bus.append(receiptSubject(enrolled.area), signMessage('receipt', receipt, signer));
    await this.hub.idle();
  }

  get running(): number {
    return Math.floor(this.clock.nowMs() / INTERVAL_MS);
  }

  statuses(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { status } of this.home.departures(0, 1000))
      counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.uplink[Symbol.asyncDispose]();
    await this.hub[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
    this.meterStore[Symbol.dispose]();
  }
}

async function begin(hasAuthenticatedTime: boolean): Promise<Home> {
  const home = new Home(hasAuthenticatedTime);
  await until(() => home.uplink.problem === undefined);
  return home;
}

describe('a gateway', () => {
  it('sends an interval again until its receipt, the very same frame, and not after the street closed', async () => {
    await using home = await begin(true);
    await home.live(2.5);
    const interval = home.running - 1;
    const again = home.sent.filter((sent) => sent === interval).length;
    expect(again).toBeGreaterThanOrEqual(2);
    const stored: StoredMessage[] = [];
    await using bus = home.hub.connect();
    await using replay = await bus.replay(
      'READINGS',
      { pattern: readingSubject(enrolled.area) },
      (message) => void stored.push(message),
    );
    await replay.caughtUp;
    expect(new Set(stored.map(({ data }) => Buffer.from(data).toString('hex'))).size).toBe(
      new Set(home.sent).size,
    );
    await home.live(1);
    expect(home.sent.filter((sent) => sent === interval)).toHaveLength(again);
    expect(home.errors).toEqual([]);
  });

  it('takes a receipt from nobody but the aggregator of its street', async () => {
    await using home = await begin(true);
    await home.live(2.01);
    const interval = home.running - 1;
    for (const { signer } of [world.parties.auditor, world.parties.aggregators[0]!])
      await home.confirm(interval, signer);
    expect(home.statuses()).toEqual({ waiting: 1 });
    await home.confirm(interval);
    expect(home.statuses()).toEqual({ received: 1 });
    const before = home.sent.length;
    await home.live(0.1);
    expect(home.sent.length).toBe(before);
  });

  it('after a day without the bus sends what still counts, loses the rest, and masks nothing again', async () => {
    await using home = await begin(true);
    await home.live(2);
    home.isAway = true;
    const sentBefore = new Set(home.sent).size;
    await home.live(DAY);
    expect(home.uplink.problem).toBe('sending failed: the bus is away');
    // Twenty seconds after an interval's end: its street has not closed yet.
    const masked = home.home.departures(0, 1000);
    expect(masked).toHaveLength(sentBefore + DAY);
    home.isAway = false;
    home.sent.length = 0;
    const first = home.running - 1;
    await home.live(2);
    expect(Math.min(...home.sent)).toBeGreaterThanOrEqual(first);
    expect(home.statuses()['too-late']).toBeGreaterThanOrEqual(DAY - 1);
    const frames = home.home
      .departures(0, 1000)
      .map(({ frame }) => Buffer.from(frame!).toString('hex'));
    expect(new Set(frames).size).toBe(frames.length);
    // At home nothing is lost.
    expect(home.household.amountsOf(first - HOUR).get('import')).toBeGreaterThan(0);
  }, 60_000);

  it('whose clock nobody vouches for is silent after two days, until a receipt of its street tells the time', async () => {
    await using home = await begin(false);
    await home.live(3 * DAY - 1);
    const lastDay = Math.floor(Math.max(...home.sent) / DAY);
    expect(lastDay).toBe(Math.floor(FIRST_MS / INTERVAL_MS / DAY) + 2);
    await home.live(HOUR);
    expect(home.uplink.problem).toContain('waiting for a receipt');
    const silentFor = home.running - Math.max(...home.sent);
    expect(silentFor).toBeGreaterThan(1);
    await home.confirm(home.running - 1);
    await home.live(2);
    expect(home.running - Math.max(...home.sent)).toBeLessThanOrEqual(2);
  }, 60_000);
});
