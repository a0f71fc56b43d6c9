// Rings over the cells: the one that is pointed at, the one with the keyboard's focus, and a focused
// leaf, which has no level of its own. Drawn on top, so that no neighbour covers them.

import type { JSX } from 'preact';
import { focusedArea, focusedRow, hoveredRow } from '../state/view.ts';
import type { Drawn } from './drawn.ts';

export function Highlight({ shown }: { readonly shown: Drawn }): JSX.Element {
  const hovered = shown.byId.get(hoveredRow.value ?? '')?.shape.d;
  const focused = shown.byId.get(focusedRow.value ?? '')?.shape.d;
  const leaf = shown.scene.shape([focusedArea.value])?.d;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <g class="highlight" aria-hidden="true">
      {leaf !== undefined && <path class="ring-leaf" d={leaf} />}
      {hovered !== undefined && <path class="ring-hover-halo" d={hovered} />}
      {hovered !== undefined && <path class="ring-hover" d={hovered} />}
      {focused !== undefined && <path class="ring-focus-halo" d={focused} />}
      {focused !== undefined && <path class="ring-focus" d={focused} />}
    </g>
  );
}
