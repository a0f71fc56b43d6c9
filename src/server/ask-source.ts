// A question to the source ends with its request: when the caller has gone, or when it took too long,
// even if the source does not look at its signal.

import type { Context } from 'hono';
import { Problem } from './problem.ts';

/** @throws Problem `timeout`, or whatever the source throws. */
export async function askSource<T>(
  c: Context,
  timeoutMs: number,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return await endWithSignal(
    AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(timeoutMs)]),
    ask,
  );
}

export async function endWithSignal<T>(
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = Promise.withResolvers<never>();
  // Nobody may be listening any more when it fires.
  ended.promise.catch(() => undefined);
  const onAbort = (): void =>
    ended.reject(new Problem('timeout', undefined, { cause: signal.reason }));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([ask(signal), ended.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
