// A series of an area above the parts' roots, or whatever the one source has that answers for it.

import { type AreaId, areaDepth, isWithin, parseAreaId } from '../core/area.ts';
import type { FederationTree, PartRoot } from './federation-tree.ts';
import { grantedMetrics } from './granted-metrics.ts';
import type { MapSource } from './map-source.ts';
import type { Series } from './series.ts';
import { blankSeries, sumSeries, type WeighedSeries } from './sum-series.ts';

export type SeriesQuery = Parameters<MapSource['series']>[0];

export async function federatedSeries(
  tree: FederationTree,
  query: SeriesQuery,
): Promise<Series | undefined> {
  const { area, id, from, until, viewer } = query;
  const granted = grantedMetrics(viewer.channels);
  const rowArea = parseAreaId(id);
  if (rowArea !== undefined && !isWithin(rowArea, area)) return undefined;
  // The row of a part's root is asked of its parent, which is the base's.
  const rowOwner = rowArea === undefined ? undefined : tree.ownerOf(rowArea);
  const owner = tree.ownerOf(area) ?? rowOwner;
  const below = owner === undefined && rowArea !== undefined ? tree.rootsBelow(rowArea) : [];
  if (owner !== undefined || below.length === 0) {
    const isRoot = rowArea !== undefined && owner?.roots.includes(rowArea) === true;
    const source = owner ?? tree.base;
    const series = await source.series(isRoot ? { ...query, area: rowArea } : query);
    return series === undefined ? undefined : blankSeries(series, granted);
  }
  const [base, ...parts] = await Promise.all([
    tree.base.series(query),
    ...below.map((partRoot) => readPart(partRoot, query)),
  ]);
  if (base === undefined) return undefined;
  const meterCount = tree.base.area(id as AreaId)?.meterCount ?? 0;
  const head = { id, name: base.name, from };
  return sumSeries(head, until - from, [{ meterCount, series: base }, ...parts], granted);
}

async function readPart({ part, root }: PartRoot, query: SeriesQuery): Promise<WeighedSeries> {
  const meterCount = part.area(root)?.meterCount ?? 0;
  try {
    const viewer = { ...query.viewer, deepestDepth: areaDepth(root) };
    return { meterCount, series: await part.series({ ...query, area: root, id: root, viewer }) };
  } catch (error) {
    if (query.signal.aborted) throw error;
    return { meterCount, series: undefined };
  }
}
