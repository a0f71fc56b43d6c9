// The patterns of blank cells: told apart without any colour, in print and in forced colours.

import type { JSX } from 'preact';

/** Lines for withheld, dots for late. `prefix`: each drawing has its own, since the map scales its. */
export function Patterns({ prefix }: { readonly prefix: string }): JSX.Element {
  return (
    <defs>
      <pattern id={`${prefix}-withheld`} width="7" height="7" patternUnits="userSpaceOnUse">
        <rect width="7" height="7" class="pattern-ground" />
        <path d="M-1,8L8,-1M-1,1L1,-1M6,8L8,6" class="pattern-line" />
      </pattern>
      <pattern id={`${prefix}-late`} width="8" height="8" patternUnits="userSpaceOnUse">
        <rect width="8" height="8" class="pattern-ground" />
        <circle cx="2" cy="2" r="1.1" class="pattern-dot" />
        <circle cx="6" cy="6" r="1.1" class="pattern-dot" />
      </pattern>
    </defs>
  );
}

/** Keeps their size on screen while the map is scaled. */
export function scalePatterns(svg: SVGSVGElement, k: number): void {
  for (const pattern of svg.querySelectorAll('defs > pattern')) {
    pattern.setAttribute('patternTransform', `scale(${1 / k})`);
  }
}
