// The replay command in this process: everything of it but the start of a process.

import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { describeError } from '../../src/cli/errors.ts';
import { registerReplay } from '../../src/cli/replay.ts';
import { ReplaySummarySchema } from '../../src/files/summary-file.ts';
import { hashUnit, seedOf } from '../../src/sim/random.ts';
import type { LoadFiles } from '../support/household-loads.ts';

export type ReplaySummary = ReturnType<typeof ReplaySummarySchema.parse>;

export interface CommandRun {
  readonly exitCode: number;
  readonly printed: readonly string[];
  readonly warned: readonly string[];
}

export async function runCommand(
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<CommandRun> {
  const printed: string[] = [];
  const warned: string[] = [];
  const program = new Command('streetwatt')
    .exitOverride()
    .configureOutput({ outputError: () => {}, writeOut: (text) => void printed.push(text) });
  registerReplay(program, {
    signal,
    print: (text) => void printed.push(text),
    warn: (text) => void warned.push(text),
  });
  try {
    await program.parseAsync(['replay', ...args], { from: 'user' });
    return { exitCode: 0, printed, warned };
  } catch (error) {
    const { exitCode, text } = describeError(error);
    if (text !== undefined) warned.push(text);
    return { exitCode, printed, warned };
  }
}

export interface Replayed {
  readonly totalsText: string;
  readonly summary: ReplaySummary;
  readonly printed: readonly string[];
  readonly warned: readonly string[];
}

let runs = 0;

/** Replays files that are in order; what it wrote. */
export async function replay(files: LoadFiles, ...args: readonly string[]): Promise<Replayed> {
  const run = runs++;
  const out = files.file(`totals-${run}.csv`);
  const json = files.file(`summary-${run}.json`);
  const { exitCode, printed, warned } = await runCommand([
    ...['--meters', files.meters, '--readings', files.readings],
    ...['--out', out, '--json', json],
    ...args,
  ]);
  if (exitCode !== 0) throw new Error(`replay ended with ${exitCode}: ${warned.join('\n')}`);
  return {
    totalsText: await readFile(out, 'utf8'),
    summary: ReplaySummarySchema.parse(JSON.parse(await readFile(json, 'utf8'))),
    printed,
    warned,
  };
}

/** The frames that `--drop` loses: a function of seed, interval and the meter's line. */
export function lostFrames(seed: string, rate: number) {
  return (meter: number, interval: number): boolean =>
    hashUnit(seedOf(`${seed} ${interval}`), meter) < rate;
}
