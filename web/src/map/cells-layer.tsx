// The cells of a level as real elements: each a path that the keyboard and a screen reader can reach.
// An update changes fills and words in place; which of them Tab reaches is the controller's.

import type { JSX } from 'preact';
import { memo } from '../layout/memo.ts';
import type { Drawn } from './drawn.ts';
import { fillOf } from './fill.ts';

export interface CellsLayerProps {
  readonly shown: Drawn;
  readonly palette: readonly string[];
  /** By row id: what a screen reader says. */
  readonly words: ReadonlyMap<string, string>;
}

export const CellsLayer: (props: CellsLayerProps) => JSX.Element = memo(
  ({ shown, palette, words }: CellsLayerProps) => (
    <g class="cells">
      {shown.cells.map(({ cell, shape }) => (
        // biome-ignore lint/a11y/useSemanticElements: a path can be no button element
        <path
          key={cell.id}
          data-row={cell.id}
          data-state={cell.state}
          d={shape.d}
          fill={fillOf(cell, palette)}
          role="button"
          tabindex={-1}
          aria-label={words.get(cell.id)}
        />
      ))}
    </g>
  ),
);
