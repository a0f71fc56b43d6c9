// An operator's GeoJSON as features that can be drawn: every length capped, every position checked, the
// winding repaired. What is wrong with it is said in one sentence that names file and feature.

import type { Feature, Position } from 'geojson';
import { type AreaId, parseAreaId } from '../core/area.ts';
import { excerpt, isPrintable } from '../files/excerpt.ts';
import { FileError } from '../files/file-error.ts';
import { measureFeature } from './measure.ts';
import { type Areal, rewindForGeoJson } from './rewind.ts';

export const MAX_FEATURES = 100_000;
export const MAX_POSITIONS = 5_000_000;
const MAX_NAME_LENGTH = 200;

export interface AreaFeature {
  readonly id: AreaId;
  /** Undefined where the file gives none. */
  readonly name: string | undefined;
  readonly level: string | undefined;
  readonly feature: Feature<Areal>;
}

/** @throws FileError "bad-geojson" for what is not a FeatureCollection of areas in degrees. */
export function readAreaFeatures(collection: unknown, file: string): AreaFeature[] {
  const fail = (field: string | undefined, expected: string, found: string): never => {
    throw new FileError('bad-geojson', { file, field, expected, found });
  };
  if (!isRecord(collection) || collection.type !== 'FeatureCollection') {
    return fail(undefined, 'a GeoJSON FeatureCollection', kindOf(collection));
  }
  const { crs = null } = collection;
  if (crs !== null && !/CRS84|4326/.test(JSON.stringify(crs))) {
    return fail('crs', 'longitude and latitude (RFC 7946)', 'another reference system');
  }
  const { features } = collection;
  if (!Array.isArray(features) || features.length === 0 || features.length > MAX_FEATURES) {
    const found = Array.isArray(features) ? String(features.length) : kindOf(features);
    return fail('features', `1 to ${MAX_FEATURES} features`, found);
  }
  const seen = new Set<string>();
  let positionCount = 0;
  return features.map((feature: unknown, i): AreaFeature => {
    const place = `feature ${i + 1}`;
    if (!isRecord(feature) || feature.type !== 'Feature') {
      return fail(place, 'a Feature', kindOf(feature));
    }
    const properties = isRecord(feature.properties) ? feature.properties : {};
    const text = feature.id ?? properties.id;
    const id = typeof text === 'string' ? parseAreaId(text) : undefined;
    if (id === undefined) {
      return fail(`${place}, id`, 'an area id such as "es/md/28079"', kindOf(text));
    }
    if (seen.has(id)) return fail(`${place}, id`, 'an area that has no feature yet', excerpt(id));
    seen.add(id);
    const name = readText(properties.name, `${place}, name`);
    const level = readText(properties.level, `${place}, level`);
    const geometry = readGeometry(feature.geometry, `${place} (${id}), geometry`);
    const repaired = rewindForGeoJson({ type: 'Feature', id, properties: {}, geometry });
    if (measureFeature(repaired) === undefined) {
      return fail(`${place} (${id}), geometry`, 'an area', 'one that encloses nothing');
    }
    return { id, name, level, feature: repaired };
  });

  function readText(value: unknown, field: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    const isGood =
      typeof value === 'string' &&
      value.trim() !== '' &&
      value.length <= MAX_NAME_LENGTH &&
      isPrintable(value);
    if (!isGood) return fail(field, `1 to ${MAX_NAME_LENGTH} printable characters`, kindOf(value));
    return value.normalize('NFC').trim();
  }

  function readGeometry(value: unknown, field: string): Areal {
    if (isRecord(value) && value.type === 'Polygon') {
      return { type: 'Polygon', coordinates: readRings(value.coordinates, field) };
    }
    if (isRecord(value) && value.type === 'MultiPolygon') {
      const polygons = readList(value.coordinates, 1, field, 'polygons');
      return { type: 'MultiPolygon', coordinates: polygons.map((one) => readRings(one, field)) };
    }
    return fail(field, 'a Polygon or MultiPolygon', kindOf(isRecord(value) ? value.type : value));
  }

  function readRings(value: unknown, field: string): Position[][] {
    return readList(value, 1, field, 'rings').map((ring) => {
      const positions = readList(ring, 4, field, 'positions, the last of which is the first');
      positionCount += positions.length;
      if (positionCount > MAX_POSITIONS) {
        return fail(field, `at most ${MAX_POSITIONS} positions in the file`, 'more');
      }
      const out = positions.map((position) => readPosition(position, field));
      const [first, last] = [out[0] as Position, out.at(-1) as Position];
      if (first[0] !== last[0] || first[1] !== last[1]) {
        return fail(field, 'rings that end where they begin', 'an open one');
      }
      const jump = out.some(([lon], i) => i > 0 && Math.abs(lon! - out[i - 1]![0]!) > 180);
      if (jump) {
        return fail(field, 'areas cut at the antimeridian (RFC 7946, 3.1.9)', 'one across it');
      }
      return out;
    });
  }

  function readPosition(value: unknown, field: string): Position {
    const [lon, lat] = Array.isArray(value) ? (value as unknown[]) : [];
    const isGood =
      typeof lon === 'number' &&
      typeof lat === 'number' &&
      Math.abs(lon) <= 180 &&
      Math.abs(lat) <= 90;
    if (!isGood) {
      const found = excerpt(JSON.stringify(value) ?? 'nothing', { quoted: false });
      return fail(field, 'longitude -180 to 180 and latitude -90 to 90', found);
    }
    return [lon, lat];
  }

  function readList(value: unknown, least: number, field: string, of: string): unknown[] {
    if (Array.isArray(value) && value.length >= least) return value;
    const found = Array.isArray(value) ? String(value.length) : kindOf(value);
    return fail(field, `${least} or more ${of}`, found);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, without showing more of it than a sentence bears. */
function kindOf(value: unknown): string {
  if (typeof value === 'string') return excerpt(value);
  if (typeof value === 'number') return String(value);
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return isRecord(value) && typeof value.type === 'string'
    ? excerpt(value.type)
    : `a value of type ${typeof value}`;
}
