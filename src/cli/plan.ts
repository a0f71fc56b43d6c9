import type { Command } from 'commander';
import type { Cli } from './program.ts';

export function registerPlan(program: Command, _cli: Cli): void {
  program.command('plan');
}
