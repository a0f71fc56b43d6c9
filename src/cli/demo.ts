// streetwatt demo: a whole network over simulated households, live in the terminal.

import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { type DemoStep, type PacedInterval, runDemo } from '../runtime/demo.ts';
import { type DemoSettings, readDemoState } from '../runtime/demo-data.ts';
import { ALL_PARTIES, createPlatformVerifier, rememberVerified } from '../runtime/ed25519.ts';
import { openRunBus } from '../runtime/run-bus.ts';
import { createStreets, placeNames, planPilots } from '../sim/places.ts';
import { StoreError } from '../store/errors.ts';
import type { Cli } from './cli.ts';
import { formatInterval, formatMoment, formatPeriod } from './demo-screen.ts';
import { UsageError } from './errors.ts';
import {
  addQuorumOptions,
  type BusChoice,
  busOption,
  DEFAULT_MIN_METERS,
  pathOption,
  positiveNumberOption,
  quorumOf,
  seedOption,
  wholeNumberOption,
} from './options.ts';
import { createProgress } from './progress.ts';

export const DEFAULT_DEMO_METERS = 4000;
/** An interval of 15 minutes every 10 seconds. */
export const DEFAULT_DEMO_SPEED = 90;

const INTERVAL_SECONDS = 900;
const DEFAULT_MAP_PORT = 8080;
const TICK_MS = 500;
const MAX_ROWS = 24;
/** Of a terminal: what is shown besides the areas. */
const OTHER_ROWS = 15;

interface DemoCommandOptions {
  readonly meters: number;
  readonly speed: number;
  readonly intervals?: number;
  readonly bus: BusChoice;
  readonly seed: string;
  readonly data?: string;
  readonly trustees: number;
  readonly quorum?: number;
  readonly minMeters: number;
  readonly map: boolean;
  readonly host: string;
  readonly port: number;
}

export function registerDemo(program: Command, cli: Cli): void {
  const command = program
    .command('demo')
    .description(
      'Enrols simulated households, starts trustees, aggregators at every level, a monitor and an auditor in this process, and serves the map of all of it, among simulated regional monitors of the rest of Spain.',
    )
    .addOption(
      wholeNumberOption('--meters <count>', 'households to simulate', {
        from: 1,
        to: 100_000,
      }).default(DEFAULT_DEMO_METERS),
    )
    .addOption(
      positiveNumberOption('--speed <factor>', 'how much faster than ours the clock runs', {
        from: 0.1,
        to: 1_000_000,
      }).default(DEFAULT_DEMO_SPEED, `${DEFAULT_DEMO_SPEED}: 15 minutes every 10 s`),
    )
    .addOption(
      wholeNumberOption('--intervals <count>', 'stop after so many (default: on Ctrl-C)', {
        from: 1,
        to: 1_000_000_000,
      }),
    )
    .addOption(
      wholeNumberOption(
        '--port <port>',
        'where the map is served; 0 takes any free one (default: 8080, or the next free one)',
        { from: 0, to: 65_535 },
      ).default(DEFAULT_MAP_PORT),
    )
    .addOption(
      pathOption(
        '--host <address>',
        'address to serve it at; where others reach it, everybody needs a token',
      ).default('127.0.0.1'),
    )
    .option('--no-map', 'only the network and this screen')
    .addOption(busOption())
    .addOption(
      seedOption('seeds homes, weather and faults; keys are always random').default('streetwatt'),
    )
    .addOption(pathOption('--data <dir>', 'keep state there; a second start goes on from it'));
  addQuorumOptions(command)
    .addOption(
      wholeNumberOption('--min-meters <count>', 'fewest homes in anything published', {
        from: 5,
        to: 1_000_000,
      }).default(DEFAULT_MIN_METERS),
    )
    .addHelpText(
      'after',
      `
Homes, weather, faults and time are simulated, and start on a Tuesday in October at 08:00;
masking, sums, seals, trustees and audit are real. Power is the mean of an interval: net is
import minus export. "-" is a figure that may not be published there: fewer homes declare it
than the minimum, or it would have to be computed from such a figure.

Examples:
  $ streetwatt demo
  $ streetwatt demo --meters 500 --intervals 96 --speed 100000 > day.txt
  $ streetwatt demo --data my-demo --trustees 4 --quorum 3`,
    )
    .action((options: DemoCommandOptions) =>
      runCommand(options, cli, (name) => command.getOptionValueSource(name) !== 'default'),
    );
}

async function runCommand(
  options: DemoCommandOptions,
  cli: Cli,
  isGiven: (name: keyof DemoCommandOptions) => boolean,
): Promise<void> {
  const settings = await settingsOf(options, isGiven);
  cli.print(
    'Streetwatt demo: every home, reading and fault here is simulated; the masking is real.',
  );
  using progress = createProgress();
  const names = placeNames(planPilots(createStreets(settings.meters, settings.seed)));
  using screen = createScreen(options.speed, names);
  const outcome = await runDemo({
    settings,
    speed: options.speed,
    intervalCount: options.intervals,
    directory: options.data,
    map: options.map
      ? { host: options.host, port: options.port, mayMove: !isGiven('port') }
      : undefined,
    onMapError: (error) => cli.warn(`map: ${error instanceof Error ? error.message : error}`),
    openBus: (nowMs) => openRunBus(options.bus, nowMs, `demo-${randomBytes(6).toString('hex')}`),
    random: (length) => new Uint8Array(randomBytes(length)),
    verify: rememberVerified(createPlatformVerifier(), ALL_PARTIES),
    onStep: (step) => {
      progress.end();
      screen.end();
      for (const line of describeStep(step, options)) cli.print(line);
    },
    onInterval: (shown) => screen.show(shown),
    onProgress: progress.report,
    signal: cli.signal,
  }).catch((error: unknown) => {
    throw describeAddress(describeLock(error, options.data), options);
  });
  progress.end();
  screen.end();
  // The terminal has just shown "^C".
  if (cli.signal.aborted && process.stdout.isTTY) cli.print('');
  const kept =
    options.data === undefined
      ? 'Nothing was kept: --data DIR keeps keys and history.'
      : `State is in ${options.data}: the next start goes on from there.`;
  cli.print(
    `Stopped at ${formatMoment(outcome.nextStartSeconds)} (simulated), after ${outcome.intervalCount} ${outcome.intervalCount === 1 ? 'interval' : 'intervals'}. ${kept}`,
  );
}

/** One demo at a time on a folder: two would mask an interval twice. */
function describeLock(error: unknown, directory: string | undefined): unknown {
  if (!(error instanceof StoreError) || error.code !== 'locked') return error;
  return new UsageError(
    'bad-option',
    `--data: expected a folder that no other process has open, found ${directory} in use.`,
    { cause: error },
  );
}

function describeAddress(error: unknown, { host, port }: DemoCommandOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const wrong = (option: string, expected: string, found: string) =>
    new UsageError('bad-option', `--${option}: expected ${expected}, found ${found}.`, {
      cause: error,
    });
  if (code === 'EADDRINUSE') return wrong('port', 'a free one', `${port} in use`);
  if (code === 'EACCES') return wrong('port', 'one that you may listen on', String(port));
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return wrong('host', 'an address of this machine', host);
  return error;
}

/** A kept demo goes on as it was begun. @throws UsageError where an option asks for another */
async function settingsOf(
  options: DemoCommandOptions,
  isGiven: (name: keyof DemoCommandOptions) => boolean,
): Promise<DemoSettings> {
  const { seed, meters, minMeters } = options;
  const state = options.data === undefined ? undefined : await readDemoState(options.data);
  if (state === undefined) {
    const { trusteeCount, quorum } = quorumOf(options);
    return { seed, meters, trustees: trusteeCount, quorum, minMeters };
  }
  const { settings } = state;
  const names = ['seed', 'meters', 'trustees', 'quorum', 'minMeters'] as const;
  for (const name of names) {
    const given = options[name];
    if (given === undefined || !isGiven(name) || given === settings[name]) continue;
    throw new UsageError(
      'bad-option',
      `--${name === 'minMeters' ? 'min-meters' : name}: expected ${settings[name]}, with which the demo in ${options.data} was begun, found ${given}; another --data starts anew.`,
    );
  }
  return settings;
}

function describeStep(step: DemoStep, options: DemoCommandOptions): string[] {
  const line = (name: string, text: string, seconds: number) =>
    `  ${name.padEnd(11)}${text} (${seconds.toFixed(1)} s)`;
  switch (step.kind) {
    case 'households':
      return [
        line(
          'households',
          `${number(step.homeCount)} in ${count(step.streetCount, 'street')} of ${count(step.cityCount, 'pilot municipality', 'pilot municipalities')}`,
          step.seconds,
        ),
      ];
    case 'planned':
    case 'loaded':
      return [
        line(
          step.kind === 'planned' ? 'enrolled' : 'read back',
          `the meters' keys, shared with ${count(step.trusteeCount, 'trustee')}, of which ${step.quorum} must answer`,
          step.seconds,
        ),
        `  ${'planned'.padEnd(11)}${
          step.cellCount === 0
            ? 'nothing: there are too few homes for anything to be published'
            : `${count(step.cellCount, 'cell')} that may be published, the smallest of ${step.smallestCell} homes`
        }`,
      ];
    case 'map':
      return [
        `Map: ${step.url}/ (${step.isOpen ? 'no token is needed on this machine' : 'with a token'}; on screen after ${step.secondsSinceStart.toFixed(1)} s)`,
        ...step.tokens.map(({ name, area, token }) => `  ${name.padEnd(16)} ${token}  (${area})`),
        '',
      ];
    case 'expired':
      return [
        '',
        `The first keys of a factory's batch end after ${step.days} days: all meters are enrolled anew.`,
      ];
    case 'started': {
      const bus =
        options.bus.kind === 'memory' ? 'the in-process bus' : `the bus at ${options.bus.url}`;
      const everySeconds = INTERVAL_SECONDS / options.speed;
      return [
        line(
          'started',
          `aggregators for ${count(step.areaCount, 'area')}, ${count(step.trusteeCount, 'trustee')}, a monitor and an auditor on ${bus}`,
          step.seconds,
        ),
        ...(step.cutShort === undefined
          ? []
          : [
              `The interval from ${formatMoment(step.cutShort * INTERVAL_SECONDS)} was cut short: masked once, it is not masked again.`,
            ]),
        `Up in ${step.secondsSinceStart.toFixed(1)} s. The simulated clock starts at ${formatMoment(step.startSeconds)}: 15 minutes ${everySeconds < 0.1 ? 'as fast as they can be worked through' : `every ${round(everySeconds)} s`}.`,
        '',
        'What follows is all that the monitor learns. No reading left its meter unmasked: bus,',
        'aggregators, trustees and auditor only ever held random-looking words.',
        '',
      ];
    }
  }
}

interface Screen extends Disposable {
  show(shown: PacedInterval): void;
  /** Leaves what is shown where it is: other lines follow. */
  end(): void;
}

/** In a terminal a table that is redrawn in its place, elsewhere a block for each interval. */
function createScreen(speed: number, names: ReadonlyMap<string, string>): Screen {
  const stream = process.stdout;
  if (!stream.isTTY) {
    return {
      show: (shown) =>
        void stream.write(
          `${[formatPeriod(shown), ...formatInterval(shown, { maxRows: MAX_ROWS, maxColumns: 200, names }), paceOf(shown, speed), ''].join('\n')}\n`,
        ),
      end: () => {},
      [Symbol.dispose]: () => {},
    };
  }
  let drawnCount = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (lines: readonly string[]): void => {
    const width = stream.columns || 100;
    // A line that wraps would be two, and the next drawing would begin one too low.
    const text = lines.map((text) => `${text.slice(0, width - 1)}\x1b[K\n`).join('');
    // The return: a key that was pressed has moved the cursor.
    stream.write(`\r${drawnCount === 0 ? '' : `\x1b[${drawnCount}A`}${text}\x1b[J`);
    drawnCount = lines.length;
  };
  const end = (): void => {
    clearInterval(timer);
    drawnCount = 0;
  };
  return {
    show: (shown) => {
      clearInterval(timer);
      const atMs = performance.now();
      const body = formatInterval(shown, {
        maxRows: Math.max(3, Math.min(MAX_ROWS, (stream.rows || 40) - OTHER_ROWS)),
        maxColumns: (stream.columns || 100) - 1,
        names,
      });
      const tick = (): void => {
        const ageSeconds =
          (shown.openedAfterSeconds ?? 0) + ((performance.now() - atMs) / 1000) * speed;
        const age = shown.waitSeconds * 1000 < TICK_MS ? '' : `, ${formatAge(ageSeconds)} old`;
        draw([`${formatPeriod(shown)}${age}`, '', ...body, paceOf(shown, speed)]);
      };
      tick();
      if (shown.waitSeconds * 1000 >= TICK_MS) timer = setInterval(tick, TICK_MS);
    },
    end,
    [Symbol.dispose]: end,
  };
}

function paceOf({ workSeconds, waitSeconds }: PacedInterval, speed: number): string {
  const work = `${workSeconds < 1 ? `${Math.round(1000 * workSeconds)} ms` : `${workSeconds.toFixed(1)} s`} of work`;
  if (waitSeconds > 0) return `pace       ${round(speed)} times our clock, ${work} an interval`;
  const reached = INTERVAL_SECONDS / workSeconds;
  return `pace       as fast as this machine can: ${number(Math.round(reached))} times our clock, ${work} an interval`;
}

function formatAge(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 1 ? `${Math.round(seconds)} s` : `${minutes} min`;
}

function count(value: number, one: string, many: string = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function round(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
