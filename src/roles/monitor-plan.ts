// What a monitor asks for and which rows it can show, fixed by network and scope (design.md sections
// 2 and 5, corrections 12, 15 and 18).
//
// Where the scope reaches the cells, it opens every cell and adds them up itself, so that one
// quarantined cell leaves the totals above it; at the scope's deepest level it opens whole areas,
// and looks inside those that were found implausible. Targets are in tree order, per channel, so
// those below an area are one range of the list.

import { type AreaId, areaDepth, isWithin } from '../core/area.ts';
import { type ChannelSet, hasChannel, NET } from '../core/channel.ts';
import {
  type AreaNode,
  areaAt,
  type Cell,
  isDissolved,
  type Network,
} from '../core/network-tree.ts';
import type { UnmaskTarget } from '../core/unmask.ts';

/** What is opened: an area, how deep below it, and which channels. A grant is one, the widest allowed. */
export interface Scope {
  readonly area: AreaId;
  /** Number of tokens of the deepest area, or member of a cell, that is opened. */
  readonly deepestDepth: number;
  readonly channels: ChannelSet;
}

export interface MonitorTarget extends UnmaskTarget {
  /** The area whose seal decides it and whose total has its word. */
  readonly home: number;
  /** Of a cell: its place among the home's cells of the channel. */
  readonly position: number;
  readonly meterCount: number;
  readonly capSumWh: number;
}

/** Of one channel of a row: which targets add up to it. */
export interface RowPart {
  /** Indices into the target list. */
  readonly targets: readonly number[];
  /** Meters of the row that declare the channel. */
  readonly declaredCount: number;
  /** The targets cover every meter that declares it. */
  readonly isWhole: boolean;
}

/** One line of the map or table: an area, a street that stands alone, or a merged cell. */
export interface RowPlan {
  readonly name: string;
  /** Tokens of the area, or of the cell's members. */
  readonly depth: number;
  /** The area itself, or the home of the cell. */
  readonly area: number;
  /** The area whose map has the row: its parent, or the cell's home; undefined for a root. */
  readonly level: AreaId | undefined;
  /** Area indices: the area itself, or the siblings whose union the cell is. */
  readonly members: readonly number[];
  readonly isCell: boolean;
  /** The channel that the row stands for: net, or that of a cell that is larger than net's. */
  readonly mainChannel: number;
  readonly meterCount: number;
  readonly unmeteredProducerCount: number;
  /** By channel. */
  readonly parts: readonly RowPart[];
}

export interface MonitorPlan {
  readonly targets: readonly MonitorTarget[];
  readonly rows: readonly RowPlan[];
}

/** The part of `wanted` that a wider scope allows; undefined where nothing is left. */
export function narrowScope(allowed: Scope, wanted: Scope): Scope | undefined {
  const channels = (allowed.channels & wanted.channels) as ChannelSet;
  const deepestDepth = Math.min(allowed.deepestDepth, wanted.deepestDepth);
  const isInside = isWithin(wanted.area, allowed.area) && areaDepth(wanted.area) <= deepestDepth;
  return isInside && channels !== 0 ? { area: wanted.area, deepestDepth, channels } : undefined;
}

/** `inside` are areas that are opened one level deeper than the scope says. */
export function planMonitor(
  network: Network,
  scope: Scope,
  inside: ReadonlySet<number> = NO_AREAS,
): MonitorPlan {
  const targets: MonitorTarget[] = [];
  const rows: RowPlan[] = [];
  const cellTargets = new Map<number, number>();
  const ranges = new Map<number, readonly [start: number, end: number]>();
  const cellsOver = indexByNetCell(network);
  const channels = network.channels
    .map((_, channel) => channel)
    .filter((channel) => hasChannel(scope.channels, channel));

  const visit = (area: AreaNode, deepestAbove: number): void => {
    const start = targets.length;
    const isInside = isWithin(area.id, scope.area);
    if (!isInside && !isWithin(scope.area, area.id)) return;
    const rowAt = rows.length;
    const deepestDepth = inside.has(area.index)
      ? Math.max(deepestAbove, area.depth + 1)
      : deepestAbove;
    const cellsHere = isInside && area.depth < deepestDepth;
    for (const channel of isInside ? channels : []) {
      const homeCells = area.homeCells[channel] as readonly number[];
      if (cellsHere) {
        for (const [position, index] of homeCells.entries()) {
          cellTargets.set(index, targets.length);
          const { meterCount, capSumWh } = network.cells.at(index) as Cell;
          targets.push({
            kind: 'cell',
            index,
            channel,
            home: area.index,
            position,
            meterCount,
            capSumWh,
          });
        }
      } else if (area.depth === deepestDepth && !isDissolved(area, channel)) {
        const { meterCount, capSumWh } = cellsBelow(network, area, channel);
        if (meterCount === 0) continue;
        targets.push({
          kind: 'area',
          index: area.index,
          channel,
          home: area.index,
          position: -1,
          meterCount,
          capSumWh,
        });
      }
    }
    if (cellsHere || !isInside)
      for (const child of area.areaChildren) visit(areaAt(network, child), deepestDepth);
    ranges.set(area.index, [start, targets.length]);
    if (!isInside) return;
    const counts = countBelow(network, area);
    const below = targets.slice(start);
    const parts = network.channels.map((_, channel): RowPart => {
      const chosen = below.flatMap((target, index) =>
        target.channel === channel ? [start + index] : [],
      );
      return rowPart(targets, chosen, counts.declared[channel] as number);
    });
    const row: RowPlan = {
      name: area.id,
      depth: area.depth,
      area: area.index,
      level: area.parent === undefined ? undefined : areaAt(network, area.parent).id,
      members: [area.index],
      isCell: false,
      mainChannel: NET,
      meterCount: area.meterCount,
      unmeteredProducerCount: counts.unmeteredProducers,
      parts,
    };
    const cellRows = cellsHere
      ? planCellRows(network, area, channels, { targets, cellTargets, ranges, cellsOver })
      : [];
    rows.splice(rowAt, 0, row, ...cellRows);
  };
  for (const root of network.roots) visit(areaAt(network, root), scope.deepestDepth);
  return { targets, rows };
}

/** The plan of one row alone, by its name: nothing else is asked for. Undefined where it has no such row. */
export function planOfRow(plan: MonitorPlan, name: string): MonitorPlan | undefined {
  const row = plan.rows.find((candidate) => candidate.name === name);
  if (row === undefined) return undefined;
  const needed = [...new Set(row.parts.flatMap((part) => part.targets))].sort((a, b) => a - b);
  const position = new Map(needed.map((target, index) => [target, index]));
  const parts = row.parts.map((part) => ({
    ...part,
    targets: part.targets.map((target) => position.get(target) as number),
  }));
  return {
    targets: needed.map((target) => plan.targets[target] as MonitorTarget),
    rows: [{ ...row, parts }],
  };
}

const NO_AREAS: ReadonlySet<number> = new Set();

/** What is planned so far, by cell and by area. */
interface Planned {
  readonly targets: readonly MonitorTarget[];
  readonly cellTargets: ReadonlyMap<number, number>;
  /** By area: its targets and those below it. */
  readonly ranges: ReadonlyMap<number, readonly [start: number, end: number]>;
  readonly cellsOver: readonly Int32Array[];
}

/** The rows of the cells whose home this is: one for each set of streets, whatever the channels. */
function planCellRows(
  network: Network,
  area: AreaNode,
  channels: readonly number[],
  { targets, cellTargets, ranges, cellsOver }: Planned,
): RowPlan[] {
  const rows = new Map<string, RowPlan>();
  for (const channel of channels) {
    for (const index of area.homeCells[channel] as readonly number[]) {
      const cell = network.cells.at(index) as Cell;
      const netCells = channel === NET ? [index] : cell.netCells;
      const key = [...netCells].sort((a, b) => a - b).join(' ');
      if (rows.has(key)) continue;
      const covered = new Set(netCells);
      const { members } = cell;
      const counts = countMembers(network, members);
      const parts = network.channels.map((_, other): RowPart => {
        // Those whose home is further down count as well: a row of two towns sums what each of the
        // towns has of a commoner channel.
        const chosen = new Set<number>();
        for (const netCell of netCells) {
          const candidate = network.cells.at(cellsOver[other]?.[netCell] ?? NO_CELL);
          if (candidate?.netCells.every((part) => covered.has(part))) chosen.add(candidate.index);
        }
        const known = (other === NET ? netCells : [...chosen])
          .map((index) => cellTargets.get(index))
          .filter((index) => index !== undefined);
        // A member that is opened as a whole has no cells here: its own target stands for them.
        for (const member of members) {
          const [start, end] = ranges.get(member) ?? [0, 0];
          for (let index = start; index < end; index++) {
            const target = targets[index] as MonitorTarget;
            if (target.kind === 'area' && target.channel === other) known.push(index);
          }
        }
        return rowPart(targets, known, counts.declared[other] as number);
      });
      rows.set(key, {
        name: cell.name,
        depth: area.depth + 1,
        area: area.index,
        level: area.id,
        members,
        isCell: true,
        mainChannel: channel,
        meterCount: counts.meters,
        unmeteredProducerCount: counts.unmeteredProducers,
        parts,
      });
    }
  }
  return [...rows.values()];
}

const NO_CELL = -1;
const knownIndexes = new WeakMap<Network, readonly Int32Array[]>();

/**
 * By channel, the cell of that channel that each net cell is part of. Made once for a network: the map
 * plans each level by itself, and most of that time went into looking through all cells.
 */
function indexByNetCell(network: Network): readonly Int32Array[] {
  const known = knownIndexes.get(network);
  if (known !== undefined) return known;
  const cellsOver = network.channels.map(() => new Int32Array(network.cells.length).fill(NO_CELL));
  for (const { index, channel, netCells } of network.cells) {
    const over = cellsOver[channel] as Int32Array;
    for (const netCell of netCells) over[netCell] = index;
  }
  knownIndexes.set(network, cellsOver);
  return cellsOver;
}

function rowPart(
  targets: readonly MonitorTarget[],
  chosen: readonly number[],
  declaredCount: number,
): RowPart {
  let covered = 0;
  for (const index of chosen) covered += (targets[index] as MonitorTarget).meterCount;
  return { targets: chosen, declaredCount, isWhole: covered === declaredCount };
}

interface Counts {
  readonly meters: number;
  readonly declared: readonly number[];
  readonly unmeteredProducers: number;
}

function countMembers(network: Network, members: readonly number[]): Counts {
  return members.map((member) => countBelow(network, areaAt(network, member))).reduce(addCounts);
}

function countBelow(network: Network, area: AreaNode): Counts {
  const { street } = area;
  if (street !== undefined) {
    const { meterCount, declaredCounts, unmeteredProducerCount } = street;
    return {
      meters: meterCount,
      declared: declaredCounts,
      unmeteredProducers: unmeteredProducerCount,
    };
  }
  return [...area.streetChildren, ...area.areaChildren]
    .map((child) => countBelow(network, areaAt(network, child)))
    .reduce(addCounts);
}

function addCounts(a: Counts, b: Counts): Counts {
  return {
    meters: a.meters + b.meters,
    declared: a.declared.map((count, channel) => count + (b.declared[channel] as number)),
    unmeteredProducers: a.unmeteredProducers + b.unmeteredProducers,
  };
}

/** All that the cells at and below an area can add up to, where it is not dissolved. */
function cellsBelow(
  network: Network,
  area: AreaNode,
  channel: number,
): { meterCount: number; capSumWh: number } {
  let meterCount = 0;
  let capSumWh = 0;
  for (const index of area.homeCells[channel] as readonly number[]) {
    const cell = network.cells.at(index) as Cell;
    meterCount += cell.meterCount;
    capSumWh += cell.capSumWh;
  }
  for (const child of area.areaChildren) {
    const below = cellsBelow(network, areaAt(network, child), channel);
    meterCount += below.meterCount;
    capSumWh += below.capSumWh;
  }
  return { meterCount, capSumWh };
}
