// What stands between a clock and a figure.

import { describe, expect, it } from 'vitest';
import { formatNumber, formatTarget } from '../../../bench/harness/format.ts';
import { BENCHES, checkResultIds, chooseBenches } from '../../../bench/harness/registry.ts';
import { addSamples, median, summarize } from '../../../bench/harness/summarize.ts';
import { takeTurns } from '../../../bench/harness/take-turns.ts';
import { checkTargets, TARGETS } from '../../../bench/harness/targets.ts';

const RATE = { kind: 'rate', item: 'frame' } as const;
const COST = { kind: 'cost', item: 'reading' } as const;

describe('median', () => {
  it('is the middle value, or the mean of the two', () => {
    expect(median([9, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('summarize', () => {
  it('turns seconds per item into items per second, the slowest round as the minimum', () => {
    expect(summarize('a', [0.5, 0.25, 0.125], RATE)).toEqual({
      id: 'a',
      unit: 'frames/s',
      median: 4,
      min: 2,
      max: 8,
    });
  });

  it('turns them into microseconds for costs, with bytes where there are some', () => {
    expect(summarize('a', [0.5, 0.25, 0.125], COST, 50)).toEqual({
      id: 'a',
      unit: 'us/reading',
      median: 250_000,
      min: 125_000,
      max: 500_000,
      bytesPerReading: 50,
    });
  });

  it('turns them into the share of a slower core that one a second takes', () => {
    const share = { kind: 'share', item: 'telegram', factor: 20 } as const;
    expect(summarize('a', [0.0005, 0.00025, 0.0005], share)).toEqual({
      id: 'a',
      unit: '% at one telegram/s',
      median: 1,
      min: 0.5,
      max: 1,
    });
  });

  it('adds the parts of a sum round by round', () => {
    const samples = new Map([
      ['a.client', [1, 2]],
      ['a.server', [10, 20]],
    ]);
    const sum = { id: 'a', measure: RATE, parts: ['a.client', 'a.server'] };
    expect(addSamples(samples, sum)).toEqual([11, 22]);
    expect(() => addSamples(samples, { ...sum, parts: ['a.gone'] })).toThrow('a.gone');
  });
});

describe('takeTurns', () => {
  const options = { roundCount: 3, turnMs: 0 };

  it('lets everything have its turn once a round, back and forth, after one to warm up', async () => {
    const calls: string[] = [];
    const one = (id: string) => ({
      id,
      measure: RATE,
      itemsPerCall: 10,
      run: () => calls.push(id) * 0,
      expected: 0,
    });
    const samples = await takeTurns([one('a'), one('b')], options);

    expect(calls.join('')).toBe('abbaabba');
    expect([...samples.values()].map((own) => own.length)).toEqual([3, 3]);
  });

  it('resets before each call, and waits for promises', async () => {
    let isClean = false;
    const samples = await takeTurns(
      [
        {
          id: 'a',
          measure: RATE,
          itemsPerCall: 1,
          reset: () => {
            isClean = true;
          },
          run: async () => {
            const was = isClean;
            isClean = false;
            return was ? 1 : 0;
          },
          expected: 1,
        },
      ],
      options,
    );
    expect(samples.get('a')).toHaveLength(3);
  });

  it('stops at a wrong answer, whenever it comes', async () => {
    let calls = 0;
    const one = { id: 'a', measure: RATE, itemsPerCall: 1, run: () => ++calls, expected: 1 };
    await expect(takeTurns([one], options)).rejects.toThrow('a: wrong answer: expected 1, found 2');
  });
});

describe('checkTargets', () => {
  const samples = (ingest: number) =>
    new Map([
      ['ingest.kernel', [ingest, ingest, 9000]],
      ['chacha20.block.floor', [1, 1, 1]],
    ]);

  it('compares within each round, so that one bad round decides nothing', () => {
    const [outcome] = checkTargets(samples(2.5));
    expect(outcome).toMatchObject({ ratio: 2.5, isMet: true });
  });

  it('says what is missed', () => {
    const outcomes = checkTargets(samples(3.5));
    expect(outcomes.map(formatTarget)).toEqual([
      'ingest.kernel / floor: 3.5 (target at most 3) MISSED',
    ]);
  });

  it('compares with a second where there is nothing else to compare with', () => {
    const outcomes = checkTargets(new Map([['decode.sml', [0.0005, 0.0005, 1]]]));
    expect(outcomes).toMatchObject([{ ratio: 0.01, isMet: true }]);
    const [slow] = checkTargets(new Map([['decode.sml', [0.0011]]]));
    expect(slow).toMatchObject({ isMet: false });
  });

  it('leaves out what was not timed', () => {
    expect(checkTargets(new Map())).toEqual([]);
  });
});

describe('chooseBenches', () => {
  const idsOf = (...words: string[]) => chooseBenches(words).map(({ id }) => id);

  it('takes ids, their beginnings, and ids of parts', () => {
    expect(idsOf('ratchet')).toEqual(['ratchet.kernel', 'ratchet.plain']);
    expect(idsOf('ingest.kernel.single')).toEqual(['ingest.kernel']);
    expect(idsOf()).toEqual(BENCHES.map(({ id }) => id));
  });

  it.each([
    ['bus.raw.nats.batch', ['e2e.nats.batch']],
    ['bus.raw.nats', ['e2e.nats.single', 'e2e.nats.batch']],
    ['e2e.nats.durable.batch.always', ['e2e.nats.durable.batch.always']],
    ['api.frame', ['api']],
    ['api.series.unchanged.p99', ['api']],
    ['latency.close-to-map', ['latency.close-to-map']],
    ['latency.close-to-map.1000', ['latency.close-to-map']],
    ['nation', ['nation']],
    ['nation.50000000.wall', ['nation']],
    ['start.enrol', ['start.enrol.single', 'start.enrol.batch']],
    ['peer.prio3-sum.client', ['peer.prio3-sum']],
  ])('finds by %s, the id of a result, the bench that gives it', (word, ids) => {
    expect(idsOf(word)).toEqual(ids);
  });

  it('can be asked for either side of every target', () => {
    for (const { of, by } of TARGETS) expect(() => idsOf(of, by ?? of)).not.toThrow();
  });

  it('lets no bench give a result that nobody can ask it for', () => {
    const [single] = chooseBenches(['e2e.nats.single']);
    const giving = (id: string) => () =>
      checkResultIds(single!, {
        timed: [],
        results: [{ id, unit: 's', median: 1, min: 1, max: 1 }],
      });
    expect(giving('bus.raw.nats')).not.toThrow();
    expect(giving('bus.cooked.nats')).toThrow('its result bus.cooked.nats does not choose it');
    expect(giving('e2e.nats.durable')).toThrow('e2e.nats.single: its result');
  });

  it('refuses what chooses nothing', () => {
    expect(() => idsOf('ratchet', 'peer.rot13')).toThrow('found "peer.rot13"');
  });
});

describe('formatNumber', () => {
  it('keeps three digits', () => {
    const values = [21_834_112, 999_600, 1000, 49.96, 2.345, 0.04567, 0];
    expect(values.map(formatNumber)).toEqual([
      '21,800,000',
      '1,000,000',
      '1,000',
      '50',
      '2.35',
      '0.0457',
      '0',
    ]);
  });
});
