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
  /** What people call an area; by default the last token of its id. */
  readonly names?: ReadonlyMap<string, string>;
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

function formatTable(shown: DemoInterval, { maxRows, maxColumns, names }: ScreenSize): string[] {
  const intervalSeconds = shown.endSeconds - shown.startSeconds;
  const chosen = chooseRows(shown.rows, maxRows);
  const nameOf = (row: Row) => {
    const above = chosen.filter((other) => row.plan.name.startsWith(`${other.plan.name}/`)).length;
    const id = row.plan.name;
    return `${'  '.repeat(above)}${names?.get(id) ?? id.slice(id.lastIndexOf('/') + 1)}`;
  };
  let columns: readonly Column[] = [{ heading: 'area', text: nameOf, isLeft: true }, ...COLUMNS];
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
    return [...lines, '  what lies below is opened only where somebody looks at it'];
  }
}

/**
 * Whole levels while they fit, in tree order; of a chain of areas with one child each the first, where
 * it is the root, and the last.
 */
function chooseRows(rows: readonly Row[], maxRows: number): readonly Row[] {
  const areas = rows.filter((row) => !row.plan.isCell);
  const top = Math.min(...areas.map((row) => row.plan.depth));
  const told = areas.filter((row, index) => {
    const next = areas[index + 1]?.plan;
    const isChain = next?.depth === row.plan.depth + 1 && next.meterCount === row.plan.meterCount;
    return row.plan.depth === top || !isChain;
  });
  const depths = told.map((row) => row.plan.depth);
  let deepest = top + LEAST_LEVELS - 1;
  while (depths.some((depth) => depth > deepest)) {
    if (depths.filter((depth) => depth <= deepest + 1).length > maxRows) break;
    deepest++;
  }
  return told.filter((row) => row.plan.depth <= deepest).slice(0, maxRows);
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

function formatHealth(shown: DemoInterval): string[] {
  const { frames, figuresPublished, figuresWithheld, trustees, audit, openedAfterSeconds } = shown;
  const answered = trustees.filter((outcome) => outcome === 'answered').length;
  const silent = trustees.flatMap((outcome, index) =>
    outcome === 'answered' ? [] : [`trustee ${index + 1}: ${outcome}`],
  );
  const withheld = [...figuresWithheld.values()].reduce((sum, count) => sum + count, 0);
  const rejected = [...frames.rejected.values()].reduce((sum, count) => sum + count, 0);
  const findings = audit?.alerts.map((alert) => `${alert.finding} in ${alert.area}`) ?? [];
  return [
    `interval   ${openedAfterSeconds === undefined ? 'not opened' : `opened ${Math.round(openedAfterSeconds)} s after its end`}`,
    `figures    ${number(figuresPublished)} published, ${number(withheld)} withheld${listed(figuresWithheld)}`,
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
