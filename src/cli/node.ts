// streetwatt node: one role as its own process.

import { type Command, Option } from 'commander';
import { NODE_ROLES, type NodeRole, readNodeConfig } from '../runtime/node-config.ts';
import { startNode } from '../runtime/run-node.ts';
import type { Cli } from './cli.ts';
import { describeError, UsageError } from './errors.ts';

export function registerNode(program: Command, cli: Cli): void {
  program
    .command('node')
    .description(
      'Runs one party of a network as a process, until it is stopped: it verifies the network document,\nopens its enrolments at the first start, replays what it missed from the bus, and goes on.',
    )
    .argument('[role]', `${NODE_ROLES.join(', ')}: to check that the configuration is of this role`)
    .addOption(new Option('--config <file>', 'its configuration, JSON').makeOptionMandatory())
    .addHelpText(
      'after',
      `
The configuration's paths are relative to it; docs/operations.md describes its fields. Key files must be readable by
their owner alone.

Example:
  $ streetwatt node trustee --config trial/trustee-0/node.json`,
    )
    .action(async (role: string | undefined, options: { readonly config: string }) => {
      if (role !== undefined && !NODE_ROLES.includes(role as NodeRole)) {
        throw new UsageError(
          'bad-option',
          `role: expected ${NODE_ROLES.join(', ')}, found another word.`,
        );
      }
      const config = await readNodeConfig(options.config);
      if (role !== undefined && role !== config.role) {
        throw new UsageError(
          'bad-config',
          `${options.config}: expected a configuration of role ${role}, found ${config.role}.`,
        );
      }
      await runUntilStopped(cli, config);
    });
}

async function runUntilStopped(
  cli: Cli,
  config: Awaited<ReturnType<typeof readNodeConfig>>,
): Promise<void> {
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  // A node that can no longer do its work ends, so that whoever watches it starts it again.
  await using _node = await startNode(config, cli.print, (error) => {
    const { text } = describeError(error);
    if (text !== undefined) cli.warn(text);
    fail(error);
  });
  await Promise.race([failed, stopped(cli.signal)]);
  cli.print('stopping');
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
