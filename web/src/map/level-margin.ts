import type { Box } from './anchor.ts';

/** From this width of the page on, the breadcrumb lies on the map and hides what is under it. */
const OVERLAY_PAGE_WIDTH = 768;
/** Narrower than this, the map breaks it into two lines. */
const ONE_LINE_WIDTH = 560;
const ONE_LINE_HEIGHT = 46;
const TWO_LINES_HEIGHT = 64;

/** Where a level is drawn: a flight ends with the frame that the next level starts with. */
export function levelFrame(width: number, height: number): Box {
  const margin = Math.max(12, Math.min(width, height) * 0.035);
  const overlay = width >= ONE_LINE_WIDTH ? ONE_LINE_HEIGHT : TWO_LINES_HEIGHT;
  const y0 = innerWidth >= OVERLAY_PAGE_WIDTH ? Math.max(margin, overlay) : margin;
  return { x0: margin, y0, x1: width - margin, y1: height - margin };
}
