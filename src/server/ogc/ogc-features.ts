// Features from frames: the areas of a level in tree order, found by their boxes without asking for
// figures, and then the figures of one page. Bounded: areas walked, frames asked for in one request.

import { type AreaId, isWithin, parentArea } from '../../core/area.ts';
import type { IntervalIndex } from '../../core/interval.ts';
import type { MapArea } from '../../map/map-area.ts';
import type { MapSource } from '../../map/map-source.ts';
import { ENERGY_METRICS } from '../../map/metric.ts';
import type { Viewer } from '../../map/viewer.ts';
import type { Shape, ShapeReader } from '../export/area-shapes.ts';
import { exportRecord } from '../export/export-record.ts';
import { recordProperties } from '../export/write-geojson.ts';
import { frameDocument } from '../frame-document.ts';
import { dottedArea } from '../parse-area.ts';
import { Problem } from '../problem.ts';
import type { FrameDocument, RowDocument } from '../wire.ts';
import { boxesMeet, boxHolds, shapeMeetsBox } from './box.ts';
import type { OgcCollection } from './ogc-collections.ts';
import type { ItemsQuery } from './ogc-query.ts';

/** Each is a question to a monitor, which may have to ask the trustees. */
const MAX_FRAMES = 64;
const MAX_WALKED = 200_000;

export interface OgcFeature {
  readonly type: 'Feature';
  readonly id: string;
  readonly geometry: Shape | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface FeaturePage {
  readonly features: readonly OgcFeature[];
  readonly matchedCount: number;
}

export interface FeatureReading {
  readonly source: MapSource;
  readonly viewer: Viewer;
  readonly readShapes: ShapeReader;
  readonly signal: AbortSignal;
}

export async function readFeatures(
  reading: FeatureReading,
  collection: OgcCollection,
  query: ItemsQuery,
): Promise<FeaturePage> {
  if (query.interval === undefined) return { features: [], matchedCount: 0 };
  const read = collection.kind === 'area' ? readAreas : readCells;
  return await read(reading, collection, query, query.interval);
}

/** The id of an area's feature is its own; of a cell's, that of its parent, ":" and its own. */
export async function readFeature(
  reading: FeatureReading,
  collection: OgcCollection,
  id: string,
  interval: IntervalIndex,
): Promise<OgcFeature | undefined> {
  const { source, viewer } = reading;
  const [dotted = '', ...rest] = id.split(':');
  const area = source.area(dotted.replaceAll('.', '/') as AreaId);
  if (area === undefined || dotted.includes('/') || !isWithin(area.id, viewer.area))
    return undefined;
  if (collection.kind === 'area') {
    if (rest.length > 0 || area.depth !== collection.depth) return undefined;
    return (await areaFeatures(reading, [area], interval))[0];
  }
  if (area.depth !== collection.depth - 1) return undefined;
  const cells = await cellFeatures(reading, area, interval);
  return cells.find((cell) => cell.id === id);
}

async function readAreas(
  reading: FeatureReading,
  { depth }: OgcCollection,
  query: ItemsQuery,
  interval: IntervalIndex,
): Promise<FeaturePage> {
  const matched: MapArea[] = [];
  for (const area of walk(reading, depth, query))
    if (area.id !== query.parent?.id && (await meetsBox(reading, area, query))) matched.push(area);
  const page: MapArea[] = [];
  const parents = new Set<AreaId | undefined>();
  for (const area of matched.slice(query.offset, query.offset + query.limit)) {
    parents.add(area.parent);
    // A shorter page is allowed, and the next one follows it.
    if (parents.size > MAX_FRAMES) break;
    page.push(area);
  }
  return { features: await areaFeatures(reading, page, interval), matchedCount: matched.length };
}

async function readCells(
  reading: FeatureReading,
  { depth }: OgcCollection,
  query: ItemsQuery,
  interval: IntervalIndex,
): Promise<FeaturePage> {
  const parents = [...walk(reading, depth - 1, query)].filter(({ childCount }) => childCount > 0);
  if (parents.length > MAX_FRAMES)
    throw new Problem(
      'bad-query',
      `The cells of ${parents.length} areas are more than one request may ask for: give a smaller "bbox", or a "parent".`,
    );
  const matched: OgcFeature[] = [];
  for (const parent of parents)
    for (const cell of await cellFeatures(reading, parent, interval)) {
      const { box } = query;
      if (box === undefined || (cell.geometry !== null && shapeMeetsBox(cell.geometry, box)))
        matched.push(cell);
    }
  const features = matched.slice(query.offset, query.offset + query.limit);
  return { features, matchedCount: matched.length };
}

/** The areas of a depth whose box meets the query's, in tree order. */
function* walk(
  { source, viewer, signal }: FeatureReading,
  depth: number,
  { box, parent }: ItemsQuery,
): Generator<MapArea> {
  const top = source.area(parent?.id ?? viewer.area);
  const stack: MapArea[] = top === undefined ? [] : [top];
  let walkedCount = 0;
  for (let area = stack.pop(); area !== undefined; area = stack.pop()) {
    signal.throwIfAborted();
    if (++walkedCount > MAX_WALKED)
      throw new Problem('bad-query', 'Too many areas at once: give a "bbox", or a "parent".');
    if (box !== undefined && (area.bbox === undefined || !boxesMeet(area.bbox, box))) continue;
    if (area.depth === depth) {
      yield area;
    } else if (area.depth < depth) stack.push(...source.children(area.id).toReversed());
  }
}

async function meetsBox(
  reading: FeatureReading,
  area: MapArea,
  { box }: ItemsQuery,
): Promise<boolean> {
  if (box === undefined || (area.bbox !== undefined && boxHolds(box, area.bbox))) return true;
  const shape = await shapeOf(reading, area);
  return shape !== null && shapeMeetsBox(shape, box);
}

async function shapeOf(
  { readShapes, signal }: FeatureReading,
  area: MapArea,
): Promise<Shape | null> {
  signal.throwIfAborted();
  const ofParent = area.parent === undefined ? undefined : await readShapes(area.parent);
  const shape = ofParent?.of([area.id]) ?? null;
  return shape ?? (await readShapes(area.id))?.outline() ?? null;
}

async function areaFeatures(
  reading: FeatureReading,
  areas: readonly MapArea[],
  interval: IntervalIndex,
): Promise<OgcFeature[]> {
  const frames = new Map<AreaId, FrameDocument>();
  const features: OgcFeature[] = [];
  for (const area of areas) {
    // The viewer's own start has no frame above it that it may see.
    const of = area.id === reading.viewer.area ? area.id : (parentArea(area.id) ?? area.id);
    const frame = frames.get(of) ?? (await readFrame(reading, of, interval));
    frames.set(of, frame);
    const row = of === area.id ? frame.self : frame.rows.find(({ id }) => id === area.id);
    const cells = frame.rows.filter(
      ({ kind, members }) => kind === 'cell' && members.includes(area.id),
    );
    features.push({
      type: 'Feature',
      id: dottedArea(area.id),
      geometry: await shapeOf(reading, area),
      properties: {
        ...rowProperties(row ?? rowWithout(area, cells.length > 0), frame),
        level: area.level,
        parent: area.id === reading.viewer.area ? null : (area.parent ?? null),
        area_km2: area.areaKm2 ?? null,
        cells: cells.map(({ id }) => `${dottedArea(of)}:${id}`).join(' '),
      },
    });
  }
  return features;
}

async function cellFeatures(
  reading: FeatureReading,
  parent: MapArea,
  interval: IntervalIndex,
): Promise<OgcFeature[]> {
  const frame = await readFrame(reading, parent.id, interval);
  const shapes = await reading.readShapes(parent.id);
  return frame.rows
    .filter(({ kind }) => kind === 'cell')
    .map((row) => ({
      type: 'Feature',
      id: `${dottedArea(parent.id)}:${row.id}`,
      geometry: shapes?.of(row.members) ?? null,
      properties: {
        ...rowProperties(row, frame),
        level: parent.childLevel ?? null,
        parent: parent.id,
      },
    }));
}

/** Of an area that is published only together with others, or not at all. */
function rowWithout(area: MapArea, isMerged: boolean): RowDocument {
  const reason = isMerged ? 'too-few' : 'missing';
  return {
    id: area.id,
    name: area.name,
    kind: 'area',
    members: [area.id],
    layers: [],
    meterCount: area.meterCount,
    energyWh: { net: null, consumption: null, production: null, import: null, export: null },
    absent: Object.fromEntries(ENERGY_METRICS.map((metric) => [metric, reason])),
    coverage: 0,
    status: isMerged ? 'withheld' : 'late',
    reason,
    isChecked: true,
    origin: area.origin,
  };
}

function rowProperties(row: RowDocument, frame: FrameDocument): Record<string, unknown> {
  return recordProperties(exportRecord(row, Date.parse(frame.start), Date.parse(frame.end)));
}

async function readFrame(
  { source, viewer, signal }: FeatureReading,
  area: AreaId,
  interval: IntervalIndex,
): Promise<FrameDocument> {
  signal.throwIfAborted();
  const frame = await source.frame({ area, interval, viewer, signal });
  if (frame === undefined) throw new Problem('unknown-area');
  return frameDocument(source, viewer, frame);
}
