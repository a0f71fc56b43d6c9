// The bench's command line.

import { Command, CommanderError } from 'commander';
import type { BenchOptions } from './bench.ts';
import { type BenchEntry, chooseBenches } from './registry.ts';

export interface BenchArguments {
  readonly entries: readonly BenchEntry[];
  readonly isQuick: boolean;
  readonly isStrict: boolean;
  readonly json: string | undefined;
  readonly options: BenchOptions;
}

/** Ends the process, with a sentence, where the words cannot be understood. */
export function parseArgs(argv: readonly string[]): BenchArguments {
  const program = new Command('bench')
    .usage('[options] [ids...]')
    .description('Times Streetwatt and what could stand in its place, in one run.')
    .argument('[ids...]', 'ids of benches, or their beginnings; all of them where none is given')
    .option('--quick', 'run everything once, small: for CI, not for figures')
    .option('--json <file>', 'write machine and results to a file')
    .option('--strict', 'fail where a target is missed')
    .option('--meters <counts>', 'how large the countries of "nation" are: 1000000,50000000')
    .exitOverride();
  try {
    program.parse(argv);
    const { quick, strict, json, meters } = program.opts<{
      quick?: true;
      strict?: true;
      json?: string;
      meters?: string;
    }>();
    return {
      entries: chooseBenches(program.args),
      isQuick: quick === true,
      isStrict: strict === true,
      json,
      options: meters === undefined ? {} : { meters: parseMeters(meters) },
    };
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    if (!(error instanceof RangeError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exit(2);
  }
}

/** @throws RangeError unless they are whole numbers of a country's size */
function parseMeters(text: string): number[] {
  const counts = text.split(',').map(Number);
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 1000 && count <= 1e9))
    throw new RangeError(`expected --meters from 1000 to 1000000000, found "${text}".`);
  return counts;
}
