// totals.csv: one row per area or cell and interval, appended as the intervals are published.

import { stringify } from 'csv-stringify/sync';
import { AtomicFile } from './atomic-file.ts';

export type TotalsStatus = 'published' | 'partial' | 'withheld';

/** undefined: not published here, an empty field, never zero. */
export interface TotalsRow {
  /** A path, or `<parent>/{a+b}` for a cell of several siblings. */
  readonly area: string;
  readonly level: string | number;
  readonly startSeconds: number;
  readonly netWh?: number | undefined;
  readonly exportWh?: number | undefined;
  readonly productionWh?: number | undefined;
  readonly importWh?: number | undefined;
  readonly consumptionWh?: number | undefined;
  readonly metersExpected?: number | undefined;
  /** Share of the roster that the totals cover, 0 to 1, in the trustees' coarse steps. */
  readonly coverage?: number | undefined;
  readonly status: TotalsStatus;
  readonly reason?: string | undefined;
}

export const TOTALS_COLUMNS: readonly string[] = [
  'area',
  'level',
  'start',
  'net_wh',
  'export_wh',
  'production_wh',
  'import_wh',
  'consumption_wh',
  'meters_expected',
  'coverage',
  'status',
  'reason',
];

export interface TotalsFile extends AsyncDisposable {
  readonly append: (rows: readonly TotalsRow[]) => Promise<void>;
  /** Puts the finished file in its place; without it there is none. */
  readonly commit: () => Promise<void>;
}

/** @throws FileError `not-writable`, as do its methods. */
export async function createTotalsFile(path: string): Promise<TotalsFile> {
  const file = await AtomicFile.create(path);
  const append = async (rows: readonly TotalsRow[]): Promise<void> => {
    if (rows.length > 0) await file.append(stringify(rows.map(totalsFields)));
  };
  await file.append(stringify([[...TOTALS_COLUMNS]]));
  return {
    append,
    commit: () => file.commit(),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

/** `2018-10-28T23:00:00Z`: whole seconds, always UTC. */
export function formatStart(startSeconds: number): string {
  return new Date(startSeconds * 1000).toISOString().replace('.000Z', 'Z');
}

function totalsFields(row: TotalsRow): readonly (string | number | undefined)[] {
  return [
    row.area,
    row.level,
    formatStart(row.startSeconds),
    row.netWh,
    row.exportWh,
    row.productionWh,
    row.importWh,
    row.consumptionWh,
    row.metersExpected,
    row.coverage,
    row.status,
    row.reason,
  ];
}
