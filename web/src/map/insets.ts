// Children that lie so far from the rest that the rest would be drawn small because of them: islands
// over the sea. They get a frame of their own in a corner, as atlases do.

export interface Placed {
  readonly id: string;
  /** West, south, east, north in degrees. */
  readonly bbox: readonly [number, number, number, number];
}

/** Degrees of sea before a group counts as far away: some 300 km. */
const MIN_GAP_DEG = 3;
/** Taking them away must at least halve the frame. */
const MAX_FRAME_SHARE = 0.5;
/** And they must be a small part of the land. */
const MAX_LAND_SHARE = 0.2;

/** The ids to be drawn apart: one group, or none. */
export function farAway(places: readonly Placed[]): ReadonlySet<string> {
  const groups = clusters(places);
  if (groups.length < 2) return new Set();
  groups.sort((a, b) => land(b) - land(a));
  const main = groups[0] as Placed[];
  const rest = groups.slice(1).flat();
  const total = land(places);
  if (land(rest) > MAX_LAND_SHARE * total) return new Set();
  const share = frameArea(main) / frameArea(places);
  return share <= MAX_FRAME_SHARE ? new Set(rest.map(({ id }) => id)) : new Set();
}

function clusters(places: readonly Placed[]): Placed[][] {
  const left = new Set(places);
  const groups: Placed[][] = [];
  for (const start of places) {
    if (!left.delete(start)) continue;
    const group = [start];
    for (let i = 0; i < group.length; i++) {
      for (const other of left) {
        if (gapDeg(group[i] as Placed, other) < MIN_GAP_DEG) {
          left.delete(other);
          group.push(other);
        }
      }
    }
    groups.push(group);
  }
  return groups;
}

function gapDeg({ bbox: a }: Placed, { bbox: b }: Placed): number {
  const lon = Math.max(0, b[0] - a[2], a[0] - b[2]);
  const lat = Math.max(0, b[1] - a[3], a[1] - b[3]);
  return Math.max(lon, lat);
}

/** Boxes stand for land: good enough to tell islands from a mainland. */
function land(places: readonly Placed[]): number {
  return places.reduce((sum, { bbox: [w, s, e, n] }) => sum + (e - w) * (n - s), 0);
}

function frameArea(places: readonly Placed[]): number {
  const west = Math.min(...places.map(({ bbox }) => bbox[0]));
  const south = Math.min(...places.map(({ bbox }) => bbox[1]));
  const east = Math.max(...places.map(({ bbox }) => bbox[2]));
  const north = Math.max(...places.map(({ bbox }) => bbox[3]));
  return (east - west) * (north - south);
}
