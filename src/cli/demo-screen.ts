// What the demo shows of one interval: the top areas' totals and its health, as plain lines.

import type { Row } from '../roles/monitor-rows.ts';
import type { DemoInterval } from '../runtime/demo-interval.ts';

/** The root and the next two levels are shown, and more while they fit. */
const LEAST_LEVELS = 3;
const MISSING = '-';
const SECONDS_PER_HOUR = 3600;
const NET = 0;
const EXPORT = 1;
const PRODUCTION = 2;

export interface ScreenSize {
  /** Of the table's areas. */
  readonly maxRows: number;
  readonly maxColumns: number;
}

interface Column {
  readonly heading: string;
  readonly text: (row: Row, intervalSeconds: number) => string;
  readonly isLeft?: boolean;
  /** Columns of 1 go first where there is no room. */
  readonly dropOrder?: number;
}

const power = (pick: (row: Row) => number | undefined) => (row: Row, intervalSeconds: number) =>
  formatPower(pick(row), intervalSeconds);

/** After the area's. */
const COLUMNS: readonly Column[] = [
  { heading: 'homes', text: (row) => number(row.plan.meterCount), dropOrder: 4 },
  { heading: 'net power', text: power((row) => row.energyWh[NET]) },
  { heading: 'consumption', text: power((row) => row.consumptionWh), dropOrder: 5 },
  { heading: 'production', text: power((row) => row.energyWh[PRODUCTION]), dropOrder: 1 },
  { heading: 'import', text: power((row) => row.importWh), dropOrder: 2 },
  { heading: 'export', text: power((row) => row.energyWh[EXPORT]), dropOrder: 3 },
  { heading: 'coverage', text: (row) => `${Math.floor(100 * row.coverage)} %` },
  { heading: 'status', text: (row) => statusOf(row), isLeft: true },
];

/** The table and the health below it. No colours, no line ends. */
export function formatInterval(shown: DemoInterval, size: ScreenSize): string[] {
  return [...formatTable(shown, size), '', ...formatHealth(shown)];
}

/** `Tue 14 Oct 2025, 08:00 to 08:15 in Madrid (06:00 UTC)`. */
export function formatPeriod({ startSeconds, endSeconds }: DemoInterval): string {
  return `${madridDate(startSeconds)}, ${madridTime(startSeconds)} to ${madridTime(endSeconds)} in Madrid (${utcTime(startSeconds)} UTC)`;
}

export function formatMoment(seconds: number): string {
  return `${madridDate(seconds)}, ${madridTime(seconds)} in Madrid`;
}

/** Mean power of an interval: `-12.3 kW`, `1.24 MW`. */
export function formatPower(energyWh: number | undefined, intervalSeconds: number): string {
  if (energyWh === undefined) return MISSING;
  const powerKw = (energyWh * SECONDS_PER_HOUR) / intervalSeconds / 1000;
  // 999.95 kW would print as "1000.0 kW".
  return Math.abs(powerKw) < 999.95
    ? `${powerKw.toFixed(1)} kW`
    : `${(powerKw / 1000).toFixed(2)} MW`;
}

export function formatCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([reason, count]) => `${number(count)} ${reason}`).join(', ');
}

function formatTable(shown: DemoInterval, { maxRows, maxColumns }: ScreenSize): string[] {
  const intervalSeconds = shown.endSeconds - shown.startSeconds;
  const { chosen, top } = chooseRows(shown.rows, maxRows);
  const nameOf = (row: Row) =>
    `${'  '.repeat(row.plan.depth - top)}${row.plan.name.slice(row.plan.name.lastIndexOf('/') + 1)}`;
  const hasConsumption = chosen.some((row) => row.plan.unmeteredProducerCount === 0);
  let columns: readonly Column[] = [
    { heading: 'area', text: nameOf, isLeft: true },
    ...COLUMNS.filter(({ heading }) => heading !== 'consumption' || hasConsumption),
  ];
  for (;;) {
    const lines = layOut(columns, chosen, intervalSeconds);
    const dropped = columns
      .filter(({ dropOrder }) => dropOrder !== undefined)
      .sort((a, b) => (a.dropOrder as number) - (b.dropOrder as number))[0];
    const isWide = Math.max(...lines.map((line) => line.length)) > maxColumns;
    if (isWide && dropped !== undefined) {
      columns = columns.filter((column) => column !== dropped);
      continue;
    }
    const below = shown.rows.filter((row) => !chosen.includes(row));
    return [
      ...lines,
      ...(below.length === 0 ? [] : [`  and below them ${formatBelow(below)}`]),
      ...(hasConsumption
        ? []
        : ['  consumption is not known: some roofs have no production meter']),
    ];
  }
}

/** Whole levels while they fit, in tree order. */
function chooseRows(
  rows: readonly Row[],
  maxRows: number,
): { readonly chosen: readonly Row[]; readonly top: number } {
  const areas = rows.filter((row) => !row.plan.isCell);
  const depths = areas.map((row) => row.plan.depth);
  const top = Math.min(...depths);
  const bottom = Math.max(...depths);
  const countTo = (depth: number) => depths.filter((other) => other <= depth).length;
  let deepest = top + LEAST_LEVELS - 1;
  while (deepest < bottom && countTo(deepest + 1) <= maxRows) deepest++;
  return { chosen: areas.filter((row) => row.plan.depth <= deepest).slice(0, maxRows), top };
}

function layOut(
  columns: readonly Column[],
  rows: readonly Row[],
  intervalSeconds: number,
): string[] {
  const lines = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ text }) => text(row, intervalSeconds))),
  ];
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] as string).length)),
  );
  return lines.map((line) =>
    line
      .map((text, column) =>
        columns[column]?.isLeft === true
          ? text.padEnd(widths[column] as number)
          : text.padStart(widths[column] as number),
      )
      .join('  ')
      .trimEnd(),
  );
}

function formatBelow(rows: readonly Row[]): string {
  const count = (status: Row['status']) => rows.filter((row) => row.status === status).length;
  const parts = (['published', 'partial', 'withheld'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${number(count(status))} ${status}`);
  return `${number(rows.length)} areas and streets: ${parts.join(', ')}`;
}

function formatHealth(shown: DemoInterval): string[] {
  const { frames, cellsPublished, cellsWithheld, trustees, audit, openedAfterSeconds } = shown;
  const answered = trustees.filter((outcome) => outcome === 'answered').length;
  const silent = trustees.flatMap((outcome, index) =>
    outcome === 'answered' ? [] : [`trustee ${index + 1}: ${outcome}`],
  );
  const withheld = [...cellsWithheld.values()].reduce((sum, count) => sum + count, 0);
  const rejected = [...frames.rejected.values()].reduce((sum, count) => sum + count, 0);
  const findings = audit?.alerts.map((alert) => `${alert.finding} in ${alert.area}`) ?? [];
  return [
    `interval   ${openedAfterSeconds === undefined ? 'not opened' : `opened ${Math.round(openedAfterSeconds)} s after its end`}`,
    `cells      ${number(cellsPublished)} published, ${number(withheld)} withheld${listed(cellsWithheld)}`,
    `frames     ${number(frames.accepted)} of ${number(frames.masked)} accepted, ${number(frames.resent)} of them sent again; ${number(frames.lost)} lost on the way`,
    `rejected   ${rejected === 0 ? 'none' : formatCounts(frames.rejected)}`,
    `trustees   ${answered} of ${trustees.length} answered${silent.length === 0 ? '' : ` (${silent.join(', ')})`}`,
    `auditor    ${audit === undefined ? 'has not reported' : `${number(audit.sealCount)} seals checked, ${findings.length === 0 ? 'no findings' : `FINDINGS: ${findings.join(', ')}`}`}`,
  ];
}

function listed(counts: ReadonlyMap<string, number>): string {
  return counts.size === 0 ? '' : ` (${formatCounts(counts)})`;
}

function statusOf({ status, reason }: Row): string {
  return reason === undefined ? status : `${status}: ${reason}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function utcTime(seconds: number): string {
  return new Date(1000 * seconds).toISOString().slice(11, 16);
}

const MADRID_DATE = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Madrid',
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const MADRID_TIME = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Madrid',
  hour: '2-digit',
  minute: '2-digit',
});

function madridDate(seconds: number): string {
  return MADRID_DATE.format(1000 * seconds).replace(',', '');
}

function madridTime(seconds: number): string {
  return MADRID_TIME.format(1000 * seconds);
}
