// The planner: which sets of streets are published, per channel (design.md section 5, corrections
// 12 to 14). It decides before the day, from rosters alone, and the outcome is signed.
//
// Invariants: the cells of a channel are disjoint; each has the minimum of connection points that
// declare the channel, and none of them has more than its share of the caps; all streets under the
// members of a cell of another channel are a union of net cells, and its `streets` are all of those
// that declare it; the same streets in any order give the same plan.
//
// Not protected: the minimum is a policy. What `net` tells of a large roof is correction 17.

import { type AreaId, lastToken } from './area.ts';
import { MAX_CHANNELS } from './channel.ts';
import {
  type Base,
  type ChannelPlan,
  declaringStreets,
  type NodeCell,
  planChannel,
} from './plan-channel.ts';
import {
  isDominated,
  type Measures,
  measureAt,
  measureStreets,
  neededMeters,
} from './plan-measure.ts';
import { buildPlanTree, childNodes, isStreetNode, type PlanTree } from './plan-tree.ts';
import type {
  CellReason,
  Plan,
  PlannedCell,
  PlanPolicy,
  PlanStreet,
  UnpublishedReason,
} from './plan-types.ts';

/** The smallest minimum that this code plans for, whatever a policy says. */
export const MIN_METERS_FLOOR = 5;

const NET = 0;

/**
 * Cells of every channel. Channel 0 is net; the cells of every other one are unions of its cells.
 * A street whose id is a root's is its own home.
 * @throws RangeError on a policy out of range, or on streets that are no tree (see
 * `buildPlanTree`, `measureStreets`).
 */
export function planCells(streets: readonly PlanStreet[], policy: PlanPolicy): Plan {
  checkPolicy(policy);
  const tree = buildPlanTree(streets);
  const measures = measureStreets(tree, policy.channels.length);
  const cells: PlannedCell[] = [];
  const unpublished: Plan['unpublished'][number][] = [];
  const add = (channel: number, plan: ChannelPlan, own: Measures) => {
    for (const cell of plan.cells) cells.push(describeCell(tree, channel, cell, own, policy));
    unpublished.push(...describeDropped(tree, channel, plan));
  };

  const netMeasures = measures[NET] as Measures;
  const declaredNet = netMeasures.connectionPoints.slice();
  for (const own of measures) checkNetDeclared(tree, declaredNet, own);
  const net = planChannel(tree, netMeasures, streetBase(tree), [], policy);
  add(NET, net, netMeasures);
  const base = cellBase(net);
  const covered = coveredStreets(tree, net.cells, netMeasures);
  const homeless: number[] = [];
  declaredNet.forEach((count, node) => {
    if (count > 0 && covered[node] === 0) homeless.push(node);
  });
  for (let channel = 1; channel < policy.channels.length; channel++) {
    const own = measures[channel] as Measures;
    add(channel, planChannel(tree, own, base, homeless, policy), own);
  }
  return { cells, unpublished };
}

/** One in ten, rounded up: ordinary dropouts then do not take a cell below the minimum. */
export function defaultMarginMeters(minMeters: number): number {
  return Math.ceil(minMeters / 10);
}

/** A single member's own id, or `<home>/{a+b}` with the last tokens of the members, sorted. */
export function cellName(home: AreaId, members: readonly AreaId[]): string {
  if (members.length === 1) return members[0] as AreaId;
  return `${home}/{${members.map(lastToken).sort().join('+')}}`;
}

function streetBase(tree: PlanTree): Base {
  return {
    unitsAt: (home) => {
      if (isStreetNode(tree, home)) return [[home]];
      const units: number[][] = [];
      for (const child of childNodes(tree, home))
        if (isStreetNode(tree, child)) units.push([child]);
      return units;
    },
    isOpen: () => true,
  };
}

function cellBase(net: ChannelPlan): Base {
  const byHome = new Map<number, (readonly number[])[]>();
  for (const { home, members } of net.cells) {
    const units = byHome.get(home);
    if (units === undefined) byHome.set(home, [members]);
    else units.push(members);
  }
  return { unitsAt: (home) => byHome.get(home) ?? [], isOpen: (area) => net.open[area] === 1 };
}

function coveredStreets(
  tree: PlanTree,
  cells: readonly NodeCell[],
  measures: Measures,
): Uint8Array {
  const covered = new Uint8Array(tree.ids.length);
  for (const { members } of cells) {
    for (const street of declaringStreets(tree, measures, members)) covered[street] = 1;
  }
  return covered;
}

function describeCell(
  tree: PlanTree,
  channel: number,
  cell: NodeCell,
  measures: Measures,
  policy: PlanPolicy,
): PlannedCell {
  const { home, members, measure } = cell;
  const idOf = (node: number) => tree.ids[node] as AreaId;
  return {
    channel,
    home: idOf(home),
    members: members.map(idOf),
    streets: declaringStreets(tree, measures, members).map(idOf).sort(),
    connectionPoints: measure.connectionPoints,
    capSumWh: measure.capSumWh,
    reason: reasonOf(members, measures, policy),
  };
}

// The members tell: where a net cell that was too small joined others, so is each of its members.
function reasonOf(members: readonly number[], measures: Measures, policy: PlanPolicy): CellReason {
  if (members.length === 1) return 'alone';
  let reason: CellReason = 'merged-to-nest';
  for (const member of members) {
    const measure = measureAt(measures, member);
    if (measure.connectionPoints === 0) continue;
    if (measure.connectionPoints < neededMeters(policy)) return 'merged-too-few';
    if (isDominated(measure, policy.maxCapSharePermille)) reason = 'merged-dominated';
  }
  return reason;
}

// Net is what every cell is made of: a street without it could be in no cell, nor left out of one.
function checkNetDeclared(tree: PlanTree, declaredNet: Float64Array, own: Measures): void {
  own.connectionPoints.forEach((count, node) => {
    if (count > 0 && declaredNet[node] === 0) {
      throw new RangeError(
        `channels: expected meters of "${tree.ids[node]}" to declare channel 0, found none that does`,
      );
    }
  });
}

function describeDropped(
  tree: PlanTree,
  channel: number,
  plan: ChannelPlan,
): Plan['unpublished'][number][] {
  const byReason = new Map<UnpublishedReason, AreaId[]>();
  for (const { node, reason } of plan.dropped) {
    const streets = byReason.get(reason);
    if (streets === undefined) byReason.set(reason, [tree.ids[node] as AreaId]);
    else streets.push(tree.ids[node] as AreaId);
  }
  return [...byReason]
    .map(([reason, streets]) => ({ channel, reason, streets: streets.sort() }))
    .sort((a, b) => (a.reason < b.reason ? -1 : 1));
}

function checkPolicy(policy: PlanPolicy): void {
  const { channels, minMeters, marginMeters, maxCapSharePermille } = policy;
  checkRange('channels.length', channels.length, 1, MAX_CHANNELS);
  checkRange('minMeters', minMeters, MIN_METERS_FLOOR, 0xffffffff);
  checkRange('marginMeters', marginMeters, 0, 0xffffffff);
  checkRange('maxCapSharePermille', maxCapSharePermille, 1, 1000);
}

function checkRange(name: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new RangeError(`${name}: expected a whole number from ${from} to ${to}, found ${value}`);
  }
}
