import type { Command } from 'commander';
import type { Cli } from './program.ts';

export function registerExplain(program: Command, _cli: Cli): void {
  program.command('explain');
}
