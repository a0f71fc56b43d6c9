// A command as a process of its own that goes on running, and what it prints.

import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/streetwatt.js', import.meta.url));

export interface RunningCommand extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /** What it has printed so far, on either stream. */
  text(): string;
  /** Rejects where the command ends before it has printed this. */
  seen(pattern: RegExp): Promise<void>;
}

/** Disposing of it ends the command, and waits for that. */
export function startCommand(args: readonly string[]): RunningCommand {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const wakes = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const wake of wakes) wake();
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    ended,
    text: () => text,
    seen: (pattern) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (pattern.test(text)) resolve();
        };
        wakes.add(look);
        look();
        void ended.then(() => reject(new Error(`ended before ${pattern}:\n${text}`)));
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
