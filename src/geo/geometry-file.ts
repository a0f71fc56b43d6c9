// One parent's shapes as the bytes that are stored, hashed and served: TopoJSON with the objects
// `children`, `outline` and `siblings`, rings in RFC 7946 winding, coordinates on a grid.

import { quantize } from 'topojson-client';
import type { GeometryCollection, GeometryObject, Topology } from 'topojson-specification';
import { toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import type { Geometry } from '../map/map-source.ts';
import { dropUnusedArcs, windTopology } from './topology.ts';

export interface GeometryObjects {
  readonly children: GeometryCollection;
  readonly outline: GeometryCollection;
  readonly siblings: GeometryCollection;
  readonly [name: string]: GeometryObject;
}

export type GeometryTopology = Topology<GeometryObjects>;

/**
 * `gridSteps`: positions on the grid along each side of the bounding box. Arcs that no object uses are
 * left out. The same shapes give the same bytes.
 */
export function encodeGeometry(topology: GeometryTopology, gridSteps: number): Geometry {
  const used = dropUnusedArcs(topology);
  const wound = windTopology(quantize(used, gridSteps)) as GeometryTopology;
  const json = utf8(JSON.stringify({ ...wound, type: 'Topology' }));
  return { hash: toHex(sha256(json)), json };
}

/** Of bytes that `encodeGeometry` made. */
export function parseGeometry({ json }: Geometry): GeometryTopology {
  return JSON.parse(new TextDecoder().decode(json));
}
