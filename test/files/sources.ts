// CSV sources for tests: texts, or streams that would not fit on a disk.

import type { CsvSource } from '../../src/files/csv-source.ts';
import { FileError } from '../../src/files/file-error.ts';

export function textSource(text: string | Uint8Array, file = 'input.csv'): CsvSource {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return { file, chunks: chunksOf(bytes) };
}

/** In pieces of 7 bytes, so that no token stands whole in a chunk. */
async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

export interface EndlessSource extends CsvSource {
  /** How much was read before the reader gave up. */
  readonly bytesTaken: () => number;
}

/** `head`, then `filler` again and again until a gigabyte, in chunks of at least so many bytes. */
export function endlessSource(head: string, filler: string, chunkBytes = 65_536): EndlessSource {
  const chunk = new TextEncoder().encode(filler.repeat(Math.ceil(chunkBytes / filler.length)));
  let taken = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(head);
    for (; taken < 2 ** 30; taken += chunk.length) yield chunk;
  }
  return { file: 'input.csv', chunks: chunks(), bytesTaken: () => taken };
}

/** The FileError that `promise` ends in. */
export async function fileErrorOf(promise: Promise<unknown>): Promise<FileError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FileError) return error;
  throw new Error(`expected a FileError, found ${String(error)}`);
}

/** One sentence: one line, one full stop at its end, nothing that a terminal would act on. */
export const ONE_SENTENCE: RegExp = /^[^\p{C}]+: expected [^\p{C}]+, found [^\p{C}]*[^.\p{C}]\.$/u;
