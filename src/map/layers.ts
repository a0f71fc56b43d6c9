// Which shape stands for which siblings, metric by metric (design.md section 5, correction 12; section
// 11). Net is published at net cells; an export or a production cell is a union of them; a derived
// figure exists where all of its parts do. So each metric has a map of its own: the finest rows that
// may be published, and, where none may, the net row as a shape without a figure.
//
// Structure only: what the plan allows, not what happened in an interval. Pure.

import type { AreaId } from '../core/area.ts';
import type { ChannelSet } from '../core/channel.ts';
import { NET } from '../core/channel.ts';
import { type AreaNode, areaAt, indexOfArea, type Network } from '../core/network-tree.ts';
import { planMonitor, type RowPlan } from '../roles/monitor-plan.ts';
import type { AbsentReason } from './frame.ts';
import { ENERGY_METRICS, type EnergyMetric, METRICS, type Metric } from './metric.ts';

/** One row of a level, whatever the interval. */
export interface LevelShape {
  /** The area's id, or the merged cell's name. */
  readonly id: string;
  readonly kind: 'area' | 'cell';
  /** In tree order. */
  readonly members: readonly AreaId[];
  readonly layers: readonly Metric[];
  readonly meterCount: number;
  /** Of each metric that it never has: why. */
  readonly absent: Readonly<Partial<Record<EnergyMetric, AbsentReason>>>;
  /** Undefined where the monitor has no row of it: a street that stands in no cell of this level. */
  readonly plan: RowPlan | undefined;
}

export interface LevelPlan {
  readonly self: LevelShape;
  /** In tree order; the shapes of one layer are disjoint and cover all children. */
  readonly shapes: readonly LevelShape[];
}

/** Names of the channels that a metric is made of. */
export const METRIC_CHANNELS: Readonly<Record<EnergyMetric, readonly string[]>> = {
  net: ['net'],
  consumption: ['net', 'production'],
  production: ['production'],
  import: ['net', 'export'],
  export: ['export'],
};

const ALL_CHANNELS = 0xff as ChannelSet;

/** What the map of an area shows. */
export function planLevel(network: Network, area: AreaNode): LevelPlan {
  const scope = { area: area.id, deepestDepth: area.depth + 1, channels: ALL_CHANNELS };
  const { rows } = planMonitor(network, scope);
  const own = rows.find((row) => !row.isCell && row.area === area.index);
  const self = shapeOf(network, own, [area.index]);
  const candidates = rows.filter((row) => row !== own);
  const children = [...area.areaChildren, ...area.streetChildren].sort((a, b) => a - b);
  const layers = new Map<Metric, Map<string, LevelShape>>();
  const shapes = new Map<string, LevelShape>();
  for (const metric of METRICS) {
    const chosen = chooseRows(network, metric, candidates, children);
    layers.set(metric, new Map(chosen.map((shape) => [shape.id, shape])));
    for (const shape of chosen) shapes.set(shape.id, shape);
  }
  const placed = [...shapes.values()].map((shape) => ({
    ...shape,
    layers: METRICS.filter((metric) => layers.get(metric)?.has(shape.id)),
  }));
  const order = (shape: LevelShape) => indexOfArea(network, shape.members[0] as AreaId) ?? 0;
  return {
    self,
    shapes: placed.sort((a, b) => order(a) - order(b) || a.members.length - b.members.length),
  };
}

/** The shape of one row, by its name; undefined where the level has none. */
export function shapeNamed(level: LevelPlan, id: string): LevelShape | undefined {
  return level.self.id === id ? level.self : level.shapes.find((shape) => shape.id === id);
}

/** For people: one member's name, or that of the first "+ 2 more". */
export function displayName(members: readonly AreaId[], nameOf: (area: AreaId) => string): string {
  const [first, ...rest] = members;
  if (first === undefined) return '';
  return rest.length === 0 ? nameOf(first) : `${nameOf(first)} + ${rest.length} more`;
}

/** Rows that are disjoint and, with the rest as shapes without a figure, cover all children. */
function chooseRows(
  network: Network,
  metric: Metric,
  rows: readonly RowPlan[],
  children: readonly number[],
): LevelShape[] {
  const key = metric === 'coverage' ? 'net' : metric;
  const covered = new Set<number>();
  const chosen: LevelShape[] = [];
  const take = (candidates: readonly RowPlan[]) => {
    const finest = candidates.toSorted((a, b) => a.members.length - b.members.length);
    for (const row of finest) {
      if (row.members.some((member) => covered.has(member))) continue;
      for (const member of row.members) covered.add(member);
      chosen.push(shapeOf(network, row, row.members));
    }
  };
  take(rows.filter((row) => structuralReason(network, row, key) === undefined && isOf(key, row)));
  // What is left keeps its net row, also that of a merged cell, before an area that lies in it.
  take(
    rows.filter((row) => structuralReason(network, row, 'net') === undefined && isOf('net', row)),
  );
  take(rows.filter((row) => !row.isCell));
  for (const child of children)
    if (!covered.has(child)) chosen.push(shapeOf(network, undefined, [child]));
  return chosen;
}

/** Net is drawn at net cells, not at the larger cells of a rarer channel, whose net is a sum of them. */
function isOf(metric: EnergyMetric, row: RowPlan): boolean {
  return metric !== 'net' || row.mainChannel === NET;
}

function shapeOf(
  network: Network,
  plan: RowPlan | undefined,
  members: readonly number[],
): LevelShape {
  const areas = members.map((member) => areaAt(network, member));
  const ids = areas.map((area) => area.id);
  const absent: Partial<Record<EnergyMetric, AbsentReason>> = {};
  for (const metric of ENERGY_METRICS) {
    const reason = plan === undefined ? 'too-few' : structuralReason(network, plan, metric);
    if (reason !== undefined) absent[metric] = reason;
  }
  const [only] = ids;
  return {
    id: plan?.name ?? (only as AreaId),
    kind: ids.length > 1 ? 'cell' : 'area',
    members: ids,
    layers: [],
    meterCount: plan?.meterCount ?? areas.reduce((sum, area) => sum + area.meterCount, 0),
    absent,
    plan,
  };
}

/** Why the plan never gives the row this figure; undefined where it may. */
function structuralReason(
  network: Network,
  row: RowPlan,
  metric: EnergyMetric,
): AbsentReason | undefined {
  const at = (name: string) => network.channels.findIndex((channel) => channel.name === name);
  const partReason = (name: string): AbsentReason | undefined => {
    const part = row.parts[at(name)];
    if (part === undefined || part.declaredCount === 0) return 'not-connected';
    if (part.targets.length === 0) return 'too-few';
    return row.isCell && !part.isWhole ? 'too-few' : undefined;
  };
  if (metric === 'net' || metric === 'export' || metric === 'production') return partReason(metric);
  if (metric === 'consumption' && row.unmeteredProducerCount > 0) return 'unmetered-production';
  const net = partReason('net') ?? (row.parts[NET]?.isWhole === true ? undefined : 'too-few');
  if (net !== undefined) return net;
  const other = row.parts[at(metric === 'import' ? 'export' : 'production')];
  // Where nobody has the other channel, the derived figure is net itself.
  if (other === undefined || other.declaredCount === 0) return undefined;
  return other.isWhole && other.targets.length > 0 ? undefined : 'too-few';
}
