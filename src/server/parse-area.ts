// Areas in paths, with dots: `eu.es.13`. What a viewer may not see and what does not exist beside it
// get the same answer, so that a token learns nothing of the tree outside its grant.

import { type AreaId, areaSubject, parseAreaId } from '../core/area.ts';
import type { MapArea } from '../map/map-area.ts';
import type { MapSource } from '../map/map-source.ts';
import { maySee, type Viewer } from '../map/viewer.ts';
import { Problem } from './problem.ts';

/** @throws Problem `bad-area`. */
export function parseDottedArea(text: string): AreaId {
  // A slash is refused, not split at: `eu/es` in a path is another resource, `eu%2Fes` a mistake.
  const area = text.includes('/') ? undefined : parseAreaId(text.replaceAll('.', '/'));
  if (area === undefined) throw new Problem('bad-area');
  return area;
}

export function dottedArea(area: AreaId): string {
  return areaSubject(area);
}

/** @throws Problem `bad-area`, `not-granted` or, within the grant only, `unknown-area`. */
export function visibleArea(source: MapSource, viewer: Viewer, text: string): MapArea {
  const id = parseDottedArea(text);
  if (!maySee(viewer, id)) throw new Problem('not-granted');
  const area = source.area(id);
  if (area === undefined) throw new Problem('unknown-area');
  return area;
}
