// streetwatt up: all processes of a trial network.

import type { Command } from 'commander';
import { upNetwork } from '../runtime/up-network.ts';
import type { Cli } from './cli.ts';

export function registerUp(program: Command, cli: Cli): void {
  program
    .command('up')
    .description(
      'Starts every process of a folder that "streetwatt init" wrote, on a nats-server that it finds and\nstarts, and stops them all on Ctrl-C.',
    )
    .argument('<dir>', 'the folder')
    .option('--with-server', 'a nats-server with the accounts of the folder runs already', false)
    .option('--install', 'fetch nats-server with apt’s own tools where none is found', false)
    .addHelpText(
      'after',
      `
It looks for nats-server 2.10 or newer in NATS_SERVER_BIN, on PATH and in .cache/nats-server.

Example:
  $ streetwatt up trial`,
    )
    .action(
      async (
        directory: string,
        options: { readonly withServer: boolean; readonly install: boolean },
      ) => {
        const isClean = await upNetwork({
          directory,
          hasServer: options.withServer,
          install: options.install,
          signal: cli.signal,
          say: cli.print,
        });
        if (!isClean) throw new Error('a process ended by itself; its last words are above.');
      },
    );
}
