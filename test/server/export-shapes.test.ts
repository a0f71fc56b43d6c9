import type { FeatureCollection } from 'geojson';
import { topology } from 'topojson-server';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { ringArea } from '../../src/geo/rewind.ts';
import type { MapSource } from '../../src/map/map-source.ts';
import { createShapeReader } from '../../src/server/export/area-shapes.ts';

/** A street of four squares beside each other, clockwise, whose borders are shared arcs. */
function squares(count: number) {
  const features = Array.from({ length: count }, (_, i) => ({
    type: 'Feature' as const,
    id: `a/${i}`,
    properties: {},
    geometry: {
      type: 'Polygon' as const,
      coordinates: [
        [
          [i, 0],
          [i, 1],
          [i + 1, 1],
          [i + 1, 0],
          [i, 0],
        ],
      ],
    },
  }));
  const children: FeatureCollection = { type: 'FeatureCollection', features };
  return new TextEncoder().encode(JSON.stringify(topology({ children })));
}

function sourceOf(geometry: MapSource['geometry']): MapSource {
  return { geometry } as MapSource;
}

describe('the outline of a cell', () => {
  const read = createShapeReader(sourceOf(async () => ({ hash: '1', json: squares(4) })));

  it('is one ring around neighbours, without the border between them', async () => {
    const shapes = await read(areaId('a'));
    const shape = shapes!.of(['a/1', 'a/2']);
    expect(shape?.type).toBe('MultiPolygon');
    const polygons = shape!.coordinates as number[][][][];
    expect(polygons).toHaveLength(1);
    expect(polygons[0]).toHaveLength(1);
    expect(ringArea(polygons[0]![0]!)).toBe(2);
  });

  it('is in two parts where its members do not touch', async () => {
    const shape = (await read(areaId('a')))!.of(['a/0', 'a/2', 'a/3']);
    expect(shape!.coordinates).toHaveLength(2);
  });

  it('of one member is that member’s, counterclockwise', async () => {
    const shape = (await read(areaId('a')))!.of(['a/0']);
    expect(shape!.type).toBe('Polygon');
    expect(ringArea(shape!.coordinates[0] as number[][])).toBe(1);
  });

  it('is none where a member has none, and for no members', async () => {
    const shapes = await read(areaId('a'));
    expect(shapes!.of(['a/0', 'a/9'])).toBeNull();
    expect(shapes!.of([])).toBeNull();
    expect(shapes!.outline()).toBeNull();
  });
});

describe('shapes that were read', () => {
  it('are read again when the geometry has changed', async () => {
    let hash = '1';
    const read = createShapeReader(
      sourceOf(async () => ({ hash, json: squares(hash === '1' ? 1 : 2) })),
    );
    expect((await read(areaId('a')))!.of(['a/1'])).toBeNull();
    const first = await read(areaId('a'));
    expect(await read(areaId('a'))).toBe(first);
    hash = '2';
    expect((await read(areaId('a')))!.of(['a/1'])).not.toBeNull();
  });

  it('are forgotten when many others have been read', async () => {
    const read = createShapeReader(sourceOf(async () => ({ hash: '1', json: squares(1) })));
    const first = await read(areaId('a'));
    for (let i = 0; i < 16; i++) await read(areaId(`b/${i}`));
    expect(await read(areaId('a'))).not.toBe(first);
  });

  it('are none for an area without geometry', async () => {
    const read = createShapeReader(sourceOf(async () => undefined));
    expect(await read(areaId('a'))).toBeUndefined();
  });
});
