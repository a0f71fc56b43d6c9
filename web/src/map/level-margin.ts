/** Pixels around a level: a flight ends with the margin that the next level starts with. */
export function levelMargin(width: number, height: number): number {
  return Math.max(12, Math.min(width, height) * 0.035);
}
