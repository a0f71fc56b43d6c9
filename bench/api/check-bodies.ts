// What the server answers, held to what was saved: of every kind of parent, and of areas of every level,
// each figure, and each gap.

import { type AreaId, parentArea } from '../../src/core/area.ts';
import type { AreaNode } from '../../src/core/network-tree.ts';
import type { EnergyMetric } from '../../src/map/metric.ts';
import type { Row } from '../../src/roles/monitor-rows.ts';
import type { FrameDocument, RowDocument, SeriesDocument } from '../../src/server/wire.ts';
import { paths } from '../../web/src/api/paths.ts';
import { assertAnswer } from '../harness/bench.ts';
import type { MapDay } from './map-day.ts';

type Get = (path: string) => Promise<unknown>;

const AREAS_A_DEPTH = 3;

export async function checkFrames(day: MapDay, get: Get): Promise<void> {
  const { network, intervals } = day;
  let figureCount = 0;
  for (const [index, node] of someAreas(day).entries()) {
    if (node.street !== undefined) continue;
    const interval = intervals[(index * 7) % intervals.length] as (typeof intervals)[number];
    const start = interval * network.document.intervalSeconds;
    const frame = (await get(paths.frame(node.id, start))) as FrameDocument;
    assertAnswer(frame.area === node.id, `a frame of ${frame.area}, expected ${node.id}`);
    assertAnswer(Date.parse(frame.start) === start * 1000, `${node.id}: a frame of ${frame.start}`);
    const rows = day.rowsAt(interval);
    for (const row of [frame.self, ...frame.rows]) figureCount += checkRow(row, rows.get(row.id));
    const shown = new Set(frame.rows.flatMap(({ members }) => members));
    const children = [...network.areas].filter(({ id }) => parentArea(id) === node.id);
    assertAnswer(
      children.every(({ id }) => shown.has(id)),
      `${node.id}: a child is in no row`,
    );
  }
  assertAnswer(figureCount > 0, 'no figure in any frame');
}

export async function checkSeries(day: MapDay, get: Get): Promise<void> {
  const { network, intervals } = day;
  const from = (intervals[0] as number) * network.document.intervalSeconds;
  const until = from + intervals.length * network.document.intervalSeconds;
  const rowsAt = intervals.map(day.rowsAt);
  let figureCount = 0;
  for (const node of someAreas(day)) {
    const series = (await get(paths.series(node.id, from, until))) as SeriesDocument;
    assertAnswer(series.row === node.id, `a series of ${series.row}, expected ${node.id}`);
    assertAnswer(series.pendingCount === 0, `${node.id}: something is still being opened`);
    assertAnswer(series.status.length === intervals.length, `${node.id}: not a day`);
    for (const [at, rows] of rowsAt.entries()) {
      const row = rows.get(node.id);
      const energyWh = Object.fromEntries(
        Object.entries(series.energyWh).map(([metric, column]) => [metric, column[at] ?? null]),
      );
      figureCount += checkFigures(node.id, energyWh, row);
    }
  }
  assertAnswer(figureCount > 0, 'no figure in any series');
}

/** Of every depth: the first, one from the middle, the last. */
function someAreas({ network }: MapDay): AreaNode[] {
  const byDepth = Map.groupBy(network.areas, ({ depth }) => depth);
  return [...byDepth.values()].flatMap((areas) => {
    const step = Math.max(1, Math.floor((areas.length - 1) / (AREAS_A_DEPTH - 1)));
    return areas.filter((_, index) => index % step === 0);
  });
}

function checkRow(found: RowDocument, saved: Row | undefined): number {
  if (saved !== undefined)
    assertAnswer(found.coverage === saved.coverage, `${found.id}: a coverage of ${found.coverage}`);
  return checkFigures(found.id as AreaId, found.energyWh, saved);
}

/** How many figures there were. */
function checkFigures(
  id: string,
  energyWh: Readonly<Record<string, number | null>>,
  saved: Row | undefined,
): number {
  const expected: Readonly<Record<EnergyMetric, number | undefined>> = {
    net: saved?.energyWh[0],
    export: saved?.energyWh[1],
    production: saved?.energyWh[2],
    import: saved?.importWh,
    consumption: saved?.consumptionWh,
  };
  let count = 0;
  for (const [metric, value] of Object.entries(expected)) {
    // What the plan never gives is null, whatever stands in the store: it stands empty there as well.
    assertAnswer(
      energyWh[metric] === (value ?? null),
      `${id}: ${metric} of ${energyWh[metric]}, expected ${value ?? null}`,
    );
    if (value !== undefined) count++;
  }
  return count;
}
