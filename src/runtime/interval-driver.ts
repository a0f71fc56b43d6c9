// Drives a whole network through one interval on a virtual clock: lets its readings be sent, waits
// until they are taken in, lets it close and waits until it is opened. What takes real time, the bus
// and the parties' work, is waited for; what takes virtual time passes at once.

import { type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import type { AuditReport } from './auditor-node.ts';
import type { VirtualClock } from './clock.ts';
import type { LocalNetwork } from './local-network.ts';
import type { MonitorResult } from './monitor-node.ts';

/** Real time after which an interval is opened with what is there. */
const PATIENCE_MS = 20_000;
/** The same for one level after its deadline. */
const LEVEL_PATIENCE_MS = 300;
/** Behind the last level, when an auditor speaks with what it has. */
const AUDIT_AFTER_MS = 10_000;

/** Frames that are sent at a time after the interval's end, also behind its close: the last one's sequence. */
export interface SendingStep {
  readonly afterEndMs: number;
  send(): Promise<number>;
}

export interface DrivenInterval {
  /** One for each root, unless patience ended. */
  readonly results: readonly MonitorResult[];
  /** How long after the interval's end the last root was opened, by the virtual clock. */
  readonly openedAfterSeconds: number | undefined;
  readonly audit: AuditReport | undefined;
}

interface OpenedRoot {
  readonly result: MonitorResult;
  readonly atMs: number;
}

export class IntervalDriver {
  readonly #clock: VirtualClock;
  readonly #signal: AbortSignal | undefined;
  readonly #opened = new Map<IntervalIndex, Map<string, OpenedRoot>>();
  readonly #audits = new Map<IntervalIndex, AuditReport>();
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(clock: VirtualClock, signal?: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** For `startLocalNetwork`, as are the other two. */
  readonly onInterval = (result: MonitorResult): void => {
    const { interval } = result.opened;
    const roots = this.#opened.get(interval) ?? new Map<string, OpenedRoot>();
    const root = result.rows[0]?.plan.name ?? '';
    // An alert opens it again: the figures change, when they were first shown does not.
    roots.set(root, { result, atMs: roots.get(root)?.atMs ?? this.#clock.nowMs() });
    this.#opened.set(interval, roots);
    this.#wake();
  };

  readonly onAudit = (report: AuditReport): void => {
    this.#audits.set(report.interval, report);
    this.#wake();
  };

  readonly onError = (error: unknown): void => {
    this.#failure ??= { error };
    this.#wake();
  };

  /** @throws what a node failed with, or the signal's reason */
  async run(
    network: LocalNetwork,
    interval: IntervalIndex,
    steps: readonly SendingStep[],
  ): Promise<DrivenInterval> {
    const clock = this.#clock;
    const { document, roots } = (network.aggregators[0] ?? fail()).state.network;
    const endMs = intervalEndSeconds(interval, document.intervalSeconds) * 1000;
    const closeAfterMs = document.closeAfterSeconds * 1000;
    const isOpened = () => (this.#opened.get(interval)?.size ?? 0) >= roots.length;
    const take = async (isDue: (step: SendingStep) => boolean) => {
      for (const { afterEndMs, send } of steps.filter(isDue)) {
        await clock.advanceTo(endMs + afterEndMs);
        await network.readingsTaken(await send());
        this.#check();
      }
    };
    network.expectInterval(interval);
    await take(({ afterEndMs }) => afterEndMs < closeAfterMs);
    await clock.advanceTo(endMs + closeAfterMs);
    await this.#until(isOpened);
    await take(({ afterEndMs }) => afterEndMs >= closeAfterMs);
    // Level by level, with time for what each sends: a child must not be late for its parent.
    for (let atMs = endMs + closeAfterMs; atMs < network.deadlineMs(interval) && !isOpened(); ) {
      atMs += document.levelSeconds * 1000;
      await clock.advanceTo(Math.min(atMs, network.deadlineMs(interval)));
      await this.#until(isOpened, LEVEL_PATIENCE_MS);
    }
    await clock.advanceTo(network.deadlineMs(interval));
    await this.#until(isOpened);
    if (network.auditor !== undefined) {
      await this.#until(() => this.#audits.has(interval));
      await clock.advanceTo(network.deadlineMs(interval) + AUDIT_AFTER_MS);
    }
    this.#check();
    const opened = [...(this.#opened.get(interval)?.values() ?? [])];
    const audit = this.#audits.get(interval);
    // Also what nodes said of intervals that nobody drives.
    this.#opened.clear();
    this.#audits.clear();
    return {
      results: opened.map(({ result }) => result),
      openedAfterSeconds:
        opened.length === 0
          ? undefined
          : (Math.max(...opened.map(({ atMs }) => atMs)) - endMs) / 1000,
      audit,
    };
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#signal?.throwIfAborted();
  }

  async #until(isDone: () => boolean, patienceMs: number = PATIENCE_MS): Promise<void> {
    const signal = this.#signal;
    const untilMs = performance.now() + patienceMs;
    while (!isDone()) {
      this.#check();
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', this.#wake);
          resolve();
        };
        signal?.addEventListener('abort', this.#wake, { once: true });
      });
    }
  }
}

function fail(): never {
  throw new RangeError('aggregators: expected at least one, found none');
}
