// Writes README's parts on speed, between their marker comments, and its plot, from runs' JSON files
// (docs/benchmarks.md has the commands):
//   bench/results.json   the schemes and the kernel
//   bench/network.json   the whole way on a bus and to a reader
//   bench/nation.json    countries
// test/bench/readme.test.ts fails while they differ.

import { readFile, writeFile } from 'node:fs/promises';
import { readResultsFile } from '../bench/harness/results-file.ts';
import { drawBenchPlot } from '../bench/readme/bench-plot.ts';
import { formatBenchTable } from '../bench/readme/bench-table.ts';
import { formatNetworkTable } from '../bench/readme/network-table.ts';

const root = new URL('..', import.meta.url);
const results = await readResultsFile(new URL('bench/results.json', root));
const network = await readResultsFile(new URL('bench/network.json', root));
const nation = await readResultsFile(new URL('bench/nation.json', root));
const path = new URL('README.md', root);
let readme = await readFile(path, 'utf8');
readme = withBlock(readme, 'bench', formatBenchTable(results));
readme = withBlock(readme, 'network', formatNetworkTable(network, nation));
await writeFile(path, readme);
await writeFile(new URL('bench/readings-per-core-second.svg', root), drawBenchPlot(results));

function withBlock(text: string, name: string, block: string): string {
  const [opening, closing] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const start = text.indexOf(opening);
  const end = text.indexOf(closing, start);
  if (start < 0 || end < 0)
    throw new Error(`README.md: expected ${opening} and, below it, ${closing}`);
  return `${text.slice(0, start)}${opening}\n${block}\n${text.slice(end)}`;
}
