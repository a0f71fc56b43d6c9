// Small operations on TopoJSON topologies, beside those of topojson-client. None changes its argument.

import type { Feature, Position } from 'geojson';
import { mergeArcs, feature as topojsonFeature } from 'topojson-client';
import type {
  GeometryCollection,
  GeometryObject,
  MultiPolygon,
  Polygon,
  Properties,
  Topology,
} from 'topojson-specification';
import { type Areal, ringArea } from './rewind.ts';

/** An area in a topology: rings of arc numbers, `~n` for arc `n` backwards. */
export type ArealObject = Polygon | MultiPolygon;

export function isAreal(object: GeometryObject): object is ArealObject {
  return object.type === 'Polygon' || object.type === 'MultiPolygon';
}

export function polygonsOf(object: ArealObject): readonly (readonly number[][])[] {
  return object.type === 'Polygon' ? [object.arcs] : object.arcs;
}

export function collect(geometries: readonly GeometryObject[]): GeometryCollection {
  return { type: 'GeometryCollection', geometries: [...geometries] };
}

export function toFeature(topology: Topology, object: ArealObject): Feature<Areal> {
  return topojsonFeature(topology, object) as Feature<Areal>;
}

/** The union of areas that share arcs: exactly their common outer boundary. */
export function mergeObjects(
  topology: Topology,
  objects: readonly ArealObject[],
  id: string,
): MultiPolygon {
  return { ...mergeArcs(topology, [...objects]), id };
}

/** The objects with each polygon's rings passed through `change`; a polygon without rings is left out. */
function mapPolygons<T extends GeometryObject<Properties>>(
  object: T,
  change: (rings: readonly number[][]) => number[][],
): T {
  if (object.type === 'GeometryCollection') {
    return { ...object, geometries: object.geometries.map((one) => mapPolygons(one, change)) };
  }
  if (object.type === 'Polygon') return { ...object, arcs: change(object.arcs) };
  if (object.type !== 'MultiPolygon') return object;
  const polygons = object.arcs.map(change).filter((rings) => rings.length > 0);
  return { ...object, arcs: polygons };
}

/** As `mapPolygons`, for every object of a topology. */
export function mapTopology<T extends Topology>(
  topology: T,
  change: (rings: readonly number[][]) => number[][],
): T {
  const objects = Object.entries(topology.objects).map(([name, object]) => [
    name,
    mapPolygons(object, change),
  ]);
  return { ...topology, objects: Object.fromEntries(objects) };
}

export function dropUnusedArcs<T extends Topology>(topology: T): T {
  const places = new Map<number, number>();
  const arcs: Topology['arcs'] = [];
  const renumbered = mapTopology(topology, (rings) =>
    rings.map((ring) =>
      ring.map((number) => {
        const old = number < 0 ? ~number : number;
        let place = places.get(old);
        if (place === undefined) {
          place = arcs.push(topology.arcs[old] as Position[]) - 1;
          places.set(old, place);
        }
        return number < 0 ? ~place : place;
      }),
    ),
  );
  return { ...renumbered, arcs };
}

/** Exterior rings counterclockwise (RFC 7946); rings that enclose nothing are left out. */
export function windTopology<T extends Topology>(topology: T): T {
  const arcs = absoluteArcs(topology);
  return mapTopology(topology, (rings) => {
    const out: number[][] = [];
    for (const [i, ring] of rings.entries()) {
      const area = ringArea(ringPositions(arcs, ring));
      if (area === 0 && i === 0) return [];
      if (area === 0) continue;
      out.push(area > 0 === (i === 0) ? ring : ring.map((number) => ~number).reverse());
    }
    return out;
  });
}

/** The arcs in degrees, whether or not the topology is quantized. */
export function absoluteArcs({ arcs, transform }: Topology): Position[][] {
  if (transform === undefined) return arcs as Position[][];
  const { scale, translate } = transform;
  return arcs.map((arc) => {
    let x = 0;
    let y = 0;
    return arc.map((step) => {
      x += step[0] as number;
      y += step[1] as number;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
}

/** The closed ring of these arcs. */
export function ringPositions(arcs: readonly Position[][], ring: readonly number[]): Position[] {
  const positions: Position[] = [];
  for (const number of ring) {
    const arc = arcs[number < 0 ? ~number : number] as Position[];
    if (positions.length > 0) positions.pop();
    positions.push(...(number < 0 ? arc.toReversed() : arc));
  }
  return positions;
}
