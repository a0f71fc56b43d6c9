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

/**
 * For a program that must be told its port in advance. It lies below those that the system gives by
 * itself (32,768 and up), so that no other test is given it before the program takes it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 16_384 + Math.floor(Math.random() * 16_384);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('listening', () => resolve(true));
      server.once('error', () => resolve(false));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
