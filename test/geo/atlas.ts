// One build of the demo's geography, shared by the tests of a file.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Feature } from 'geojson';
import { buildGeography } from '../../scripts/build-geography.ts';
import { type AreaId, areaId } from '../../src/core/area.ts';
import type { Suburb } from '../../src/geo/divide-area.ts';
import { type Geography, loadGeography } from '../../src/geo/geography.ts';
import { type Areal, ringArea } from '../../src/geo/rewind.ts';

export interface BuiltAtlas extends AsyncDisposable {
  readonly directory: string;
  readonly geography: Geography;
}

export async function buildAtlas(): Promise<BuiltAtlas> {
  const directory = await mkdtemp(join(tmpdir(), 'streetwatt-geography-'));
  await buildGeography(directory);
  return {
    directory,
    geography: await loadGeography(directory),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** In square degrees of the plane. */
export function planeArea({ geometry }: Feature<Areal>): number {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  return polygons.flat().reduce((sum, ring) => sum + ringArea(ring), 0);
}

/** `streetCounts[i]` streets in suburb `i`. */
export function madeUpSuburbs(parent: AreaId, streetCounts: readonly number[]): Suburb[] {
  return streetCounts.map((count, i) => {
    const id = areaId(`${parent}/s${i + 1}`);
    const streets = Array.from({ length: count }, (_, j) => ({
      id: areaId(`${id}/s${i + 1}-${j + 1}`),
      name: `Street ${i + 1}-${j + 1}`,
    }));
    return { id, name: `Suburb ${i + 1}`, streets };
  });
}
