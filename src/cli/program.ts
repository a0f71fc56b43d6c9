// The commands: their names, what the overview says of them, and the module of each, which is loaded
// only when the command is asked for, so that `streetwatt --help` does not wait for cryptography.

import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Cli, RegisterCommand } from './cli.ts';

interface CommandEntry {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  load(): Promise<RegisterCommand>;
}

const LOOK = 'Look:';
const FILES = 'Work on files:';
const NETWORK = 'Run a network:';

/** In the order of the overview. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    group: LOOK,
    summary: 'a whole network over simulated households, live',
    load: async () => (await import('./demo.ts')).registerDemo,
  },
  {
    name: 'explain',
    group: LOOK,
    summary: 'three homes, and what each party sees of them',
    load: async () => (await import('./explain.ts')).registerExplain,
  },
  {
    name: 'plan',
    group: FILES,
    summary: 'which streets may be published, which are merged, and why',
    load: async () => (await import('./plan.ts')).registerPlan,
  },
  {
    name: 'replay',
    group: FILES,
    summary: 'readings of a file through a whole network, to totals',
    load: async () => (await import('./replay.ts')).registerReplay,
  },
  {
    name: 'import',
    group: FILES,
    summary: 'exports of utilities and portals, to readings.csv',
    load: async () => (await import('./import.ts')).registerImport,
  },
  {
    name: 'decode',
    group: FILES,
    summary: "what a meter's telegrams say, as JSON",
    load: async () => (await import('./decode.ts')).registerDecode,
  },
  {
    name: 'init',
    group: NETWORK,
    summary: 'write a trial network: keys, document, configurations',
    load: async () => (await import('./init.ts')).registerInit,
  },
  {
    name: 'up',
    group: NETWORK,
    summary: 'start all processes of such a network, and stop them cleanly',
    load: async () => (await import('./up.ts')).registerUp,
  },
  {
    name: 'node',
    group: NETWORK,
    summary: 'run one party: aggregator, trustee, monitor or auditor',
    load: async () => (await import('./node.ts')).registerNode,
  },
  {
    name: 'gateway',
    group: NETWORK,
    summary: 'read the meters of one home, mask, and send nothing else',
    load: async () => (await import('./gateway.ts')).registerGateway,
  },
  {
    name: 'registrar',
    group: NETWORK,
    summary: 'take the enrolment records of gateways into the network',
    load: async () => (await import('./registrar.ts')).registerRegistrar,
  },
  {
    name: 'trustee',
    group: NETWORK,
    summary: "a trustee's signatures of a change of the network",
    load: async () => (await import('./trustee.ts')).registerTrustee,
  },
];

const HELP_AFTER = `
Examples:
  $ streetwatt demo
  $ streetwatt explain
  $ streetwatt plan --meters meters.csv --out plan
  $ streetwatt plan --help

Energy is in whole watt-hours (Wh) per interval, times are UTC or carry their offset.
Exit codes: 0 done, 1 failed, 2 bad usage or a bad file (one sentence on stderr says
what was expected and what was found), 130 interrupted. STREETWATT_DEBUG=1 adds where
an error came from.`;

/** The program with every command in its overview, and those that `argv` names in full. */
export async function createProgram(argv: readonly string[], cli: Cli): Promise<Command> {
  const program = new Command('streetwatt')
    .description(
      'A live map of electricity from masked smart-meter readings.\nZoom to the street, never to the house.',
    )
    .usage('<command> [options]')
    .version(await readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help, also of a command')
    .commandsGroup('Help:')
    .helpCommand('help [command]', 'print help of a command')
    .exitOverride()
    // main.ts says it, in one sentence.
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .addHelpText('after', HELP_AFTER);
  for (const { name, group, summary, load } of COMMANDS) {
    if (argv.includes(name)) (await load())(program, cli);
    else program.command(name);
    program.commands.at(-1)?.summary(summary).helpGroup(group);
  }
  return program;
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version?: unknown };
  return String(version);
}
