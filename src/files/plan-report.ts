// The planner's decisions as text that an operator can read and object to: how many streets stand
// alone, which were merged with whom and why, which are not published. Lists are cut, with a count
// of the rest; `cells.csv` has every cell.

import { type AreaId, areaDepth, lastToken } from '../core/area.ts';
import { cellName } from '../core/plan.ts';
import {
  isDominated,
  type Measure,
  measureAt,
  measureStreets,
  neededMeters,
  sumMeasures,
} from '../core/plan-measure.ts';
import { buildPlanTree } from '../core/plan-tree.ts';
import type {
  Plan,
  PlannedCell,
  PlanPolicy,
  PlanStreet,
  UnpublishedReason,
} from '../core/plan-types.ts';
import { AtomicFile } from './atomic-file.ts';

const DEFAULT_MAX_LISTED = 40;
const MAX_NAMES_A_LINE = 12;
const CSV_LINES_A_WRITE = 4096;

const UNPUBLISHED_TEXT: Readonly<Record<UnpublishedReason, string>> = {
  'too-few': 'too few, even together with all that they may be merged with',
  dominated: 'one meter is too large for all that they may be merged with',
  'no-net-cell': 'their net load is not published, so nothing else may be',
};

export interface PlanReportOptions {
  /** Most lines of each list. */
  readonly maxListed?: number;
}

type MeasureOf = (channel: number, area: AreaId) => Measure;

/** `plan` as planned from these streets under this policy. */
export function formatPlanReport(
  streets: readonly PlanStreet[],
  policy: PlanPolicy,
  plan: Plan,
  { maxListed = DEFAULT_MAX_LISTED }: PlanReportOptions = {},
): string {
  const measureOf = measureOfAreas(streets, policy);
  const needed = neededMeters(policy);
  const lines = [
    `Cells of ${count(streets.length, 'street')}`,
    '',
    `At least ${policy.minMeters} connection points that declare the channel in any cell, ${needed} when it is planned`,
    `(${policy.marginMeters} more, so that ordinary dropouts do not withhold it). No connection point with more`,
    `than ${percent(policy.maxCapSharePermille / 1000)} of the caps in its cell.`,
    '',
    ...formatTable(summarize(plan, policy)),
    '',
    ...formatTable(summarizeLevels(plan, policy)),
  ];
  policy.channels.forEach(({ name }, channel) => {
    const cells = plan.cells.filter((cell) => cell.channel === channel);
    const merged = cells.filter((cell) => cell.members.length > 1);
    const unpublished = plan.unpublished.filter((entry) => entry.channel === channel);
    lines.push('', `${name}`);
    if (cells.length === 0 && unpublished.length === 0) lines.push('  Nobody declares it.');
    if (merged.length > 0) {
      lines.push(`  Merged (${count(merged.length, 'cell')}):`);
      lines.push(...cut(merged, maxListed, (cell) => formatMerged(cell, policy, measureOf)));
    }
    for (const { reason, streets } of unpublished) {
      lines.push(
        `  Not published (${count(streets.length, 'street')}): ${UNPUBLISHED_TEXT[reason]}:`,
      );
      lines.push(
        ...cut(
          streets,
          maxListed,
          (area) => `${area} (${explain(channel, area, policy, measureOf)})`,
        ),
      );
    }
    const homes = groupByHome(cells.filter((cell) => cell.members.length === 1));
    if (homes.length === 0) return;
    lines.push(`  Stand alone (${count(cells.length - merged.length, 'street')}), by area:`);
    lines.push(...cut(homes, maxListed, formatAlone));
  });
  return `${lines.join('\n')}\n`;
}

/** Every cell, a line each, after the header. Ids need no quotes: their letters are checked. */
export function* cellsCsvLines(plan: Plan, policy: PlanPolicy): Generator<string> {
  yield 'channel,cell,home,members,streets,meters,cap_wh,reason';
  for (const cell of plan.cells) {
    yield [
      policy.channels[cell.channel]?.name ?? cell.channel,
      cellName(cell.home, cell.members),
      cell.home,
      cell.members.join(' '),
      cell.streets.length,
      cell.connectionPoints,
      cell.capSumWh,
      cell.reason,
    ].join(',');
  }
}

/** @throws FileError `not-writable`. */
export async function writeCellsCsv(path: string, plan: Plan, policy: PlanPolicy): Promise<void> {
  await using file = await AtomicFile.create(path);
  let lines: string[] = [];
  for (const line of cellsCsvLines(plan, policy)) {
    lines.push(line);
    if (lines.length < CSV_LINES_A_WRITE) continue;
    await file.append(`${lines.join('\n')}\n`);
    lines = [];
  }
  if (lines.length > 0) await file.append(`${lines.join('\n')}\n`);
  await file.commit();
}

function measureOfAreas(streets: readonly PlanStreet[], policy: PlanPolicy): MeasureOf {
  const tree = buildPlanTree(streets);
  const measures = measureStreets(tree, policy.channels.length);
  for (const one of measures) sumMeasures(tree, one);
  const nodes = new Map(tree.ids.map((id, node) => [id, node]));
  return (channel, area) => measureAt(measures[channel]!, nodes.get(area) ?? -1);
}

function summarize(plan: Plan, policy: PlanPolicy): string[][] {
  const header = ['channel', 'streets', 'stand alone', 'merged', 'into cells', 'not published'];
  const rows = policy.channels.map(({ name }, channel) => {
    const cells = plan.cells.filter((cell) => cell.channel === channel);
    const merged = cells.filter((cell) => cell.members.length > 1);
    const mergedStreets = sum(merged.map((cell) => cell.streets.length));
    const hidden = sum(
      plan.unpublished.map((entry) => (entry.channel === channel ? entry.streets.length : 0)),
    );
    const alone = cells.length - merged.length;
    const all = alone + mergedStreets + hidden;
    return [name, ...[all, alone, mergedStreets, merged.length, hidden].map(number)];
  });
  return [header, ...rows];
}

// The network names its levels and the planner does not know them: an example says which is meant.
function summarizeLevels(plan: Plan, policy: PlanPolicy): string[][] {
  const rows = new Map<string, { home: AreaId; depth: number; cells: number; merged: number }>();
  for (const { channel, home, members } of plan.cells) {
    const depth = areaDepth(home);
    const key = `${channel} ${depth}`;
    const row = rows.get(key) ?? { home, depth, cells: 0, merged: 0 };
    row.cells++;
    if (members.length > 1) row.merged++;
    rows.set(key, row);
  }
  const ordered = [...rows].sort(
    ([a, x], [b, y]) => Number(a.split(' ')[0]) - Number(b.split(' ')[0]) || x.depth - y.depth,
  );
  return [
    ['channel', 'area level', 'such as', 'cells', 'of these merged'],
    ...ordered.map(([key, { home, depth, cells, merged }]) => [
      policy.channels[Number(key.split(' ')[0])]?.name ?? '',
      number(depth),
      home,
      number(cells),
      number(merged),
    ]),
  ];
}

function formatMerged(cell: PlannedCell, policy: PlanPolicy, measureOf: MeasureOf): string {
  const { channel, home, members, connectionPoints, reason } = cell;
  const shown = members
    .slice(0, MAX_NAMES_A_LINE)
    .map((member) => `${lastToken(member)} (${explain(channel, member, policy, measureOf)})`);
  const rest = members.length - shown.length;
  const nest = reason === 'merged-to-nest' ? ', as in their net cell' : '';
  return `${home}: ${shown.join(', ')}${rest > 0 ? ` and ${number(rest)} more` : ''}: ${number(connectionPoints)} together${nest}`;
}

/** How many of a street or area declare the channel: `12 of at least 22`. */
function explain(channel: number, area: AreaId, policy: PlanPolicy, measureOf: MeasureOf): string {
  const measure = measureOf(channel, area);
  const points = number(measure.connectionPoints);
  if (measure.connectionPoints === 0) return 'none';
  if (measure.connectionPoints < neededMeters(policy)) {
    return `${points} of at least ${number(neededMeters(policy))}`;
  }
  if (isDominated(measure, policy.maxCapSharePermille)) {
    return `${points}, one with ${percent(measure.largestCapWh / measure.capSumWh)} of the caps`;
  }
  return `${points}`;
}

function groupByHome(cells: readonly PlannedCell[]): (readonly PlannedCell[])[] {
  const homes = new Map<AreaId, PlannedCell[]>();
  for (const cell of cells) {
    const known = homes.get(cell.home);
    if (known === undefined) homes.set(cell.home, [cell]);
    else known.push(cell);
  }
  return [...homes.values()];
}

function formatAlone(cells: readonly PlannedCell[]): string {
  const names = cells
    .slice(0, MAX_NAMES_A_LINE)
    .map(
      ({ members, connectionPoints }) => `${lastToken(members[0]!)} (${number(connectionPoints)})`,
    );
  const rest = cells.length - names.length;
  return `${cells[0]?.home}: ${names.join(', ')}${rest > 0 ? ` and ${number(rest)} more` : ''}`;
}

function cut<T>(items: readonly T[], most: number, format: (item: T) => string): string[] {
  const lines = items.slice(0, most).map((item) => `    ${format(item)}`);
  const rest = items.length - lines.length;
  return rest > 0 ? [...lines, `    and ${number(rest)} more: see cells.csv`] : lines;
}

/** Columns padded to their widest, figures flush right. */
function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (isText(rows, i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

function isText(rows: readonly (readonly string[])[], column: number): boolean {
  return rows.slice(1).some((row) => !/^[\d,]+$/.test(row[column]!));
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
