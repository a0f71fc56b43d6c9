// The areas of a network as the map knows them: its tree, with the places' names, sizes and shapes.

import { type AreaId, isWithin, lastToken } from '../core/area.ts';
import { type AreaNode, areaAt, areaNamed, type Network } from '../core/network-tree.ts';
import type { MapArea } from '../map/map-area.ts';
import { compareMatches, foldText, matchRank } from '../map/search-names.ts';
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

  search(text: string, within: AreaId, limit: number): readonly MapArea[] {
    const wanted = foldText(text);
    if (wanted === '') return [];
    const found: { readonly node: AreaNode; readonly rank: number }[] = [];
    for (const node of this.network.areas) {
      const { id } = node;
      if (!isWithin(id, within)) continue;
      const rank = this.#rank(id, wanted);
      if (rank !== undefined) found.push({ node, rank });
    }
    return found
      .map(({ node, rank }) => ({ area: this.#mapArea(node), rank }))
      .sort(compareMatches)
      .slice(0, limit)
      .map(({ area }) => area);
  }

  /** As anywhere on the map; last, whatever has the text in its whole id. */
  #rank(id: AreaId, wanted: string): number | undefined {
    let name = this.#folded.get(id);
    if (name === undefined) {
      name = foldText(this.nameOf(id));
      this.#folded.set(id, name);
    }
    const rank = matchRank(name, lastToken(id).toLowerCase(), wanted);
    return rank ?? (id.toLowerCase().includes(wanted) ? 9 : undefined);
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
