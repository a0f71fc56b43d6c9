// The shapes of one area's children, read once from their immutable file and kept for a while.

import type { Feature } from 'geojson';
import { feature, merge } from 'topojson-client';
import type { GeometryCollection, MultiPolygon, Polygon, Topology } from 'topojson-specification';
import { type Areal, rewindForD3 } from '../../../src/geo/rewind.ts';
import { getDocument } from '../api/client.ts';

export interface MapGeometry {
  readonly url: string;
  /** By area id, wound as d3-geo wants them. */
  readonly children: ReadonlyMap<string, Feature<Areal>>;
  readonly outline: readonly Feature<Areal>[];
  readonly siblings: readonly Feature<Areal>[];
  /** The union of some children: what is merged has no line inside. Undefined where none is known. */
  union(members: readonly string[]): Feature<Areal> | undefined;
}

const MAX_KEPT = 8;
const kept = new Map<string, MapGeometry>();

/** @throws ApiProblem where there is none. */
export async function loadGeometry(url: string, signal: AbortSignal): Promise<MapGeometry> {
  const known = kept.get(url);
  if (known !== undefined) {
    kept.delete(url);
    kept.set(url, known);
    return known;
  }
  const geometry = readGeometry(
    url,
    await getDocument<Topology>(url, ['objects', 'arcs'], { signal }),
  );
  kept.set(url, geometry);
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value as string);
  return geometry;
}

export function readGeometry(url: string, topology: Topology): MapGeometry {
  const objects = new Map<string, Polygon | MultiPolygon>();
  const children = new Map<string, Feature<Areal>>();
  for (const object of arealObjects(topology, 'children')) {
    const id = String(object.id);
    objects.set(id, object);
    children.set(id, toFeature(topology, object));
  }
  const features = (name: string) =>
    arealObjects(topology, name).map((object) => toFeature(topology, object));
  return {
    url,
    children,
    outline: features('outline'),
    siblings: features('siblings'),
    union(members) {
      const parts = members.flatMap((id) => objects.get(id) ?? []);
      if (parts.length === 0) return undefined;
      const geometry = merge(topology, parts as Parameters<typeof merge>[1]);
      return rewindForD3({ type: 'Feature', properties: {}, geometry });
    },
  };
}

function arealObjects(topology: Topology, name: string): (Polygon | MultiPolygon)[] {
  const object = topology.objects[name] as GeometryCollection | undefined;
  const all = object?.type === 'GeometryCollection' ? object.geometries : object ? [object] : [];
  return all.filter(
    (part): part is Polygon | MultiPolygon =>
      (part as { type: string }).type === 'Polygon' ||
      (part as { type: string }).type === 'MultiPolygon',
  );
}

function toFeature(topology: Topology, object: Polygon | MultiPolygon): Feature<Areal> {
  return rewindForD3(feature(topology, object) as unknown as Feature<Areal>);
}
