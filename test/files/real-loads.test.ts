// The real households of ../shared/data (nobody on the project wrote them): our reader must take
// them as they are. Their first column is called household, ours meter.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type CsvSource, csvFile } from '../../src/files/csv-source.ts';
import { declaredMeters } from '../../src/files/declared-channels.ts';
import { readingValues } from '../../src/files/reading-values.ts';
import { readReadingsFile } from '../../src/files/readings-file.ts';

const DATA_FOLDER =
  process.env.STREETWATT_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const LOADS_FOLDER = `${DATA_FOLDER}/loads`;
const isAbsent = !existsSync(LOADS_FOLDER) && process.env.CI !== 'true';
if (isAbsent) console.warn(`skipped: no real loads in ${LOADS_FOLDER} (set STREETWATT_DATA)`);

describe.skipIf(isAbsent)('real household loads', () => {
  it.each([
    [
      'swiss15',
      15,
      {
        meterCount: 263,
        rowCount: 1_237_152,
        conflictCount: 0,
        intervalCount: 4_704,
        roundedCount: 3_645,
        exportMeterCount: 0,
        productionMeterCount: 0,
        completeCount: 1_237_152,
        netWh: 633_342_146,
      },
    ],
    [
      'prosumers15',
      15,
      {
        meterCount: 4,
        rowCount: 21_799,
        conflictCount: 0,
        intervalCount: 14_979,
        roundedCount: 10_458,
        exportMeterCount: 4,
        productionMeterCount: 0,
        completeCount: 20_338,
        netWh: 2_108_268,
      },
    ],
    [
      'half_hourly30',
      30,
      {
        meterCount: 6,
        rowCount: 46_137,
        conflictCount: 0,
        intervalCount: 27_694,
        roundedCount: 0,
        exportMeterCount: 0,
        productionMeterCount: 1,
        completeCount: 28_569,
        netWh: 6_590_205,
      },
    ],
    // Two hours of local time stand there twice, in the nights that summer time ended: conflicts.
    [
      'hourly60',
      60,
      {
        meterCount: 10,
        rowCount: 95_136,
        conflictCount: 2,
        intervalCount: 25_054,
        roundedCount: 34_201,
        exportMeterCount: 1,
        productionMeterCount: 10,
        completeCount: 16_294,
        netWh: -241_486,
      },
    ],
  ] as const)('reads %s', async (name, minutes, expected) => {
    const path = `${LOADS_FOLDER}/${name}.csv.gz`;
    const meters = await householdsOf(path);
    const { table, rejected, rowCount, roundedCount } = await readReadingsFile(
      asReadings(csvFile(path)),
      { meters, intervalSeconds: minutes * 60 },
    );
    const declared = declaredMeters(
      meters.map(() => undefined),
      table,
    );
    let completeCount = 0;
    let netWh = 0;
    for (let row = 0; row < table.meterNumbers.length; row++) {
      const values = readingValues(
        {
          importWh: table.importWh[row] as number,
          exportWh: table.exportWh[row] as number,
          productionWh: table.productionWh[row] as number,
        },
        declared[table.meterNumbers[row] as number]!,
      );
      if (values === 'incomplete') continue;
      completeCount++;
      netWh += values.netWh;
    }
    const declaring = (channel: 'export' | 'production'): number =>
      declared.filter(({ channels }) => channels.includes(channel)).length;
    expect({
      meterCount: meters.length,
      rowCount,
      conflictCount: rejected.conflict,
      intervalCount: table.intervalIndices.length,
      roundedCount,
      exportMeterCount: declaring('export'),
      productionMeterCount: declaring('production'),
      completeCount,
      netWh,
    }).toEqual(expected);
    expect(rejected).toMatchObject({ 'unknown-meter': 0, duplicate: 0 });
  });
});

function asReadings(source: CsvSource): CsvSource {
  async function* renamed(): AsyncGenerator<Uint8Array> {
    let isFirst = true;
    for await (const chunk of source.chunks) {
      if (!isFirst) yield chunk;
      else
        yield Buffer.from(
          Buffer.from(chunk).toString('latin1').replace('household', 'meter'),
          'latin1',
        );
      isFirst = false;
    }
  }
  return { file: source.file, chunks: renamed() };
}

/** Not by our reader: what it counts is held against this. */
async function householdsOf(path: string): Promise<string[]> {
  const lines = gunzipSync(await readFile(path))
    .toString('latin1')
    .trimEnd()
    .split('\n');
  return [...new Set(lines.slice(1).map((line) => line.slice(0, line.indexOf(','))))];
}
