// How figures are printed: three digits, since no run on a shared machine knows a fourth.

import type { BenchResult } from './bench.ts';
import type { Machine } from './machine.ts';
import type { TargetOutcome } from './targets.ts';

export function formatNumber(value: number): string {
  if (value === 0) return '0';
  const digits = Math.floor(Math.log10(Math.abs(value)));
  const step = 10 ** Math.max(0, digits - 2);
  const rounded = digits >= 2 ? Math.round(value / step) * step : value;
  return rounded.toLocaleString('en-US', {
    maximumFractionDigits: Math.min(20, Math.max(0, 2 - digits)),
  });
}

export function formatMachine(machine: Machine): string {
  const { cpu, cores, memoryGiB, platform, node, date } = machine;
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}, ${date}`;
}

export function formatResults(results: readonly BenchResult[]): string {
  const rows = results.map(({ id, unit, median, min, max, bytesPerReading }) => [
    id,
    formatNumber(median),
    unit,
    `${formatNumber(min)} to ${formatNumber(max)}`,
    bytesPerReading === undefined ? '' : formatNumber(bytesPerReading),
  ]);
  return alignColumns([['', 'median', 'unit', 'min to max', 'bytes a reading'], ...rows]);
}

export function formatTarget({ target, ratio, isMet }: TargetOutcome): string {
  const bound =
    target.atMost === undefined
      ? `at least ${formatNumber(target.atLeast ?? 0)}`
      : `at most ${formatNumber(target.atMost)}`;
  return `${target.label}: ${formatNumber(ratio)} (target ${bound}) ${isMet ? 'ok' : 'MISSED'}`;
}

function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          // Names and units to the left, figures to the right.
          column === 0 || column === 2
            ? cell.padEnd(widths[column] as number)
            : cell.padStart(widths[column] as number),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
