// The level that is shown, as signals: its classes, its cells, its colours.

import { computed, type ReadonlySignal } from '@preact/signals';
import { type Classes, classesFor } from '../../../src/map/classes.ts';
import type { AreaDocument } from '../../../src/server/wire.ts';
import { paletteOf } from '../map/palette.ts';
import { type Cell, cellsOf } from './cells.ts';
import { map, stageArea, stageFrame } from './data.ts';
import { theme } from './theme.ts';
import { metric, scale } from './view.ts';

export interface Level {
  readonly area: AreaDocument;
  readonly classes: Classes;
  readonly cells: readonly Cell[];
  readonly byId: ReadonlyMap<string, Cell>;
  /** Which cell a child is in. */
  readonly byMember: ReadonlyMap<string, Cell>;
}

/** They follow from the siblings, so they stay while figures change. */
export const classes: ReadonlySignal<Classes | undefined> = computed(() => {
  const area = stageArea.value;
  if (area === undefined) return undefined;
  return classesFor({
    metric: metric.value,
    scale: scale.value,
    level: area.childLevel ?? '',
    children: area.children,
  });
});

export const palette: ReadonlySignal<readonly string[]> = computed(() =>
  classes.value === undefined ? [] : paletteOf(classes.value, metric.value, theme.value),
);

export const level: ReadonlySignal<Level | undefined> = computed(() => {
  const area = stageArea.value;
  const known = classes.value;
  if (area === undefined || known === undefined || map.value === undefined) return undefined;
  const cells = cellsOf({
    area,
    frame: stageFrame.value,
    metric: metric.value,
    scale: scale.value,
    classes: known,
    intervalSeconds: map.value.intervalSeconds,
  });
  return {
    area,
    classes: known,
    cells,
    byId: new Map(cells.map((cell) => [cell.id, cell])),
    byMember: new Map(cells.flatMap((cell) => cell.members.map((id) => [id, cell] as const))),
  };
});
