// bench nation --meters 50000000: a country's interval, from frames to the map (run-nation.ts).
// Above `MAX_COUNTRY_METERS` it is several countries, one after another, each a network of its own:
// a continent's networks meet on the map, not in one document.

import { parseArgs } from 'node:util';
import { describeNation } from './describe-nation.ts';
import { type NationResult, runNation } from './run-nation.ts';

const MAX_COUNTRY_METERS = 50_000_000;

const { values } = parseArgs({
  options: {
    meters: { type: 'string', default: '1000000' },
    workers: { type: 'string', default: '2' },
  },
});
const meters = Number(values.meters);
const countryCount = Math.ceil(meters / MAX_COUNTRY_METERS);
const results: NationResult[] = [];
for (let country = 0; country < countryCount; country++) {
  const name = `c${country}`;
  results.push(
    await runNation(name, meters / countryCount, Number(values.workers), (done, of) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}: province ${done} of ${of}`);
    }),
  );
}
console.log(describeNation(results));
