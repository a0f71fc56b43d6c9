// A frame of an area above the parts' roots: the base's figures with the parts' added.

import { type AreaId, areaDepth, isWithin, parentArea } from '../core/area.ts';
import { areaPlace, emptyRow } from './empty-row.ts';
import type { FederationTree, PartRoot } from './federation-tree.ts';
import { compareIds } from './federation-tree.ts';
import type { AbsentReason, Frame, MapRow } from './frame.ts';
import { blankUngranted, grantedMetrics } from './granted-metrics.ts';
import type { MapSource } from './map-source.ts';
import { type EnergyMetric, METRICS } from './metric.ts';
import { sumRows } from './sum-rows.ts';
import { maySeeInside } from './viewer.ts';

export type FrameQuery = Parameters<MapSource['frame']>[0];

interface PartRow {
  readonly root: AreaId;
  readonly row: MapRow;
  readonly revision: number;
  readonly publishedAtMs: number | undefined;
}

export async function federatedFrame(
  tree: FederationTree,
  query: FrameQuery,
): Promise<Frame | undefined> {
  const { area, viewer } = query;
  const granted = grantedMetrics(viewer.channels);
  const owner = tree.ownerOf(area);
  const below = owner === undefined ? tree.rootsBelow(area) : [];
  if (below.length === 0) return blankFrame(await (owner ?? tree.base).frame(query), granted);
  const [frame, ...partRows] = await Promise.all([
    tree.base.frame(query),
    ...below.map((partRoot) => readPartRow(partRoot, query, granted)),
  ]);
  if (frame === undefined) return undefined;
  const published = [frame, ...partRows].flatMap(({ publishedAtMs }) => publishedAtMs ?? []);
  return {
    area,
    interval: query.interval,
    publishedAtMs: published.length === 0 ? undefined : Math.max(...published),
    revision: partRows.reduce((sum, { revision }) => sum + revision, frame.revision),
    self: addParts(frame.self, partRows, granted),
    rows: maySeeInside(viewer, area) ? joinRows(area, frame.rows, partRows, granted) : [],
  };
}

function joinRows(
  area: AreaId,
  baseRows: readonly MapRow[],
  partRows: readonly PartRow[],
  granted: readonly EnergyMetric[],
): readonly MapRow[] {
  const rows = baseRows.map((row) => {
    if (row.kind === 'cell') return blankUngranted(row, granted);
    return addParts(
      row,
      partRows.filter(({ root }) => isWithin(root, row.id as AreaId)),
      granted,
    );
  });
  const own = partRows.filter(({ root }) => parentArea(root) === area).map(({ row }) => row);
  if (own.length === 0) return rows;
  return [...rows, ...own].sort((a, b) => compareIds(a.members[0] ?? a.id, b.members[0] ?? b.id));
}

function addParts(
  row: MapRow,
  partRows: readonly PartRow[],
  granted: readonly EnergyMetric[],
): MapRow {
  if (partRows.length === 0) return blankUngranted(row, granted);
  return sumRows(row, [row, ...partRows.map((part) => part.row)], granted);
}

/**
 * The total of a part's root, and never more: the viewer sees the sum that it goes into, and nothing
 * below it is opened for that. A part that cannot answer leaves a gap, not an error.
 */
async function readPartRow(
  { part, root }: PartRoot,
  query: FrameQuery,
  granted: readonly EnergyMetric[],
): Promise<PartRow> {
  const { interval, signal } = query;
  const area = part.area(root);
  const place = areaPlace(root, area?.name ?? root);
  const gap = (reason: AbsentReason): PartRow => {
    const row = emptyRow(place, area?.meterCount ?? 0, area?.origin ?? 'network', 'late', reason);
    return { root, row: blankUngranted(row, granted), revision: 0, publishedAtMs: undefined };
  };
  const latest = part.latestInterval();
  if (latest === undefined || interval > latest) return gap('late');
  if (interval < (part.firstInterval() ?? 0)) return gap('missing');
  try {
    const viewer = { ...query.viewer, deepestDepth: areaDepth(root) };
    const frame = await part.frame({ ...query, area: root, viewer });
    if (frame === undefined) return gap('missing');
    const row = blankUngranted({ ...frame.self, layers: METRICS }, granted);
    return { root, row, revision: frame.revision, publishedAtMs: frame.publishedAtMs };
  } catch (error) {
    if (signal.aborted) throw error;
    return gap('missing');
  }
}

function blankFrame(frame: Frame | undefined, granted: readonly EnergyMetric[]): Frame | undefined {
  if (frame === undefined) return undefined;
  return {
    ...frame,
    self: blankUngranted(frame.self, granted),
    rows: frame.rows.map((row) => blankUngranted(row, granted)),
  };
}
