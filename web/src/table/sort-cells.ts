// The order of the table's rows. What has no figure comes last either way: a blank is no small number.

import { figureOf } from '../../../src/map/cell-state.ts';
import type { Metric } from '../../../src/map/metric.ts';
import type { Cell } from '../state/cells.ts';

export type SortKey = 'name' | 'value' | 'energy' | 'meters' | 'coverage' | 'state';

export interface Sorting {
  readonly key: SortKey;
  readonly isDescending: boolean;
}

export function sortCells(
  cells: readonly Cell[],
  { key, isDescending }: Sorting,
  metric: Metric,
  collator: Intl.Collator,
): readonly Cell[] {
  const sign = isDescending ? -1 : 1;
  const byName = (a: Cell, b: Cell) => collator.compare(a.name, b.name);
  if (key === 'name') return cells.toSorted((a, b) => sign * byName(a, b));
  if (key === 'state') {
    return cells.toSorted((a, b) => sign * a.state.localeCompare(b.state) || byName(a, b));
  }
  const figures = new Map(cells.map((cell) => [cell, numberOf(cell, key, metric)]));
  return cells.toSorted((a, b) => {
    const x = figures.get(a) ?? null;
    const y = figures.get(b) ?? null;
    if (x === null || y === null) return Number(x === null) - Number(y === null) || byName(a, b);
    return sign * (x - y) || byName(a, b);
  });
}

function numberOf(
  cell: Cell,
  key: 'value' | 'energy' | 'meters' | 'coverage',
  metric: Metric,
): number | null {
  if (key === 'value') return cell.value;
  if (cell.row === undefined) return null;
  if (key === 'meters') return cell.row.meterCount;
  if (key === 'coverage') return figureOf(cell.row, 'coverage');
  return metric === 'coverage' ? cell.row.energyWh.consumption : figureOf(cell.row, metric);
}
