// Metrics for Prometheus, in a registry of their own. Labels are levels, reasons, statuses and route
// templates: never an area, never a meter.
//
// Rows are counted in the frames of the newest interval that were served: asking for more of them
// here would open what nobody has looked at.

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type AreaId, areaDepth } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { Frame, MapRow } from '../map/frame.ts';
import type { MapSource } from '../map/map-source.ts';
import type { Viewer } from '../map/viewer.ts';
import type { EventHub } from './event-hub.ts';
import { newestAgeSeconds } from './health-document.ts';
import type { ProblemCode } from './problem.ts';

const ROW_STATUSES = ['published', 'partial', 'withheld', 'late', 'not-connected'] as const;

export interface ServerMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** A frame that is served. */
  observeFrame(frame: Frame): void;
  observeRequest(labels: RequestLabels, seconds: number): void;
  observeProblem(code: ProblemCode): void;
}

export interface RequestLabels {
  readonly method: string;
  /** The template: `/api/v1/areas/:id/frame`. */
  readonly route: string;
  readonly status: number;
}

export function createServerMetrics(source: MapSource, hub: EventHub): ServerMetrics {
  const registry = new Registry();
  const registers = [registry];
  const rowCounts = new RowCounts(source);
  new Gauge({
    name: 'streetwatt_interval_age_seconds',
    help: "From the newest interval's end until now, by the network's clock: the service level.",
    registers,
    collect() {
      this.set(newestAgeSeconds(source) ?? Number.NaN);
    },
  });
  new Gauge({
    name: 'streetwatt_event_streams',
    help: 'Open streams of events.',
    registers,
    collect() {
      this.set(hub.streamCount);
    },
  });
  new Gauge({
    name: 'streetwatt_rows',
    help: 'Rows of the newest interval in the frames that were served, by level and status.',
    labelNames: ['level', 'status'],
    registers,
    collect() {
      this.reset();
      for (const { level, status, count } of rowCounts.list()) this.set({ level, status }, count);
    },
  });
  const absent = new Counter({
    name: 'streetwatt_absent_total',
    help: 'Rows of newest intervals in served frames that had no figure, by level and reason.',
    labelNames: ['level', 'reason'],
    registers,
  });
  const accepted = new Counter({
    name: 'streetwatt_frames_accepted_total',
    help: "Meters' frames that were accepted.",
    registers,
  });
  const rejected = new Counter({
    name: 'streetwatt_frames_rejected_total',
    help: "Meters' frames that were rejected, by reason.",
    labelNames: ['reason'],
    registers,
  });
  const durations = new Histogram({
    name: 'streetwatt_http_request_duration_seconds',
    help: 'Until the answer begins, by route template.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 30],
    registers,
  });
  const problems = new Counter({
    name: 'streetwatt_problems_total',
    help: 'Errors that were answered, by code; "internal" is a bug.',
    labelNames: ['code'],
    registers,
  });
  const frameCounts = new FrameCounts(source);
  return {
    contentType: registry.contentType,
    text: async () => {
      await frameCounts.update(
        (count) => accepted.inc(count),
        (reason, count) => rejected.inc({ reason }, count),
      );
      return await registry.metrics();
    },
    observeFrame: (frame) => {
      for (const { level, reason } of rowCounts.add(frame)) absent.inc({ level, reason });
    },
    observeRequest: ({ method, route, status }, seconds) =>
      durations.observe({ method, route, status: String(status) }, seconds),
    observeProblem: (code) => problems.inc({ code }),
  };
}

/** Of the newest interval only: it starts anew with each. */
class RowCounts {
  readonly #source: MapSource;
  #interval: IntervalIndex | undefined;
  readonly #byArea = new Map<AreaId, readonly MapRow[]>();

  constructor(source: MapSource) {
    this.#source = source;
  }

  /** What is absent in it, the first time that this area is seen in this interval. */
  add(frame: Frame): readonly { readonly level: string; readonly reason: string }[] {
    const latest = this.#source.latestInterval();
    if (frame.interval !== latest) return [];
    if (this.#interval !== latest) {
      this.#interval = latest;
      this.#byArea.clear();
    }
    const isFirst = !this.#byArea.has(frame.area);
    if (isFirst || frame.rows.length > 0) this.#byArea.set(frame.area, frame.rows);
    if (!isFirst) return [];
    const level = this.#level(frame.area);
    return frame.rows.flatMap(({ reason }) => (reason === null ? [] : [{ level, reason }]));
  }

  list(): readonly { level: string; status: string; count: number }[] {
    const counts = new Map<string, { level: string; status: string; count: number }>();
    if (this.#interval !== this.#source.latestInterval()) return [];
    for (const [area, rows] of this.#byArea) {
      if (rows.length === 0) continue;
      const level = this.#level(area);
      for (const status of ROW_STATUSES) {
        const key = `${level} ${status}`;
        const entry = counts.get(key) ?? { level, status, count: 0 };
        entry.count += rows.filter((row) => row.status === status).length;
        counts.set(key, entry);
      }
    }
    return [...counts.values()];
  }

  /** Of the area's rows. */
  #level(area: AreaId): string {
    return this.#source.area(area)?.childLevel ?? 'deepest';
  }
}

/** Sums over intervals out of reports of the last day: each interval is counted once, as it grows. */
class FrameCounts {
  readonly #source: MapSource;
  readonly #counted = new Map<IntervalIndex, ReadonlyMap<string, number>>();

  constructor(source: MapSource) {
    this.#source = source;
  }

  async update(
    onAccepted: (count: number) => void,
    onRejected: (reason: string, count: number) => void,
  ): Promise<void> {
    const root = this.#source.roots[0];
    if (root === undefined) return;
    // Counts only: the viewer holds no channel and looks at nothing below the root.
    const viewer: Viewer = {
      grantName: '',
      area: root,
      deepestDepth: areaDepth(root),
      channels: [],
    };
    const { intervals } = await this.#source.health(root, viewer);
    const listed = new Set(intervals.map(({ interval }) => interval));
    for (const { interval, framesAccepted, framesRejected } of intervals) {
      const before = this.#counted.get(interval) ?? new Map<string, number>();
      const now = new Map<string, number>(before);
      const grow = (key: string, count: number, add: (by: number) => void): void => {
        const by = count - (before.get(key) ?? 0);
        if (by <= 0) return;
        now.set(key, count);
        add(by);
      };
      grow(' accepted', framesAccepted ?? 0, onAccepted);
      for (const [reason, count] of Object.entries(framesRejected))
        grow(reason, count, (by) => onRejected(reason, by));
      this.#counted.set(interval, now);
    }
    for (const interval of this.#counted.keys())
      if (!listed.has(interval)) this.#counted.delete(interval);
  }
}
