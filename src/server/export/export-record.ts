// One row of an export: a row of a frame in one interval, flat. Every format writes these columns, in
// this order, so a column means the same in all of them.

import { ENERGY_METRICS, type EnergyMetric } from '../../map/metric.ts';
import type { RowDocument } from '../wire.ts';

export type ColumnType = 'time' | 'text' | 'count' | 'energy' | 'share' | 'flag';

export interface ExportColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly isNullable: boolean;
  readonly description: string;
}

/** By column. Times are Unix milliseconds; energy and counts whole numbers. */
export type ExportRecord = Readonly<Record<string, string | number | boolean | null>>;

const MEANINGS: Readonly<Record<EnergyMetric, string>> = {
  net: 'Import minus export; negative where more flowed out.',
  consumption: 'Net plus production.',
  production: 'What was produced behind the meters.',
  import: 'Sum of the meters’ import registers.',
  export: 'Sum of the meters’ export registers.',
};

export const EXPORT_COLUMNS: readonly ExportColumn[] = [
  column('start', 'time', false, 'Start of the interval, UTC.'),
  column('end', 'time', false, 'End of the interval, UTC; not included.'),
  column('id', 'text', false, 'The area’s id, or the id of a cell of several areas.'),
  column('name', 'text', false, 'For people.'),
  column('kind', 'text', false, '"area", or "cell": areas too small to be published alone.'),
  column('members', 'text', false, 'Ids of the areas that it covers, separated by spaces.'),
  column(
    'layers',
    'text',
    false,
    'Metrics, separated by spaces, for which this row is one of those that cover the area once. Before adding a metric over rows keep the rows that list it here.',
  ),
  column('meter_count', 'count', false, 'Meters on the rosters, whether they reported or not.'),
  ...ENERGY_METRICS.map((metric) =>
    column(`${metric}_wh`, 'energy', true, `${MEANINGS[metric]} In watt-hours.`),
  ),
  ...ENERGY_METRICS.map((metric) =>
    column(`${metric}_absent`, 'text', true, `Why ${metric}_wh is empty, where that is known.`),
  ),
  column('coverage', 'share', true, 'Share of the meters that the figures cover, in coarse steps.'),
  column('status', 'text', true, 'The state of the row.'),
  column('reason', 'text', true, 'Why the row, or a part of it, is without figures.'),
  column('is_checked', 'flag', true, 'False where only one trustee answered for some part.'),
  column('origin', 'text', true, '"network": from masked meters; "simulated": made up.'),
];

function column(
  name: string,
  type: ColumnType,
  isNullable: boolean,
  description: string,
): ExportColumn {
  return { name, type, isNullable, description };
}

/** What a row of a series does not know is null: its reasons are in the frames. */
export interface RecordRow
  extends Pick<
    RowDocument,
    'id' | 'name' | 'kind' | 'members' | 'layers' | 'meterCount' | 'energyWh' | 'absent' | 'reason'
  > {
  readonly coverage: number | null;
  readonly status: RowDocument['status'] | null;
  readonly isChecked: boolean | null;
  readonly origin: RowDocument['origin'] | null;
}

export function exportRecord(row: RecordRow, startMs: number, endMs: number): ExportRecord {
  const record: Record<string, string | number | boolean | null> = {
    start: startMs,
    end: endMs,
    id: row.id,
    name: row.name,
    kind: row.kind,
    members: row.members.join(' '),
    layers: row.layers.join(' '),
    meter_count: row.meterCount,
  };
  for (const metric of ENERGY_METRICS) record[`${metric}_wh`] = row.energyWh[metric];
  for (const metric of ENERGY_METRICS) record[`${metric}_absent`] = row.absent[metric] ?? null;
  record.coverage = row.coverage;
  record.status = row.status;
  record.reason = row.reason;
  record.is_checked = row.isChecked;
  record.origin = row.origin;
  return record;
}
