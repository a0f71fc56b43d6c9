// What is known of one row in one interval, flat: as a monitor opened it, as it is stored, and as the
// map is drawn from it. A figure that is not published is undefined, never zero.

import type { AreaId } from '../core/area.ts';
import type { ChannelSet } from '../core/channel.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { WithheldReason } from '../roles/monitor-combine.ts';
import type { Row } from '../roles/monitor-rows.ts';
import type { Origin } from './map-area.ts';

export interface RowFigures {
  /** The area's id, or a merged cell's name. */
  readonly name: string;
  readonly depth: number;
  /** The area whose map has the row: its parent, or the cell's home; undefined for a root. */
  readonly level: AreaId | undefined;
  readonly interval: IntervalIndex;
  readonly netWh: number | undefined;
  readonly exportWh: number | undefined;
  readonly productionWh: number | undefined;
  readonly importWh: number | undefined;
  readonly consumptionWh: number | undefined;
  /** 0 to 1. */
  readonly coverage: number;
  readonly status: Row['status'];
  /** Of a withheld row, or of the first withheld cell in a partial one. */
  readonly reason: WithheldReason | undefined;
  /** Why these are withheld, or the first cell that they lack. */
  readonly exportReason: WithheldReason | undefined;
  readonly productionReason: WithheldReason | undefined;
  readonly isChecked: boolean;
  /** What was asked for: of others nothing is known. */
  readonly channels: ChannelSet;
  readonly origin: Origin;
}

/** `opened` is what was asked for; channels other than net, export and production are left out. */
export function figuresOf(
  row: Row,
  channels: readonly { readonly name: string }[],
  opened: ChannelSet,
  origin: Origin,
): RowFigures {
  const at = (name: string) => channels.findIndex((channel) => channel.name === name);
  const [exported, production] = [at('export'), at('production')];
  return {
    name: row.plan.name,
    depth: row.plan.depth,
    level: row.plan.level,
    interval: row.interval,
    netWh: row.energyWh[at('net')],
    exportWh: row.energyWh[exported],
    productionWh: row.energyWh[production],
    importWh: row.importWh,
    consumptionWh: row.consumptionWh,
    coverage: row.coverage,
    status: row.status,
    reason: row.reason,
    exportReason: row.reasons[exported],
    productionReason: row.reasons[production],
    isChecked: row.isChecked,
    channels: opened,
    origin,
  };
}
