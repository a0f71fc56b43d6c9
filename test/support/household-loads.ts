// Real homes, and simulated ones with solar roofs, as the two files that the replay command takes,
// over made-up trees. Nobody on the project wrote the real loads: they stay outside the repository
// (../shared/data, or STREETWATT_DATA) and appear in no message of a failed test.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, it } from 'vitest';
import { createHouseholds, type Household } from '../../src/sim/neighbourhood.ts';
import { createRandom, seedOf } from '../../src/sim/random.ts';
import { createSimulator } from '../../src/sim/simulator.ts';

const DATA_FOLDER =
  process.env.STREETWATT_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const LOADS_FOLDER = `${DATA_FOLDER}/loads`;
const isPresent = existsSync(LOADS_FOLDER);
const isCi = process.env.CI === 'true';
if (!isPresent && !isCi) {
  console.warn(
    `\n!!! TESTS ON REAL HOUSEHOLDS ARE SKIPPED: no ${LOADS_FOLDER} (set STREETWATT_DATA)\n`,
  );
}

/** Like `describe`; skipped loudly where the real loads are absent, and failing there in CI. */
export function describeWithLoads(name: string, body: () => void): void {
  if (isPresent) describe(name, body);
  else if (isCi) {
    it(`${name} needs the household loads`, () => {
      throw new Error(`no ${LOADS_FOLDER}: set STREETWATT_DATA`);
    });
  } else describe.skip(`${name} (skipped: no folder of real loads)`, body);
}

/** meters.csv and readings.csv, as text. */
export interface LoadTexts {
  readonly metersText: string;
  readonly readingsText: string;
}

/** The same in a folder of their own, which disposing removes. */
export class LoadFiles implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'streetwatt-loads-'));
  readonly meters: string = join(this.directory, 'meters.csv');
  readonly readings: string = join(this.directory, 'readings.csv');

  constructor(texts: LoadTexts) {
    writeFileSync(this.meters, texts.metersText);
    writeFileSync(this.readings, texts.readingsText);
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Streets by path, and how many homes each has. */
export type StreetSizes = Readonly<Record<string, number>>;

/**
 * 263 homes in 16 streets on five levels: streets that stand alone, streets that need a neighbour,
 * a suburb and two towns that are too small as a whole, a street of two homes.
 */
export const SWISS_STREETS: StreetSizes = {
  'ch/zh/261/aussersihl/langstrasse': 34,
  'ch/zh/261/aussersihl/badenerstrasse': 25,
  'ch/zh/261/aussersihl/kernstrasse': 4,
  'ch/zh/261/aussersihl/hohlstrasse': 12,
  'ch/zh/261/wiedikon/birmensdorferstrasse': 22,
  'ch/zh/261/wiedikon/zurlindenstrasse': 9,
  'ch/zh/261/wiedikon/haldenstrasse': 7,
  'ch/zh/230/stadt/marktgasse': 27,
  'ch/zh/230/stadt/steinberggasse': 3,
  'ch/zh/230/seen/tellstrasse': 6,
  'ch/be/351/laenggasse/laenggassstrasse': 24,
  'ch/be/351/laenggasse/mittelstrasse': 21,
  'ch/be/351/laenggasse/neufeldstrasse': 2,
  'ch/be/351/lorraine/lorrainestrasse': 30,
  'ch/be/371/mett/muehlestrasse': 8,
  'ch/ge/621/cite/grand-rue': 29,
};

export interface RealOptions {
  readonly file: 'swiss15' | 'prosumers15' | 'half_hourly30' | 'hourly60';
  /** ISO, UTC; half-open. */
  readonly from: string;
  readonly until: string;
  readonly streets: StreetSizes;
  /** Adds up so many intervals of the file to one; 1 by default. */
  readonly joined?: number;
}

/** Homes that were measured in the time given, sorted by name, put into the streets in turn. */
export async function realLoads(options: RealOptions): Promise<LoadTexts> {
  const rows = await rowsBetween(options.file, options.from, options.until);
  const homes = [...new Set(rows.map((fields) => fields[0] as string))].sort();
  const places = homesInStreets(homes, options.streets);
  const kept = (options.joined ?? 1) === 1 ? rows : joinRows(rows, options.joined as number);
  return textsOf(
    places,
    kept.filter(([home]) => places.has(home as string)),
  );
}

/** 1.2 million lines: read once in a process. */
const linesOf = new Map<string, Promise<readonly string[]>>();

async function rowsBetween(name: string, from: string, until: string): Promise<string[][]> {
  const lines =
    linesOf.get(name) ??
    readFile(`${LOADS_FOLDER}/${name}.csv.gz`).then((packed) =>
      gunzipSync(packed).toString('latin1').trimEnd().split('\n').slice(1),
    );
  linesOf.set(name, lines);
  const rows: string[][] = [];
  for (const line of await lines) {
    const start = line.slice(line.indexOf(',') + 1, line.indexOf(',') + 21);
    if (start >= from && start < until) rows.push(line.split(',').slice(0, 5));
  }
  return rows;
}

/** Sums of consecutive intervals; empty where one of them is. */
function joinRows(rows: readonly string[][], count: number): string[][] {
  const joined: string[][] = [];
  for (let at = 0; at + count <= rows.length; at += count) {
    const part = rows.slice(at, at + count);
    const [home, start] = part[0] as string[];
    const sums = [2, 3, 4].map((column) =>
      part.some((row) => row[column] === '')
        ? ''
        : String(part.reduce((sum, row) => sum + Number(row[column]), 0)),
    );
    joined.push([home as string, start as string, ...sums]);
  }
  return joined;
}

function homesInStreets(homes: readonly string[], streets: StreetSizes): Map<string, string> {
  const places = new Map<string, string>();
  let next = 0;
  for (const [street, size] of Object.entries(streets)) {
    for (let count = 0; count < size; count++) {
      const home = homes[next++];
      if (home === undefined) throw new Error(`${homes.length} homes are too few for the streets`);
      places.set(home, street);
    }
  }
  return places;
}

function textsOf(places: ReadonlyMap<string, string>, rows: readonly string[][]): LoadTexts {
  const meters = [...places].map(([home, street]) => `${home},${street}`);
  return {
    metersText: ['meter,area', ...meters, ''].join('\n'),
    readingsText: [
      'meter,start,import_wh,export_wh,production_wh',
      ...rows.map((row) => row.join(',')),
      '',
    ].join('\n'),
  };
}

/** Of a street: homes in all, and how many of them have a roof. */
export type SolarStreets = Readonly<Record<string, readonly [homes: number, roofs: number]>>;

/**
 * 305 homes, 119 of them with solar roofs, in 14 streets on four levels: streets full of roofs,
 * streets with one or none, and small ones whose export has to be merged further up than their net.
 */
export const SOLAR_STREETS: SolarStreets = {
  'es/costa/puerto/calle-mayor': [40, 24],
  'es/costa/puerto/calle-nueva': [30, 9],
  'es/costa/puerto/calle-alta': [26, 1],
  'es/costa/puerto/plaza-vieja': [8, 5],
  'es/costa/villa/avenida-del-sol': [28, 22],
  'es/costa/villa/camino-del-molino': [25, 4],
  'es/costa/villa/calle-del-rio': [5, 2],
  'es/meseta/centro/calle-real': [36, 0],
  'es/meseta/centro/calle-del-pozo': [12, 0],
  'es/meseta/centro/calle-de-la-luna': [23, 6],
  'es/meseta/ensanche/calle-del-roble': [34, 26],
  'es/meseta/ensanche/calle-baja': [22, 10],
  'es/meseta/ensanche/calle-corta': [3, 3],
  'es/norte/aldea/calle-unica': [13, 7],
};

export interface SolarOptions {
  readonly streets?: SolarStreets;
  /** Unix seconds of each interval's start. */
  readonly startsSeconds: readonly number[];
  readonly intervalSeconds?: number;
  /** Share of the readings that are missing, and as many that lack one of their fields. */
  readonly gapRate?: number;
  /** Writes a start as the file has it; UTC by default. */
  readonly writeStart?: (startSeconds: number) => string;
}

/** Simulated homes, the same at every call, with gaps and incomplete readings where asked for. */
export function solarLoads(options: SolarOptions): LoadTexts {
  const streets = options.streets ?? SOLAR_STREETS;
  const households = createHouseholds({ meters: 1500, seed: 'replay' });
  const withRoof = households.filter((household) => household.home.roof !== undefined);
  const without = households.filter((household) => household.home.roof === undefined);
  const chosen: Household[] = [];
  const places = new Map<string, string>();
  for (const [street, [homeCount, roofCount]] of Object.entries(streets)) {
    for (let count = 0; count < homeCount; count++) {
      const home = (count < roofCount ? withRoof : without).pop();
      if (home === undefined) throw new Error('too few simulated homes for the streets');
      chosen.push(home);
      places.set(home.meter, street);
    }
  }
  const simulate = createSimulator(chosen, options.intervalSeconds);
  const random = createRandom(seedOf('gaps'), 0);
  const gapRate = options.gapRate ?? 0;
  const writeStart = options.writeStart ?? isoUtc;
  const rows: string[][] = [];
  for (const startSeconds of options.startsSeconds) {
    for (const [index, reading] of simulate(startSeconds).entries()) {
      const { meter, channels } = chosen[index] as Household;
      const fields = [
        String(reading.importWh),
        channels.includes('export') ? String(reading.exportWh) : '',
        channels.includes('production') ? String(reading.productionWh) : '',
      ];
      const luck = random();
      if (luck < gapRate) continue;
      if (luck < 2 * gapRate) fields[Math.floor(random() * 3)] = '';
      rows.push([meter, writeStart(startSeconds), ...fields]);
    }
  }
  return textsOf(places, rows);
}

export function isoUtc(startSeconds: number): string {
  return new Date(startSeconds * 1000).toISOString().replace('.000Z', 'Z');
}
