// A byte stream (socket, terminal) to a reader, until it ends, fails, falls silent or is stopped.

import type { Readable } from 'node:stream';
import { createPace } from './pace.ts';
import { SourceError } from './source.ts';
import type { TelegramReader } from './telegram-reader.ts';

/** @throws SourceError where it ends by itself or says nothing for so long */
export async function readStream(
  stream: Readable,
  reader: TelegramReader,
  signal: AbortSignal,
  silentAfterSeconds: number,
): Promise<void> {
  const pace = createPace();
  let isSilent = false;
  const end = () => void stream.destroy();
  const silence = setTimeout(() => {
    isSilent = true;
    end();
  }, silentAfterSeconds * 1000);
  signal.addEventListener('abort', end, { once: true });
  try {
    if (signal.aborted) return;
    for await (const chunk of stream) {
      silence.refresh();
      const bytes = chunk as Uint8Array;
      reader.receive(bytes);
      await pace.took(bytes.length, signal);
    }
  } catch (cause) {
    if (signal.aborted) return;
    if (!isSilent) throw new SourceError(`the connection failed: ${messageOf(cause)}`, { cause });
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', end);
    end();
  }
  if (signal.aborted) return;
  throw new SourceError(
    isSilent ? `nothing came for ${silentAfterSeconds} s` : 'the other side closed the connection',
  );
}

/** For meters that speak only when asked. */
export interface RequestOptions {
  readonly text: string;
  readonly everySeconds: number;
}

/** Again and again, until it is disposed of. */
export function askAgain(
  write: (text: string) => void,
  request: RequestOptions | undefined,
): Disposable {
  if (request === undefined) return { [Symbol.dispose]: () => {} };
  const ask = () => write(request.text);
  ask();
  const timer = setInterval(ask, request.everySeconds * 1000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
