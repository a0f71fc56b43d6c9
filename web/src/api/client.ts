// Reads JSON from the API: problems as ApiProblem, and a few patient retries where a later answer may
// be a better one. Whoever asks keeps showing what it has until the answer is here.

import { ApiProblem, problemOf } from './problem.ts';

const RETRY_DELAYS_MS = [300, 1000, 3000];

export interface GetOptions {
  readonly signal?: AbortSignal | undefined;
  /** Fewer where someone waits who can ask again. */
  readonly retryCount?: number;
}

/**
 * The document at `path`, which must have every key of `keys`.
 * @throws ApiProblem where there is none, and the signal's reason where it was aborted.
 */
export async function getDocument<T extends object>(
  path: string,
  keys: readonly (keyof T & string)[],
  options: GetOptions = {},
): Promise<T> {
  const retryCount = Math.min(options.retryCount ?? RETRY_DELAYS_MS.length, RETRY_DELAYS_MS.length);
  for (let attempt = 0; ; attempt++) {
    try {
      return await getOnce<T>(path, keys, options.signal);
    } catch (error) {
      options.signal?.throwIfAborted();
      const isWorthIt = error instanceof ApiProblem && error.isTransient;
      if (!isWorthIt || attempt >= retryCount) throw error;
      // Spread, so that a restarted server does not meet every page at once.
      const delayMs = (RETRY_DELAYS_MS[attempt] as number) * (0.75 + Math.random() / 2);
      await sleep(delayMs, options.signal);
    }
  }
}

async function getOnce<T extends object>(
  path: string,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, {
      headers: { accept: 'application/json, application/problem+json' },
      ...(signal === undefined ? {} : { signal }),
    });
    body = await response.json().catch(() => undefined);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ApiProblem(
      {
        status: 0,
        title: 'No connection',
        detail: 'The map’s server did not answer.',
        code: 'offline',
      },
      { cause },
    );
  }
  // An abort in the middle of the body ends in `undefined` above.
  signal?.throwIfAborted();
  if (!response.ok) throw problemOf(response.status, body);
  if (!hasKeys(body, keys)) {
    throw new ApiProblem({
      status: 502,
      title: 'An answer that this page does not understand',
      detail: `The document at ${path} is not the one that was asked for.`,
      code: 'bad-document',
    });
  }
  return body as T;
}

function hasKeys(body: unknown, keys: readonly string[]): boolean {
  return typeof body === 'object' && body !== null && keys.every((key) => key in body);
}

/** Resolves after `delayMs`; rejects with the signal's reason where it is aborted before. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
