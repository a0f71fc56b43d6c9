// An auditor as a running node: reads what everybody may read, adds it up again when an interval is
// over, and publishes an alert only where something does not match (design.md sections 2 and 5).

import type { Bus, Replay, StoredMessage } from '../bus/port.ts';
import { type IntervalIndex, intervalAt, intervalEndSeconds } from '../core/interval.ts';
import { deepestDepth } from '../core/network-tree.ts';
import type { Alert } from '../core/notice.ts';
import { areaOfReadingSubject, noticeSubject } from '../core/subjects.ts';
import {
  type AuditorState,
  auditInterval,
  forgetAudits,
  observeReading,
  observeSeal,
  observeTotal,
} from '../roles/auditor.ts';
import { checkInterval, signAlert } from '../roles/auditor-check.ts';
import { CLOCK_SKEW_SECONDS } from '../roles/frame-check.ts';
import type { Clock } from './clock.ts';
import { IntervalTimers } from './interval-timers.ts';
import { SequenceGate } from './sequence-gate.ts';

const KEPT_INTERVALS = 4;
/** Behind the last level's deadline, so that what is late on the way is not taken for missing. */
const PATIENCE_SECONDS = 5;

export interface AuditReport {
  readonly interval: IntervalIndex;
  readonly sealCount: number;
  readonly alerts: readonly Alert[];
}

export interface AuditorNodeOptions {
  readonly state: AuditorState;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly onReport?: (report: AuditReport) => void;
  readonly onError: (error: unknown) => void;
  readonly isDriven?: boolean;
}

export class AuditorNode implements AsyncDisposable {
  readonly state: AuditorState;
  readonly #options: AuditorNodeOptions;
  readonly #timers: IntervalTimers;
  readonly #replays: Replay[] = [];
  readonly #checked = new Set<IntervalIndex>();
  readonly #areaCount: number;
  readonly #readings = new SequenceGate();
  /** Of intervals before this one, frames may have stood in the stream before we read it. */
  #firstInterval = 0;

  constructor(options: AuditorNodeOptions) {
    this.#options = options;
    this.state = options.state;
    this.#areaCount = this.state.network.areas.inner.length;
    const { intervalSeconds, closeAfterSeconds, levelSeconds } = this.state.network.document;
    const depth = deepestDepth(this.state.network);
    const patienceSeconds = closeAfterSeconds + levelSeconds * depth + PATIENCE_SECONDS;
    this.#timers = new IntervalTimers({
      clock: options.clock,
      intervalSeconds,
      fromEpoch: this.state.network.document.fromEpoch,
      isDriven: options.isDriven === true,
      onInterval: (interval) => {
        const atMs = (intervalEndSeconds(interval, intervalSeconds) + patienceSeconds) * 1000;
        this.#timers.at(atMs, () => this.check(interval));
      },
    });
  }

  expectInterval(interval: IntervalIndex): void {
    this.#timers.expect(interval);
  }

  async start(): Promise<void> {
    const { bus, clock } = this.#options;
    const { intervalSeconds } = this.state.network.document;
    const sinceSeconds = clock.nowMs() / 1000 - 2 * intervalSeconds;
    // Frames of an interval may stand in the stream from this long before its end.
    const fromTimeMs = (sinceSeconds - CLOCK_SKEW_SECONDS) * 1000;
    const range = clock.isVirtual ? {} : { fromTimeMs };
    if (!clock.isVirtual) this.#firstInterval = intervalAt(sinceSeconds, intervalSeconds);
    const follow = async (
      stream: 'READINGS' | 'SEALS' | 'TOTALS',
      kind: string,
      handler: (message: StoredMessage) => void,
    ) => {
      const replay = await bus.replay(stream, { pattern: `sw.v1.${kind}.>`, ...range }, handler);
      this.#replays.push(replay);
      await replay.caughtUp;
    };
    // Readings first: a seal must not be held against frames that are still to be read.
    await follow('READINGS', 'reading', (message) => this.#onReading(message));
    await follow('SEALS', 'seal', (message) =>
      this.#onSealed(observeSeal(this.state, message.data)),
    );
    await follow('TOTALS', 'total', (message) =>
      this.#onSealed(observeTotal(this.state, message.data)),
    );
    this.#timers.start();
  }

  /** Resolves when the readings up to this sequence are taken in. */
  readingsTaken(seq: number): Promise<void> {
    return this.#readings.passed(seq);
  }

  /** Checks the interval with what has been read; once. */
  async check(interval: IntervalIndex): Promise<void> {
    if (this.#checked.has(interval) || interval < this.#firstInterval) return;
    this.#checked.add(interval);
    const { state, bus } = this.#options;
    const alerts = checkInterval(state, interval);
    const sealCount = auditInterval(state, interval).seals.size;
    for (const alert of alerts)
      await bus.append(noticeSubject(alert.area), signAlert(state, alert));
    this.#options.onReport?.({ interval, sealCount, alerts });
    forgetAudits(state, (interval - KEPT_INTERVALS) as IntervalIndex);
    for (const old of this.#checked) if (old < interval - KEPT_INTERVALS) this.#checked.delete(old);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timers[Symbol.dispose]();
    for (const replay of this.#replays) await replay[Symbol.asyncDispose]();
  }

  #onReading(message: StoredMessage): void {
    const { clock } = this.#options;
    const atSeconds = clock.isVirtual ? clock.nowMs() / 1000 : message.storedAtMs / 1000;
    observeReading(this.state, areaOfReadingSubject(message.subject), message.data, atSeconds);
    this.#readings.pass(message.seq);
  }

  /** When every area has a seal and a total, there is nothing to wait for. */
  #onSealed(interval: IntervalIndex | undefined): void {
    if (interval === undefined || this.#checked.has(interval)) return;
    const record = auditInterval(this.state, interval);
    const areaCount = this.#areaCount;
    if (record.seals.size < areaCount || record.totals.size < areaCount) return;
    // Readings come on another stream: let what was stored before the seals arrive.
    void this.#afterReadings()
      .then(() => this.check(interval))
      .catch(this.#options.onError);
  }

  async #afterReadings(): Promise<void> {
    const last = await this.#options.bus.lastSeq('READINGS');
    const readings = this.#replays[0];
    for (
      let attempt = 0;
      attempt < 200 && readings !== undefined && readings.lastSeq < last;
      attempt++
    ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
