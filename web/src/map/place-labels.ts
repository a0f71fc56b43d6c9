// Names on the map where there is room: the largest cells first, none over another.

export interface LabelCandidate {
  readonly id: string;
  readonly text: string;
  /** In the scene's pixels; the label keeps its size while the map is scaled. */
  readonly x: number;
  readonly y: number;
  readonly roomWidth: number;
  readonly roomHeight: number;
  readonly areaPx: number;
}

export interface PlacedLabel {
  readonly id: string;
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
}

export interface View {
  /** Screen = scene * k + (x, y). */
  readonly k: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lineHeight: number;
}

/** Left, top, right, bottom, in pixels of the view. */
export type ScreenBox = readonly [x0: number, y0: number, x1: number, y1: number];

const PADDING = 3;
const MAX_LABELS = 80;
/** A name may reach over its cell's edge by this much before it counts as not fitting. */
const OVERHANG = 1.15;

/** `covered` is what lies over the map: no name is put under it. */
export function placeLabels(
  candidates: readonly LabelCandidate[],
  view: View,
  measure: (text: string) => number,
  covered: readonly ScreenBox[] = [],
): PlacedLabel[] {
  const taken: ScreenBox[] = [...covered];
  const placed: PlacedLabel[] = [];
  for (const candidate of candidates.toSorted((a, b) => b.areaPx - a.areaPx)) {
    if (placed.length >= MAX_LABELS) break;
    const x = candidate.x * view.k + view.x;
    const y = candidate.y * view.k + view.y;
    const lines = breakToFit(candidate.text, candidate.roomWidth * view.k * OVERHANG, measure);
    if (lines === undefined) continue;
    const width = Math.max(...lines.map(measure));
    const height = lines.length * view.lineHeight;
    if (height > candidate.roomHeight * view.k) continue;
    const box: ScreenBox = [
      x - width / 2 - PADDING,
      y - height / 2 - PADDING,
      x + width / 2 + PADDING,
      y + height / 2 + PADDING,
    ];
    if (box[0] < 0 || box[1] < 0 || box[2] > view.width || box[3] > view.height) continue;
    if (taken.some((other) => overlaps(box, other))) continue;
    taken.push(box);
    placed.push({ id: candidate.id, lines, x: candidate.x, y: candidate.y });
  }
  return placed;
}

/** One line, or two at the space nearest to the middle; undefined where neither fits. */
function breakToFit(
  text: string,
  room: number,
  measure: (text: string) => number,
): readonly string[] | undefined {
  if (measure(text) <= room) return [text];
  const middle = text.length / 2;
  let cut = -1;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === ' ' && Math.abs(i - middle) < Math.abs(cut - middle)) cut = i;
  }
  if (cut <= 0) return undefined;
  const lines = [text.slice(0, cut), text.slice(cut + 1)];
  return lines.every((line) => measure(line) <= room) ? lines : undefined;
}

function overlaps(a: ScreenBox, b: ScreenBox): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
