// The areas that the simulated monitors answer for: the continent, its nations, and of Spain the
// regions, provinces and municipalities. What the real network covers is left out, with all below it.

import { type AreaId, lastToken } from '../../core/area.ts';
import type { MapArea } from '../../map/map-area.ts';
import { createMunicipalities, mergeIntoCells } from './cells.ts';
import type { CountryGeography, Place } from './country-geography.ts';
import { createNationMonitor, createProvinceMonitor, type Monitor } from './monitor.ts';

export interface CountryNode {
  readonly area: MapArea;
  readonly children: readonly CountryNode[];
  /** Its own, or all below it. A municipality has its province's. */
  readonly monitors: readonly Monitor[];
  /** Of a municipality: the cell that it is published in. */
  readonly cell: number | undefined;
}

export interface CountryTree {
  readonly root: CountryNode;
  readonly nodes: ReadonlyMap<string, CountryNode>;
}

export interface CountryTreeOptions {
  readonly geography: CountryGeography;
  readonly root: AreaId;
  /** The nation that is divided, by its id's last token. */
  readonly dividedNation: string;
  readonly handedOver: readonly AreaId[];
  readonly minMeters: number;
  readonly levels: readonly string[];
  readonly seed: string;
}

/** The first of these that the geography has is shown as a land whose homes nobody measures. */
const NOT_CONNECTED: readonly string[] = ['is', 'mt', 'lu', 'ie'];

export function createCountryTree(options: CountryTreeOptions): CountryTree {
  const { geography, root, dividedNation } = options;
  const place = geography.area(root);
  if (place === undefined) throw new RangeError(`root: the geography has no area ${root}`);
  const nations = geography.children(root);
  const codes = new Set(nations.map(({ id }) => lastToken(id)));
  const notConnected = NOT_CONNECTED.find((code) => codes.has(code));
  const children = nations.map((nation) => {
    const code = lastToken(nation.id);
    if (code === dividedNation) return dividedNode(nation, options);
    if (code === notConnected) return leaf(nation, [], 0);
    const monitor = createNationMonitor(nation, options.seed);
    return leaf(nation, [monitor], monitor.meterCount);
  });
  const rootNode = group(place, children, options);
  const nodes = new Map<string, CountryNode>();
  index(rootNode, nodes);
  return { root: rootNode, nodes };
}

function dividedNode(nation: Place, options: CountryTreeOptions): CountryNode {
  const { geography } = options;
  const regions = geography.children(nation.id).map((region) => {
    const provinces = geography
      .children(region.id)
      .map((province) => provinceNode(province, lastToken(region.id), options));
    return group(region, provinces, options);
  });
  return group(nation, regions, options);
}

function provinceNode(
  province: Place,
  regionCode: string,
  options: CountryTreeOptions,
): CountryNode {
  const { geography, handedOver, minMeters, seed } = options;
  const municipalities = createMunicipalities(province.id, geography.children(province.id), seed)
    // After the sizes: what is handed over does not make its neighbours larger.
    .filter(({ place }) => !handedOver.includes(place.id));
  const cells = mergeIntoCells(municipalities, minMeters);
  const monitor = createProvinceMonitor(province, regionCode, cells, seed);
  const cellOf = new Map<AreaId, number>();
  for (const [i, cell] of cells.entries()) {
    for (const { place } of cell.members) cellOf.set(place.id, i);
  }
  const children = municipalities.map(({ place, meterCount }) =>
    leaf(place, [monitor], meterCount, cellOf.get(place.id)),
  );
  return { ...group(province, children, options), monitors: [monitor] };
}

function group(
  place: Place,
  children: readonly CountryNode[],
  { levels }: CountryTreeOptions,
): CountryNode {
  return {
    area: {
      ...mapArea(
        place,
        children.reduce((sum, { area }) => sum + area.meterCount, 0),
      ),
      childCount: children.length,
      childLevel: children.length === 0 ? undefined : levels[place.depth],
    },
    children,
    monitors: [...new Set(children.flatMap(({ monitors }) => monitors))],
    cell: undefined,
  };
}

function leaf(
  place: Place,
  monitors: readonly Monitor[],
  meterCount: number,
  cell?: number,
): CountryNode {
  return { area: mapArea(place, meterCount), children: [], monitors, cell };
}

function mapArea(place: Place, meterCount: number): MapArea {
  const { id, name, level, depth, parent, center, bbox, areaKm2 } = place;
  return {
    id,
    name,
    level,
    depth,
    parent,
    center,
    bbox,
    areaKm2,
    meterCount,
    childCount: 0,
    childLevel: undefined,
    origin: 'simulated',
  };
}

function index(node: CountryNode, into: Map<string, CountryNode>): void {
  into.set(node.area.id, node);
  for (const child of node.children) index(child, into);
}
