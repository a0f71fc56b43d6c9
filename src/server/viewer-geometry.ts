// An area's geometry as one viewer may have it: without the areas around it, and without their arcs,
// where the grant does not cover the parent.

import { createHash } from 'node:crypto';
import { type AreaId, isWithin, parentArea } from '../core/area.ts';
import type { Geometry, MapSource } from '../map/map-source.ts';
import { maySeeInside, type Viewer } from '../map/viewer.ts';

/** Undefined where there is nothing to draw, or nothing that the viewer may see. */
export async function viewerGeometry(
  source: MapSource,
  viewer: Viewer,
  area: AreaId,
): Promise<Geometry | undefined> {
  if (!maySeeInside(viewer, area)) return undefined;
  const geometry = await source.geometry(area);
  if (geometry === undefined) return undefined;
  const parent = parentArea(area);
  const isParentSeen = parent === undefined || isWithin(parent, viewer.area);
  return isParentSeen ? geometry : withoutSiblings(geometry);
}

const stripped = new WeakMap<Uint8Array, Geometry>();

interface Topology {
  objects: { siblings?: unknown } & Record<string, unknown>;
  arcs: unknown[];
}

/** @throws SyntaxError where the source's geometry is no JSON. */
export function withoutSiblings(geometry: Geometry): Geometry {
  const known = stripped.get(geometry.json);
  if (known !== undefined) return known;
  const topology = JSON.parse(new TextDecoder().decode(geometry.json)) as Topology;
  delete topology.objects.siblings;
  dropUnusedArcs(topology);
  const json = new TextEncoder().encode(JSON.stringify(topology));
  const hash = createHash('sha256').update(json).digest('hex').slice(0, 32);
  const result = { hash, json };
  stripped.set(geometry.json, result);
  return result;
}

/** TopoJSON, section 2.1.4: an arc's index i, or ~i for the arc backwards. */
function dropUnusedArcs(topology: Topology): void {
  const kept: unknown[] = [];
  const places = new Map<number, number>();
  const renumber = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renumber);
    const index = value as number;
    const arc = index < 0 ? ~index : index;
    let place = places.get(arc);
    if (place === undefined) {
      place = kept.push(topology.arcs[arc]) - 1;
      places.set(arc, place);
    }
    return index < 0 ? ~place : place;
  };
  const visit = (object: { arcs?: unknown; geometries?: unknown[] }): void => {
    if (object.arcs !== undefined) object.arcs = renumber(object.arcs);
    for (const child of object.geometries ?? []) visit(child as typeof object);
  };
  for (const object of Object.values(topology.objects)) visit(object as object);
  topology.arcs = kept;
}
