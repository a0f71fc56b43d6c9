// What was opened of a row, as the map shows it to one viewer: a figure, or why there is none.

import { hasChannel } from '../core/channel.ts';
import type { Network } from '../core/network-tree.ts';
import type { AbsentReason, MapRow, RowStatus } from './frame.ts';
import { type LevelShape, METRIC_CHANNELS } from './layers.ts';
import type { Origin } from './map-area.ts';
import { ENERGY_METRICS, type EnergyMetric } from './metric.ts';
import { statusOfCoverage } from './ordinary-coverage.ts';
import type { RowFigures } from './row-figures.ts';

/** What comes later, or may: drawn apart from what was decided against. */
const LATE_REASONS: ReadonlySet<AbsentReason> = new Set<AbsentReason>([
  'no-seal',
  'no-quorum',
  'late',
  'missing',
]);

export interface RowView {
  readonly network: Network;
  /** Names of the channels that the viewer may see. */
  readonly channels: readonly string[];
  readonly name: string;
  readonly origin: Origin;
}

/** `figures` is what is known of the row, or why nothing is. */
export function mapRowOf(
  shape: LevelShape,
  figures: RowFigures | AbsentReason,
  view: RowView,
): MapRow {
  const known = typeof figures === 'string' ? undefined : figures;
  const energyWh = {} as Record<EnergyMetric, number | null>;
  const absent: Partial<Record<EnergyMetric, AbsentReason>> = {};
  for (const metric of ENERGY_METRICS) {
    const reason = notGranted(metric, shape, view);
    const value = reason === undefined && known !== undefined ? energyOf(known, metric) : undefined;
    energyWh[metric] = value ?? null;
    if (value !== undefined) continue;
    absent[metric] =
      reason ??
      shape.absent[metric] ??
      (typeof figures === 'string' ? figures : reasonOf(figures, metric, view.network));
  }
  const { status, reason } = statusOf(shape, known, energyWh, absent);
  return {
    id: shape.id,
    name: view.name,
    kind: shape.kind,
    members: shape.members,
    layers: shape.layers,
    meterCount: shape.meterCount,
    energyWh,
    absent,
    coverage: known?.coverage ?? 0,
    status,
    reason,
    isChecked: known?.isChecked ?? false,
    origin: known?.origin ?? view.origin,
  };
}

function energyOf(figures: RowFigures, metric: EnergyMetric): number | undefined {
  return figures[`${metric}Wh`];
}

function notGranted(
  metric: EnergyMetric,
  shape: LevelShape,
  { network, channels }: RowView,
): AbsentReason | undefined {
  const lacks = METRIC_CHANNELS[metric].some((name) => {
    if (channels.includes(name)) return false;
    // Net alone makes the derived figure where nobody has the other channel.
    const channel = network.channels.findIndex((candidate) => candidate.name === name);
    return metric === name || name === 'net' || shape.plan?.parts[channel]?.declaredCount !== 0;
  });
  return lacks ? 'not-granted' : undefined;
}

/** Of a figure that the plan allows and that was not published in this interval. */
function reasonOf(figures: RowFigures, metric: EnergyMetric, network: Network): AbsentReason {
  const isAsked = METRIC_CHANNELS[metric].every((name) => {
    const channel = network.channels.findIndex((candidate) => candidate.name === name);
    return channel < 0 || hasChannel(figures.channels, channel);
  });
  if (!isAsked) return 'not-granted';
  const net = figures.reason;
  if (metric === 'export') return figures.exportReason ?? 'low-presence';
  if (metric === 'production') return figures.productionReason ?? 'low-presence';
  const other = metric === 'import' ? figures.exportReason : figures.productionReason;
  return net ?? (metric === 'net' ? undefined : other) ?? 'low-presence';
}

function statusOf(
  shape: LevelShape,
  figures: RowFigures | undefined,
  energyWh: MapRow['energyWh'],
  absent: MapRow['absent'],
): { readonly status: RowStatus; readonly reason: AbsentReason | null } {
  const main = ENERGY_METRICS.find((metric) => absent[metric] === undefined);
  if (main === undefined) {
    const reason = absent.net ?? 'missing';
    if (shape.meterCount === 0) return { status: 'not-connected', reason: 'not-connected' };
    return { status: LATE_REASONS.has(reason) ? 'late' : 'withheld', reason };
  }
  // What the plan never gives, or the viewer may not see, is no gap.
  const missing = ENERGY_METRICS.find((metric) => {
    const reason = absent[metric];
    return reason !== undefined && reason !== shape.absent[metric] && reason !== 'not-granted';
  });
  const reason =
    (missing && absent[missing]) ?? (energyWh.net === null ? undefined : figures?.reason);
  return { status: statusOfCoverage(figures?.coverage ?? 0), reason: reason ?? null };
}
