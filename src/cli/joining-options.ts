// The options that the steps of a change of the network share.

import type { Option } from 'commander';
import { pathOption } from './options.ts';

export interface StepOptions {
  readonly config: string;
  readonly next: string;
}

export function configOption(what: string): Option {
  return pathOption('--config <file>', what).makeOptionMandatory();
}

export function nextOption(): Option {
  return pathOption(
    '--next <folder>',
    'the change on its way, which registrar and trustees hand to each other',
  ).makeOptionMandatory();
}

export function inventoryOption(): Option {
  return pathOption(
    '--inventory <file>',
    'inventory.csv: which gateway belongs where (docs/files.md)',
  ).makeOptionMandatory();
}
