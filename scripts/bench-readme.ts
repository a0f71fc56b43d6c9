// Writes README's part on speed, between its marker comments, and its plot, from a run's JSON file:
//   npm run bench -- --json bench/results.json && npm run bench:readme
// test/bench/readme.test.ts fails while they differ from bench/results.json.

import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readResultsFile } from '../bench/harness/results-file.ts';
import { drawBenchPlot } from '../bench/readme/bench-plot.ts';
import { formatBenchTable } from '../bench/readme/bench-table.ts';

const START = '<!-- bench:start -->';
const END = '<!-- bench:end -->';

const root = new URL('..', import.meta.url);
const results = await readResultsFile(
  resolve(process.argv[2] ?? new URL('bench/results.json', root).pathname),
);
const path = new URL('README.md', root);
const readme = await readFile(path, 'utf8');
const start = readme.indexOf(START);
const end = readme.indexOf(END, start);
if (start < 0 || end < 0) throw new Error(`README.md: expected ${START} and, below it, ${END}`);
const block = `${START}\n${formatBenchTable(results)}\n`;
await writeFile(path, `${readme.slice(0, start)}${block}${readme.slice(end)}`);
await writeFile(new URL('bench/readings-per-core-second.svg', root), drawBenchPlot(results));
