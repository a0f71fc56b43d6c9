// What the planner reads and what it decides (design.md section 5, corrections 12 and 13).

import type { AreaId } from './area.ts';
import type { Channel, ChannelSet } from './channel.ts';

export interface PlanMeter {
  readonly channels: ChannelSet;
  readonly capWh: number;
  /** Meters of one home share it and count once. Unique within the street. */
  readonly connectionPoint: number;
}

export interface PlanStreet {
  readonly area: AreaId;
  readonly meters: readonly PlanMeter[];
}

export interface PlanPolicy {
  readonly channels: readonly Channel[];
  /** Fewest connection points that declare the channel, in any cell: 5 or more. */
  readonly minMeters: number;
  /** On top of the minimum, at planning only, so that ordinary dropouts do not withhold the cell. */
  readonly marginMeters: number;
  /** A cell is too small while one meter's cap exceeds this share of its members' caps (250 = 25 %). */
  readonly maxCapSharePermille: number;
}

/** Why a cell is the size that it is. */
export type CellReason = 'alone' | 'merged-too-few' | 'merged-dominated' | 'merged-to-nest';

export interface PlannedCell {
  /** Index of the channel. */
  readonly channel: number;
  /** The area whose children the members are. */
  readonly home: AreaId;
  /** Siblings, ascending by id: one street, or several streets or whole areas. */
  readonly members: readonly AreaId[];
  /** The streets under the members that declare the channel, ascending. */
  readonly streets: readonly AreaId[];
  readonly connectionPoints: number;
  /** Sum of the caps of the meters that declare the channel. */
  readonly capSumWh: number;
  readonly reason: CellReason;
}

/**
 * `too-few`: too small even together with everything that it may be merged with; `dominated`: so is
 * one meter's cap; `no-net-cell`: its net load is not published, so nothing else may be.
 */
export type UnpublishedReason = 'too-few' | 'dominated' | 'no-net-cell';

export interface Plan {
  /** Every cell, by channel index, then in tree order of home and members. */
  readonly cells: readonly PlannedCell[];
  /** Streets that declare a channel and have no cell for it, by channel and reason. */
  readonly unpublished: readonly {
    readonly channel: number;
    readonly reason: UnpublishedReason;
    readonly streets: readonly AreaId[];
  }[];
}
