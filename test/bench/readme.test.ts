// README's tables and its plot are those of the JSON files in bench.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readResultsFile } from '../../bench/harness/results-file.ts';
import { drawBenchPlot } from '../../bench/readme/bench-plot.ts';
import { formatBenchTable } from '../../bench/readme/bench-table.ts';
import { formatNetworkTable } from '../../bench/readme/network-table.ts';

const ROOT = new URL('../..', import.meta.url);
const results = await readResultsFile(new URL('bench/results.json', ROOT));
const network = await readResultsFile(new URL('bench/network.json', ROOT));
const nation = await readResultsFile(new URL('bench/nation.json', ROOT));

describe('README on speed', () => {
  it.each([
    ['bench', 'bench/results.json', formatBenchTable(results)],
    ['network', 'bench/network.json and nation.json', formatNetworkTable(network, nation)],
  ])('has between the marks "%s" the table of %s', async (name, _, table) => {
    const readme = await readFile(new URL('README.md', ROOT), 'utf8');
    const [, after = ''] = readme.split(`<!-- ${name}:start -->\n`);
    const [found] = after.split(`\n<!-- ${name}:end -->`);
    expect(found).toBe(table);
  });

  it('has the plot of bench/results.json', async () => {
    const found = await readFile(new URL('bench/readings-per-core-second.svg', ROOT), 'utf8');
    expect(found).toBe(drawBenchPlot(results));
  });

  it('names in its plot every scheme and its figure for those who cannot see it', () => {
    const plot = drawBenchPlot(results);
    expect(plot).toMatch(/<title id="bench-title">[^<]+<\/title>/u);
    expect(plot).toMatch(
      /<desc id="bench-desc">.*Streetwatt: [\d,]+.*Paillier-2048: [\d.]+.*<\/desc>/u,
    );
    expect(plot).toContain('aria-labelledby="bench-title bench-desc"');
  });

  it('draws a bar ten times as fast one line further', () => {
    const scaled = (id: string, factor: number) =>
      drawBenchPlot({
        ...results,
        results: results.results.map((result) =>
          result.id === id ? { ...result, median: 1e3 * factor } : result,
        ),
      });
    const widthOf = (plot: string) => Number(/class="own"[^>]* width="([\d.]+)"/u.exec(plot)?.[1]);
    const lineOf = (plot: string) =>
      Array.from(plot.matchAll(/class="grid" x1="([\d.]+)"/gu), ([, x]) => Number(x));
    const [slow, fast] = [scaled('streetwatt', 1), scaled('streetwatt', 10)];
    const [first = 0, second = 0] = lineOf(slow);
    expect(widthOf(fast) - widthOf(slow)).toBeCloseTo(second - first, 0);
  });
});
