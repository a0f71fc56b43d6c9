// streetwatt init: a trial network on disk.

import type { Command } from 'commander';
import { csvFile } from '../files/csv-source.ts';
import { readInventoryFile } from '../files/inventory-file.ts';
import { initGatewayNetwork } from '../runtime/init-gateway-network.ts';
import { initNetwork } from '../runtime/init-network.ts';
import type { Cli } from './cli.ts';
import {
  addQuorumOptions,
  DEFAULT_MIN_METERS,
  intervalMinutesOption,
  pathOption,
  quorumOf,
  seedOption,
  wholeNumberOption,
} from './options.ts';

interface InitCommandOptions {
  readonly households: number;
  readonly seed: string;
  readonly trustees: number;
  readonly quorum?: number;
  readonly minMeters: number;
  readonly intervalMinutes: number;
  readonly port: number;
  readonly mapPort: number;
  readonly gateways?: string;
}

export function registerInit(program: Command, cli: Cli): void {
  const command = program
    .command('init')
    .description(
      'Writes a small network: keys, network document, configurations and bus accounts of every party,\neach in a folder of its own, and simulated households to feed it, or folders for real gateways.',
    )
    .argument('<dir>', 'a new or empty folder')
    .addOption(
      wholeNumberOption('--households <count>', 'simulated households', {
        from: 20,
        to: 100_000,
      }).default(300),
    )
    .addOption(
      pathOption(
        '--gateways <file>',
        'inventory.csv of real gateways, in place of simulated households',
      ).conflicts('households'),
    )
    .addOption(seedOption('seeds the households, never the keys').default('streetwatt'));
  addQuorumOptions(command)
    .addOption(
      wholeNumberOption('--min-meters <count>', 'fewest homes in anything published', {
        from: 5,
        to: 1_000_000,
      }).default(DEFAULT_MIN_METERS),
    )
    .addOption(intervalMinutesOption())
    .addOption(
      wholeNumberOption('--port <port>', 'where its nats-server listens', {
        from: 1,
        to: 65_535,
      }).default(4222),
    )
    .addOption(
      wholeNumberOption('--map-port <port>', 'where its monitor serves the map', {
        from: 1,
        to: 65_535,
      }).default(8080),
    )
    .addHelpText(
      'after',
      `
This process makes the keys of all parties, so whoever runs it has seen them: for trials only. In a
real network each party makes its own. Gateways always make their own keys; "streetwatt registrar
--help" tells how they join.

Example:
  $ streetwatt init trial --interval-minutes 1
  $ streetwatt up trial
  $ streetwatt init pilot --gateways inventory.csv`,
    )
    .action(async (directory: string, options: InitCommandOptions) => {
      const { minMeters, port, mapPort } = options;
      const intervalSeconds = options.intervalMinutes * 60;
      const common = { directory, quorum: quorumOf(options), minMeters, intervalSeconds };
      if (options.gateways !== undefined) {
        const { networkId, streetCount, gatewayCount, configs } = await initGatewayNetwork({
          ...{ ...common, port, mapPort },
          inventory: await readInventoryFile(csvFile(options.gateways)),
          inventoryFile: options.gateways,
        });
        cli.print(
          `${directory}: ${networkId}, ${streetCount} streets without meters, ${configs.length} nodes, ${gatewayCount} gateways:`,
        );
        for (const config of configs) cli.print(`  ${config}`);
        cli.print(
          `Keys are readable by you alone. Hand ${directory}/gateways/<name> to its household, then see: streetwatt registrar --help`,
        );
        return;
      }
      const { meterCount, cellCount, configs } = await initNetwork({
        ...{ ...common, port, mapPort },
        households: options.households,
        seed: options.seed,
      });
      cli.print(
        `${directory}: ${meterCount} simulated households, ${cellCount} cells, ${configs.length} nodes:`,
      );
      for (const config of configs) cli.print(`  ${config}`);
      cli.print(
        `Keys are readable by you alone. Start everything with: streetwatt up ${directory}`,
      );
    });
}
