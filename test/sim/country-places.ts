// A small Spain and Europe of squares, for the simulated monitors: real codes, made-up places.

import { type AreaId, areaDepth, areaId, lastToken, parentArea } from '../../src/core/area.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import { createGeography, type GeoArea, type Geography } from '../../src/geo/geography.ts';
import type { MapRow } from '../../src/map/frame.ts';
import type { MapAbout } from '../../src/map/map-source.ts';
import { ENERGY_METRICS } from '../../src/map/metric.ts';
import type { Viewer } from '../../src/map/viewer.ts';
import { type CountrySource, createCountrySource } from '../../src/sim/country/country-source.ts';

export const LEVELS: readonly string[] = [
  'continent',
  'nation',
  'region',
  'province',
  'municipality',
  'suburb',
  'street',
];

/** Region, province, its middle and how many municipalities it has. */
const PROVINCES: readonly (readonly [string, string, number, number, number])[] = [
  ['13', '28', -3.7, 40.4, 60],
  ['08', '16', -2.1, 40.1, 90],
  ['08', '45', -4, 39.8, 60],
  ['07', '09', -3.7, 42.4, 120],
  ['07', '42', -2.5, 41.6, 60],
  ['01', '41', -5.9, 37.4, 50],
  ['03', '33', -5.9, 43.3, 40],
  ['05', '35', -15.5, 28, 20],
  ['11', '06', -6.5, 38.7, 60],
];
const NATIONS: readonly (readonly [string, string, number, number])[] = [
  ['fr', 'France', 2.3, 46.6],
  ['pt', 'Portugal', -8, 39.6],
  ['de', 'Germany', 10.4, 51.1],
  ['is', 'Iceland', -18.6, 64.9],
  ['zz', 'A land in no table', 20, 45],
];

export function smallCountry(): Geography {
  const areas: GeoArea[] = [place('eu', 'Europe', 10, 50), place('eu/es', 'Spain', -3.7, 40.2)];
  for (const [code, name, lon, lat] of NATIONS) areas.push(place(`eu/${code}`, name, lon, lat));
  const regions = new Set(PROVINCES.map(([region]) => region));
  for (const region of regions) areas.push(place(`eu/es/${region}`, `Region ${region}`, -4, 40));
  for (const [region, province, lon, lat, count] of PROVINCES) {
    const id = `eu/es/${region}/${province}`;
    areas.push(place(id, `Província ${province}`, lon, lat));
    for (let i = 1; i <= count; i++) {
      const code = `${province}${String(i).padStart(3, '0')}`;
      const east = lon + ((i % 10) - 5) * 0.1;
      const north = lat + (Math.floor(i / 10) - 3) * 0.1;
      areas.push(place(`${id}/${code}`, `Áldea ${code}`, east, north, 40));
    }
  }
  return createGeography({ levels: LEVELS, areas, read: async () => undefined });
}

function place(
  text: string,
  name: string,
  lonDeg: number,
  latDeg: number,
  areaKm2 = 5000,
): GeoArea {
  const id = areaId(text);
  const depth = areaDepth(id);
  return {
    id,
    name,
    level: LEVELS[depth - 1] ?? '',
    depth,
    parent: parentArea(id),
    center: [lonDeg, latDeg],
    bbox: [lonDeg - 0.1, latDeg - 0.1, lonDeg + 0.1, latDeg + 0.1],
    areaKm2,
  };
}

export const ABOUT: MapAbout = {
  title: 'Test',
  intervalSeconds: 900,
  levels: LEVELS,
  metrics: ENERGY_METRICS,
  minMeters: 20,
  simulationNote: 'All of it is made up.',
  attributions: [],
  dataLicence: 'CC0-1.0',
  timeZone: 'Europe/Madrid',
  clockSpeed: 1,
  publishWithinSeconds: 90,
};

export const ALL_CHANNELS: readonly string[] = ['net', 'export', 'production'];

export function viewerOf(channels: readonly string[] = ALL_CHANNELS, deepestDepth = 7): Viewer {
  return { grantName: 'test', area: areaId('eu'), deepestDepth, channels };
}

export const SIGNAL: AbortSignal = new AbortController().signal;

/** The interval that starts at this time. */
export function at(iso: string): IntervalIndex {
  return intervalIndex(Date.parse(iso) / 900_000);
}

export interface Country {
  readonly source: CountrySource;
  /** A minute after this interval's end. */
  moveTo(interval: number): void;
  frame(area: string, interval: number): ReturnType<CountrySource['frame']>;
}

/** A country whose clock stands a minute after the end of `latest`. */
export function countryAt(
  latest: number,
  handedOver: readonly string[] = [],
  seed = 'test',
): Country {
  let newest = latest;
  const source = createCountrySource({
    geography: smallCountry(),
    seed,
    handedOver: handedOver.map((text) => areaId(text)),
    nowMs: () => (newest + 1) * 900_000 + 60_000,
    firstInterval: intervalIndex(0),
    latestInterval: () => intervalIndex(newest),
    about: ABOUT,
  });
  return {
    source,
    moveTo: (interval) => {
      newest = interval;
    },
    frame: (area, interval) =>
      source.frame({
        area: area as AreaId,
        interval: intervalIndex(interval),
        viewer: viewerOf(),
        signal: SIGNAL,
      }),
  };
}

/** What must hold of any row: whole numbers that balance, or nulls that each have a reason. */
export function rowFaults(row: MapRow): string[] {
  const faults: string[] = [];
  const { net, consumption, production, import: imported, export: exported } = row.energyWh;
  for (const metric of ENERGY_METRICS) {
    const value = row.energyWh[metric];
    if (value === null && row.absent[metric] === undefined) faults.push(`${metric} without reason`);
    if (value !== null && row.absent[metric] !== undefined) faults.push(`${metric} with a reason`);
    if (value !== null && !Number.isSafeInteger(value)) faults.push(`${metric} is ${value}`);
    if (value !== null && metric !== 'net' && value < 0) faults.push(`${metric} below zero`);
  }
  if (net !== null && consumption !== null && production !== null) {
    if (consumption - production !== net) faults.push('net is not consumption - production');
    if (production + (imported ?? Number.NaN) !== consumption + (exported ?? Number.NaN)) {
      faults.push('production + import is not consumption + export');
    }
    const selfUse = consumption - (imported ?? Number.NaN);
    if (!(selfUse >= 0 && selfUse <= Math.min(consumption, production))) faults.push('self use');
  }
  if (row.coverage < 0 || row.coverage > 1) faults.push(`coverage ${row.coverage}`);
  return faults.map((fault) => `${lastToken(row.members[0] as AreaId)}: ${fault}`);
}
