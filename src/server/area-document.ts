// Areas as the API says them: an area with its way from the viewer's start, and with those of its
// children that the viewer may see.

import { areaDepth, isWithin, parentArea } from '../core/area.ts';
import type { MapArea } from '../map/map-area.ts';
import type { MapSource } from '../map/map-source.ts';
import { maySeeInside, type Viewer } from '../map/viewer.ts';
import type { AreaDocument, AreaItem, SearchDocument } from './wire.ts';

export function areaItem(viewer: Viewer, area: MapArea): AreaItem {
  return {
    id: area.id,
    name: area.name,
    level: area.level,
    meterCount: area.meterCount,
    areaKm2: area.areaKm2 ?? null,
    center: area.center ?? null,
    bbox: area.bbox ?? null,
    isOpen: area.childCount > 0 && maySeeInside(viewer, area.id),
    origin: area.origin,
  };
}

export function areaDocument(
  source: MapSource,
  viewer: Viewer,
  area: MapArea,
  geometryUrl: string | null,
): AreaDocument {
  const isInsideSeen = maySeeInside(viewer, area.id);
  return {
    ...areaItem(viewer, area),
    ancestors: ancestorsOf(source, viewer, area).map(({ id, name, level }) => ({
      id,
      name,
      level,
    })),
    childLevel: isInsideSeen ? (area.childLevel ?? null) : null,
    children: isInsideSeen ? source.children(area.id).map((child) => areaItem(viewer, child)) : [],
    geometryUrl,
  };
}

export function searchDocument(
  source: MapSource,
  viewer: Viewer,
  found: readonly MapArea[],
): SearchDocument {
  return {
    results: found
      .filter((area) => isWithin(area.id, viewer.area) && areaDepth(area.id) <= viewer.deepestDepth)
      .map((area) => ({
        ...areaItem(viewer, area),
        path: ancestorsOf(source, viewer, area)
          .map(({ name }) => name)
          .join(', '),
      })),
  };
}

/** From the viewer's start down to the parent: nothing above the grant. */
function ancestorsOf(source: MapSource, viewer: Viewer, area: MapArea): readonly MapArea[] {
  const ancestors: MapArea[] = [];
  for (let id = parentArea(area.id); id !== undefined; id = parentArea(id)) {
    if (!isWithin(id, viewer.area)) break;
    const ancestor = source.area(id);
    if (ancestor !== undefined) ancestors.unshift(ancestor);
  }
  return ancestors;
}
