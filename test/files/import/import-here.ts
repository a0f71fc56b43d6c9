// Exports as texts, read as the command reads files.

import {
  assembleRows,
  type ImportedRow,
  type ImportSummary,
  iso,
} from '../../../src/files/import/assemble.ts';
import { ImportedValues } from '../../../src/files/import/imported-values.ts';
import type { ReadContext, ReadExport } from '../../../src/files/import/read-context.ts';
import { createTimeZone, type TimeZone } from '../../../src/files/import/time-zone.ts';
import { textSource } from '../sources.ts';

export interface Imported {
  /** As in readings.csv. */
  readonly lines: readonly string[];
  readonly rows: readonly ImportedRow[];
  readonly summary: ImportSummary;
  readonly warnings: readonly string[];
}

export interface ImportHereOptions extends Pick<ReadContext, 'zone' | 'meter'> {
  readonly intervalMinutes?: number;
}

/** `texts`: files, called 1, 2, ... */
export async function importHere(
  read: ReadExport,
  texts: string | readonly string[],
  options: ImportHereOptions = {},
): Promise<Imported> {
  const { intervalMinutes, ...context } = options;
  const values = new ImportedValues(options.meter);
  const files = typeof texts === 'string' ? [texts] : texts;
  for (const [i, text] of files.entries())
    await read(textSource(text, `file${i + 1}`), { ...context, values });
  const { rows, summary } = assembleRows(values, intervalMinutes && 60 * intervalMinutes);
  const all = [...rows];
  const lines = all.map(
    ({ meter, startSeconds, importWh, exportWh, productionWh }) =>
      `${meter},${iso(startSeconds)},${importWh ?? ''},${exportWh ?? ''},${productionWh ?? ''}`,
  );
  return { lines, rows: all, summary: summary(), warnings: [...values.warnings] };
}

export function zoneNamed(name: string): TimeZone {
  const zone = createTimeZone(name);
  if (zone === undefined) throw new Error(`no zone ${name}`);
  return zone;
}
