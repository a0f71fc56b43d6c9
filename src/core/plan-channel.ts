// One channel's cells, top down (design.md section 5, corrections 12 and 13). An area whose whole
// total is large enough keeps its cells within itself, since putting all of it together would do;
// one that is not is a single unit at its parent. So an area's measure alone decides whether to look
// inside, and only areas with cells are ever visited.
//
// What can have no cell must not spoil the others: a street whose largest meter would dominate the
// whole tree is left out before the start, and so is, for the rarer channels, a street without a net
// cell. An area above such a street is `torn`: it is never a member of a cell, since the cell's name
// would then cover a street that its sum does not.

import {
  addMeasures,
  clearNode,
  isDominated,
  isLargeEnough,
  type Measure,
  type Measures,
  measureAt,
  NO_MEASURE,
  sumMeasures,
} from './plan-measure.ts';
import { groupUnits, sumUnits, type Unit } from './plan-merge.ts';
import { childNodes, isStreetNode, type PlanTree } from './plan-tree.ts';
import type { PlanPolicy, UnpublishedReason } from './plan-types.ts';

/** What a channel's cells are unions of: the streets for net, the net cells for all others. */
export interface Base {
  /** Sets of siblings right under `home` that are never cut, each ascending. */
  unitsAt(home: number): readonly (readonly number[])[];
  /** Whether the area may hold cells within itself. */
  isOpen(area: number): boolean;
}

export interface NodeCell {
  readonly home: number;
  readonly members: readonly number[];
  readonly measure: Measure;
}

export interface ChannelPlan {
  /** In tree order of home and members. */
  readonly cells: readonly NodeCell[];
  /** 1 for areas that hold cells within themselves. */
  readonly open: Uint8Array;
  /** Streets that declare the channel and have no cell. */
  readonly dropped: readonly { readonly node: number; readonly reason: UnpublishedReason }[];
}

/**
 * `measures` has the streets filled in and is changed: `homeless` streets and those of meters that
 * would dominate the tree are taken out, areas are summed.
 */
export function planChannel(
  tree: PlanTree,
  measures: Measures,
  base: Base,
  homeless: readonly number[],
  policy: PlanPolicy,
): ChannelPlan {
  const cells: NodeCell[] = [];
  const open = new Uint8Array(tree.ids.length);
  const torn = new Uint8Array(tree.ids.length);
  const dropped: { node: number; reason: UnpublishedReason }[] = [];

  const tear = (node: number) => {
    for (let area = tree.parents[node] as number; area >= 0 && torn[area] === 0; ) {
      torn[area] = 1;
      area = tree.parents[area] as number;
    }
  };
  for (const street of homeless) {
    tear(street);
    if (measures.connectionPoints[street] === 0) continue;
    clearNode(measures, street);
    dropped.push({ node: street, reason: 'no-net-cell' });
  }
  sumMeasures(tree, measures);

  let hasDominators = false;
  for (const root of childNodes(tree, -1)) {
    for (const street of findDominators(tree, measures, base, root, policy)) {
      tear(street);
      clearNode(measures, street);
      dropped.push({ node: street, reason: 'dominated' });
      hasDominators = true;
    }
  }
  if (hasDominators) sumMeasures(tree, measures);

  const measureOf = (members: readonly number[]) =>
    members.reduce((sum, member) => addMeasures(sum, measureAt(measures, member)), NO_MEASURE);
  const mayStand = (measure: Measure) => isLargeEnough(measure, policy, policy.minMeters);

  // `isLast`: nothing above takes what is left over here, which may then do without the margin: that
  // only keeps cells from flickering. Recursion is as deep as the tree, at most 16.
  const visit = (home: number, isLast: boolean) => {
    open[home] = 1;
    const units: Unit[] = [];
    const inside: { area: number; isLast: boolean }[] = [];
    const found: NodeCell[] = [];
    for (const members of base.unitsAt(home)) {
      const measure = measureOf(members);
      if (measure.connectionPoints > 0) units.push({ members, measure, figures: 1, isArea: false });
    }
    for (const area of childNodes(tree, home)) {
      if (isStreetNode(tree, area) || !base.isOpen(area)) continue;
      const measure = measureAt(measures, area);
      if (measure.connectionPoints === 0) continue;
      if (torn[area] === 1) inside.push({ area, isLast: true });
      else {
        const figures = measures.streets[area] as number;
        units.push({ members: [area], measure, figures, isArea: true });
      }
    }

    const addCell = (group: readonly Unit[]) => {
      const members = group.flatMap((unit) => unit.members).sort((a, b) => a - b);
      found.push({ home, members, measure: sumUnits(group) });
    };
    const { groups, alone, rest } = groupUnits(units, policy);
    for (const group of groups) addCell(group);
    for (const unit of alone) {
      if (unit.isArea) inside.push({ area: unit.members[0] as number, isLast: false });
      else addCell([unit]);
    }
    // Empty unless `isLast`: a home that is visited otherwise is large enough, and all of its units
    // together are all of it.
    const isOneArea = rest.length === 1 && (rest[0] as Unit).isArea;
    if (!isOneArea && rest.length > 0 && mayStand(sumUnits(rest))) addCell(rest);
    else {
      for (const unit of rest) {
        const node = unit.members[0] as number;
        if (unit.isArea) inside.push({ area: node, isLast });
        else if (mayStand(unit.measure)) addCell([unit]);
        else {
          const reason = unit.measure.connectionPoints < policy.minMeters ? 'too-few' : 'dominated';
          for (const street of declaringStreets(tree, measures, unit.members)) {
            dropped.push({ node: street, reason });
          }
        }
      }
    }

    found.sort((a, b) => (a.members[0] as number) - (b.members[0] as number));
    for (const cell of found) cells.push(cell);
    inside.sort((a, b) => a.area - b.area);
    for (const next of inside) visit(next.area, next.isLast);
  };
  for (const root of childNodes(tree, -1)) {
    if ((measures.connectionPoints[root] as number) > 0) visit(root, true);
  }
  return { cells, open, dropped };
}

/**
 * Streets of a root that no cell can hold, as their largest cap exceeds its share even of all that
 * is left of the tree. Without this a single factory would be merged up to the root and take every
 * street with it. Largest first: each one that goes lowers the sum for the next.
 */
function findDominators(
  tree: PlanTree,
  measures: Measures,
  base: Base,
  root: number,
  policy: PlanPolicy,
): number[] {
  const total = measureAt(measures, root);
  if (total.connectionPoints < policy.minMeters) return [];
  if (!isDominated(total, policy.maxCapSharePermille)) return [];
  const units: { members: readonly number[]; measure: Measure }[] = [];
  for (let home = root; home < (tree.ends[root] as number); home++) {
    if (home !== root && (isStreetNode(tree, home) || !base.isOpen(home))) continue;
    for (const members of base.unitsAt(home)) {
      let measure = NO_MEASURE;
      for (const member of members) measure = addMeasures(measure, measureAt(measures, member));
      units.push({ members, measure });
    }
  }
  units.sort(
    (a, b) =>
      b.measure.largestCapWh - a.measure.largestCapWh ||
      (a.members[0] as number) - (b.members[0] as number),
  );
  const found: number[] = [];
  let capSumWh = total.capSumWh;
  for (const { members, measure } of units) {
    if (!isDominated({ ...measure, capSumWh }, policy.maxCapSharePermille)) break;
    capSumWh -= measure.capSumWh;
    for (const street of declaringStreets(tree, measures, members)) found.push(street);
  }
  return found;
}

/** The streets at or below `members` that declare the channel, in tree order. */
export function declaringStreets(
  tree: PlanTree,
  measures: Measures,
  members: readonly number[],
): number[] {
  const found: number[] = [];
  for (const member of members) {
    for (let node = member; node < (tree.ends[member] as number); node++) {
      if (isStreetNode(tree, node) && (measures.streets[node] as number) > 0) found.push(node);
    }
  }
  return found;
}
