import type { Box } from './anchor.ts';

/** Where the breadcrumb lies on the map, it hides what is under it; on narrow pages it lies above. */
const BREADCRUMB_MIN_WIDTH = 560;
const BREADCRUMB_HEIGHT = 46;

/** Where a level is drawn: a flight ends with the frame that the next level starts with. */
export function levelFrame(width: number, height: number): Box {
  const margin = Math.max(12, Math.min(width, height) * 0.035);
  const y0 = width >= BREADCRUMB_MIN_WIDTH ? Math.max(margin, BREADCRUMB_HEIGHT) : margin;
  return { x0: margin, y0, x1: width - margin, y1: height - margin };
}
