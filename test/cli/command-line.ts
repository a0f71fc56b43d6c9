// The command line as a user starts it (a process, some 0.3 s), and in this process.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeError } from '../../src/cli/errors.ts';
import { createProgram } from '../../src/cli/program.ts';

const BIN = fileURLToPath(new URL('../../bin/streetwatt.js', import.meta.url));

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runBin(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { exitCode, ...output };
}

export function startBin(args: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** As `main` runs it, without the process's own streams and signals. */
export async function runHere(
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Run> {
  const output = { stdout: '', stderr: '' };
  const cli = {
    signal,
    print: (text: string) => {
      output.stdout += `${text}\n`;
    },
    warn: (text: string) => {
      output.stderr += `${text}\n`;
    },
  };
  try {
    const program = await createProgram(args, cli);
    await program.parseAsync([...args], { from: 'user' });
    return { exitCode: 0, ...output };
  } catch (error) {
    const { exitCode, text } = describeError(error);
    if (text !== undefined) output.stderr += `${text}\n`;
    return { exitCode, ...output };
  }
}

export async function helpOf(command: string): Promise<string> {
  const signal = new AbortController().signal;
  const program = await createProgram([command], { signal, print: () => {}, warn: () => {} });
  const found = program.commands.find((one) => one.name() === command);
  let text = '';
  found?.configureOutput({
    writeOut: (more) => {
      text += more;
    },
  });
  found?.outputHelp();
  return text;
}
