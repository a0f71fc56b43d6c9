// Steps from the level that is shown: into a cell, and up.

import type { Cell } from './cells.ts';
import { area } from './data.ts';
import { openArea } from './navigate.ts';

/** Where a step up leads; undefined at the top of what the viewer may see. */
export function parentOfFocus(): string | undefined {
  return area.value?.ancestors.at(-1)?.id;
}

export function goUp(): boolean {
  const parent = parentOfFocus();
  if (parent === undefined) return false;
  openArea(parent, 'up');
  return true;
}

/** `member` where the reader pointed at one of a merged cell's. False where there is nothing inside. */
export function openCell(cell: Cell, member?: string): boolean {
  const target = member ?? cell.members[0];
  if (target === undefined || (cell.state === 'unconnected' && !cell.isOpen)) return false;
  openArea(target, 'in');
  return true;
}
