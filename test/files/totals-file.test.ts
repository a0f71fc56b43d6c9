import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ReplaySummary,
  ReplaySummarySchema,
  writeSummaryFile,
} from '../../src/files/summary-file.ts';
import { createTotalsFile } from '../../src/files/totals-file.ts';
import { fileErrorOf, ONE_SENTENCE } from './sources.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streetwatt-totals-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('createTotalsFile', () => {
  const row = { area: 'es/md/s1', level: 'street', startSeconds: 1540767600 } as const;

  it('writes what is published, and leaves empty what is not', async () => {
    const path = join(folder, 'totals.csv');
    await using file = await createTotalsFile(path);
    await file.append([
      { ...row, netWh: -5, importWh: 0, metersExpected: 30, coverage: 0.95, status: 'published' },
    ]);
    await file.append([]);
    await file.append([
      { ...row, area: 'es/md/{s2+s3}', status: 'withheld', reason: 'too-few' },
      {
        ...row,
        area: 'es',
        level: 0,
        exportWh: 1,
        productionWh: 2,
        consumptionWh: 3,
        status: 'partial',
      },
    ]);
    await file.commit();
    expect(await readFile(path, 'utf8')).toBe(
      `area,level,start,net_wh,export_wh,production_wh,import_wh,consumption_wh,meters_expected,coverage,status,reason
es/md/s1,street,2018-10-28T23:00:00Z,-5,,,0,,30,0.95,published,
es/md/{s2+s3},street,2018-10-28T23:00:00Z,,,,,,,,withheld,too-few
es,0,2018-10-28T23:00:00Z,,1,2,,3,,,partial,
`,
    );
    expect(await readdir(folder)).toEqual(['totals.csv']);
  });

  it('leaves the earlier file as it was when it is given up', async () => {
    const path = join(folder, 'totals.csv');
    await writeFile(path, 'earlier');
    {
      await using file = await createTotalsFile(path);
      await file.append([{ ...row, netWh: 1, status: 'published' }]);
    }
    expect(await readFile(path, 'utf8')).toBe('earlier');
    expect(await readdir(folder)).toEqual(['totals.csv']);
  });

  it('names a folder that does not exist', async () => {
    const error = await fileErrorOf(createTotalsFile(join(folder, 'no', 'totals.csv')));
    expect(error.code).toBe('not-writable');
    expect(error.message).toMatch(ONE_SENTENCE);
  });
});

describe('writeSummaryFile', () => {
  const summary: ReplaySummary = {
    meters: 3,
    intervals: 2,
    framesSent: 6,
    framesAccepted: 5,
    rejected: { duplicate: 1 },
    cellsPublished: 2,
    cellsWithheld: {},
    secondsPerInterval: 0.01,
    bytesOnTheWire: 300,
  };

  it('writes a summary that its schema reads back, further figures too', async () => {
    const path = join(folder, 'summary.json');
    await writeSummaryFile(path, summary);
    expect(ReplaySummarySchema.parse(JSON.parse(await readFile(path, 'utf8')))).toEqual(summary);
  });

  it('refuses a figure that cannot be', async () => {
    const path = join(folder, 'summary.json');
    await expect(writeSummaryFile(path, { ...summary, meters: -1 })).rejects.toThrow();
    await expect(
      writeSummaryFile(path, { ...summary, secondsPerInterval: Number.NaN }),
    ).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });
});
