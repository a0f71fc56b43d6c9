// One row over time: what is stored, and what is opened on demand, the newest first, for a while; the
// rest goes on behind, and whoever asks again gets more.

import type { IntervalIndex } from '../core/interval.ts';
import type { AreaNode } from '../core/network-tree.ts';
import type { MapRow } from '../map/frame.ts';
import type { LevelShape } from '../map/layers.ts';
import { ENERGY_METRICS, type EnergyMetric } from '../map/metric.ts';
import type { RowFigures } from '../map/row-figures.ts';
import type { Series } from '../map/series.ts';
import { SourceBusyError } from '../map/source-busy.ts';
import type { MonitorMapFigures, Permit } from './monitor-map-figures.ts';
import { workWithin } from './monitor-map-wait.ts';

const BUDGET_MS = 1500;

export interface SeriesWork {
  readonly figures: MonitorMapFigures;
  /** What is stored; what is opened is added. */
  readonly rows: Map<IntervalIndex, RowFigures>;
  readonly shape: LevelShape;
  readonly home: AreaNode;
  readonly from: IntervalIndex;
  readonly until: IntervalIndex;
  readonly permitOf: (interval: IntervalIndex) => Permit | undefined;
  readonly onError: (error: unknown) => void;
}

/** How many intervals are still being opened. */
export async function openSeries(work: SeriesWork): Promise<number> {
  const { figures, rows, shape, home, from, until, permitOf, onError } = work;
  const queries: Parameters<MonitorMapFigures['row']>[0][] = [];
  for (let at = from as number; at < until; at++) {
    const interval = at as IntervalIndex;
    const permit = permitOf(interval);
    if (permit === undefined) continue;
    if ((permit.scope.channels & ~(rows.get(interval)?.channels ?? 0)) === 0) continue;
    const query = { shape, home, permit, interval };
    if (figures.mayOpenRow(query)) queries.push(query);
  }
  let refusedCount = 0;
  // The last that is asked for is opened first: the newest.
  const opening = queries.map((query) =>
    figures
      .row(query, { isBackground: true, span: { from, until } })
      .then((row) => {
        if (row !== undefined) rows.set(query.interval, row);
      })
      .catch((error: unknown) => {
        if (error instanceof SourceBusyError) refusedCount++;
        else onError(error);
      }),
  );
  return (await workWithin(opening, BUDGET_MS)) + refusedCount;
}

export function seriesOf(columns: {
  readonly id: string;
  readonly name: string;
  readonly from: IntervalIndex;
  readonly until: IntervalIndex;
  readonly rowAt: (interval: IntervalIndex) => MapRow | undefined;
  readonly pendingCount: number;
}): Series {
  const { id, name, from, until, pendingCount } = columns;
  const shown: (MapRow | undefined)[] = [];
  for (let at = from as number; at < until; at++) shown.push(columns.rowAt(at as IntervalIndex));
  const energyWh = {} as Record<EnergyMetric, (number | null)[]>;
  for (const metric of ENERGY_METRICS)
    energyWh[metric] = shown.map((row) => row?.energyWh[metric] ?? null);
  return {
    id,
    name,
    from,
    energyWh,
    coverage: shown.map((row) => row?.coverage ?? null),
    status: shown.map((row) => row?.status ?? null),
    origin: shown.map((row) => row?.origin ?? null),
    pendingCount,
  };
}
