// A monitor as a running node: masked totals in, mask sums asked for, rows out (design.md sections 5
// and 7). An interval is opened when its totals are complete, or at its deadline with what is there;
// an auditor's alert opens it again.

import { BusError, isBusError } from '../bus/errors.ts';
import type { Bus, Replay, StoredMessage } from '../bus/port.ts';
import { type AnswerKeys, openAnswer } from '../core/answer-seal.ts';
import type { HpkeKeyPair } from '../core/hpke.ts';
import { type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import { areaAt } from '../core/network-tree.ts';
import { decodeTotalsAnswer, encodeTotalsQuery } from '../core/query.ts';
import { signMessage } from '../core/signed.ts';
import { querySubject, subtreePattern, unmaskSubject } from '../core/subjects.ts';
import { NONCE_BYTES } from '../core/unmask.ts';
import {
  createUnmaskRequest,
  handleAlert,
  handleAnswer,
  handleTotal,
  hasAllTotals,
  isStillSealing,
  type MonitorInterval,
  type MonitorState,
  monitorInterval,
  type OpenedInterval,
  openInterval,
} from '../roles/monitor.ts';
import type { MonitorTarget } from '../roles/monitor-plan.ts';
import { createRows, type Row } from '../roles/monitor-rows.ts';
import type { Clock } from './clock.ts';
import { IntervalTimers } from './interval-timers.ts';
import type { RandomBytes } from './parties.ts';

const KEPT_INTERVALS = 96;
/** How often, and how long apart, trustees that have not summed the seals yet are asked again. */
const RETRIES = 60;
const RETRY_DELAY_MS = 1;

export interface MonitorResult {
  /** What the figures are of. */
  readonly targets: readonly MonitorTarget[];
  readonly opened: OpenedInterval;
  readonly rows: readonly Row[];
  /** By trustee: how its answer came out; `answered`, or a bus error's or rejection's code. */
  readonly trustees: readonly string[];
}

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
  readonly #outcomes = new Map<IntervalIndex, readonly string[]>();

  constructor(options: MonitorNodeOptions) {
    this.#options = options;
    this.state = options.state;
    const { intervalSeconds, closeAfterSeconds, levelSeconds } = this.state.network.document;
    const depth = Math.max(...this.state.network.areas.map((area) => area.depth));
    const deadlineSeconds = closeAfterSeconds + levelSeconds * depth;
    this.#timers = new IntervalTimers({
      clock: options.clock,
      intervalSeconds,
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
    const notices = await bus.replay(
      'NOTICES',
      { pattern: subtreePattern('notice', area), ...range },
      (message) => this.#onNotice(message),
    );
    this.#replays.push(totals, notices);
    await Promise.all([totals.caughtUp, notices.caughtUp]);
    this.#timers.start();
  }

  /**
   * Opens an interval that is no longer on the bus, from what the aggregators and trustees have
   * stored: under the same grant and the same rules as on the day.
   */
  async openStored(interval: IntervalIndex): Promise<StoredResult> {
    const { state, bus } = this.#options;
    const missing = [...state.homes].filter(
      (home) => !monitorInterval(state, interval).totals.has(home),
    );
    await Promise.all(
      missing.map(async (home) => {
        const { id } = areaAt(state.network, home);
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
    const trustees = await this.#askAll(interval);
    const opened = openInterval(state, interval);
    const rows = createRows(state, opened);
    const record = monitorInterval(state, interval);
    state.intervals.delete(interval);
    return { targets: state.plan.targets, opened, rows, trustees, record };
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
    if (interval !== undefined && this.#outcomes.has(interval)) this.#emit(interval);
  }

  async #open(interval: IntervalIndex): Promise<void> {
    this.#outcomes.set(interval, await this.#askAll(interval));
    this.#emit(interval);
    this.#forget(interval);
  }

  async #askAll(interval: IntervalIndex): Promise<readonly string[]> {
    const { state, bus, random } = this.#options;
    const trusteeCount = state.network.quorum.trusteeCount;
    const outcomes: string[] = new Array(trusteeCount).fill('silent');
    for (let attempt = 0; attempt < RETRIES; attempt++) {
      const request = createUnmaskRequest(state, interval, random(NONCE_BYTES));
      await Promise.all(
        outcomes.map(async (_, trustee) => {
          outcomes[trustee] = await this.#ask(bus, interval, trustee, request);
        }),
      );
      if (!isStillSealing(state, interval)) break;
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(100, RETRY_DELAY_MS * 2 ** attempt)),
      );
    }
    return outcomes;
  }

  async #ask(
    bus: Bus,
    interval: IntervalIndex,
    trustee: number,
    request: Uint8Array,
  ): Promise<string> {
    const { state, keyPair, requestTimeoutMs } = this.#options;
    try {
      const sealed = await bus.request(unmaskSubject(trustee), request, {
        timeoutMs: requestTimeoutMs ?? 5000,
      });
      const answer = await openAnswer(sealed, request, keyPair, this.#answerKeys);
      if (answer === undefined) return 'not-for-us';
      return handleAnswer(state, interval, trustee, answer) ? 'answered' : 'bad-answer';
    } catch (error) {
      if (isBusError(error, 'no-responders') || isBusError(error, 'timeout')) return error.code;
      if (isBusError(error, 'remote-error')) return error.message;
      throw error;
    }
  }

  #emit(interval: IntervalIndex): void {
    const opened = openInterval(this.state, interval);
    const rows = createRows(this.state, opened);
    this.#options.onInterval({
      targets: this.state.plan.targets,
      opened,
      rows,
      trustees: this.#outcomes.get(interval) ?? [],
    });
  }

  #forget(interval: IntervalIndex): void {
    for (const map of [this.state.intervals, this.#opening, this.#outcomes]) {
      for (const old of map.keys()) if (old < interval - KEPT_INTERVALS) map.delete(old);
    }
  }
}
