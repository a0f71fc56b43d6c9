// What a cell is filled with: the colour of its class, or the pattern of its blank.

import type { Cell } from '../state/cells.ts';

const BLANKS: Readonly<Record<string, string>> = {
  withheld: 'url(#map-withheld)',
  late: 'url(#map-late)',
  unconnected: 'var(--map-land)',
  pending: 'var(--map-blank)',
};

export function fillOf(cell: Cell, palette: readonly string[]): string {
  const colour = cell.classIndex === undefined ? undefined : palette[cell.classIndex];
  return colour ?? BLANKS[cell.state] ?? 'var(--map-blank)';
}
