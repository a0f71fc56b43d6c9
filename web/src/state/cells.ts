// The cells of one level as everything on the page shows them: the map, the legend, the tooltip and
// the table. Pure: a frame's rows joined with the areas that they stand for.

import { type CellState, cellState } from '../../../src/map/cell-state.ts';
import { type Classes, classOf, displayValue, type Scale } from '../../../src/map/classes.ts';
import type { Metric } from '../../../src/map/metric.ts';
import type {
  AreaDocument,
  AreaItem,
  FrameDocument,
  RowDocument,
} from '../../../src/server/wire.ts';

/**
 * The five states of a figure, and two of none: `unconnected` is no part of the network, and
 * `pending` is not known to this page yet.
 */
export type ShownState = CellState['state'] | 'unconnected' | 'pending';

export interface Cell {
  /** The row's id, or the child's where no row has it. */
  readonly id: string;
  readonly name: string;
  readonly members: readonly string[];
  readonly row: RowDocument | undefined;
  /** What it is coloured by; null where it has none. */
  readonly value: number | null;
  readonly classIndex: number | undefined;
  readonly state: ShownState;
  readonly reason: string | undefined;
  readonly areaKm2: number | undefined;
  /** Whether a step in leads to anything more. */
  readonly isOpen: boolean;
}

export interface CellQuery {
  readonly area: AreaDocument;
  /** Undefined, or of another area: not here yet. */
  readonly frame: FrameDocument | undefined;
  readonly metric: Metric;
  readonly scale: Scale;
  readonly classes: Classes;
  readonly intervalSeconds: number;
}

/** Every child is in exactly one of them. */
export function cellsOf(query: CellQuery): readonly Cell[] {
  const { area, frame, metric } = query;
  const items = new Map(area.children.map((item) => [item.id, item]));
  const cells: Cell[] = [];
  const covered = new Set<string>();
  if (frame?.area === area.id) {
    for (const row of frame.rows) {
      if (!row.layers.includes(metric)) continue;
      cells.push(cellOfRow(row, items, query));
      for (const member of row.members) covered.add(member);
    }
  }
  for (const item of area.children) {
    if (!covered.has(item.id)) cells.push(cellWithoutRow(item, frame?.area === area.id));
  }
  return cells;
}

function cellOfRow(
  row: RowDocument,
  items: ReadonlyMap<string, AreaItem>,
  { metric, scale, classes, intervalSeconds }: CellQuery,
): Cell {
  const members = row.members.flatMap((id) => items.get(id) ?? []);
  const areaKm2 = sumOrUndefined(members.map((item) => item.areaKm2));
  const { state, reason } = cellState(row, metric);
  const value = displayValue(row, metric, scale, areaKm2, intervalSeconds);
  return {
    id: row.id,
    name: row.name,
    members: row.members,
    row,
    value,
    classIndex: classOf(value, classes),
    state: reason === 'not-connected' ? 'unconnected' : state,
    reason,
    areaKm2,
    isOpen: members.some((item) => item.isOpen),
  };
}

function cellWithoutRow(item: AreaItem, isFrameHere: boolean): Cell {
  const isConnected = item.meterCount > 0;
  const state = !isFrameHere ? 'pending' : isConnected ? 'late' : 'unconnected';
  return {
    id: item.id,
    name: item.name,
    members: [item.id],
    row: undefined,
    value: null,
    classIndex: undefined,
    state,
    reason: !isFrameHere ? undefined : isConnected ? 'missing' : 'not-connected',
    areaKm2: item.areaKm2 ?? undefined,
    isOpen: item.isOpen,
  };
}

function sumOrUndefined(values: readonly (number | null)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === null) return undefined;
    sum += value;
  }
  return values.length === 0 ? undefined : sum;
}

export function countStates(cells: readonly Cell[]): Readonly<Record<ShownState, number>> {
  const counts = {
    value: 0,
    zero: 0,
    withheld: 0,
    late: 0,
    partial: 0,
    unconnected: 0,
    pending: 0,
  };
  for (const cell of cells) counts[cell.state]++;
  return counts;
}

/** How many of the cells are in each class, from the lowest. */
export function countClasses(cells: readonly Cell[], classCount: number): readonly number[] {
  const counts = new Array<number>(classCount).fill(0);
  for (const { classIndex } of cells) {
    if (classIndex !== undefined) counts[classIndex] = (counts[classIndex] ?? 0) + 1;
  }
  return counts;
}
