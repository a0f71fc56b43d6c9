// An aggregator as a running node: frames, seals and totals of children in from the bus; at the close
// of each interval a seal and a masked total of every hosted area out, stored before they are sent
// (design.md section 7). Areas close early when everything below has reported.

import type { Bus, Replay, StoredMessage, Subscription } from '../bus/port.ts';
import { type AreaId, commonAncestor } from '../core/area.ts';
import {
  epochAt,
  type IntervalIndex,
  intervalAt,
  intervalEndSeconds,
  SECONDS_PER_EPOCH,
} from '../core/interval.ts';
import { areaAt, indexOfArea } from '../core/network-tree.ts';
import { encodeTotalsAnswer } from '../core/query.ts';
import { BATCH_MESSAGES } from '../core/sign-many.ts';
import { querySubject, subtreePattern } from '../core/subjects.ts';
import {
  type AggregatorState,
  advanceAggregator,
  closeAggregator,
  eraseAggregatorEpoch,
  forgetIntervals,
  openArea,
} from '../roles/aggregator.ts';
import { handleChildSeal, handleChildTotal, hasAllChildren } from '../roles/aggregator-children.ts';
import { isAreaComplete, type ReadingOutcome } from '../roles/aggregator-intake.ts';
import { handleTotalsQuery } from '../roles/aggregator-query.ts';
import { createSeals } from '../roles/aggregator-seal.ts';
import { CLOCK_SKEW_SECONDS } from '../roles/frame-check.ts';
import type { AggregatorStore } from '../store/aggregator-store.ts';
import type { SureSender } from './append-surely.ts';
import type { Clock } from './clock.ts';
import { IntakeReporter, type IntakeStatus } from './intake-status.ts';
import { IntervalTimers } from './interval-timers.ts';
import { publishSealed } from './publish-sealed.ts';
import { ReadingInlet } from './reading-inlet.ts';
import { sendReceipts } from './receipt-sender.ts';
import { SequenceGate } from './sequence-gate.ts';
import { storeHeldKeys } from './stored-keys.ts';

/** Intervals that are kept open in memory behind the current one: late children, hot pairs. */
const KEPT_INTERVALS = 8;

export interface AggregatorNodeOptions {
  readonly state: AggregatorState;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly store: AggregatorStore;
  /** A driver says which intervals there are (`expectInterval`); otherwise the clock does. */
  readonly isDriven?: boolean;
  readonly onError: (error: unknown) => void;
  /** How the intake went, when an interval's streets close. */
  readonly onIntake?: (interval: IntervalIndex, status: IntakeStatus) => void;
}

export class AggregatorNode implements AsyncDisposable {
  readonly state: AggregatorState;
  readonly #options: AggregatorNodeOptions;
  readonly #replays: Replay[] = [];
  readonly #responders: Subscription[] = [];
  readonly #sealed = new Map<IntervalIndex, Set<number>>();
  /** Complete, and sealed together at the end of this turn. */
  readonly #due = new Map<IntervalIndex, Set<number>>();
  readonly #working = new Set<Promise<void>>();
  readonly #timers: IntervalTimers;
  readonly #readings = new SequenceGate();
  readonly #inlet: ReadingInlet;
  readonly #intake: IntakeReporter;
  readonly #sender: SureSender;
  /** Of the last reading that has come in; all up to it are taken together. */
  #lastSeq = 0;
  #readsReadings = false;
  #isDisposed = false;

  constructor(options: AggregatorNodeOptions) {
    this.#options = options;
    this.state = options.state;
    this.#sender = { bus: options.bus, isStopped: () => this.#isDisposed };
    this.#inlet = new ReadingInlet(options.state, (outcome) => this.#onTaken(outcome));
    this.#intake = new IntakeReporter(options.state, this.#inlet);
    this.#timers = new IntervalTimers({
      clock: options.clock,
      intervalSeconds: options.state.network.document.intervalSeconds,
      fromEpoch: options.state.network.document.fromEpoch,
      isDriven: options.isDriven === true,
      onInterval: (interval) => this.#schedule(interval),
    });
  }

  expectInterval(interval: IntervalIndex): void {
    this.#timers.expect(interval);
  }

  /** Replays what the streams still hold of open intervals, then follows them live. */
  async start(): Promise<void> {
    const { state, bus, clock, store } = this.#options;
    const { network, hosted } = state;
    const nowMs = clock.nowMs();
    const { intervalSeconds } = network.document;
    this.#advance();
    const running = intervalAt(nowMs / 1000, intervalSeconds);
    for (let interval = Math.max(0, running - 2); interval <= running; interval++) {
      for (const area of hosted) {
        const index = interval as IntervalIndex;
        if (store.sealedOf(areaAt(network, area).id, index) !== undefined)
          this.#markSealed(area, index);
      }
    }
    const nodes = [...hosted].map((index) => areaAt(network, index));
    const parents = nodes.filter((node) => node.streetChildren.length > 0);
    const sinceMs = nowMs - (2 * intervalSeconds + CLOCK_SKEW_SECONDS) * 1000;
    const fromTimeMs = clock.isVirtual ? undefined : sinceMs;
    const range = fromTimeMs === undefined ? {} : { fromTimeMs };
    const follow = async (
      stream: 'READINGS' | 'SEALS' | 'TOTALS',
      kind: 'reading' | 'seal' | 'total',
      handler: (message: StoredMessage, waitingCount: number) => void,
    ) => {
      const scope = commonAncestor((kind === 'reading' ? parents : nodes).map(({ id }) => id));
      const pattern = scope === undefined ? `sw.v1.${kind}.>` : subtreePattern(kind, scope);
      const replay: Replay = await bus.replay(stream, { pattern, ...range }, (message) =>
        handler(message, replay.queuedCount),
      );
      this.#replays.push(replay);
      await replay.caughtUp;
      this.#inlet.take();
    };
    if (nodes.some((node) => node.areaChildren.length > 0)) {
      await follow('SEALS', 'seal', (message) =>
        this.#onArrival(handleChildSeal(state, message.data, this.#storedAtSeconds(message))),
      );
      await follow('TOTALS', 'total', (message) =>
        this.#onArrival(handleChildTotal(state, message.data, this.#storedAtSeconds(message))),
      );
    }
    if (parents.length > 0) {
      this.#readsReadings = true;
      await follow('READINGS', 'reading', (message, waitingCount) => {
        this.#intake.noteQueued(waitingCount);
        this.#onReading(message);
      });
    }
    // Behind the readings: where another's seal was first, its set is added up again.
    for (const sealed of store.unpublished())
      if (indexOfArea(network, sealed.area) !== undefined)
        await publishSealed(this.#sender, state, store, [sealed]);
    for (const node of nodes) {
      const responder = await bus.respond(querySubject(node.id), (message) =>
        this.#answerQuery(node.id, message.data),
      );
      this.#responders.push(responder);
    }
    this.#timers.start();
  }

  /** Resolves when the readings up to this sequence are taken in; at once where it reads none. */
  async readingsTaken(seq: number): Promise<void> {
    if (this.#readsReadings) await this.#readings.passed(seq);
  }

  /** Resolves when everything that was started has been sent. */
  async settled(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#timers[Symbol.dispose]();
    for (const source of [...this.#responders, ...this.#replays])
      await source[Symbol.asyncDispose]();
    await this.settled();
    this.#inlet[Symbol.dispose]();
    closeAggregator(this.state);
  }

  #onReading(message: StoredMessage): void {
    this.#lastSeq = message.seq;
    this.#inlet.push(message, this.#storedAtSeconds(message));
  }

  #onTaken({ completed }: ReadingOutcome): void {
    this.#readings.pass(this.#lastSeq);
    for (const { area, interval } of completed) this.#sealIfComplete(area, interval);
  }

  #storedAtSeconds(message: StoredMessage): number {
    const { clock } = this.#options;
    return (clock.isVirtual ? clock.nowMs() : message.storedAtMs) / 1000;
  }

  #onArrival(arrival: ReturnType<typeof handleChildSeal>): void {
    if (typeof arrival === 'string' || !arrival.isComplete) return;
    this.#sealIfComplete(arrival.area, arrival.interval);
  }

  #sealIfComplete(area: number, interval: IntervalIndex): void {
    const { state, clock } = this.#options;
    if (this.#isSealed(area, interval)) return;
    // Meters' clocks may run ahead; a seal before the end is refused. It is looked at again then.
    if (clock.nowMs() < this.#endMs(interval)) return;
    // Streets that have closed have nothing more to wait for; then only children are.
    const hasClosed =
      clock.nowMs() >= this.#endMs(interval) + state.network.document.closeAfterSeconds * 1000;
    if (!hasClosed && !isAreaComplete(state, area, interval)) return;
    if (!hasAllChildren(state, area, interval)) return;
    const due = this.#due.get(interval) ?? new Set();
    this.#due.set(interval, due.add(area));
    // What else becomes due in this turn of the event loop shares its signature.
    if (due.size === 1) void this.#run(() => this.#sealDue(interval));
  }

  async #sealDue(interval: IntervalIndex): Promise<void> {
    await nextTurn();
    const due = this.#due.get(interval) ?? [];
    this.#due.delete(interval);
    await this.#seal([...due], interval);
  }

  /** The close of streets, and the deadline of each level above. */
  #schedule(interval: IntervalIndex): void {
    const { state } = this.#options;
    const { closeAfterSeconds, levelSeconds } = state.network.document;
    const endMs = this.#endMs(interval);
    const heights = new Map<number, number[]>();
    for (const area of state.hosted) {
      const height = heightOf(state, area);
      heights.set(height, [...(heights.get(height) ?? []), area]);
    }
    this.#timers.at(endMs, () => {
      this.#inlet.take();
      this.#turnEpoch(interval);
      // Else the first frames of each area would be looked at one by one.
      for (const area of state.hosted) openArea(state, area, interval);
      for (const area of state.hosted) {
        if (areaAt(state.network, area).streetChildren.length > 0)
          this.#sealIfComplete(area, interval);
      }
    });
    this.#timers.at(endMs + (closeAfterSeconds * 1000) / 2, () => {
      // What has closed early has sent its receipts.
      const open = [...state.hosted].filter((area) => !this.#isSealed(area, interval));
      return this.#run(() => this.#sendReceipts(open, interval));
    });
    this.#timers.at(endMs + closeAfterSeconds * 1000, () => {
      this.#inlet.take();
      for (const area of state.hosted) this.#sealIfComplete(area, interval);
      if (this.#readsReadings) this.#options.onIntake?.(interval, this.#intake.take());
    });
    for (const [height, areas] of heights) {
      const closeMs = endMs + (closeAfterSeconds + height * levelSeconds) * 1000;
      const close = () => this.#run(() => this.#seal(areas, interval));
      this.#timers.at(closeMs, close);
    }
  }

  #endMs(interval: IntervalIndex): number {
    return intervalEndSeconds(interval, this.state.network.document.intervalSeconds) * 1000;
  }

  #turnEpoch(interval: IntervalIndex): void {
    const { state, clock, store } = this.#options;
    this.#advance();
    forgetIntervals(state, (interval - KEPT_INTERVALS) as IntervalIndex);
    for (const old of this.#sealed.keys())
      if (old < interval - KEPT_INTERVALS) this.#sealed.delete(old);
    const { intervalSeconds } = state.network.document;
    // Late frames of yesterday end with the first close of today.
    const intoDay = clock.nowMs() / 1000 - epochAt(clock.nowMs() / 1000) * SECONDS_PER_EPOCH;
    if (intoDay <= 2 * intervalSeconds || !hasPreviousKeys(state)) return;
    eraseAggregatorEpoch(state);
    store.keys.erasePrevious();
  }

  /** Ratchets memory and store to the clock's epoch. */
  #advance(): void {
    const { state, clock, store } = this.#options;
    const epoch = epochAt(clock.nowMs() / 1000);
    const held = [...state.streetKeys].map(([street, { keys }]) => [street, keys] as const);
    if (held.every(([, keys]) => keys.epoch >= epoch)) return;
    advanceAggregator(state, epoch);
    storeHeldKeys(store.keys, state.network, held);
  }

  async #seal(areas: readonly number[], interval: IntervalIndex): Promise<void> {
    this.#inlet.take();
    const open = areas.filter((area) => !this.#isSealed(area, interval));
    for (const area of open) this.#markSealed(area, interval);
    const { state, store } = this.#options;
    // Sealed before a restart, perhaps without a child whose seal was late: that one stands.
    const due = open.filter(
      (area) => store.sealedOf(areaAt(state.network, area).id, interval) === undefined,
    );
    if (due.length === 0) return;
    const published: Promise<void>[] = [];
    for (let first = 0; first < due.length; first += BATCH_MESSAGES) {
      if (first > 0) await nextTurn();
      const batch = this.#sealBatch(due.slice(first, first + BATCH_MESSAGES), interval);
      // What it throws is thrown below, when all are made.
      batch.catch(() => {});
      published.push(batch);
    }
    await Promise.all(published);
    await this.#sendReceipts(open, interval);
  }

  /** Under one signature. */
  async #sealBatch(areas: readonly number[], interval: IntervalIndex): Promise<void> {
    const { state, store } = this.#options;
    const sealed = createSeals(state, areas, interval);
    store.commitSealed(
      sealed.map(({ header, seal, total }) => ({ area: header.area, interval, seal, total })),
    );
    await publishSealed(
      this.#sender,
      state,
      store,
      sealed.map(({ header, seal, total }) => ({ area: header.area, interval, seal, total })),
    );
  }

  async #sendReceipts(areas: readonly number[], interval: IntervalIndex): Promise<void> {
    this.#inlet.take();
    await sendReceipts(this.#sender, this.state, areas, interval);
  }

  /** Stored totals of one hosted area: what lies below is asked of whoever hosts it. */
  async #answerQuery(area: AreaId, bytes: Uint8Array): Promise<Uint8Array> {
    const { state, store } = this.#options;
    const query = handleTotalsQuery(state, bytes);
    if (typeof query === 'string') throw new Error(query);
    if (query.area !== area) throw new Error('not-granted');
    const until = query.fromInterval + query.intervalCount;
    return encodeTotalsAnswer(
      store.totalsOf({ areas: [area] }, query.fromInterval, until).map(({ total }) => total),
    );
  }

  #isSealed(area: number, interval: IntervalIndex): boolean {
    return this.#sealed.get(interval)?.has(area) === true;
  }

  #markSealed(area: number, interval: IntervalIndex): void {
    const areas = this.#sealed.get(interval) ?? new Set();
    this.#sealed.set(interval, areas.add(area));
  }

  #run(work: () => Promise<void>): Promise<void> {
    const running = work()
      .catch(this.#options.onError)
      .finally(() => this.#working.delete(running));
    this.#working.add(running);
    return running;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Levels of areas below: 0 where all children are streets. */
function heightOf(state: AggregatorState, area: number): number {
  let height = 0;
  for (const child of areaAt(state.network, area).areaChildren)
    height = Math.max(height, 1 + heightOf(state, child));
  return height;
}

function hasPreviousKeys({ streetKeys }: AggregatorState): boolean {
  for (const { keys } of streetKeys.values()) if (keys.previous !== undefined) return true;
  return false;
}
