// What a cell says in words: for its label, its tooltip and its place in the table.

import { absentText, CELL_STATES, reasonText } from '../../../src/map/cell-state.ts';
import type { Classes } from '../../../src/map/classes.ts';
import type { EnergyFormat } from '../../../src/map/format-energy.ts';
import type { AbsentReason } from '../../../src/map/frame.ts';
import type { Metric } from '../../../src/map/metric.ts';
import type { RowDocument } from '../../../src/server/wire.ts';
import type { Cell, ShownState } from './cells.ts';

export const METRIC_WORDS: Readonly<Record<Metric, { label: string; hint: string }>> = {
  net: { label: 'Net', hint: 'Import minus export: what flows in through the feeder' },
  consumption: { label: 'Consumption', hint: 'What is used, from the grid and from own roofs' },
  production: { label: 'Production', hint: 'What roofs and plants behind the meters make' },
  import: { label: 'Import', hint: 'Sum of the meters’ import registers' },
  export: { label: 'Export', hint: 'Sum of the meters’ export registers' },
  coverage: { label: 'Coverage', hint: 'Share of the meters that the figures cover' },
};

export const SCALE_WORDS: Readonly<Record<'meter' | 'km2' | 'abs', string>> = {
  meter: 'per meter',
  km2: 'per km²',
  abs: 'total',
};

export function stateWords(state: ShownState): string {
  if (state === 'unconnected') return 'Not connected';
  if (state === 'pending') return 'Loading';
  return CELL_STATES[state].label;
}

/** One sentence: why there is no figure, or only a part of one. Empty for a plain value. */
export function stateSentence(cell: Cell, metric: Metric): string {
  switch (cell.state) {
    case 'pending':
      return 'The figures are on their way.';
    case 'withheld':
    case 'late':
    case 'unconnected':
      return cell.row === undefined
        ? reasonText(cell.reason)
        : absentText(cell.row, metric, cell.reason);
    case 'partial':
      return cell.reason === undefined
        ? 'A part of the meters did not report: this is the total of the rest.'
        : `A part is left out. ${reasonText(cell.reason)}`;
    case 'zero':
      return 'Measured and published: exactly zero.';
    default:
      return cell.value === null ? 'No size is known here to divide by.' : '';
  }
}

const SHORT_REASONS: Readonly<Record<AbsentReason, string>> = {
  'too-few': 'too few homes',
  'low-presence': 'too many silent',
  'no-seal': 'not sealed',
  'no-quorum': 'trustees missing',
  implausible: 'implausible',
  mismatch: 'parties disagree',
  'unmetered-production': 'not metered',
  'not-granted': 'no access',
  late: 'not in yet',
  missing: 'not known',
  'not-connected': 'not measured',
};

/** A word or two, where there is no room for the sentence. */
export function shortReason(reason: string | undefined): string {
  if (reason === undefined) return 'no figure';
  return Object.hasOwn(SHORT_REASONS, reason) ? SHORT_REASONS[reason as AbsentReason] : reason;
}

export function coverageWords(coverage: number, format: EnergyFormat): string {
  if (coverage >= 1) return 'all meters report';
  if (coverage <= 0) return 'no meter reports';
  return `at least ${format.share(coverage)} of the meters report`;
}

/** A signed metric shows its plus. */
export function valueText(
  cell: Pick<Cell, 'value'>,
  metric: Metric,
  classes: Classes,
  format: EnergyFormat,
): string {
  return format.value(cell.value, classes.unit, { isSigned: metric === 'net' });
}

/** "name, value unit, state". */
export function cellLabel(
  cell: Cell,
  metric: Metric,
  classes: Classes,
  format: EnergyFormat,
): string {
  const parts = [cell.name];
  if (cell.value !== null) parts.push(valueText(cell, metric, classes, format));
  const sentence = stateSentence(cell, metric);
  if (cell.state !== 'value') parts.push(stateWords(cell.state).toLowerCase());
  if (sentence !== '' && cell.state !== 'zero') parts.push(sentence);
  return parts.join(', ').replaceAll('., ', ', ');
}

export function originWords(row: Pick<RowDocument, 'origin'>): string {
  return row.origin === 'network'
    ? 'masked by meters, opened as a total'
    : 'simulated as a total, not masked';
}
