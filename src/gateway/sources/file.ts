// A meter's bytes from a file that another program appends to, from its end on: what stood there
// before has no time of arrival. Follows rotation (another file by the same name) and truncation.

import { constants, type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPace } from './pace.ts';
import { type RunSource, SourceError } from './source.ts';
import { createTelegramReader, type TelegramReaderOptions } from './telegram-reader.ts';

const CHUNK_BYTES: number = 64 * 1024;
/** Behind by more, we go on near the end: what is older than that is no news. */
const MAX_BEHIND_BYTES: number = 1024 * 1024;

export interface FileOptions extends TelegramReaderOptions {
  readonly path: string;
  readonly pollMs?: number | undefined;
}

export function fileSource(options: FileOptions): RunSource {
  return async (sink, signal) => {
    const { path, pollMs = 1000 } = options;
    let file = await openFile(path);
    try {
      let offset = (await file.stat()).size;
      let reader = createTelegramReader(options, sink);
      const pace = createPace();
      const buffer = new Uint8Array(CHUNK_BYTES);
      sink.connected();
      while (!signal.aborted) {
        const { size, ino } = await file.stat();
        if (size < offset) {
          offset = 0;
          reader = createTelegramReader(options, sink);
        } else if (size - offset > MAX_BEHIND_BYTES) {
          sink.refused('too-far-behind', `${size - offset} bytes at once`);
          offset = size - CHUNK_BYTES;
          reader = createTelegramReader(options, sink);
        }
        const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, offset);
        if (bytesRead > 0) {
          offset += bytesRead;
          // The decoder keeps parts of what it is given.
          reader.receive(buffer.slice(0, bytesRead));
          await pace.took(bytesRead, signal);
          continue;
        }
        const now = await stat(path).catch(() => undefined);
        if (now !== undefined && now.ino !== ino) {
          await file.close();
          file = await openFile(path);
          offset = 0;
          reader = createTelegramReader(options, sink);
          continue;
        }
        await sleep(pollMs, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      await file.close().catch(() => undefined);
    }
  };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new SourceError(`cannot read ${path}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    });
  }
}
