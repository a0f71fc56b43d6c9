// streetwatt replay: a file of readings through a whole real network, to totals.csv.

import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { AtomicFile } from '../files/atomic-file.ts';
import { declaredMeters } from '../files/declared-channels.ts';
import { FileError } from '../files/file-error.ts';
import { readMetersFile } from '../files/meters-file.ts';
import { readReadingsFile } from '../files/readings-file.ts';
import { writeSummaryFile } from '../files/summary-file.ts';
import { createTotalsFile, type TotalsRow } from '../files/totals-file.ts';
import type { Row } from '../roles/monitor-rows.ts';
import { ALL_PARTIES, createPlatformVerifier, rememberVerified } from '../runtime/ed25519.ts';
import { replayReadings } from '../runtime/replay.ts';
import { openRunBus } from '../runtime/run-bus.ts';
import type { Cli } from './cli.ts';
import { csvFileWithProgress } from './csv-progress.ts';
import { UsageError } from './errors.ts';
import {
  addQuorumOptions,
  type BusChoice,
  busOption,
  DEFAULT_MIN_METERS,
  intervalMinutesOption,
  pathOption,
  quorumOf,
  rateOption,
  requireOption,
  seedOption,
  wholeNumberOption,
} from './options.ts';
import { provisionMetersOf } from './plan-streets.ts';
import { createProgress } from './progress.ts';

const METERS = '--meters <file>';
const READINGS = '--readings <file>';
const OUT = '--out <file>';

interface ReplayCommandOptions {
  readonly meters?: string;
  readonly readings?: string;
  readonly minMeters: number;
  readonly trustees: number;
  readonly quorum?: number;
  readonly trusteesDown: number;
  readonly drop: number;
  readonly seed: string;
  readonly bus: BusChoice;
  readonly intervalMinutes: number;
  readonly out?: string;
  readonly json?: string;
}

export function registerReplay(program: Command, cli: Cli): void {
  const command = program
    .command('replay')
    .description(
      'Runs every reading of a file through real meters, aggregators, trustees and a monitor, interval by interval, and writes the totals that come out: what may be published, and nothing else.',
    )
    .addOption(pathOption(METERS, 'meters.csv: meter,area and optionally channels,max_wh'))
    .addOption(
      pathOption(READINGS, 'readings.csv: meter,start,import_wh,export_wh,production_wh (.gz too)'),
    )
    .addOption(pathOption(OUT, 'totals.csv to write'))
    .addOption(pathOption('--json <file>', 'summary.json to write'))
    .addOption(
      wholeNumberOption('--min-meters <count>', 'fewest homes in anything published', {
        from: 5,
        to: 1_000_000,
      }).default(DEFAULT_MIN_METERS),
    );
  addQuorumOptions(command)
    .addOption(
      wholeNumberOption('--trustees-down <count>', 'trustees that never answer', {
        from: 0,
        to: 5,
      }).default(0),
    )
    .addOption(
      rateOption('--drop <rate>', 'share of the frames that are lost on the way').default(0),
    )
    .addOption(seedOption('seeds which frames are lost').default('streetwatt'))
    .addOption(busOption())
    .addOption(intervalMinutesOption())
    .addHelpText(
      'after',
      `
Every meter of the file gets keys of its own and masks its own readings; energy is in Wh, rounded to
whole watt-hours per field. Columns and reasons are described in docs/files.md.

Examples:
  $ streetwatt replay --meters meters.csv --readings readings.csv --out totals.csv
  $ streetwatt replay --meters meters.csv --readings readings.csv.gz --drop 0.05 \\
      --bus nats://127.0.0.1:4222 --out totals.csv --json summary.json`,
    )
    .action((options: ReplayCommandOptions) => runReplay(options, cli));
}

async function runReplay(options: ReplayCommandOptions, cli: Cli): Promise<void> {
  const metersPath = requireOption(METERS, options.meters);
  const readingsPath = requireOption(READINGS, options.readings);
  const out = requireOption(OUT, options.out);
  const quorum = quorumOf(options);
  if (options.trusteesDown > quorum.trusteeCount) {
    throw new UsageError(
      'bad-option',
      `--trustees-down: expected 0 to ${quorum.trusteeCount}, as many as there are, found ${options.trusteesDown}.`,
    );
  }
  const intervalSeconds = options.intervalMinutes * 60;
  using progress = createProgress();
  const metersFile = await readMetersFile(
    await csvFileWithProgress(metersPath, progress),
    cli.signal,
  );
  const readings = await readReadingsFile(await csvFileWithProgress(readingsPath, progress), {
    meters: metersFile.meters.map((row) => row.meter),
    intervalSeconds,
    signal: cli.signal,
  });
  if (readings.table.intervalIndices.length === 0) {
    throw new FileError('file-empty', {
      file: readingsPath,
      expected: `readings of meters that are in ${metersPath}`,
      found: `${readings.rowCount} of others only`,
    });
  }
  const declared = declaredMeters(
    metersFile.meters.map((row) => row.channels),
    readings.table,
  );
  await using totals = await createTotalsFile(out);
  // A long run must not end for want of a place that could have been seen to be none.
  if (options.json !== undefined)
    await (await AtomicFile.create(options.json))[Symbol.asyncDispose]();
  const outcome = await replayReadings({
    meters: provisionMetersOf(metersFile.meters, intervalSeconds, readings.table),
    declared,
    table: readings.table,
    intervalSeconds,
    minMeters: options.minMeters,
    quorum,
    dropRate: options.drop,
    seed: options.seed,
    openBus: (nowMs) => openRunBus(options.bus, nowMs, `replay-${randomBytes(6).toString('hex')}`),
    random: (length) => new Uint8Array(randomBytes(length)),
    verify: rememberVerified(createPlatformVerifier(), ALL_PARTIES),
    onRows: (rows) => totals.append(rows.map((row) => totalsRow(row, intervalSeconds))),
    onProgress: progress.report,
    absentTrustees: Array.from({ length: options.trusteesDown }, (_, index) => index),
    signal: cli.signal,
  });
  progress.end();
  const rejected: Record<string, number> = Object.fromEntries(outcome.rejected);
  for (const [reason, count] of Object.entries(readings.rejected))
    if (count > 0) rejected[reason] = (rejected[reason] ?? 0) + count;
  const summary = {
    meters: metersFile.meters.length,
    intervals: outcome.intervalCount,
    framesSent: outcome.framesSent,
    framesLost: outcome.framesLost,
    framesAccepted: outcome.framesAccepted,
    rejected,
    cellsPublished: outcome.cellsPublished,
    cellsWithheld: Object.fromEntries(outcome.cellsWithheld),
    readingsRounded: readings.roundedCount,
    secondsPerInterval: outcome.secondsPerInterval,
  };
  if (options.json !== undefined) await writeSummaryFile(options.json, summary);
  await totals.commit();
  for (const warning of [...metersFile.warnings, ...readings.warnings]) cli.warn(warning);
  cli.print(
    `${summary.intervals} intervals of ${summary.meters} meters: ${summary.framesSent} frames sent, ${summary.framesAccepted} accepted, ${summary.framesLost} lost on the way.`,
  );
  cli.print(
    `Cells published: ${summary.cellsPublished}; withheld: ${listed(summary.cellsWithheld)}; rejected: ${listed(rejected)}.`,
  );
  cli.print(`Totals in ${out}, ${(1000 * summary.secondsPerInterval).toFixed(1)} ms an interval.`);
}

function totalsRow(row: Row, intervalSeconds: number): TotalsRow {
  const [netWh, exportWh, productionWh] = row.energyWh;
  return {
    area: row.plan.name,
    level: row.plan.depth,
    startSeconds: row.interval * intervalSeconds,
    netWh,
    exportWh,
    productionWh,
    importWh: row.importWh,
    consumptionWh: row.consumptionWh,
    metersExpected: row.plan.meterCount,
    coverage: row.coverage,
    status: row.status,
    reason: row.reason,
  };
}

function listed(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([reason, count]) => `${count} ${reason}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
