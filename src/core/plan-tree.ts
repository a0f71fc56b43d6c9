// The tree that the planner works on: every street and every area above one, numbered in tree order
// (parents before children, siblings by token). Node n and all below it are the numbers from n to
// ends[n], so the children of n are found by stepping from end to end, and a million streets need
// no list of children.

import type { AreaId } from './area.ts';
import type { PlanStreet } from './plan-types.ts';

export interface PlanTree {
  readonly ids: readonly AreaId[];
  /** Number of the node above, -1 for a root. */
  readonly parents: Int32Array;
  /** One more than the last number below the node. */
  readonly ends: Int32Array;
  /** The street at a node, undefined for an area above streets. */
  readonly streets: readonly (PlanStreet | undefined)[];
}

/**
 * Costs one sort of the street ids.
 * @throws RangeError where an id stands twice, or lies below one that is a street.
 */
export function buildPlanTree(streets: readonly PlanStreet[]): PlanTree {
  const ids: AreaId[] = [];
  const parents: number[] = [];
  const ends: number[] = [];
  const leaves: (PlanStreet | undefined)[] = [];
  const open: number[] = [];

  const addNode = (id: AreaId, street: PlanStreet | undefined): number => {
    const node = ids.length;
    ids.push(id);
    parents.push(open.at(-1) ?? -1);
    ends.push(node + 1);
    leaves.push(street);
    return node;
  };
  const close = () => {
    ends[open.pop() as number] = ids.length;
  };

  let previous: AreaId | undefined;
  for (const street of inTreeOrder(streets)) {
    const id = street.area;
    // In tree order whatever lies below a street follows it at once, so one look back is enough.
    if (previous !== undefined && (id === previous || isBelow(id, previous))) {
      throw new RangeError(
        id === previous
          ? `streets: expected each area once, found "${id}" twice`
          : `streets: expected leaves of one tree, found "${id}" below the street "${previous}"`,
      );
    }
    previous = id;
    while (open.length > 0 && !isBelow(id, ids[open.at(-1) as number] as AreaId)) close();
    const top = open.at(-1);
    let slash = id.indexOf('/', top === undefined ? 0 : (ids[top] as AreaId).length + 1);
    for (; slash >= 0; slash = id.indexOf('/', slash + 1)) {
      open.push(addNode(id.slice(0, slash) as AreaId, undefined));
    }
    addNode(id, street);
  }
  while (open.length > 0) close();
  return { ids, parents: Int32Array.from(parents), ends: Int32Array.from(ends), streets: leaves };
}

export function isStreetNode(tree: PlanTree, node: number): boolean {
  return tree.streets[node] !== undefined;
}

/** The nodes right under `node`, ascending; for `node` = -1 the roots. */
export function* childNodes(tree: PlanTree, node: number): Generator<number> {
  const { ends } = tree;
  const end = node < 0 ? ends.length : (ends[node] as number);
  for (let child = node + 1; child < end; child = ends[child] as number) yield child;
}

// "/" sorts below every letter of a token only when it is replaced: "-" is smaller, and would put
// `centro-norte/x` between `centro` and `centro/x`.
function inTreeOrder(streets: readonly PlanStreet[]): PlanStreet[] {
  const keyed = streets.map((street) => ({ key: street.area.replaceAll('/', '\0'), street }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ street }) => street);
}

function isBelow(id: AreaId, area: AreaId): boolean {
  return id.length > area.length && id.charCodeAt(area.length) === 47 && id.startsWith(area);
}
