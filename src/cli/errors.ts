// How a command ends: exit codes, and the one sentence on stderr. Every coded error of the modules
// below has its line in one table, so a new code does not compile until somebody has decided what a
// user is told; what has no code is unexpected.
//
// Files, options and servers are not trusted with the terminal: whatever is printed passes `excerpt`.

import { CommanderError } from 'commander';
import type { BusErrorCode } from '../bus/errors.ts';
import { excerpt } from '../files/excerpt.ts';
import type { FileErrorCode } from '../files/file-error.ts';
import type { NatsServerError } from '../runtime/nats-server.ts';
import { StoreError, type StoreErrorCode } from '../store/errors.ts';

export const EXIT_CODES = {
  ok: 0,
  /** Something that was not the user's to get right. */
  failed: 1,
  /** Bad usage or a bad file. */
  usage: 2,
  hangup: 129,
  interrupted: 130,
  brokenPipe: 141,
  terminated: 143,
} as const;

export type UsageErrorCode = 'bad-option' | 'bad-quorum' | 'bad-config';

/** An option or its value that cannot be; the message is a whole sentence that names it. */
export class UsageError extends Error {
  readonly code: UsageErrorCode;

  constructor(code: UsageErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UsageError';
    this.code = code;
  }
}

/** A capture without a single telegram of the protocol; the message is a whole sentence. */
export class NoTelegramError extends Error {
  readonly code = 'no-telegram';

  constructor(message: string) {
    super(message);
    this.name = 'NoTelegramError';
  }
}

export type CodedError =
  | FileErrorCode
  | BusErrorCode
  | NatsServerError['code']
  | StoreErrorCode
  | UsageErrorCode
  | NoTelegramError['code'];

export interface Outcome {
  readonly exitCode: number;
  /** What to try, where the message does not say it. */
  readonly hint?: string;
}

const USAGE: Outcome = { exitCode: EXIT_CODES.usage };
const FAILED: Outcome = { exitCode: EXIT_CODES.failed };
const NEEDS_SERVER: Outcome = {
  exitCode: EXIT_CODES.failed,
  hint: 'is a nats-server 2.10 or newer, with JetStream, running there?',
};

export const OUTCOMES: Readonly<Record<CodedError, Outcome>> = {
  'bad-option': USAGE,
  'bad-quorum': USAGE,
  'bad-config': USAGE,

  'file-missing': USAGE,
  'file-unreadable': USAGE,
  'file-empty': USAGE,
  'bad-gzip': USAGE,
  'bad-geojson': USAGE,
  'bad-csv': USAGE,
  'line-too-long': USAGE,
  'field-too-long': USAGE,
  'wrong-field-count': USAGE,
  'missing-column': USAGE,
  'duplicate-column': USAGE,
  'bad-meter': USAGE,
  'duplicate-meter': USAGE,
  'bad-area': USAGE,
  'bad-channels': USAGE,
  'bad-max-wh': USAGE,
  'bad-start': USAGE,
  'bad-value': USAGE,
  'too-many-rows': USAGE,
  'file-too-large': USAGE,
  'bad-xml': USAGE,
  'bad-json': USAGE,
  'bad-edifact': USAGE,
  'bad-mapping': USAGE,
  'not-supported': USAGE,
  'conflicting-values': USAGE,
  'mixed-lengths': USAGE,
  'not-writable': USAGE,

  'no-responders': FAILED,
  timeout: FAILED,
  'subject-taken': FAILED,
  'no-stream': FAILED,
  'too-large': FAILED,
  'bad-subject': FAILED,
  forbidden: FAILED,
  'remote-error': FAILED,
  aborted: FAILED,
  closed: FAILED,
  unavailable: NEEDS_SERVER,

  locked: FAILED,
  'not-a-database': FAILED,
  corrupt: FAILED,
  'wrong-kind': FAILED,
  'newer-schema': FAILED,
  'conflicting-binding': FAILED,
  'conflicting-sum': FAILED,
  'conflicting-seal': FAILED,
  'stale-ledger': FAILED,
  'stale-epoch': FAILED,
  'stale-interval': FAILED,
  'pruned-interval': FAILED,
  'unknown-meter': FAILED,
  'known-meter': FAILED,

  'not-found': FAILED,
  'did-not-start': FAILED,

  'no-telegram': FAILED,
};

export interface Ending {
  readonly exitCode: number;
  /** For stderr, a line without its end; undefined where all has been said. */
  readonly text?: string;
}

/** `isDebug`: with stacks and causes. */
export function describeError(
  error: unknown,
  options: { readonly isDebug?: boolean } = {},
): Ending {
  const ending = endingOf(error);
  if (options.isDebug !== true || ending.text === undefined) return ending;
  return { ...ending, text: `${ending.text}\n${stackOf(error)}` };
}

function endingOf(error: unknown): Ending {
  if (error instanceof CommanderError) return endingOfUsage(error);
  if (!(error instanceof Error)) return unexpected(String(error));
  const outcome = outcomeOf(error);
  if (outcome !== undefined) {
    const { exitCode, hint } = outcome;
    const text = sentence(error.message);
    return { exitCode, text: hint === undefined ? text : `${text.slice(0, -1)}: ${hint}` };
  }
  // The house form of a RangeError is "name: expected …, found …"; V8's own ("Invalid array length",
  // "Maximum call stack size exceeded") is a bug of ours.
  if (error instanceof RangeError && /: expected .+, found /su.test(error.message))
    return { exitCode: EXIT_CODES.usage, text: sentence(error.message) };
  return unexpected(error.message);
}

function outcomeOf(error: Error): Outcome | undefined {
  const code = 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || !Object.hasOwn(OUTCOMES, code)) return undefined;
  // The bus says it of its server, a store of its file.
  if (code === 'unavailable' && error instanceof StoreError) return FAILED;
  return OUTCOMES[code as CodedError];
}

function endingOfUsage(error: CommanderError): Ending {
  if (error.exitCode === 0) return { exitCode: EXIT_CODES.ok };
  // Help was printed in place of a message: a command was expected and none given.
  if (error.code === 'commander.help') return { exitCode: EXIT_CODES.usage };
  const message = error.message
    .replace(/^error: /u, '')
    .replace(/\n\(Did you mean (.+?)\?\)$/su, ': did you mean $1?')
    .replace(/\. Expected /u, ': expected ')
    .replace(/^(unknown command '[^']*')$/su, '$1: streetwatt --help lists them');
  return { exitCode: EXIT_CODES.usage, text: sentence(message) };
}

function unexpected(message: string): Ending {
  return {
    exitCode: EXIT_CODES.failed,
    text: `${sentence(message)} This was not expected: STREETWATT_DEBUG=1 shows where it happened.`,
  };
}

function sentence(message: string): string {
  const line = excerpt(message.trim().replaceAll(/\s*\n\s*/gu, ' '), {
    maxLength: 4096,
    quoted: false,
  });
  return `streetwatt: ${/[.?!]$/u.test(line) ? line : `${line}.`}`;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`;
}
