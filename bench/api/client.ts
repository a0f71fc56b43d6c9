// A browser's side of the bench of the server, in a process of its own: so many requests at a time over
// connections that stay open, each answer read to its end. It keeps times and sizes; what the bodies
// say was checked before.

import { Agent, type IncomingMessage, request } from 'node:http';

export interface ClientOrder {
  readonly url: string;
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly concurrency: number;
  /** Asks again with the ETag of a first answer, which is not timed. */
  readonly isConditional: boolean;
}

export interface ClientReport {
  readonly seconds: number;
  /** From the request to the last byte of its answer, in no order. */
  readonly latenciesMs: readonly number[];
  readonly bodyBytes: number;
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<number, number>>;
}

interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
  readonly etag: string | undefined;
}

process.on('message', (order: ClientOrder) => {
  void work(order).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.send?.({ ready: true });

async function work(order: ClientOrder): Promise<ClientReport> {
  const { url, paths, headers, concurrency, isConditional } = order;
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const etags = new Map<string, string>();
  if (isConditional) {
    await inTurn(paths, concurrency, async (path) => {
      const { etag } = await get(agent, url + path, headers);
      if (etag !== undefined) etags.set(path, etag);
    });
  }
  const latenciesMs: number[] = [];
  const statuses: Record<number, number> = {};
  let bodyBytes = 0;
  process.send?.({ begins: true });
  const startMs = performance.now();
  await inTurn(paths, concurrency, async (path) => {
    const etag = etags.get(path);
    const sent = etag === undefined ? headers : { ...headers, 'if-none-match': etag };
    const sentMs = performance.now();
    const answer = await get(agent, url + path, sent);
    latenciesMs.push(performance.now() - sentMs);
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    bodyBytes += answer.bodyBytes;
  });
  const seconds = (performance.now() - startMs) / 1000;
  agent.destroy();
  return { seconds, latenciesMs, bodyBytes, statuses };
}

/** Each of `concurrency` takes the next path as soon as its last answer is read. */
async function inTurn(
  paths: readonly string[],
  concurrency: number,
  ask: (path: string) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < paths.length) await ask(paths[next++] as string);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

function get(
  agent: Agent,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: IncomingMessage): void => {
      let bodyBytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bodyBytes += chunk.length;
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, bodyBytes, etag: answer.headers.etag }),
      );
      answer.on('error', reject);
    };
    request(url, { agent, headers }, onAnswer).on('error', reject).end();
  });
}
