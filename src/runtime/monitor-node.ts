// A monitor as a running node: masked totals in, mask sums asked for, rows out (design.md sections 5
// and 7). An interval is opened when its totals are complete, or at its deadline with what is there;
// an auditor's alert opens it again. What its scope leaves out is opened on demand: zoom.ts.

import { BusError } from '../bus/errors.ts';
import type { Bus, Replay, StoredMessage } from '../bus/port.ts';
import type { AnswerKeys } from '../core/answer-seal.ts';
import type { HpkeKeyPair } from '../core/hpke.ts';
import { type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import { areaAt, deepestDepth } from '../core/network-tree.ts';
import type { Alert } from '../core/notice.ts';
import { decodeTotalsAnswer, encodeTotalsQuery } from '../core/query.ts';
import { signMessage } from '../core/signed.ts';
import { querySubject, subtreePattern } from '../core/subjects.ts';
import {
  handleAlert,
  handleTotal,
  hasAllTotals,
  type MonitorInterval,
  type MonitorState,
  monitorInterval,
  openInterval,
  refineMonitor,
  type SealedTotal,
} from '../roles/monitor.ts';
import { createRows } from '../roles/monitor-rows.ts';
import type { Clock } from './clock.ts';
import { IntervalTimers } from './interval-timers.ts';
import type { RandomBytes } from './parties.ts';
import { type AskContext, type MonitorResult, openRefined } from './zoom-ask.ts';

export type { MonitorResult } from './zoom-ask.ts';

const KEPT_INTERVALS = 96;
/** How often trustees that have not summed the seals yet are asked again: for some five seconds. */
const TRIES = 60;

/** An interval as it was opened on demand, with the totals and answers that it was opened from. */
export interface StoredResult extends MonitorResult {
  readonly record: MonitorInterval;
}

export interface MonitorNodeOptions {
  readonly state: MonitorState;
  readonly keyPair: HpkeKeyPair;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Called once an interval is opened, and again when an alert changes it. */
  readonly onInterval: (result: MonitorResult) => void;
  /**
   * There is an alert of an interval that this node has not opened: what was stored of it before the
   * alert is wrong. At the start it says so of all alerts that the stream holds, since some may have
   * come while nobody listened.
   */
  readonly onLateAlert?: (interval: IntervalIndex, storedAtMs: number) => void;
  readonly onError: (error: unknown) => void;
  readonly requestTimeoutMs?: number;
  readonly isDriven?: boolean;
}

export class MonitorNode implements AsyncDisposable {
  readonly state: MonitorState;
  readonly #options: MonitorNodeOptions;
  readonly #timers: IntervalTimers;
  readonly #replays: Replay[] = [];
  readonly #opening = new Map<IntervalIndex, Promise<void>>();
  readonly #answerKeys: AnswerKeys = new Map();
  /** Of opened intervals: how the trustees answered, and the state that holds their answers. */
  readonly #outcomes = new Map<
    IntervalIndex,
    { readonly trustees: readonly string[]; readonly state: MonitorState }
  >();

  constructor(options: MonitorNodeOptions) {
    this.#options = options;
    this.state = options.state;
    const { intervalSeconds, closeAfterSeconds, levelSeconds } = this.state.network.document;
    const depth = deepestDepth(this.state.network);
    const deadlineSeconds = closeAfterSeconds + levelSeconds * depth;
    this.#timers = new IntervalTimers({
      clock: options.clock,
      intervalSeconds,
      fromEpoch: options.state.network.document.fromEpoch,
      isDriven: options.isDriven === true,
      onInterval: (interval) => {
        const atMs = (intervalEndSeconds(interval, intervalSeconds) + deadlineSeconds) * 1000;
        this.#timers.at(atMs, () => this.open(interval));
      },
    });
  }

  expectInterval(interval: IntervalIndex): void {
    this.#timers.expect(interval);
  }

  async start(): Promise<void> {
    const { state, bus, clock } = this.#options;
    const { area } = state.grant;
    const sinceMs = clock.nowMs() - 2 * state.network.document.intervalSeconds * 1000;
    const range = clock.isVirtual ? {} : { fromTimeMs: sinceMs };
    const totals = await bus.replay(
      'TOTALS',
      { pattern: subtreePattern('total', area), ...range },
      (message) => this.#onTotal(message),
    );
    // All that the stream holds: history is opened under its alerts, too.
    const notices = await bus.replay(
      'NOTICES',
      { pattern: subtreePattern('notice', area) },
      (message) => this.#onNotice(message),
    );
    this.#replays.push(totals, notices);
    await Promise.all([totals.caughtUp, notices.caughtUp]);
    this.#timers.start();
  }

  /** What it holds of an area's interval, for what is opened on demand beside it. */
  totalOf(area: number, interval: IntervalIndex): SealedTotal | undefined {
    return this.state.intervals.get(interval)?.totals.get(area);
  }

  alertsOf(interval: IntervalIndex): readonly Alert[] {
    return this.state.intervals.get(interval)?.alerts ?? [];
  }

  /**
   * Opens an interval that is no longer on the bus, from what the aggregators and trustees have
   * stored: under the same grant and the same rules as on the day.
   */
  async openStored(interval: IntervalIndex): Promise<StoredResult> {
    const { state, bus } = this.#options;
    const missing = [...state.homes, ...state.below].filter(
      (home) => !monitorInterval(state, interval).totals.has(home),
    );
    await Promise.all(
      missing.map(async (home) => {
        const { id, depth, street } = areaAt(state.network, home);
        if (street !== undefined || depth > state.grant.deepestDepth) return;
        const query = encodeTotalsQuery({
          area: id,
          fromInterval: interval,
          intervalCount: 1,
          grant: state.signedGrant,
        });
        const bytes = signMessage('query', query, state.signer);
        try {
          const answer = await bus.request(querySubject(id), bytes, {
            timeoutMs: this.#options.requestTimeoutMs ?? 5000,
          });
          for (const total of decodeTotalsAnswer(answer) ?? []) handleTotal(state, total);
        } catch (error) {
          // What nobody has stored stays withheld, with its reason.
          if (!(error instanceof BusError)) throw error;
        }
      }),
    );
    const { state: last, ...result } = await openRefined(state, interval, this.#askContext());
    const record = monitorInterval(last, interval);
    state.intervals.delete(interval);
    return { ...result, record };
  }

  /** Opens the interval now, with what is there; once. */
  open(interval: IntervalIndex): Promise<void> {
    const opening =
      this.#opening.get(interval) ??
      this.#open(interval).catch((error: unknown) => {
        this.#options.onError(error);
      });
    this.#opening.set(interval, opening);
    return opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timers[Symbol.dispose]();
    for (const replay of this.#replays) await replay[Symbol.asyncDispose]();
    await Promise.all(this.#opening.values());
  }

  #onTotal(message: StoredMessage): void {
    const interval = handleTotal(this.state, message.data);
    if (interval === undefined || this.#opening.has(interval)) return;
    if (hasAllTotals(this.state, interval)) void this.open(interval);
  }

  #onNotice(message: StoredMessage): void {
    const interval = handleAlert(this.state, message.data);
    if (interval === undefined) return;
    const known = this.#outcomes.get(interval);
    if (known === undefined) {
      if (!this.#opening.has(interval)) this.#options.onLateAlert?.(interval, message.storedAtMs);
      return;
    }
    // A state that has looked deeper has its own record, with the same list of alerts.
    const { state, trustees } = known;
    const opened = openInterval(state, interval);
    if (refineMonitor(state, opened) !== undefined) {
      this.#openDeeper(interval);
      return;
    }
    const { channels } = state.scope;
    const { targets } = state.plan;
    const rows = createRows(state, opened);
    this.#options.onInterval({ targets, channels, opened, rows, trustees });
  }

  /** After what is under way: two at once would mix up their requests. */
  #openDeeper(interval: IntervalIndex): void {
    const before = this.#opening.get(interval) ?? Promise.resolve();
    const opening = before
      .then(() => this.#open(interval, this.#outcomes.get(interval)?.state ?? this.state))
      .catch((error: unknown) => this.#options.onError(error));
    this.#opening.set(interval, opening);
  }

  async #open(interval: IntervalIndex, from: MonitorState = this.state): Promise<void> {
    const { state, ...result } = await openRefined(from, interval, this.#askContext());
    this.#outcomes.set(interval, { state, trustees: result.trustees });
    this.#options.onInterval(result);
    this.#forget(interval);
  }

  #askContext(): AskContext {
    const { bus, random, keyPair, requestTimeoutMs } = this.#options;
    return {
      bus,
      random,
      keyPair,
      answerKeys: this.#answerKeys,
      timeoutMs: requestTimeoutMs ?? 5000,
      tries: TRIES,
    };
  }

  #forget(interval: IntervalIndex): void {
    for (const map of [this.#opening, this.#outcomes]) {
      for (const old of map.keys()) if (old < interval - KEPT_INTERVALS) map.delete(old);
    }
    for (const [old, { totals, answers, alerts }] of this.state.intervals) {
      if (old >= interval - KEPT_INTERVALS) continue;
      totals.clear();
      answers.clear();
      // Alerts are few, and whoever zooms into history needs them.
      if (alerts.length === 0) this.state.intervals.delete(old);
    }
  }
}
