// One run of the command line, from arguments to exit code. It never ends the process: what is
// still on its way to stdout gets there.

import { describeError, EXIT_CODES } from './errors.ts';
import { isAbort, listenForInterruption } from './interruption.ts';
import { createProgram } from './program.ts';

/** Runs the command that `argv` (without node and script) names; the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  using interruption = listenForInterruption();
  const { signal } = interruption;
  try {
    const program = await createProgram(argv, {
      signal,
      print: (text) => void process.stdout.write(`${text}\n`),
      warn: (text) => void process.stderr.write(`${text}\n`),
    });
    await program.parseAsync([...argv], { from: 'user' });
    return interruption.exitCode() ?? EXIT_CODES.ok;
  } catch (error) {
    if (isAbort(error, signal)) return interruption.exitCode() ?? EXIT_CODES.failed;
    const { exitCode, text } = describeError(error, {
      isDebug: (process.env.STREETWATT_DEBUG ?? '') !== '',
    });
    if (text !== undefined) process.stderr.write(`${text}\n`);
    return exitCode;
  }
}
