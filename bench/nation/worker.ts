// One of the bench's threads: provinces as they are handed out, and on one of them the top of the tree.

import { parentPort, workerData } from 'node:worker_threads';
import { createContext } from './context.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';
import { createNational, finishNation, takeProvince } from './national.ts';
import { runProvince } from './province.ts';

const { document, kinds, kindOf, isNational } = workerData as WorkerSetup;
const start = performance.now();
const context = await createContext(document, kinds, kindOf);
const national = isNational ? createNational(context) : undefined;
const compileMs = performance.now() - start;
// Decoding the document takes as much again as the network: given back before the next thread begins.
globalThis.gc?.();
send({ kind: 'ready', compileMs });

let queue: Promise<void> = Promise.resolve();
parentPort?.on('message', (message: ToWorker) => {
  queue = queue.then(() => handle(message));
});

async function handle(message: ToWorker): Promise<void> {
  if (message.kind === 'province') {
    const result = await runProvince(context, message.province, message.isZoomed);
    send({ kind: 'province', result });
    return;
  }
  if (national === undefined) throw new Error('expected the top of the tree on another thread');
  if (message.kind === 'take') {
    takeProvince(national, message.result);
    send({ kind: 'taken', measured: national.watch.read() });
    return;
  }
  const result = await finishNation(national);
  send({ kind: 'finished', result, measured: national.watch.read(), compileMs });
  parentPort?.close();
}

function send(message: FromWorker): void {
  parentPort?.postMessage(message);
}
