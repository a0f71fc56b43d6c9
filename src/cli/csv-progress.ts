// A CSV file with a progress bar of its bytes.

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type CsvSource, csvFile } from '../files/csv-source.ts';
import { excerpt } from '../files/excerpt.ts';
import type { Progress } from './progress.ts';

/** `path` as a source of rows; what is wrong with it shows when it is read. */
export async function csvFileWithProgress(path: string, progress: Progress): Promise<CsvSource> {
  const fileBytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  if (fileBytes === 0) return csvFile(path);
  const step = `reading ${excerpt(basename(path), { quoted: false })}`;
  return csvFile(path, { onBytesRead: (bytes) => progress.report(step, bytes, fileBytes) });
}
