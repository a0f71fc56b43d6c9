// `streetwatt plan`: which streets of a meters file may be published, and the draft of its network.

import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { isAreaToken } from '../core/area.ts';
import type { NetworkPolicy } from '../core/network.ts';
import { MIN_METERS_FLOOR, planCells } from '../core/plan.ts';
import type { Plan, PlanStreet } from '../core/plan-types.ts';
import { AtomicFile } from '../files/atomic-file.ts';
import { excerpt } from '../files/excerpt.ts';
import { readMetersFile } from '../files/meters-file.ts';
import { formatPlanReport, writeCellsCsv } from '../files/plan-report.ts';
import { readReadingsFile } from '../files/readings-file.ts';
import { defaultPolicy, treeDepth } from '../runtime/provision.ts';
import type { Cli } from './cli.ts';
import { csvFileWithProgress } from './csv-progress.ts';
import { UsageError } from './errors.ts';
import { makeFolder } from './make-folder.ts';
import {
  addQuorumOptions,
  DEFAULT_MIN_METERS,
  intervalMinutesOption,
  MAX_MIN_METERS,
  pathOption,
  quorumOf,
  requireOption,
  wholeNumberOption,
} from './options.ts';
import { writeDraft } from './plan-draft.ts';
import { planStreetsOf, provisionMetersOf } from './plan-streets.ts';
import { createProgress } from './progress.ts';

const NET = 0;
/** Title, rules, cells by channel, cells by level: what stands before the channels one by one. */
const SUMMARY_PARAGRAPHS = 4;

const HELP_AFTER = `
meters.csv has "meter,area" and optionally "channels" (net+export+production) and
"max_wh", the most that the meter's main fuse lets through in one interval (172.5 kW
where it is not given: 43,125 Wh in 15 minutes). An area is a path such as
es/madrid/centro/street-12. Both files may be gzipped (.gz).

DIR receives
  network.json   policy, levels, areas with their meters per channel, and cells: a
                 draft, not signed, until "streetwatt init" or a registrar of your own
                 has signed the rosters and the trustees have countersigned
  cells.csv      every cell on a line
  report.txt     which streets stand alone, which are merged with whom, and why

Examples:
  $ streetwatt plan --meters meters.csv
  $ streetwatt plan --meters meters.csv --readings readings.csv --min-meters 15 --out plan
  $ streetwatt plan --meters hourly.csv.gz --interval-minutes 60 --out plan`;

interface PlanOptions {
  readonly meters?: string;
  readonly readings?: string;
  readonly intervalMinutes: number;
  readonly minMeters: number;
  readonly trustees: number;
  readonly quorum?: number;
  readonly networkId: string;
  readonly out?: string;
}

export function registerPlan(program: Command, cli: Cli): void {
  const command = program
    .command('plan')
    .description(
      'Partition the streets of a meters file into cells, the smallest things that are ever published, and say which stand alone, which are merged with whom, and why.',
    )
    .optionsGroup('Files:')
    .addOption(pathOption('--meters <file>', 'the meters (meters.csv); required'))
    .addOption(
      pathOption(
        '--readings <file>',
        'readings (readings.csv): a meter without "channels" declares what it has there (default: net alone)',
      ),
    )
    .addOption(
      pathOption('--out <dir>', 'where the files are written (default: the report on stdout)'),
    )
    .optionsGroup('Policy:')
    .addOption(
      wholeNumberOption(
        '--min-meters <count>',
        'fewest meters of a channel in any cell, 5 or more',
        {
          from: MIN_METERS_FLOOR,
          to: MAX_MIN_METERS,
        },
      ).default(DEFAULT_MIN_METERS),
    )
    .addOption(intervalMinutesOption());
  addQuorumOptions(command)
    .addOption(
      new Option('--network-id <name>', 'name that all keys of the network are bound to')
        .argParser(parseNetworkId)
        .default('streetwatt'),
    )
    .addHelpText('after', HELP_AFTER)
    .action((options: PlanOptions) => plan(options, cli));
}

async function plan(options: PlanOptions, cli: Cli): Promise<void> {
  const intervalSeconds = 60 * options.intervalMinutes;
  const quorum = quorumOf(options);
  const streets = await readStreets(options, intervalSeconds, cli);
  const policy = defaultPolicy({
    networkId: options.networkId,
    quorum,
    intervalSeconds,
    minMeters: options.minMeters,
    depth: treeDepth(streets),
  });
  const planned = planCells(streets, policy);
  const nothing = explainNothing(streets, policy, planned);
  const report = `${nothing === undefined ? '' : `${nothing}\n\n`}${formatPlanReport(streets, policy, planned)}`;
  if (options.out === undefined) {
    cli.print(report.trimEnd());
    return;
  }
  const [network, cells, text] = ['network.json', 'cells.csv', 'report.txt'].map((name) =>
    join(options.out as string, name),
  ) as [string, string, string];
  await makeFolder(options.out);
  await writeDraft(network, {
    policy,
    trusteeCount: quorum.trusteeCount,
    streets,
    plan: planned,
  });
  await writeCellsCsv(cells, planned, policy);
  await writeText(text, report);
  const paragraphs = SUMMARY_PARAGRAPHS + (nothing === undefined ? 0 : 1);
  cli.print(report.split('\n\n').slice(0, paragraphs).join('\n\n'));
  cli.print(`\nWrote ${network} (a draft, not signed), ${cells} and ${text}.`);
}

async function readStreets(
  options: PlanOptions,
  intervalSeconds: number,
  { signal, warn }: Cli,
): Promise<readonly PlanStreet[]> {
  using progress = createProgress();
  const { meters, warnings } = await readMetersFile(
    await csvFileWithProgress(requireOption('--meters <file>', options.meters), progress),
    signal,
  );
  const readings =
    options.readings === undefined
      ? undefined
      : await readReadingsFile(await csvFileWithProgress(options.readings, progress), {
          meters: meters.map(({ meter }) => meter),
          intervalSeconds,
          signal,
        });
  progress.end();
  for (const warning of [...warnings, ...(readings?.warnings ?? [])]) warn(warning);
  return planStreetsOf(provisionMetersOf(meters, intervalSeconds, readings?.table));
}

/** One sentence where the network would publish nothing at all. */
function explainNothing(
  streets: readonly PlanStreet[],
  { minMeters, maxCapSharePermille }: NetworkPolicy,
  { cells, unpublished }: Plan,
): string | undefined {
  if (cells.length > 0) return undefined;
  const needed = minMeters.toLocaleString('en-US');
  const meterCount = streets.reduce((sum, { meters }) => sum + meters.length, 0);
  const isDominated = unpublished.some(
    ({ channel, reason }) => channel === NET && reason === 'dominated',
  );
  let why = `no tree of areas has the ${needed} meters that a cell needs`;
  if (meterCount < minMeters)
    why = `a cell needs ${needed} meters, and all together are ${meterCount.toLocaleString('en-US')}`;
  else if (isDominated)
    why = `in every set of ${needed} meters or more, one has more than ${maxCapSharePermille / 10} % of the caps`;
  return `No cell can be formed, so nothing would be published: ${why}.`;
}

async function writeText(path: string, text: string): Promise<void> {
  await using file = await AtomicFile.create(path);
  await file.append(text);
  await file.commit();
}

function parseNetworkId(text: string): string {
  if (isAreaToken(text)) return text;
  throw new UsageError(
    'bad-option',
    `--network-id: expected 1 to 64 letters, digits, "_" or "-", found ${excerpt(text)}.`,
  );
}
