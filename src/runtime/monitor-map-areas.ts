// The areas of a network as the map knows them: its tree, with the places' names, sizes and shapes.

import { type AreaId, isWithin, lastToken } from '../core/area.ts';
import { type AreaNode, areaAt, areaNamed, type Network } from '../core/network-tree.ts';
import type { MapArea } from '../map/map-area.ts';
import type { MonitorMapOptions } from './monitor-map-options.ts';

type AreasOptions = Pick<MonitorMapOptions, 'network' | 'places' | 'names' | 'about'>;

export class MonitorMapAreas {
  readonly #options: AreasOptions;
  readonly #folded = new Map<AreaId, string>();

  constructor(options: AreasOptions) {
    this.#options = options;
  }

  get network(): Network {
    return this.#options.network;
  }

  nameOf(id: AreaId): string {
    return this.#options.places?.area(id)?.name ?? this.#options.names?.(id) ?? lastToken(id);
  }

  area(id: AreaId): MapArea | undefined {
    const node = areaNamed(this.network, id);
    return node && this.#mapArea(node);
  }

  children(id: AreaId): readonly MapArea[] {
    const node = areaNamed(this.network, id);
    return node === undefined
      ? []
      : childrenOf(node).map((child) => this.#mapArea(areaAt(this.network, child)));
  }

  /** Best first: the name itself, then what begins with it, then a word that does, then any part. */
  search(text: string, within: AreaId, limit: number): readonly MapArea[] {
    const wanted = fold(text);
    if (wanted === '') return [];
    const found: { readonly node: AreaNode; readonly rank: number }[] = [];
    for (const node of this.network.areas) {
      if (!isWithin(node.id, within)) continue;
      const rank = this.#rank(node.id, wanted);
      if (rank !== undefined) found.push({ node, rank });
    }
    return found
      .sort((a, b) => a.rank - b.rank || a.node.depth - b.node.depth || a.node.index - b.node.index)
      .slice(0, limit)
      .map(({ node }) => this.#mapArea(node));
  }

  #rank(id: AreaId, wanted: string): number | undefined {
    let name = this.#folded.get(id);
    if (name === undefined) {
      name = fold(this.nameOf(id));
      this.#folded.set(id, name);
    }
    if (name === wanted || id === wanted) return 0;
    if (name.startsWith(wanted)) return 1;
    if (name.split(/[\s-]+/).some((word) => word.startsWith(wanted))) return 2;
    if (name.includes(wanted)) return 3;
    return id.toLowerCase().includes(wanted) ? 4 : undefined;
  }

  #mapArea(node: AreaNode): MapArea {
    const { places, about } = this.#options;
    const place = places?.area(node.id);
    const childCount = node.areaChildren.length + node.streetChildren.length;
    return {
      id: node.id,
      name: this.nameOf(node.id),
      level: about.levels[node.depth - 1] ?? '',
      depth: node.depth,
      parent: node.parent === undefined ? undefined : areaAt(this.network, node.parent).id,
      meterCount: node.meterCount,
      areaKm2: place?.areaKm2,
      center: place?.center,
      bbox: place?.bbox,
      childCount,
      childLevel: childCount === 0 ? undefined : about.levels[node.depth],
      origin: 'network',
    };
  }
}

/** In tree order. */
export function childrenOf(node: AreaNode): number[] {
  return [...node.areaChildren, ...node.streetChildren].sort((a, b) => a - b);
}

/** Without case and accents. */
function fold(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .trim();
}
