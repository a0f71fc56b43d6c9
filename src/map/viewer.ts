// What a viewer may see: the part of a grant that the map needs. The same grant, signed by the
// registrar, is what the trustees check; this is only the nearer of the two fences.

import { type AreaId, areaDepth, isWithin } from '../core/area.ts';

export interface Viewer {
  /** Which grant opens what is not open yet; one of the source's. */
  readonly grantName: string;
  /** It sees this area and what lies below it. */
  readonly area: AreaId;
  /** Number of tokens of the deepest row that it may see. */
  readonly deepestDepth: number;
  /** Names of the channels that it may see. */
  readonly channels: readonly string[];
}

/** Whether the viewer may see the area's own figures. */
export function maySee(viewer: Viewer, area: AreaId): boolean {
  return isWithin(area, viewer.area) && areaDepth(area) <= viewer.deepestDepth;
}

/** Whether the viewer may see the figures of the area's children. */
export function maySeeInside(viewer: Viewer, area: AreaId): boolean {
  return isWithin(area, viewer.area) && areaDepth(area) < viewer.deepestDepth;
}
