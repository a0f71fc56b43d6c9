// Marks that keep their size while the map is scaled: lines of no length, whose round or square ends do
// not scale. One path for all cells of a kind.

import type { Drawn } from './drawn.ts';
import type { Shape } from './scene.ts';

/** The text of a path with a point for every cell that `wants` picks. */
export function markPath(drawn: Drawn, state: 'partial' | 'zero'): string {
  let d = '';
  for (const { cell, shape } of drawn.cells) {
    if (cell.state !== state) continue;
    const { x, y } = state === 'partial' ? cornerOf(shape) : shape.anchor;
    d += `M${x.toFixed(2)},${y.toFixed(2)}h0.01`;
  }
  return d;
}

/** Near the upper right, inside. */
function cornerOf({ anchor, rings, box }: Shape): { x: number; y: number } {
  let best = { x: anchor.x, y: anchor.y };
  let bestScore = -Infinity;
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      const score = (x - box.x0) / (box.x1 - box.x0) - (y - box.y0) / (box.y1 - box.y0);
      if (score > bestScore) {
        bestScore = score;
        best = { x, y };
      }
    }
  }
  // From the corner towards the middle, a little more than the mark is wide.
  const length = Math.hypot(anchor.x - best.x, anchor.y - best.y) || 1;
  const share = Math.min(0.5, 9 / length);
  return { x: best.x + (anchor.x - best.x) * share, y: best.y + (anchor.y - best.y) * share };
}
