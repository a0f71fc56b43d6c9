// One parent's shapes as the bytes that are stored, hashed and served: TopoJSON with the objects
// `children`, `outline` and `siblings`, rings in RFC 7946 winding, coordinates on a grid.

import { quantize } from 'topojson-client';
import type {
  GeometryCollection,
  GeometryObject,
  Topology,
  Transform,
} from 'topojson-specification';
import { toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import type { Geometry } from '../map/map-source.ts';
import { dropUnusedArcs, isAreal, polygonsOf, windTopology } from './topology.ts';

export interface GeometryObjects {
  readonly children: GeometryCollection;
  readonly outline: GeometryCollection;
  readonly siblings: GeometryCollection;
  readonly [name: string]: GeometryObject;
}

export type GeometryTopology = Topology<GeometryObjects>;

/**
 * `gridSteps`: positions on the grid along each side of the outline's bounding box; what lies around it
 * is on the same grid. Arcs that no object uses, and siblings that nothing is left of, are left out. The
 * same shapes give the same bytes.
 */
export function encodeGeometry(topology: GeometryTopology, gridSteps: number): Geometry {
  const onGrid = quantize(dropUnusedArcs(topology), gridOver(topology, gridSteps));
  const wound = windTopology(onGrid as Topology as GeometryTopology);
  const { children, outline, siblings } = wound.objects;
  const isDrawn = (object: GeometryObject) => isAreal(object) && polygonsOf(object).length > 0;
  const objects = {
    children,
    outline,
    siblings: { ...siblings, geometries: siblings.geometries.filter(isDrawn) },
  };
  const drawn = dropUnusedArcs({ ...wound, objects });
  const { transform, arcs } = drawn;
  const json = utf8(JSON.stringify({ type: 'Topology', transform, objects: drawn.objects, arcs }));
  return { hash: toHex(sha256(json)), json };
}

function gridOver(topology: GeometryTopology, steps: number): Transform {
  const numbers = topology.objects.outline.geometries.filter(isAreal).flatMap(polygonsOf).flat(2);
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const number of numbers) {
    for (const [x, y] of topology.arcs[number < 0 ? ~number : number] as [number, number][]) {
      west = Math.min(west, x);
      south = Math.min(south, y);
      east = Math.max(east, x);
      north = Math.max(north, y);
    }
  }
  return {
    scale: [(east - west) / (steps - 1), (north - south) / (steps - 1)],
    translate: [west, south],
  };
}

/** Of bytes that `encodeGeometry` made. */
export function parseGeometry({ json }: Geometry): GeometryTopology {
  return JSON.parse(new TextDecoder().decode(json));
}
