// The formats that `streetwatt import` knows, and what each needs to be read.

import { FileError } from '../file-error.ts';
import { readGreenButton } from './green-button.ts';
import { createHomeAssistantReader } from './home-assistant.ts';
import { createMappedCsvReader } from './mapped-csv.ts';
import { readCsvMapping, readHomeAssistantMapping } from './mapping.ts';
import { readMscons } from './mscons.ts';
import type { ReadExport } from './read-context.ts';
import { readSmartMeterTexas } from './smart-meter-texas.ts';
import { readUkHalfHourly } from './uk-half-hourly.ts';

export const IMPORT_FORMATS = [
  'green-button',
  'smart-meter-texas',
  'uk-half-hourly',
  'mscons',
  'csv',
  'home-assistant',
] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** Formats that say nothing of what their columns mean. */
export function needsMapping(format: ImportFormat): boolean {
  return format === 'csv' || format === 'home-assistant';
}

/** @throws FileError for a mapping that is not one. */
export async function readerOf(
  format: ImportFormat,
  mappingPath: string | undefined,
): Promise<ReadExport> {
  if (format === 'green-button') return readGreenButton;
  if (format === 'smart-meter-texas') return readSmartMeterTexas;
  if (format === 'uk-half-hourly') return readUkHalfHourly;
  if (format === 'mscons') return readMscons;
  if (mappingPath === undefined)
    throw new FileError('bad-mapping', {
      file: '--mapping',
      expected: 'a mapping file',
      found: 'none',
    });
  if (format === 'csv')
    return createMappedCsvReader(await readCsvMapping(mappingPath), mappingPath);
  return createHomeAssistantReader(await readHomeAssistantMapping(mappingPath), mappingPath);
}
