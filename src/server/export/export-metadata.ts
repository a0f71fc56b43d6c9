// What a file must say of itself, since files travel without the page they came from: units, times,
// what is null and why, licence, attribution, and that figures are simulated where they are.

import { CELL_STATES, REASON_TEXTS } from '../../map/cell-state.ts';
import type { RowStatus } from '../../map/frame.ts';
import type { Attribution, MapSource } from '../../map/map-source.ts';
import { formatIntervalStart, formatTime } from '../parse-time.ts';
import { EXPORT_COLUMNS } from './export-record.ts';
import type { ExportRequest } from './export-request.ts';

export interface ExportMetadata {
  readonly title: string;
  readonly area: { readonly id: string; readonly name: string; readonly level: string };
  readonly rows: string;
  readonly from: string;
  readonly until: string;
  readonly interval_seconds: number;
  readonly unit: string;
  readonly times: string;
  readonly time_zone: string;
  readonly made_at: string;
  readonly simulation: string | null;
  readonly licence: string;
  readonly attributions: readonly Attribution[];
  readonly minimum_group: string;
  readonly nulls: string;
  readonly coverage: string;
  readonly adding_up: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly states: Readonly<Record<RowStatus, string>>;
  readonly reasons: Readonly<Record<string, string>>;
}

const STATES: Readonly<Record<RowStatus, string>> = {
  published: CELL_STATES.value.explanation.replace(', in the colour of its class', ''),
  partial: 'A total of a part of the meters only.',
  withheld: 'Not published; the reason says why.',
  late: REASON_TEXTS.late,
  'not-connected': REASON_TEXTS['not-connected'],
};

export function exportMetadata(source: MapSource, request: ExportRequest): ExportMetadata {
  const { about } = source;
  const { area, range } = request;
  return {
    title: `${about.title}: ${area.name}`,
    area: { id: area.id, name: area.name, level: area.level },
    rows:
      request.rows === 'self'
        ? 'The area itself, one row for each interval.'
        : 'The area’s children and cells, one row for each of them and each interval.',
    from: formatIntervalStart(range.from, about.intervalSeconds),
    until: formatIntervalStart(range.until, about.intervalSeconds),
    interval_seconds: about.intervalSeconds,
    unit: 'Watt-hours (Wh) within the interval. Mean power in W is Wh * 3600 / interval_seconds.',
    times: 'UTC, ISO 8601.',
    time_zone: about.timeZone,
    made_at: formatTime(source.nowMs()),
    simulation: about.simulationNote ?? null,
    licence: about.dataLicence,
    attributions: about.attributions,
    minimum_group: `Every figure is a total of at least ${about.minMeters} meters; there are none of a household.`,
    nulls:
      'An empty or null figure was not published or not measured: it is never a zero. A zero was measured.',
    coverage: 'The share of the meters that reported, from 0 to 1, rounded down to coarse steps.',
    adding_up:
      'Rows of different metrics can overlap: before adding a metric over rows, keep those whose "layers" list it. Watt-hours may be added over time, watts may not.',
    columns: Object.fromEntries(EXPORT_COLUMNS.map(({ name, description }) => [name, description])),
    states: STATES,
    reasons: REASON_TEXTS,
  };
}
