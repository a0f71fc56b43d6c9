// meters.csv: `meter,area` and optionally `channels` (`net+export+production`) and `max_wh`, one
// row per meter.

import type { AreaId } from '../core/area.ts';
import { type Header, parseHeader } from './csv-header.ts';
import type { CsvSource } from './csv-source.ts';
import { excerpt } from './excerpt.ts';
import { FileError } from './file-error.ts';
import { type MeterRow, parseMeterRow } from './meter-row.ts';
import { readCsv } from './read-csv.ts';

/** A roster of a nation fits; what a 32-bit meter number and memory can hold is the limit. */
export const MAX_METERS = 100_000_000;

export interface MetersFile {
  readonly file: string;
  /** In file order: a meter's place here is its meter number in readings. */
  readonly meters: readonly MeterRow[];
  readonly warnings: readonly string[];
}

type MetersHeader = Header<'meter' | 'area', 'channels' | 'max_wh'>;

/** @throws FileError naming file, line and field of the first thing that is wrong. */
export async function readMetersFile(source: CsvSource, signal?: AbortSignal): Promise<MetersFile> {
  const { file } = source;
  const meters: MeterRow[] = [];
  const lineOfMeter = new Map<string, number>();
  let header: MetersHeader | undefined;
  await readCsv(source, {
    signal,
    onHeader(names, line) {
      header = parseHeader(
        names,
        { required: ['meter', 'area'], optional: ['channels', 'max_wh'] },
        { file, line },
      );
    },
    onRow(fields, line) {
      const at = (header as MetersHeader).at;
      const row = parseMeterRow(
        {
          meter: fields[at.meter] ?? '',
          area: fields[at.area] ?? '',
          channels: fields[at.channels] ?? '',
          maxWh: fields[at.max_wh] ?? '',
        },
        { file, line },
      );
      const earlierLine = lineOfMeter.get(row.meter);
      if (earlierLine !== undefined) {
        throw new FileError('duplicate-meter', {
          file,
          line,
          field: 'meter',
          expected: 'each meter once',
          found: `${excerpt(row.meter)}, which is also on line ${earlierLine}`,
        });
      }
      if (meters.length >= MAX_METERS) {
        throw new FileError('too-many-rows', {
          file,
          line,
          expected: `at most ${MAX_METERS} meters`,
          found: 'more',
        });
      }
      lineOfMeter.set(row.meter, line);
      meters.push(row);
    },
  });
  if (meters.length === 0) {
    throw new FileError('file-empty', { file, expected: 'at least one meter', found: 'none' });
  }
  checkStreetsAreLeaves(meters, file);
  return { file, meters, warnings: (header as MetersHeader).warnings };
}

/** A street is a leaf of the tree: an area with meters of its own has no areas below it. */
function checkStreetsAreLeaves(meters: readonly MeterRow[], file: string): void {
  const lineOfStreet = new Map<string, number>();
  for (const { area, line } of meters) if (!lineOfStreet.has(area)) lineOfStreet.set(area, line);
  for (const [street, line] of lineOfStreet) {
    for (let cut = street.lastIndexOf('/'); cut > 0; cut = street.lastIndexOf('/', cut - 1)) {
      const above = street.slice(0, cut) as AreaId;
      const lineAbove = lineOfStreet.get(above);
      if (lineAbove === undefined) continue;
      throw new FileError('bad-area', {
        file,
        line: Math.max(line, lineAbove),
        field: 'area',
        expected: 'meters only in streets, the lowest areas',
        found: `meters in ${excerpt(above)} (line ${lineAbove}) and in an area below it (line ${line})`,
      });
    }
  }
}
