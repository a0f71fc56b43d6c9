// The folder of enrolment records that rosters name. Whoever opens or restores something from it looks
// for records by their digests, so what lies there beside them is passed over: half a copy, a file of
// any size, a link to a device.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../files/file-error.ts';

/** Of a factory's largest batch; a meter's own has some 8 KB. */
export const MAX_RECORD_BYTES: number = 2 ** 28;

/** All of them. @throws FileError where there is no folder */
export async function listEnrolments(folder: string): Promise<readonly Uint8Array[]> {
  const records: Uint8Array[] = [];
  for await (const record of readEnrolments(folder)) records.push(record);
  return records;
}

/** One at a time, by name: batches are large. @throws FileError where there is no folder */
export async function* readEnrolments(folder: string): AsyncGenerator<Uint8Array> {
  const names = await readdir(folder).catch((cause: unknown) => {
    const expected = 'a folder of enrolment records';
    throw new FileError('file-missing', { file: folder, expected, found: 'none', cause });
  });
  for (const name of names.filter((one) => one.endsWith('.bin')).sort()) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || !found.isFile() || found.size > MAX_RECORD_BYTES) continue;
    yield new Uint8Array(
      await readFile(file).catch((cause: unknown) => {
        const expected = 'an enrolment record that we may read';
        throw new FileError('file-unreadable', { file, expected, found: 'an error', cause });
      }),
    );
  }
}
