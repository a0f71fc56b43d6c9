// npm run bench: every bench, or those that are named, in one run; docs/benchmarks.md says how each
// is measured. Exit codes: 0 done, also where a target is missed, since others may share the machine;
// 1 a wrong answer, or with --strict a missed target; 2 bad usage.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from './harness/arguments.ts';
import type { BenchResult, PreparedBench } from './harness/bench.ts';
import { formatMachine, formatResults, formatTarget } from './harness/format.ts';
import { describeMachine } from './harness/machine.ts';
import { checkResultIds } from './harness/registry.ts';
import { addSamples, type Samples, summarize } from './harness/summarize.ts';
import { takeTurns } from './harness/take-turns.ts';
import { checkTargets } from './harness/targets.ts';

const FULL = { roundCount: 15, turnMs: 60 };
const QUICK = { roundCount: 2, turnMs: 2 };

const options = parseArgs(process.argv);
const machine = describeMachine(new Date());
console.log(`${formatMachine(machine)}\n`);

const prepared: PreparedBench[] = [];
for (const entry of options.entries) {
  tell(`preparing and checking ${entry.id}`);
  const bench = await entry.load();
  const ready = await bench.prepare(options.isQuick ? 'quick' : 'full', options.options);
  checkResultIds(entry, ready);
  prepared.push(ready);
}
const turns = options.isQuick ? QUICK : FULL;
const samples = await takeTurns(
  prepared.flatMap(({ timed }) => timed),
  {
    ...turns,
    onRound: (round) => tell(round === 0 ? 'warming up' : `round ${round} of ${turns.roundCount}`),
  },
);
tell('');
const { results, all } = collect(prepared, samples);
console.log(formatResults(results));
if (options.json !== undefined)
  await writeFile(options.json, `${JSON.stringify({ machine, results }, undefined, 2)}\n`);
const outcomes = checkTargets(all);
if (outcomes.length > 0) console.log(`\n${outcomes.map(formatTarget).join('\n')}`);
if (options.isQuick) console.log('\n--quick runs every line; its figures say nothing.');
if (options.isStrict && outcomes.some(({ isMet }) => !isMet)) process.exitCode = 1;

/** Results in the order of the table, and the samples of the timed and of their sums. */
function collect(
  benches: readonly PreparedBench[],
  timedSamples: Samples,
): { results: BenchResult[]; all: Samples } {
  const results: BenchResult[] = [];
  const all = new Map(timedSamples);
  for (const { timed, sums = [], sampled = [], results: fixed = [] } of benches) {
    for (const { id, measure, secondsPerItem, bytesPerReading } of sampled) {
      all.set(id, secondsPerItem);
      results.push(summarize(id, secondsPerItem, measure, bytesPerReading));
    }
    for (const sum of sums) {
      const own = addSamples(timedSamples, sum);
      all.set(sum.id, own);
      results.push(summarize(sum.id, own, sum.measure, sum.bytesPerReading));
    }
    for (const { id, measure, bytesPerReading } of timed)
      results.push(summarize(id, timedSamples.get(id) ?? [], measure, bytesPerReading));
    results.push(...fixed);
  }
  return { results, all };
}

/** What is going on, on a terminal only; the next line takes its place. */
function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
