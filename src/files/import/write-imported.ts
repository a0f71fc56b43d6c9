// Imported rows as readings.csv, and their meters as meters.csv: both whole or not at all.

import { AtomicFile } from '../atomic-file.ts';
import { type ImportedRow, iso } from './assemble.ts';

const LINES_A_WRITE = 4096;

export interface ImportOutput {
  readonly readingsPath: string;
  /** meters.csv, with every meter in this area. */
  readonly meters?: { readonly path: string; readonly area: string } | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws FileError `not-writable`, and what reading `rows` throws: nothing is written then. */
export async function writeImported(
  rows: Iterable<ImportedRow>,
  { readingsPath, meters, signal }: ImportOutput,
): Promise<void> {
  await using readings = await AtomicFile.create(readingsPath);
  await using roster = meters === undefined ? undefined : await AtomicFile.create(meters.path);
  let lines = ['meter,start,import_wh,export_wh,production_wh'];
  const names = ['meter,area'];
  let last: string | undefined;
  for (const row of rows) {
    const { meter, startSeconds, importWh, exportWh, productionWh } = row;
    const name = field(meter);
    if (meter !== last && meters !== undefined) names.push(`${name},${meters.area}`);
    last = meter;
    lines.push(
      `${name},${iso(startSeconds)},${importWh ?? ''},${exportWh ?? ''},${productionWh ?? ''}`,
    );
    if (lines.length < LINES_A_WRITE) continue;
    signal?.throwIfAborted();
    await readings.append(`${lines.join('\n')}\n`);
    lines = [];
  }
  if (lines.length > 0) await readings.append(`${lines.join('\n')}\n`);
  await roster?.append(`${names.join('\n')}\n`);
  await readings.commit();
  await roster?.commit();
}

function field(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
