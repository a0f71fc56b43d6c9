import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/errors.ts';
import {
  parseBus,
  parseIntervalMinutes,
  parsePath,
  parsePositiveNumber,
  parseRate,
  parseWholeNumber,
  quorumOf,
} from '../../src/cli/options.ts';

function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('expected a UsageError, found none');
}

describe('the values of options', () => {
  it('takes whole numbers of a range', () => {
    const range = { from: 5, to: 1_000_000 };
    expect(parseWholeNumber('--n', '5', range)).toBe(5);
    expect(parseWholeNumber('--n', '1000000', range)).toBe(1_000_000);
    for (const text of [
      '4',
      '1000001',
      '5.5',
      '1e3',
      '-5',
      '+5',
      '',
      ' 5',
      '0x10',
      '9'.repeat(400),
    ])
      expect(refusalOf(() => parseWholeNumber('--n', text, range))).toMatch(
        /^--n: expected a whole number from 5 to 1,000,000, found /u,
      );
  });

  it('takes shares from 0 to 1', () => {
    expect(['0', '1', '0.05', '.5', '1.0'].map((text) => parseRate('--drop', text))).toEqual([
      0, 1, 0.05, 0.5, 1,
    ]);
    for (const text of ['1.01', '5', '5%', '-0.1', '.', '', 'NaN', 'Infinity', '1e-1'])
      expect(refusalOf(() => parseRate('--drop', text))).toContain('such as 0.05 for 5 %');
  });

  it('takes numbers above zero', () => {
    const range = { from: 0.1, to: 100_000 };
    expect(parsePositiveNumber('--speed', '0.5', range)).toBe(0.5);
    for (const text of ['0', '', 'fast', '100001'])
      expect(refusalOf(() => parsePositiveNumber('--speed', text, range))).toContain(
        'expected a number from 0.1 to 100,000',
      );
  });

  it('takes intervals that divide a day', () => {
    for (const minutes of [1, 5, 15, 30, 60, 90, 1440])
      expect(parseIntervalMinutes('--interval-minutes', `${minutes}`)).toBe(minutes);
    for (const text of ['0', '7', '0.5', '1441', '2880', 'hour', ''])
      expect(refusalOf(() => parseIntervalMinutes('--interval-minutes', text))).toContain(
        'whole minutes that divide a day',
      );
  });

  it('takes the bus within the process or a server', () => {
    expect(parseBus('--bus', 'memory')).toEqual({ kind: 'memory' });
    expect(parseBus('--bus', 'nats://127.0.0.1:4333')).toEqual({
      kind: 'nats',
      url: 'nats://127.0.0.1:4333',
    });
    expect(parseBus('--bus', 'nats://[::1]')).toEqual({ kind: 'nats', url: 'nats://[::1]:4222' });
    for (const text of [
      '',
      'nats',
      'nats://',
      'http://a:1',
      'nats://a:0',
      'nats://a:99999',
      'nats://a/b',
    ])
      expect(refusalOf(() => parseBus('--bus', text))).toContain('nats://host:port');
  });

  it('never repeats a password', () => {
    const sentence = refusalOf(() => parseBus('--bus', 'nats://user:secret@host:4222'));
    expect(sentence).toContain('expected nats://host:port');
    expect(sentence).not.toContain('secret');
    expect(refusalOf(() => parseBus('--bus', 'nats://user:secret@host:99999'))).not.toContain(
      'secret',
    );
  });

  it('takes a path as it is, but not an empty one', () => {
    expect(parsePath('--out', 'a b/c')).toBe('a b/c');
    expect(refusalOf(() => parsePath('--out', ''))).toContain('found nothing');
    expect(refusalOf(() => parsePath('--out', 'a\0b'))).toContain('\\u{0}');
  });

  it('takes more than half of the trustees as quorum, by default the smallest such', () => {
    expect([1, 2, 3, 4, 5].map((trustees) => quorumOf({ trustees }).quorum)).toEqual([
      1, 2, 2, 3, 3,
    ]);
    expect(quorumOf({ trustees: 5, quorum: 4 })).toEqual({ trusteeCount: 5, quorum: 4 });
    expect(refusalOf(() => quorumOf({ trustees: 4, quorum: 2 }))).toContain('expected 3 or 4 of 4');
    expect(refusalOf(() => quorumOf({ trustees: 5, quorum: 2 }))).toContain('expected 3 to 5 of 5');
    expect(refusalOf(() => quorumOf({ trustees: 1, quorum: 2 }))).toContain('expected 1 of 1');
  });
});
