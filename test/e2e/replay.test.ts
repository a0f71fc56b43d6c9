// The main job, whole: files in, totals out, held against plain sums over the same texts. Every
// field of every row of every interval is compared, so "exact" means to the watt-hour, and "empty"
// means that the rules say so.

import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom, pick, seedOf } from '../../src/sim/random.ts';
import {
  describeWithLoads,
  isoUtc,
  LoadFiles,
  type LoadTexts,
  realLoads,
  SWISS_STREETS,
  solarLoads,
} from '../support/household-loads.ts';
import { describeWithNats, natsServer } from '../support/nats.ts';
import { checkTotals, type PlainOptions, parse, plainSums } from '../support/plain-sums.ts';
import { lostFrames, type Replayed, replay } from './run-replay.ts';

/** Fails with the first few differences; returns what was counted on the way. */
function expectExact(texts: LoadTexts, run: Replayed, options: Partial<PlainOptions> = {}) {
  const plain = plainSums({ ...texts, ...options });
  const checked = checkTotals(plain, run.totalsText);
  expect(checked.differences.slice(0, 5)).toEqual([]);
  expect(run.summary).toMatchObject({
    meters: plain.meters.length,
    intervals: plain.delivered.size,
    framesSent: plain.sentCount,
    framesLost: plain.lostCount,
    framesAccepted: plain.sentCount - plain.lostCount,
    cellsPublished: checked.cellsPublished,
  });
  const rejected = { incomplete: plain.incompleteCount, 'above-cap': plain.aboveCapCount };
  expect({ incomplete: 0, 'above-cap': 0, ...run.summary.rejected }).toEqual(rejected);
  return { ...checked, plain };
}

/** Every row withheld for this reason, and every cell of it. */
function expectAllWithheld(run: Replayed, reason: string): void {
  const rows = parse(run.totalsText);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const figures = [row.net_wh, row.export_wh, row.production_wh, row.import_wh];
    expect([...figures, row.consumption_wh].join('')).toBe('');
    expect(row).toMatchObject({ status: 'withheld', coverage: '0', reason });
  }
  expect(run.summary.cellsPublished).toBe(0);
  expect(Object.keys(run.summary.cellsWithheld)).toEqual(
    Object.keys(run.summary.cellsWithheld).length === 0 ? [] : [reason],
  );
}

const JUNE_MORNING = Date.parse('2024-06-20T09:00:00Z') / 1000;
const quarters = (fromSeconds: number, count: number) =>
  Array.from({ length: count }, (_, index) => fromSeconds + 900 * index);

describeWithLoads('263 real homes in 16 streets', () => {
  const part = (from: string, until: string) =>
    realLoads({ file: 'swiss15', from, until, streets: SWISS_STREETS });
  const evening = () => part('2018-10-29T16:00:00Z', '2018-10-29T18:00:00Z');

  it('gives the plain sums at every level in every interval', async () => {
    // Over midnight: another epoch, other keys.
    const texts = await part('2018-10-31T20:00:00Z', '2018-11-01T02:00:00Z');
    using files = new LoadFiles(texts);
    const run = await replay(files);
    const checked = expectExact(texts, run);
    expect(checked.merged).toEqual([
      'ch/be/{351+371}',
      'ch/zh/230/{seen+stadt}',
      'ch/zh/261/aussersihl/{badenerstrasse+hohlstrasse+kernstrasse}',
      'ch/zh/261/wiedikon/{birmensdorferstrasse+haldenstrasse+zurlindenstrasse}',
    ]);
    // 16 of 23 rows have a figure; the others lie within a merged cell. All homes only import.
    expect(checked).toMatchObject({ published: 24 * 16, partial: 0, withheld: 24 * 7 });
    expect(checked.figures).toEqual({
      net_wh: 24 * 16,
      import_wh: 24 * 16,
      consumption_wh: 24 * 16,
    });
    expect(run.summary.cellsPublished).toBe(24 * 6);
  });

  it('gives the sums over the frames that arrived, where some are lost', async () => {
    const texts = await part('2018-10-29T06:00:00Z', '2018-10-29T09:00:00Z');
    using files = new LoadFiles(texts);
    const run = await replay(files, '--drop', '0.05', '--seed', 'winter');
    const isLost = lostFrames('winter', 0.05);
    const checked = expectExact(texts, run, { isLost });
    expect(checked.plain.lostCount).toBeGreaterThan(100);
    expect(checked.partial).toBeGreaterThan(100);
  });

  it('withholds what too many losses leave of a cell, and every total above says how much is left', async () => {
    const texts = await part('2018-10-29T06:00:00Z', '2018-10-29T08:00:00Z');
    using files = new LoadFiles(texts);
    const run = await replay(files, '--drop', '0.2', '--min-meters', '25');
    const isLost = lostFrames('streetwatt', 0.2);
    const checked = expectExact(texts, run, { isLost, minMeters: 25 });
    expect(run.summary.cellsWithheld).toEqual(checked.cellsWithheld);
    expect(checked.cellsWithheld['too-few']).toBeGreaterThan(3);
    expect(checked.cellsWithheld['low-presence']).toBeGreaterThan(3);
    expect(checked.partial).toBeGreaterThan(3);
  });

  it('loses the same frames for the same seed, and others for another', async () => {
    using files = new LoadFiles(await part('2018-10-29T06:00:00Z', '2018-10-29T06:30:00Z'));
    const first = await replay(files, '--drop', '0.05', '--seed', 'a');
    const again = await replay(files, '--drop', '0.05', '--seed', 'a');
    const other = await replay(files, '--drop', '0.05', '--seed', 'b');
    expect(again.totalsText).toBe(first.totalsText);
    expect(other.totalsText).not.toBe(first.totalsText);
  });

  it('does not change with one trustee of three down, nor with other quorums', async () => {
    const texts = await evening();
    using files = new LoadFiles(texts);
    const run = await replay(files);
    expectExact(texts, run);
    for (const args of [
      ['--trustees-down', '1'],
      ['--trustees', '1'],
      ['--trustees', '4', '--quorum', '3'],
      ['--trustees', '4', '--quorum', '3', '--trustees-down', '1'],
      ['--trustees', '5', '--quorum', '3', '--trustees-down', '2'],
      ['--trustees', '5', '--quorum', '5'],
    ]) {
      expect({ args, totals: (await replay(files, ...args)).totalsText }).toEqual({
        args,
        totals: run.totalsText,
      });
    }
  });

  it('withholds everything for want of a quorum with two trustees of three down', async () => {
    using files = new LoadFiles(await part('2018-10-29T16:00:00Z', '2018-10-29T16:45:00Z'));
    for (const args of [
      ['--trustees-down', '2'],
      ['--trustees-down', '3'],
      ['--trustees', '5', '--quorum', '4', '--trustees-down', '2'],
    ]) {
      const run = await replay(files, ...args);
      // Rows within a merged cell have no figure in any case: those are too few.
      const own = parse(run.totalsText).filter((row) => row.reason !== 'too-few');
      expect(own).toHaveLength(3 * 16);
      for (const row of own)
        expect(row).toMatchObject({ net_wh: '', import_wh: '', status: 'withheld' });
      expect(new Set(own.map((row) => row.reason))).toEqual(new Set(['no-quorum']));
      expect(run.summary).toMatchObject({
        cellsPublished: 0,
        cellsWithheld: { 'no-quorum': 3 * 6 },
      });
    }
  });

  it.each([
    ['5', 13],
    ['60', 2],
    ['263', 1],
  ])('keeps to a minimum of %s', async (minMeters, cellCount) => {
    const texts = await part('2018-10-29T16:00:00Z', '2018-10-29T16:30:00Z');
    using files = new LoadFiles(texts);
    const run = await replay(files, '--min-meters', minMeters);
    const checked = expectExact(texts, run, { minMeters: Number(minMeters) });
    expect(checked.cellsPublished).toBe(2 * cellCount);
  });

  it('publishes nothing where all homes together are too few', async () => {
    using files = new LoadFiles(await part('2018-10-29T16:00:00Z', '2018-10-29T16:30:00Z'));
    expectAllWithheld(await replay(files, '--min-meters', '264'), 'too-few');
  });

  it.each([
    ['30', 2],
    ['60', 4],
  ])('takes intervals of %s minutes', async (minutes, joined) => {
    const [from, until] = ['2018-10-29T16:00:00Z', '2018-10-29T20:00:00Z'];
    const texts = await realLoads({
      ...{ file: 'swiss15', from, until, streets: SWISS_STREETS },
      joined,
    });
    using files = new LoadFiles(texts);
    const run = await replay(files, '--interval-minutes', minutes);
    const checked = expectExact(texts, run, { intervalSeconds: 60 * Number(minutes) });
    expect(checked.published).toBe((16 / joined) * 16);
  });

  it('counts a reading that no fuse lets through, and leaves it out', async () => {
    const texts = await part('2018-10-29T16:00:00Z', '2018-10-29T16:15:00Z');
    const lines = texts.readingsText.split('\n');
    // 50 GW: a feeder has reported it.
    lines[7] = (lines[7] as string).replace(/(,[^,]*Z),[^,]*/, '$1,12500000000');
    const odd = { ...texts, readingsText: lines.join('\n') };
    using files = new LoadFiles(odd);
    const run = await replay(files);
    expect(expectExact(odd, run).plain.aboveCapCount).toBe(1);
  });

  describeWithNats('over a real nats-server', () => {
    it('gives the same bytes as over the bus in memory', async () => {
      await using server = await natsServer();
      const texts = await evening();
      using files = new LoadFiles(texts);
      const args = ['--drop', '0.05', '--trustees-down', '1'];
      const overNats = await replay(files, '--bus', server.url, ...args);
      expectExact(texts, overNats, { isLost: lostFrames('streetwatt', 0.05) });
      expect((await replay(files, ...args)).totalsText).toBe(overNats.totalsText);
      // Once more on the same server and the same streams: the first run is not in the way.
      expect((await replay(files, '--bus', server.url, ...args)).totalsText).toBe(
        overNats.totalsText,
      );
    });

    it('withholds everything with two trustees of three down', async () => {
      await using server = await natsServer();
      using files = new LoadFiles(await part('2018-10-29T16:00:00Z', '2018-10-29T16:30:00Z'));
      const run = await replay(files, '--bus', server.url, '--trustees-down', '2');
      expect(run.summary).toMatchObject({
        cellsPublished: 0,
        cellsWithheld: { 'no-quorum': 2 * 6 },
      });
    });
  });
});

describeWithLoads('real homes that are too few', () => {
  it('shows nothing of four homes that export, over a change of summer time and with gaps', async () => {
    const texts = await realLoads({
      file: 'prosumers15',
      from: '2023-10-28T22:00:00Z',
      until: '2023-10-29T04:00:00Z',
      streets: { 'eu/be/antwerp/street': 1, 'eu/au/sydney/street': 1 },
    });
    using files = new LoadFiles(texts);
    expectAllWithheld(await replay(files, '--min-meters', '5'), 'too-few');
  });

  it.each([
    ['half_hourly30', '30', '2012-06-02T12:00:00Z', '2012-06-02T15:00:00Z', 5],
    ['hourly60', '60', '2016-08-05T07:00:00Z', '2016-08-05T12:00:00Z', 9],
  ] as const)('sends no incomplete reading of %s', async (file, minutes, from, until, homes) => {
    // One or all of these homes lack import: too few are left, even for the lowest minimum.
    const texts = await realLoads({ file, from, until, streets: { 'a/b/c/d': homes } });
    using files = new LoadFiles(texts);
    const run = await replay(files, '--min-meters', '5', '--interval-minutes', minutes);
    const intervalSeconds = 60 * Number(minutes);
    const { plain } = expectExact(texts, run, { intervalSeconds, minMeters: 5 });
    expect(plain.incompleteCount).toBeGreaterThan(4);
    expectAllWithheld(run, 'too-few');
  });
});

describe('305 simulated homes, 119 with solar roofs', () => {
  it('shows export and production where enough homes have them, and what may be derived', async () => {
    const texts = solarLoads({ startsSeconds: quarters(JUNE_MORNING, 16) });
    using files = new LoadFiles(texts);
    const run = await replay(files);
    const checked = expectExact(texts, run);
    expect(checked.merged).toContain('es/costa/{puerto+villa}');
    expect(checked.figures.net_wh).toBeGreaterThan(100);
    expect(checked.figures.export_wh).toBeGreaterThan(100);
    expect(checked.figures.production_wh).toBeGreaterThan(60);
    expect(checked.figures.import_wh).toBeGreaterThan(100);
    // Some roofs have no meter of their own everywhere but in one street: consumption is unknown.
    expect(checked.figures.consumption_wh ?? 0).toBeLessThan(checked.figures.net_wh as number);
  });

  it('shows consumption where every roof that exports is metered', async () => {
    const simulated = solarLoads({ startsSeconds: quarters(JUNE_MORNING, 4) });
    // A roof without a meter of its own produces here what it exports.
    const readingsText = simulated.readingsText.replaceAll(/,(\d+),$/gm, ',$1,$1');
    const texts = { ...simulated, readingsText };
    using files = new LoadFiles(texts);
    const run = await replay(files);
    const checked = expectExact(texts, run);
    expect(checked.figures.consumption_wh).toBeGreaterThan(20);
    expect(checked.figures.consumption_wh).toBe(checked.figures.import_wh);
  });

  it('counts gaps and incomplete readings nowhere, with losses on top', async () => {
    const texts = solarLoads({ startsSeconds: quarters(JUNE_MORNING, 12), gapRate: 0.03 });
    using files = new LoadFiles(texts);
    const run = await replay(files, '--drop', '0.1');
    const checked = expectExact(texts, run, { isLost: lostFrames('streetwatt', 0.1) });
    expect(checked.plain.incompleteCount).toBeGreaterThan(50);
    expect(Object.keys(checked.cellsWithheld).length).toBeGreaterThan(0);
    expect(run.summary.cellsWithheld).toEqual(checked.cellsWithheld);
    // Where a part of the export is withheld, net and export are not of the same homes: no import.
    const halves = parse(run.totalsText).filter(
      (row) => row.net_wh !== '' && row.export_wh !== '' && row.import_wh === '',
    );
    expect(halves.length).toBeGreaterThan(3);
  });

  it('counts the hour twice that a change of summer time repeats', async () => {
    const from = Date.parse('2024-10-26T23:30:00Z') / 1000;
    const changeSeconds = Date.parse('2024-10-27T01:00:00Z') / 1000;
    const writeStart = (startSeconds: number) => {
      const hours = startSeconds < changeSeconds ? 2 : 1;
      return isoUtc(startSeconds + 3600 * hours).replace('Z', `+0${hours}:00`);
    };
    const texts = solarLoads({ startsSeconds: quarters(from, 12), writeStart });
    expect(texts.readingsText).toContain('2024-10-27T02:15:00+02:00');
    expect(texts.readingsText).toContain('2024-10-27T02:15:00+01:00');
    using files = new LoadFiles(texts);
    const run = await replay(files);
    expectExact(texts, run);
    const starts = new Set(parse(run.totalsText).map((row) => row.start as string));
    expect([...starts]).toEqual(quarters(from, 12).map(isoUtc));
  });

  it('goes on after days without any reading', async () => {
    const days = [0, 1, 9].map((day) => JUNE_MORNING + 86_400 * day);
    const texts = solarLoads({ startsSeconds: days.flatMap((day) => quarters(day, 2)) });
    using files = new LoadFiles(texts);
    expectExact(texts, await replay(files));
  });

  it('takes the tree below two roots, each with totals of its own', async () => {
    const simulated = solarLoads({ startsSeconds: quarters(JUNE_MORNING, 4) });
    const texts = { ...simulated, metersText: simulated.metersText.replaceAll('es/costa', 'pt') };
    using files = new LoadFiles(texts);
    const run = await replay(files);
    const checked = expectExact(texts, run);
    const roots = parse(run.totalsText).filter((row) => row.level === '1');
    expect(new Set(roots.map((row) => row.area))).toEqual(new Set(['es', 'pt']));
    expect(checked.figures.export_wh).toBeGreaterThan(20);
  });

  it.each([4, 5, 6, 13])(
    'is exact on a random tree of streets beside areas, with gaps (seed %i)',
    async (seed) => {
      const texts = randomLoads(seed);
      using files = new LoadFiles(texts);
      const startedMs = performance.now();
      const run = await replay(files, '--min-meters', '6');
      expectExact(texts, run, { minMeters: 6 });
      // Nothing waited for a deadline that nobody was late for: each would have cost seconds.
      expect(run.summary.cellsWithheld['no-seal']).toBeUndefined();
      expect(performance.now() - startedMs).toBeLessThan(30_000);
    },
  );

  it('closes in time on a deep tree with short intervals', async () => {
    // Quarter hours, told as if they were minutes.
    const minuteOf = (startSeconds: number) => JUNE_MORNING + (startSeconds - JUNE_MORNING) / 15;
    const simulated = solarLoads({
      startsSeconds: quarters(JUNE_MORNING, 4),
      writeStart: (startSeconds) => isoUtc(minuteOf(startSeconds)),
    });
    const metersText = simulated.metersText.replaceAll(',es/', ',a/b/c/d/e/f/g/h/i/j/k/es/');
    const texts = { ...simulated, metersText };
    using files = new LoadFiles(texts);
    const run = await replay(files, '--interval-minutes', '1');
    expectExact(texts, run, { intervalSeconds: 60 });
  });

  it('writes nothing but its two files', async () => {
    using files = new LoadFiles(solarLoads({ startsSeconds: quarters(JUNE_MORNING, 1) }));
    await replay(files);
    const names = readdirSync(files.directory).map((name) => name.replace(/\d+/, 'N'));
    expect(names.sort()).toEqual(['meters.csv', 'readings.csv', 'summary-N.json', 'totals-N.csv']);
  });
});

/** Streets beside areas at every level, homes of every kind, some readings missing or half there. */
function randomLoads(seed: number): LoadTexts {
  const random = createRandom(seedOf(`random tree ${seed}`), 0);
  const whole = (limit: number) => Math.floor(random() * limit);
  const streets: string[] = [];
  const grow = (area: string, depth: number): void => {
    for (let child = 0; child <= whole(4); child++) {
      if (depth >= 2 + whole(3)) streets.push(`${area}/s${child}`);
      else grow(`${area}/a${child}`, depth + 1);
    }
  };
  grow('r', 1);
  const metersLines = ['meter,area,channels'];
  const readingsLines = ['meter,start,import_wh,export_wh,production_wh'];
  for (const [at, street] of streets.entries()) {
    for (let home = 0; home < pick(random, [1, 2, 4, 6, 8, 12, 20]); home++) {
      const meter = `m${at}-${home}`;
      const channels = pick(random, [
        'net',
        'net',
        'net',
        'net+export',
        'net+export+production',
        'net+production',
      ]);
      metersLines.push(`${meter},${street},${channels}`);
      for (const start of ['2026-03-29T00:15:00+01:00', '2026-03-29T00:30:00+01:00']) {
        if (random() < 0.04) continue;
        const part = (isThere: boolean) => (isThere && random() > 0.02 ? String(whole(2500)) : '');
        readingsLines.push(
          [
            meter,
            start,
            part(true),
            part(channels.includes('export')),
            part(channels.includes('production')),
          ].join(','),
        );
      }
    }
  }
  return {
    metersText: `${metersLines.join('\n')}\n`,
    readingsText: `${readingsLines.join('\n')}\n`,
  };
}
