// A country in a process of its own: its memory is then its own, and no other bench's garbage is in it.

import { fork } from 'node:child_process';
import { type NationResult, runNation } from './run-nation.ts';

type Message =
  | { readonly kind: 'progress'; readonly done: number; readonly of: number }
  | { readonly kind: 'result'; readonly result: NationResult };

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  const [name, meters, workers] = process.argv.slice(2);
  const send = (message: Message, onSent?: () => void) =>
    process.send?.(message, undefined, undefined, onSent);
  const result = await runNation(name as string, Number(meters), Number(workers), (done, of) =>
    send({ kind: 'progress', done, of }),
  );
  send({ kind: 'result', result }, () => process.disconnect());
}

/** @throws Error where the country's process ends without a result: what it printed says why */
export function runNationProcess(
  name: string,
  meters: number,
  workers: number,
  onProgress: (done: number, of: number) => void,
): Promise<NationResult> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [name, String(meters), String(workers)], {
      serialization: 'advanced',
    });
    let result: NationResult | undefined;
    child.on('message', (message: Message) => {
      if (message.kind === 'result') result = message.result;
      else onProgress(message.done, message.of);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (result === undefined) reject(new Error(`a country's process ended with ${code}`));
      else resolve(result);
    });
  });
}
