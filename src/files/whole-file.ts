// A file that is written at once, and appears whole or not at all: others look while we write, and a
// power cut may come at any moment. What is written piece by piece is atomic-file.ts's.

import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { notWritable } from './file-error.ts';

/** @throws FileError `not-writable`, as do the others. */
export async function writeWhole(file: string, data: string | Uint8Array): Promise<void> {
  await writeBeside(file, data, 0o644, (part) => rename(part, file));
}

/** Readable to its owner alone, from its first byte and whatever was there before. */
export async function writeSecret(file: string, data: string | Uint8Array): Promise<void> {
  await writeBeside(file, data, 0o600, (part) => rename(part, file));
}

/** Refused where somebody has written the file meanwhile. */
export async function writeFirst(file: string, data: string | Uint8Array): Promise<void> {
  await writeBeside(file, data, 0o644, (part) => link(part, file));
}

async function writeBeside(
  file: string,
  data: string | Uint8Array,
  mode: number,
  place: (part: string) => Promise<void>,
): Promise<void> {
  // No name that whoever else writes into the folder could have guessed and laid a link at.
  const part = `${file}.${randomBytes(8).toString('hex')}.part`;
  try {
    const handle = await open(part, 'wx', mode);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(part);
  } catch (cause) {
    throw notWritable(file, cause);
  } finally {
    await rm(part, { force: true });
  }
}
