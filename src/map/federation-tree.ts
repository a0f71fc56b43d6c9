// Who answers for which area: every part for its roots and what lies below them, the base for the
// rest. What lies above a root is both.

import { type AreaId, areaDepth, isWithin, parentArea } from '../core/area.ts';
import type { MapArea } from './map-area.ts';
import type { MapSource } from './map-source.ts';

export interface PartRoot {
  readonly part: MapSource;
  readonly root: AreaId;
}

export interface FederationTree {
  readonly base: MapSource;
  readonly parts: readonly MapSource[];
  /** The part that covers the area; undefined where the base does. */
  ownerOf(id: AreaId): MapSource | undefined;
  /** The roots of parts that lie strictly below the area. */
  rootsBelow(id: AreaId): readonly PartRoot[];
  area(id: AreaId): MapArea | undefined;
  children(id: AreaId): readonly MapArea[];
}

/** @throws RangeError where an area would be counted twice or has nothing above it. */
export function createFederationTree(
  base: MapSource,
  parts: readonly MapSource[],
  levels: readonly string[],
): FederationTree {
  const roots = parts.flatMap((part) => part.roots.map((root): PartRoot => ({ part, root })));
  checkRoots(base, roots);
  const ownerOf = (id: AreaId) => roots.find(({ root }) => isWithin(id, root))?.part;
  const rootsBelow = (id: AreaId) => roots.filter(({ root }) => root !== id && isWithin(root, id));

  function area(id: AreaId): MapArea | undefined {
    const owner = ownerOf(id);
    if (owner !== undefined) return placed(owner.area(id));
    const own = base.area(id);
    if (own === undefined) return undefined;
    const below = rootsBelow(id);
    if (below.length === 0) return own;
    const meterCounts = below.map(({ part, root }) => part.area(root)?.meterCount ?? 0);
    return {
      ...own,
      meterCount: own.meterCount + meterCounts.reduce((sum, count) => sum + count, 0),
      childCount: own.childCount + below.filter(({ root }) => parentArea(root) === id).length,
      childLevel: own.childLevel ?? levels[own.depth],
    };
  }

  function children(id: AreaId): readonly MapArea[] {
    const owner = ownerOf(id);
    if (owner !== undefined) return owner.children(id);
    const own = base.children(id).map((child) => area(child.id) ?? child);
    const added = rootsBelow(id)
      .filter(({ root }) => parentArea(root) === id)
      .flatMap(({ part, root }) => placed(part.area(root)) ?? []);
    return added.length === 0 ? own : [...own, ...added].sort((a, b) => compareIds(a.id, b.id));
  }

  return { base, parts, ownerOf, rootsBelow, area, children };
}

/** In the order of the ids, which is that of a tree whose siblings are numbered. */
export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A part's root has no parent in the part; here it has. */
function placed(area: MapArea | undefined): MapArea | undefined {
  if (area === undefined) return undefined;
  return { ...area, parent: parentArea(area.id), depth: areaDepth(area.id) };
}

function checkRoots(base: MapSource, roots: readonly PartRoot[]): void {
  for (const [i, { root }] of roots.entries()) {
    const parent = parentArea(root);
    if (parent === undefined || base.area(parent) === undefined) {
      throw new RangeError(`parts: expected the base to have the area above ${root}`);
    }
    if (base.area(root) !== undefined) {
      throw new RangeError(`parts: expected ${root} to be left out of the base`);
    }
    const other = roots.find(({ root: area }, j) => j !== i && isWithin(root, area));
    if (other !== undefined) {
      throw new RangeError(`parts: expected ${root} in one part, found ${other.root} as well`);
    }
  }
}
