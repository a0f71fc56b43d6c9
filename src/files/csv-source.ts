// Where a CSV file's bytes come from: a path, plain or gzip (`.gz`), or any chunks (a test's, a
// pipe's). By name and not by magic number, because a pipe cannot be read twice.

import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileError } from './file-error.ts';

const CHUNK_BYTES = 256 * 1024;

export interface CsvSource {
  /** For error sentences. */
  readonly file: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface CsvFileOptions {
  /** Called with the bytes read from disk so far, for a progress bar. */
  readonly onBytesRead?: (byteCount: number) => void;
}

export function csvFile(path: string, options: CsvFileOptions = {}): CsvSource {
  return { file: path, chunks: readChunks(path, options) };
}

async function* readChunks(path: string, options: CsvFileOptions): AsyncGenerator<Uint8Array> {
  const bytes = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const { onBytesRead } = options;
  if (onBytesRead !== undefined) bytes.on('data', () => onBytesRead(bytes.bytesRead));
  // An error of the file destroys the gunzip with it, so one loop sees both.
  const source = path.endsWith('.gz')
    ? pipeline(bytes, createGunzip({ chunkSize: CHUNK_BYTES }), () => {})
    : bytes;
  try {
    for await (const chunk of source) yield chunk as Uint8Array;
  } catch (error) {
    throw sourceError(error, path);
  } finally {
    bytes.destroy();
  }
}

function sourceError(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') {
    return new FileError('file-missing', {
      file,
      expected: 'a file',
      found: 'none',
      cause: error,
    });
  }
  if (code === 'EISDIR') {
    return new FileError('file-unreadable', {
      file,
      expected: 'a file',
      found: 'a directory',
      cause: error,
    });
  }
  if (code.startsWith('Z_')) {
    return new FileError('bad-gzip', {
      file,
      expected: 'whole gzip data',
      found: code === 'Z_BUF_ERROR' ? 'a file cut short' : 'damaged or other data',
      cause: error,
    });
  }
  if (/^E[A-Z0-9]+$/.test(code)) {
    return new FileError('file-unreadable', {
      file,
      expected: 'a readable file',
      found: `the system's error ${code}`,
      cause: error,
    });
  }
  return error;
}
