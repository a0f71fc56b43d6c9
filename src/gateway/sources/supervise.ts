// Keeps a source running: starts it again with growing pauses, and knows how it is.

import { setTimeout as sleep } from 'node:timers/promises';
import { excerpt } from '../../files/excerpt.ts';
import type { Measurement, RunSource, SourceSink } from './source.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Reasons come from our own lists; a bug must not make a list that grows. */
const MAX_REASONS = 64;

export interface SourceHealth {
  readonly name: string;
  readonly kind: string;
  state: 'starting' | 'reading' | 'waiting' | 'stopped';
  /** Why it waits before it tries again. */
  problem: string | undefined;
  lastMeasuredMs: number | undefined;
  measuredCount: number;
  readonly refused: Map<string, RefusedCount>;
}

export interface RefusedCount {
  count: number;
  lastMs: number;
  /** What was found the last time. */
  detail: string | undefined;
}

export interface SupervisedSource extends AsyncDisposable {
  readonly health: SourceHealth;
}

export function superviseSource(options: {
  readonly name: string;
  readonly kind: string;
  readonly run: RunSource;
  readonly nowMs: () => number;
  readonly onMeasured: (measurement: Measurement) => void;
  /** For the log, once for each change: a problem, its end, the first refusal of a kind. No values. */
  readonly say?: ((text: string) => void) | undefined;
  /** Milliseconds before the first new attempt; for tests. */
  readonly firstPauseMs?: number;
}): SupervisedSource {
  const { name, kind, run, nowMs, onMeasured, say = () => {} } = options;
  const { firstPauseMs = FIRST_PAUSE_MS } = options;
  const health: SourceHealth = {
    ...{ name, kind, state: 'starting', problem: undefined },
    ...{ lastMeasuredMs: undefined, measuredCount: 0, refused: new Map() },
  };
  const stop = new AbortController();
  let pauseMs = firstPauseMs;
  let saidProblem: string | undefined;
  const sink: SourceSink = {
    connected: () => {
      health.state = 'reading';
      health.problem = undefined;
    },
    measured: (measurement) => {
      // Whoever has stopped listening must hear nothing more.
      if (stop.signal.aborted) return;
      health.lastMeasuredMs = nowMs();
      health.measuredCount++;
      pauseMs = firstPauseMs;
      if (saidProblem !== undefined) say('is read again');
      saidProblem = undefined;
      onMeasured(measurement);
    },
    refused: (reason, detail) => {
      if (countRefused(health, reason, nowMs(), detail)) say(`refused: ${reason}`);
    },
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await run(sink, stop.signal);
        health.problem = 'it ended';
      } catch (error) {
        health.problem = describe(error);
      }
      if (stop.signal.aborted) break;
      health.state = 'waiting';
      if (health.problem !== saidProblem) say(health.problem);
      saidProblem = health.problem;
      // A little apart from each other, where many begin to wait at once.
      const waitMs = pauseMs * (0.75 + Math.random() / 2);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      await sleep(waitMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
    health.state = 'stopped';
  };
  const done = loop();
  return {
    health,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await done;
    },
  };
}

/** True where it is the first one for this reason. */
export function countRefused(
  health: SourceHealth,
  reason: string,
  nowMs: number,
  detail?: string,
): boolean {
  const known = health.refused.get(reason);
  if (known === undefined && health.refused.size >= MAX_REASONS) return false;
  const count = known ?? { count: 0, lastMs: nowMs, detail: undefined };
  count.count++;
  count.lastMs = nowMs;
  count.detail =
    detail === undefined ? undefined : excerpt(detail, { maxLength: 200, quoted: false });
  health.refused.set(reason, count);
  return known === undefined;
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return excerpt(message, { maxLength: 200, quoted: false });
}
