// A folder for output, with the folders above it. Not by `mkdir`'s own `recursive`, which never ends
// where a file system answers that a folder's parent is missing although it is there (/proc does).

import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from '../files/file-error.ts';

/** @throws FileError `not-writable`. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
  } catch (cause) {
    const code = codeOf(cause);
    throw new FileError('not-writable', {
      file: path,
      expected: 'a folder to write to',
      found: code === 'EEXIST' || code === 'ENOTDIR' ? 'a file' : `the system's error ${code}`,
      cause,
    });
  }
}

async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolders(dirname(path));
    await mkdir(path);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
