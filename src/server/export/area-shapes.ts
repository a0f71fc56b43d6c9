// Outlines of areas, and of cells as the union of their members, from the source's TopoJSON: shared
// borders are shared arcs, so a union is exact and has no slivers.

import type { MultiPolygon, Polygon } from 'geojson';
import { merge } from 'topojson-client';
import type { GeometryObject, Topology } from 'topojson-specification';
import type { AreaId } from '../../core/area.ts';
import { rewindForGeoJson } from '../../geo/rewind.ts';
import { type ArealObject, isAreal, toFeature } from '../../geo/topology.ts';
import type { MapSource } from '../../map/map-source.ts';

export type Shape = Polygon | MultiPolygon;

export interface AreaShapes {
  /** Names the bytes that these shapes were read from. */
  readonly hash: string;
  /** The union of children, in RFC 7946 winding; null where one of them has no outline. */
  of(members: readonly string[]): Shape | null;
  /** The area itself. */
  outline(): Shape | null;
}

/** Parsed topologies that are kept: one is at most a few megabytes. */
const MAX_KEPT = 16;

export type ShapeReader = (area: AreaId) => Promise<AreaShapes | undefined>;

/** Undefined where an area has no geometry. The least recently used are forgotten. */
export function createShapeReader(source: MapSource): ShapeReader {
  const kept = new Map<string, AreaShapes>();
  return async (area) => {
    const geometry = await source.geometry(area);
    if (geometry === undefined) return undefined;
    const key = `${area} ${geometry.hash}`;
    const shapes = kept.get(key) ?? areaShapes(geometry.hash, geometry.json);
    kept.delete(key);
    kept.set(key, shapes);
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value as string);
    return shapes;
  };
}

function areaShapes(hash: string, json: Uint8Array): AreaShapes {
  const topology = JSON.parse(new TextDecoder().decode(json)) as Topology<
    Record<string, GeometryObject>
  >;
  const children = new Map<string, ArealObject>();
  for (const child of arealObjects(topology.objects.children))
    if (child.id !== undefined) children.set(String(child.id), child);
  return {
    hash,
    of(members) {
      const objects: ArealObject[] = [];
      for (const member of members) {
        const object = children.get(member);
        // Part of an outline would draw a wrong one.
        if (object === undefined) return null;
        objects.push(object);
      }
      return union(topology, objects);
    },
    outline: () => union(topology, arealObjects(topology.objects.outline)),
  };
}

function union(topology: Topology, objects: readonly ArealObject[]): Shape | null {
  const [first] = objects;
  if (first === undefined) return null;
  const geometry: Shape =
    objects.length === 1
      ? toFeature(topology, first).geometry
      : merge(topology, [...objects] as Parameters<typeof merge>[1]);
  const wound = rewindForGeoJson({ type: 'Feature', properties: null, geometry }).geometry;
  return wound.coordinates.length === 0 ? null : wound;
}

function arealObjects(object: GeometryObject | undefined): readonly ArealObject[] {
  if (object === undefined) return [];
  if (object.type === 'GeometryCollection') return object.geometries.flatMap(arealObjects);
  return isAreal(object) ? [object] : [];
}
