// What the command line gives to a command.

import type { Command } from 'commander';

/** What a command has of the outside besides its options. */
export interface Cli {
  /** Aborted by Ctrl-C, by a stop of the system, or when nobody reads the output any more. */
  readonly signal: AbortSignal;
  /** Lines on stdout: what was asked for. */
  print(text: string): void;
  /** Lines on stderr: what else is worth knowing. */
  warn(text: string): void;
}

/** Adds the command of its `name` to the program. */
export type RegisterCommand = (program: Command, cli: Cli) => void;
