// nation: one interval of a country through the real roles, from frames to the map (run-nation.ts),
// checked against plain sums at every level. `--meters` chooses its size. Above `MAX_COUNTRY_METERS` it
// is several countries, one after another, each a network of its own: a continent's networks meet on
// the map, not in one document.

import { assertAnswer, type Bench, type BenchResult } from '../harness/bench.ts';
import { describeNation } from './describe-nation.ts';
import { runNationProcess } from './nation-process.ts';
import { type NationResult, runNation } from './run-nation.ts';
import { addMeasured, type Measured, NOTHING_MEASURED } from './stopwatch.ts';

const MAX_COUNTRY_METERS = 50_000_000;
const METERS = { full: [1_000_000, 10_000_000], quick: [20_000] };
/** Two threads have to come to what one comes to; more than one province, so that both have work. */
const COMPARED_METERS = { full: 400_000, quick: 20_000 };
const WORKERS = 2;

export const NATION: Bench = {
  id: 'nation',
  prepare: async (scale, options) => {
    const compared = COMPARED_METERS[scale];
    const [one, two] = [await runNation('c', compared, 1), await runNation('c', compared, WORKERS)];
    assertAnswer(one.digest === two.digest, 'two threads found another map than one');
    const results: BenchResult[] = [];
    for (const meters of options?.meters ?? METERS[scale]) results.push(...(await measure(meters)));
    return { timed: [], results };
  },
};

async function measure(meters: number): Promise<BenchResult[]> {
  const countryCount = Math.ceil(meters / MAX_COUNTRY_METERS);
  const countries: NationResult[] = [];
  for (let country = 0; country < countryCount; country++) {
    const name = `c${country}`;
    countries.push(
      await runNationProcess(name, meters / countryCount, WORKERS, (done, of) => {
        if (process.stderr.isTTY)
          process.stderr.write(`\r\x1b[K${name}: province ${done} of ${of}`);
      }),
    );
  }
  console.log(`${describeNation(countries)}\n`);
  const measured = countries.reduce<Measured>(
    (sum, country) => addMeasured(sum, country.measured),
    NOTHING_MEASURED,
  );
  const readings = countries.reduce((sum, country) => sum + country.readingCount, 0);
  const sent = Object.entries(measured.bytes).filter(([name]) => !name.startsWith('receipt'));
  const once = (name: string, unit: string, value: number): BenchResult => {
    const id = `nation.${meters}.${name}`;
    return { id, unit, median: value, min: value, max: value };
  };
  const wallMs = countries.reduce((sum, country) => sum + country.wallMs, 0);
  return [
    {
      ...once('wall', 's', wallMs / 1000),
      bytesPerReading: sent.reduce((sum, [, bytes]) => sum + bytes, 0) / readings,
    },
    once('processor', 'core-s', measured.cpuMs / 1000),
    ...Object.entries(measured.ms).map(([name, ms]) =>
      once(name.replaceAll(/\W+/gu, '-'), 's', ms / 1000),
    ),
    once('memory', 'GiB', Math.max(...countries.map(({ peakBytes }) => peakBytes)) / 2 ** 30),
  ];
}
