// A small square as its cell looks on the map: colour, pattern and mark.

import type { JSX } from 'preact';
import type { ShownState } from '../state/cells.ts';

export interface StateSwatchProps {
  readonly state: ShownState;
  /** Of the class, where there is one. */
  readonly colour?: string | undefined;
}

export function StateSwatch({ state, colour }: StateSwatchProps): JSX.Element {
  return (
    <svg class="swatch" width="18" height="14" viewBox="0 0 18 14" aria-hidden="true">
      <rect
        class="swatch-box"
        x=".5"
        y=".5"
        width="17"
        height="13"
        rx="2"
        fill={fillOf(state, colour)}
      />
      {state === 'partial' && <path class="mark mark-halo" d="M13.5,4.5h0.01" />}
      {state === 'partial' && <path class="mark mark-partial" d="M13.5,4.5h0.01" />}
      {state === 'zero' && <path class="mark mark-zero" d="M9,7h0.01" />}
      {state === 'zero' && <path class="mark mark-zero-hole" d="M9,7h0.01" />}
    </svg>
  );
}

function fillOf(state: ShownState, colour: string | undefined): string {
  if (state === 'withheld' || state === 'late') return `url(#legend-${state})`;
  if (state === 'unconnected') return 'var(--map-land)';
  return colour ?? 'var(--map-blank)';
}
