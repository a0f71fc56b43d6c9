// Which cell an arrow key goes to: the nearest in that direction, as the eye sees it.

export interface Point {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

export type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

const AXES: Readonly<Record<Arrow, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** How much farther a step aside counts than a step ahead. */
const ASIDE_WEIGHT = 2;
const MAX_ASIDE = 2.5;

/** Undefined where nothing lies that way. */
export function neighbourOf(
  from: Point,
  points: readonly Point[],
  arrow: Arrow,
): string | undefined {
  const [dx, dy] = AXES[arrow];
  let best: string | undefined;
  let bestCost = Infinity;
  for (const point of points) {
    if (point.id === from.id) continue;
    const ahead = (point.x - from.x) * dx + (point.y - from.y) * dy;
    if (ahead <= 0.5) continue;
    const aside = Math.abs((point.x - from.x) * dy) + Math.abs((point.y - from.y) * dx);
    // What lies mostly aside is not "down": better to stay than to jump across the map.
    if (aside > MAX_ASIDE * ahead) continue;
    // Anything within 45 degrees comes before what lies more aside than ahead.
    const cost = Math.hypot(ahead, aside * ASIDE_WEIGHT) * (aside > ahead ? 3 : 1);
    if (cost < bestCost) {
      best = point.id;
      bestCost = cost;
    }
  }
  return best;
}
