// The options that several commands share. A value that cannot be is refused in one sentence that
// names the option, what was expected and what was found.

import { type Command, Option } from 'commander';
import { isQuorum, MAX_TRUSTEES, type Quorum } from '../core/components.ts';
import { isIntervalSeconds } from '../core/interval.ts';
import { excerpt } from '../files/excerpt.ts';
import { UsageError } from './errors.ts';

export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

export type BusChoice =
  | { readonly kind: 'memory' }
  | { readonly kind: 'nats'; readonly url: string };

/** What a 15-minute network publishes at least (design.md section 5). */
export const DEFAULT_MIN_METERS = 20;
/** What a network document can hold. */
export const MAX_MIN_METERS = 1_000_000;

const DEFAULT_NATS_PORT = 4222;
const MINUTES_PER_DAY = 1440;

/** A whole number, such as `--min-meters <count>`. */
export function wholeNumberOption(flags: string, description: string, range: NumberRange): Option {
  return optionOf(flags, description, (name, text) => parseWholeNumber(name, text, range));
}

/** A share of one, such as `--drop <rate>`. */
export function rateOption(flags: string, description: string): Option {
  return optionOf(flags, description, parseRate);
}

/** A number above zero, such as `--speed <factor>`. */
export function positiveNumberOption(
  flags: string,
  description: string,
  range: NumberRange,
): Option {
  return optionOf(flags, description, (name, text) => parsePositiveNumber(name, text, range));
}

/** A file or folder; whether it is there is found out by who opens it. */
export function pathOption(flags: string, description: string): Option {
  return optionOf(flags, description, parsePath);
}

/**
 * An option that a command cannot do without. Not commander's own mandatory option: that one is
 * missed before a misspelt one is noticed, so `--metres x` would hear that `--meters` is missing.
 */
export function requireOption<Value>(flags: string, value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new UsageError(
    'bad-option',
    `${flags.split(' ')[0]}: expected ${flags}, for which there is no default, found none.`,
  );
}

/** Any text that seeds what would otherwise be random. */
export function seedOption(description: string): Option {
  return optionOf('--seed <text>', description, (name, text) => {
    if (text !== '' && text.length <= 256) return text;
    throw badOption(name, '1 to 256 characters', text);
  });
}

export function busOption(): Option {
  return optionOf(
    '--bus <bus>',
    '"memory" within this process, or a server: "nats://host:port"',
    parseBus,
  ).default({ kind: 'memory' } satisfies BusChoice, 'memory');
}

/** `options.intervalMinutes` in minutes. */
export function intervalMinutesOption(): Option {
  return optionOf(
    '--interval-minutes <minutes>',
    'length of the intervals: 15, 30, 60 or any that divides a day',
    parseIntervalMinutes,
  ).default(15);
}

/** Adds `--trustees` and `--quorum`, which `quorumOf` reads. */
export function addQuorumOptions(command: Command): Command {
  return command
    .addOption(
      wholeNumberOption('--trustees <count>', 'parties that hold mask keys, n, 1 to 5', {
        from: 1,
        to: MAX_TRUSTEES,
      }).default(3),
    )
    .addOption(
      wholeNumberOption(
        '--quorum <count>',
        'how many of them must answer, t: more than half (default: the smallest such)',
        { from: 1, to: MAX_TRUSTEES },
      ),
    );
}

export interface QuorumOptions {
  readonly trustees: number;
  readonly quorum?: number;
}

/** @throws UsageError `bad-quorum` unless t is more than half of n and at most all of them. */
export function quorumOf({ trustees, quorum }: QuorumOptions): Quorum {
  const least = Math.floor(trustees / 2) + 1;
  const chosen = { trusteeCount: trustees, quorum: quorum ?? least };
  if (isQuorum(chosen)) return chosen;
  const join = trustees - least === 1 ? 'or' : 'to';
  const expected = least === trustees ? `${least}` : `${least} ${join} ${trustees}`;
  throw new UsageError(
    'bad-quorum',
    `--quorum: expected ${expected} of ${trustees} trustees, more than half, since two separate halves could open two different sums, found ${quorum}.`,
  );
}

/** @throws UsageError, as do all the others. */
export function parseWholeNumber(name: string, text: string, { from, to }: NumberRange): number {
  const value = /^[0-9]{1,16}$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw badOption(name, `a whole number from ${number(from)} to ${number(to)}`, text);
}

export function parseRate(name: string, text: string): number {
  const value = parseDecimal(text);
  if (value >= 0 && value <= 1) return value;
  throw badOption(name, 'a share from 0 to 1, such as 0.05 for 5 %', text);
}

export function parsePositiveNumber(name: string, text: string, { from, to }: NumberRange): number {
  const value = parseDecimal(text);
  if (value >= from && value <= to) return value;
  throw badOption(name, `a number from ${number(from)} to ${number(to)}`, text);
}

export function parsePath(name: string, text: string): string {
  if (text !== '' && !text.includes('\0')) return text;
  throw badOption(name, 'the path of a file or folder', text);
}

export function parseIntervalMinutes(name: string, text: string): number {
  const minutes = /^[0-9]{1,4}$/u.test(text) ? Number(text) : Number.NaN;
  if (isIntervalSeconds(60 * minutes)) return minutes;
  throw badOption(
    name,
    `whole minutes that divide a day (15, 30, 60 and other divisors of ${number(MINUTES_PER_DAY)})`,
    text,
  );
}

export function parseBus(name: string, text: string): BusChoice {
  if (text === 'memory') return { kind: 'memory' };
  // A password here would stand in every list of processes; and it must not be in our sentence.
  if (text.includes('@')) {
    throw new UsageError(
      'bad-option',
      `${name}: expected nats://host:port, found a user or password in it, which every list of processes would show.`,
    );
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer =
    url !== undefined &&
    url.protocol === 'nats:' &&
    url.hostname !== '' &&
    (url.pathname === '' || url.pathname === '/') &&
    url.search === '' &&
    url.hash === '' &&
    url.port !== '0';
  if (!isServer) throw badOption(name, '"memory" or a server, nats://host:port', text);
  return {
    kind: 'nats',
    url: `nats://${url.hostname}:${url.port === '' ? DEFAULT_NATS_PORT : url.port}`,
  };
}

function optionOf(
  flags: string,
  description: string,
  parse: (name: string, text: string) => unknown,
): Option {
  const option = new Option(flags, description);
  const name = option.long ?? flags;
  return option.argParser((text) => parse(name, text));
}

function parseDecimal(text: string): number {
  return /^[0-9]{0,16}\.?[0-9]{0,16}$/u.test(text) && /[0-9]/u.test(text)
    ? Number(text)
    : Number.NaN;
}

function badOption(name: string, expected: string, text: string): UsageError {
  return new UsageError('bad-option', `${name}: expected ${expected}, found ${excerpt(text)}.`);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
