// Waiting that ends when the one who waits goes away, while the work goes on for others.

export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => {});
    return Promise.reject(signal.reason as Error);
  }
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** How much of the work is still under way when it is done or the time is over. */
export async function workWithin(
  work: readonly Promise<unknown>[],
  budgetMs: number,
): Promise<number> {
  let pending = work.length;
  const all = Promise.all(
    work.map((one) =>
      one.finally(() => {
        pending--;
      }),
    ),
  );
  const timer = Promise.withResolvers<void>();
  const handle = setTimeout(timer.resolve, budgetMs);
  try {
    await Promise.race([all, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
  return pending;
}
