// The country's interval in words and numbers.

import type { NationResult } from './run-nation.ts';
import { addMeasured, NOTHING_MEASURED, sumOf } from './stopwatch.ts';

const RECEIPTS = 'receipt sample';

export function describeNation(results: readonly NationResult[]): string {
  const total = (of: (result: NationResult) => number) =>
    results.reduce((sum, result) => sum + of(result), 0);
  const measured = results.reduce(
    (sum, result) => addMeasured(sum, result.measured),
    NOTHING_MEASURED,
  );
  const readings = total((result) => result.readingCount);
  const streets = total((result) => result.streetCount);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const sampled = (name: string) => measured.bytes[`${RECEIPTS} ${name}`] ?? 0;
  const receiptUs = sampled('us') / sampled('count');
  const lines = [
    `${total((r) => r.meterCount)} meters, ${readings} readings, ${streets} streets, ${total((r) => r.areaCount)} areas, ${total((r) => r.cellCount)} cells, ${results.length} network(s)`,
    `wall time of the interval's work ${seconds(total((r) => r.wallMs))}; on one core ${seconds(sumOf(measured.ms))} (${seconds(measured.cpuMs)} of processor time), ${((1e6 * sumOf(measured.ms)) / readings).toFixed(0)} ns a reading`,
    ...Object.entries(measured.ms).map(
      ([name, ms]) =>
        `  ${name.padEnd(32)} ${seconds(ms).padStart(10)}  ${((1000 * ms) / streets).toFixed(2)} us a street`,
    ),
    `bytes a reading: ${Object.entries(measured.bytes)
      .filter(([name]) => !name.startsWith(RECEIPTS))
      .map(([name, bytes]) => `${name} ${(bytes / readings).toFixed(3)}`)
      .join(', ')}`,
    `receipts, after the map and not in the time: ${receiptUs.toFixed(1)} us a street, ${seconds((streets * receiptUs) / 1000)} in all`,
    `the map: ${total((r) => r.releasedCount)} of ${total((r) => r.targetCount)} figures released; digest ${results.map((r) => r.digest).join(' ')}`,
    `not in the time: start ${seconds(total((r) => r.startMs))} (document of ${total((r) => r.documentBytes)} bytes), keys, readings and masks ${seconds(total((r) => r.prepareMs))}`,
    `peak memory ${(Math.max(...results.map((r) => r.peakBytes)) / 2 ** 30).toFixed(2)} GiB; of the planning before it ${(Math.max(...results.map((r) => r.planPeakBytes)) / 2 ** 30).toFixed(2)} GiB`,
  ];
  return lines.join('\n');
}
