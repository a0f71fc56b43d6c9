// Where in a shape its label and its marks stand: the middle of the widest level chord, so that it lies
// inside however bent the shape is, and how wide the room there is.

export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly roomWidth: number;
  /** Of the largest ring. */
  readonly roomHeight: number;
  /** Of all exterior rings together, in square pixels. */
  readonly areaPx: number;
}

export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

const SCAN_SHARES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74];

export function anchorOf(rings: readonly Float64Array[]): Anchor | undefined {
  let largest: Float64Array | undefined;
  let largestArea = 0;
  let areaPx = 0;
  for (const ring of rings) {
    const area = signedArea(ring);
    // Holes turn the other way and take away what they enclose.
    areaPx += area;
    if (Math.abs(area) > Math.abs(largestArea)) {
      largest = ring;
      largestArea = area;
    }
  }
  if (largest === undefined) return undefined;
  const box = boxOf([largest]);
  const height = box.y1 - box.y0;
  let best: Anchor | undefined;
  for (const share of SCAN_SHARES) {
    const y = box.y0 + height * share;
    const chord = widestChord(rings, y, box);
    if (chord === undefined) continue;
    // The middle wins unless another chord is clearly wider.
    const weight = chord.width * (1 - Math.abs(share - 0.5) * 0.8);
    const bestWeight =
      best === undefined
        ? 0
        : best.roomWidth * (1 - Math.abs((best.y - box.y0) / height - 0.5) * 0.8);
    if (weight > bestWeight) {
      best = {
        x: chord.middle,
        y,
        roomWidth: chord.width,
        roomHeight: height,
        areaPx: Math.abs(areaPx),
      };
    }
  }
  return best;
}

export function boxOf(rings: readonly Float64Array[]): Box {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      if (x < x0) x0 = x;
      if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      if (y > y1) y1 = y;
    }
  }
  return { x0, y0, x1, y1 };
}

/** Whether the point lies inside, by even and odd crossings. */
export function isInside(rings: readonly Float64Array[], x: number, y: number): boolean {
  let isIn = false;
  for (const ring of rings) {
    for (const crossing of crossings(ring, y)) if (crossing > x) isIn = !isIn;
  }
  return isIn;
}

function widestChord(
  rings: readonly Float64Array[],
  y: number,
  box: Box,
): { middle: number; width: number } | undefined {
  const all: number[] = [];
  for (const ring of rings) all.push(...crossings(ring, y));
  all.sort((a, b) => a - b);
  let best: { middle: number; width: number } | undefined;
  for (let i = 0; i + 1 < all.length; i += 2) {
    const from = all[i] as number;
    const until = all[i + 1] as number;
    if (from < box.x0 - 1e-6 || until > box.x1 + 1e-6) continue;
    if (best === undefined || until - from > best.width) {
      best = { middle: (from + until) / 2, width: until - from };
    }
  }
  return best;
}

function crossings(ring: Float64Array, y: number): number[] {
  const found: number[] = [];
  const n = ring.length;
  let xBefore = ring[n - 2] as number;
  let yBefore = ring[n - 1] as number;
  for (let i = 0; i < n; i += 2) {
    const x = ring[i] as number;
    const yHere = ring[i + 1] as number;
    if (yBefore > y !== yHere > y) {
      found.push(xBefore + ((y - yBefore) / (yHere - yBefore)) * (x - xBefore));
    }
    xBefore = x;
    yBefore = yHere;
  }
  return found;
}

function signedArea(ring: Float64Array): number {
  let sum = 0;
  const n = ring.length;
  for (let i = 0, j = n - 2; i < n; j = i, i += 2) {
    sum +=
      (ring[j] as number) * (ring[i + 1] as number) - (ring[i] as number) * (ring[j + 1] as number);
  }
  return sum / 2;
}
