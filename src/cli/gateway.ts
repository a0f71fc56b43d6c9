// streetwatt gateway: a home's meters in, masked frames out.

import { type Command, Option } from 'commander';
import { readGatewayConfig } from '../gateway/gateway-config.ts';
import { enrolGateway, startGateway } from '../gateway/node/start-gateway.ts';
import type { Cli } from './cli.ts';
import { describeError } from './errors.ts';

export function registerGateway(program: Command, cli: Cli): void {
  program
    .command('gateway')
    .description(
      'Reads the meters of one home, turns their registers into readings of whole intervals, masks them on the\nspot and sends nothing else. It enrols the meter by itself, and shows the household what has left.',
    )
    .addOption(new Option('--config <file>', 'its configuration, JSON').makeOptionMandatory())
    .option('--enrol', 'only make the identity and the enrolment record, and end', false)
    .addHelpText(
      'after',
      `
The configuration's paths are relative to it; docs/gateway.md describes its fields, with an example per source. At
the first start the gateway makes its identity and writes an enrolment record for the registrar; it measures from
then on, and sends once the network document has its enrolment. "streetwatt registrar --help" tells how a record
gets there.

Examples:
  $ streetwatt gateway --config home/gateway.json
  $ streetwatt gateway --config home/gateway.json --enrol`,
    )
    .action(async (options: { readonly config: string; readonly enrol: boolean }) => {
      const config = await readGatewayConfig(options.config);
      let fail: (error: unknown) => void = () => undefined;
      if (options.enrol) {
        await enrolGateway(config, { say: cli.print, onError: fail });
        return;
      }
      const failed = new Promise<never>((_, reject) => {
        fail = reject;
      });
      failed.catch(() => undefined);
      // A gateway that can no longer do its work ends, so that whoever watches it starts it again.
      await using _gateway = await startGateway(config, {
        say: cli.print,
        onError: (error) => {
          const { text } = describeError(error);
          if (text !== undefined) cli.warn(text);
          fail(error);
        },
      });
      await Promise.race([failed, stopped(cli.signal)]);
      cli.print('stopping');
    });
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
