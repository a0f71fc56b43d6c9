import { describe, expect, it } from 'vitest';
import { BusError } from '../../src/bus/errors.ts';
import { describeError, EXIT_CODES, OUTCOMES, UsageError } from '../../src/cli/errors.ts';
import { planCells } from '../../src/core/plan.ts';
import { FileError } from '../../src/files/file-error.ts';
import { StoreError } from '../../src/store/errors.ts';
import { policyOf } from '../reference/plan-networks.ts';

const fileError = new FileError('bad-value', {
  file: 'readings.csv',
  line: 7,
  field: 'import_wh',
  expected: 'watt-hours',
  found: '"x"',
});

describe('how a command ends', () => {
  it('says what is wrong with a file or an option, and nothing else', () => {
    expect(describeError(fileError)).toEqual({
      exitCode: EXIT_CODES.usage,
      text: 'streetwatt: readings.csv, line 7, import_wh: expected watt-hours, found "x".',
    });
    expect(describeError(new UsageError('bad-option', '--a: expected b, found c')).exitCode).toBe(
      2,
    );
  });

  it('takes a RangeError of ours as bad usage, and one of the engine as a bug', () => {
    let ours: unknown;
    try {
      planCells([], policyOf(2));
    } catch (error) {
      ours = error;
    }
    expect(describeError(ours)).toEqual({
      exitCode: 2,
      text: 'streetwatt: minMeters: expected a whole number from 5 to 4294967295, found 2.',
    });
    expect(describeError(new RangeError('Invalid array length')).exitCode).toBe(1);
  });

  it('gives a hint where a server is missing', () => {
    const error = new BusError('unavailable', 'nats://127.0.0.1:4222 does not answer.');
    expect(describeError(error)).toEqual({
      exitCode: 1,
      text: 'streetwatt: nats://127.0.0.1:4222 does not answer: is a nats-server 2.10 or newer, with JetStream, running there?',
    });
  });

  it('looks for no server where a file cannot be used', () => {
    const error = new StoreError(
      'unavailable',
      'pilot/accounts.lock',
      'it cannot be used (EACCES)',
    );
    expect(describeError(error)).toEqual({
      exitCode: 1,
      text: 'streetwatt: pilot/accounts.lock: it cannot be used (EACCES).',
    });
  });

  it('tells how to see more of what was not expected', () => {
    const error = new Error('no such luck', { cause: new Error('bad stars') });
    expect(describeError(error)).toEqual({
      exitCode: 1,
      text: 'streetwatt: no such luck. This was not expected: STREETWATT_DEBUG=1 shows where it happened.',
    });
    const { text } = describeError(error, { isDebug: true });
    expect(text).toMatch(/errors\.test\.ts(.|\n)*caused by Error: bad stars/u);
    expect(describeError('a thrown text').exitCode).toBe(1);
  });

  it('prints nothing that a terminal would act on', () => {
    const { text } = describeError(new UsageError('bad-option', 'a\u{1b}[2Jb\nc'));
    expect(text).toBe('streetwatt: a\\u{1b}[2Jb c.');
  });

  it('ends in failure for every code', () => {
    for (const { exitCode } of Object.values(OUTCOMES)) expect([1, 2]).toContain(exitCode);
  });
});
