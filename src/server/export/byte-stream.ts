// The bytes of a file, only as fast as they are read.

import { Problem } from '../problem.ts';

export interface ByteStreamOptions {
  /** Aborted when its reader has had enough. */
  readonly stop: AbortController;
  /** A reader that takes nothing for so long is dropped. */
  readonly slowReaderMs: number;
  readonly disconnect: (() => void) | undefined;
  /** However it ends; maybe more than once. */
  readonly onEnd: () => void;
  readonly onError: ((error: unknown) => void) | undefined;
}

/**
 * What goes wrong once the answer has begun breaks it off: a chunked answer without its end is an
 * error to every reader, a file that merely stops is not.
 */
export function byteStream(
  chunks: AsyncGenerator<string | Uint8Array>,
  { stop, slowReaderMs, disconnect, onEnd, onError }: ByteStreamOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  const end = async (): Promise<void> => {
    clearTimeout(timer);
    stop.abort();
    await chunks.return(undefined);
    onEnd();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(timer);
        try {
          const { value, done } = await chunks.next();
          if (stop.signal.aborted) return;
          if (done === true) {
            controller.close();
            onEnd();
            return;
          }
          controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
          timer = setTimeout(() => {
            if (disconnect === undefined) controller.error(new Error('its reader takes nothing'));
            else disconnect();
            void end().catch(() => undefined);
          }, slowReaderMs);
          timer.unref();
        } catch (error) {
          onEnd();
          if (stop.signal.aborted) return;
          if (!(error instanceof Problem)) onError?.(error);
          controller.error(error);
        }
      },
      cancel: end,
    },
    { highWaterMark: 1 },
  );
}
