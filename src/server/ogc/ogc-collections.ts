// The collections that a viewer may see: the areas of each level of its grant and, below its first,
// the cells that several areas too small to stand alone are published in. None is of households.

import { areaDepth } from '../../core/area.ts';
import type { MapSource } from '../../map/map-source.ts';
import type { Viewer } from '../../map/viewer.ts';
import { formatIntervalStart } from '../parse-time.ts';
import { Problem } from '../problem.ts';
import type { Links } from './ogc-links.ts';

export const CRS84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';

export interface OgcCollection {
  readonly id: string;
  readonly kind: 'area' | 'cell';
  readonly level: string;
  /** Of the areas, or of the members of the cells. */
  readonly depth: number;
}

export function collectionsOf(source: MapSource, viewer: Viewer): readonly OgcCollection[] {
  const collections: OgcCollection[] = [];
  const top = areaDepth(viewer.area);
  for (const [i, level] of source.about.levels.entries()) {
    const depth = i + 1;
    if (depth < top || depth > viewer.deepestDepth) continue;
    collections.push({ id: level, kind: 'area', level, depth });
    if (depth > top) collections.push({ id: `${level}-cells`, kind: 'cell', level, depth });
  }
  return collections;
}

/** @throws Problem `not-found` */
export function findCollection(source: MapSource, viewer: Viewer, id: string): OgcCollection {
  const found = collectionsOf(source, viewer).find((one) => one.id === id);
  if (found === undefined)
    throw new Problem('not-found', 'There is no such collection: /ogc/collections lists them.');
  return found;
}

export function collectionDocument(
  source: MapSource,
  viewer: Viewer,
  links: Links,
  { id, kind, level }: OgcCollection,
): Record<string, unknown> {
  const { about } = source;
  const path = `/collections/${encodeURIComponent(id)}`;
  const bbox = source.area(viewer.area)?.bbox;
  const [first, latest] = [source.firstInterval(), source.latestInterval()];
  const start = (index: number | undefined, after: number): string | null =>
    index === undefined ? null : formatIntervalStart(index + after, about.intervalSeconds);
  return {
    id,
    title: kind === 'area' ? `Areas: ${level}` : `Merged cells: ${level}`,
    description:
      kind === 'area'
        ? `Every ${level}, with its figures of one interval in watt-hours. Null is not published, never zero.`
        : `Several areas (${level}) that are too small to stand alone, as one shape with one figure.`,
    attribution: about.attributions.map(({ text }) => text).join('; '),
    itemType: 'feature',
    crs: [CRS84],
    extent: {
      ...(bbox === undefined ? {} : { spatial: { bbox: [bbox], crs: CRS84 } }),
      temporal: {
        interval: [[start(first, 0), start(latest, 1)]],
        trs: 'http://www.opengis.net/def/uom/ISO-8601/0/Gregorian',
      },
    },
    links: [
      links.to(path, 'self', 'application/json', 'This collection'),
      links.to(`${path}/items`, 'items', 'application/geo+json', 'Its features'),
      links.to('/collections', 'up', 'application/json', 'All collections'),
      ...links.licences(source),
    ],
  };
}
