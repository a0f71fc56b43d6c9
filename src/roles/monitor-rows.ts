// Figures to rows: what the table, the map and totals.csv show of one interval (design.md sections
// 2 and 5, correction 15).
//
//   import = net + export        only where net and export cover the same streets, none withheld;
//                                where nobody declares export, import is net
//   consumption = net + production   likewise; unknown where a home exports without a production meter

import type { IntervalIndex } from '../core/interval.ts';
import type { Figure, MonitorState, OpenedInterval } from './monitor.ts';
import type { WithheldReason } from './monitor-combine.ts';
import type { MonitorTarget, RowPart, RowPlan } from './monitor-plan.ts';

export interface Row {
  readonly plan: RowPlan;
  readonly interval: IntervalIndex;
  /** By channel; undefined where it is not published here. */
  readonly energyWh: readonly (number | undefined)[];
  readonly importWh: number | undefined;
  readonly consumptionWh: number | undefined;
  /** Share of the row's meters that the main channel's figure covers, 0 to 1, in coarse steps. */
  readonly coverage: number;
  /** `published` where every figure shown covers all its meters, `withheld` where none is shown. */
  readonly status: 'published' | 'partial' | 'withheld';
  /** Of a withheld row, or of the first withheld cell in a partial one. */
  readonly reason: WithheldReason | undefined;
  /** By channel: why it, or the first cell that its figure lacks, is withheld. */
  readonly reasons: readonly (WithheldReason | undefined)[];
  /** False where some component of the main figure had one answer only. */
  readonly isChecked: boolean;
}

interface PartFigure {
  readonly energyWh: number | undefined;
  /** Nothing of the channel in this row is missing or withheld. */
  readonly isWhole: boolean;
  readonly coverage: number;
  readonly reason: WithheldReason | undefined;
  readonly isChecked: boolean;
}

export function createRows(
  state: Pick<MonitorState, 'network' | 'plan'>,
  opened: Pick<OpenedInterval, 'interval' | 'figures' | 'reach'>,
): Row[] {
  const exportChannel = state.network.channels.findIndex((channel) => channel.name === 'export');
  const productionChannel = state.network.channels.findIndex(
    (channel) => channel.name === 'production',
  );
  return state.plan.rows.map((plan) => {
    const parts = plan.parts.map((part, channel) => {
      const summed = sumPart(state, opened, plan, part);
      // A cell's row stands for exactly its streets: of another channel it shows all of them or nothing.
      const isShown = !plan.isCell || channel === plan.mainChannel || summed.isWhole;
      return isShown ? summed : { ...summed, energyWh: undefined };
    });
    const main = parts[plan.mainChannel] as PartFigure;
    const isReleased = main.energyWh !== undefined;
    const shown = parts.filter((part) => part.energyWh !== undefined);
    const isFull = isReleased && shown.every((part) => part.coverage >= 1);
    return {
      plan,
      interval: opened.interval,
      energyWh: parts.map((part) => part.energyWh),
      importWh: derive(plan, parts, exportChannel),
      consumptionWh:
        plan.unmeteredProducerCount > 0 ? undefined : derive(plan, parts, productionChannel),
      coverage: isReleased ? main.coverage : 0,
      status: shown.length === 0 ? 'withheld' : isFull ? 'published' : 'partial',
      // Without a target, the area lies inside a larger cell or has too few meters for one.
      reason: main.reason ?? (isReleased ? undefined : 'too-few'),
      reasons: parts.map(
        (part) => part.reason ?? (part.energyWh === undefined ? 'too-few' : undefined),
      ),
      isChecked: main.isChecked,
    };
  });
}

function sumPart(
  state: Pick<MonitorState, 'plan'>,
  opened: Pick<OpenedInterval, 'figures' | 'reach'>,
  plan: RowPlan,
  part: RowPart,
): PartFigure {
  let energyWh: number | undefined;
  let covered = 0;
  let isWhole = part.isWhole;
  let isChecked = true;
  let reason: WithheldReason | undefined;
  for (const index of part.targets) {
    const target = state.plan.targets[index] as MonitorTarget;
    const figure = opened.figures[index] as Figure;
    const isCounted = plan.isCell || (opened.reach[target.home] as number) <= plan.depth;
    if (figure.kind === 'withheld' || !isCounted) {
      isWhole = false;
      reason ??= figure.kind === 'withheld' ? figure.reason : 'no-seal';
      continue;
    }
    energyWh = (energyWh ?? 0) + figure.energyWh;
    covered += (figure.coverage / 100) * target.meterCount;
    isChecked &&= figure.isChecked;
    if (figure.leftOut === undefined) continue;
    isWhole = false;
    if (figure.leftOut !== 'unknown') reason ??= figure.leftOut;
  }
  // Rounded down, so that only full coverage reads 1.
  const share =
    part.declaredCount === 0 ? 0 : Math.floor((100 * covered) / part.declaredCount + 1e-9) / 100;
  return { energyWh, isWhole, coverage: share, reason, isChecked };
}

/** Net plus what the other channel says of the same streets. */
function derive(plan: RowPlan, parts: readonly PartFigure[], other: number): number | undefined {
  const net = parts[0];
  if (net?.energyWh === undefined) return undefined;
  if (other < 0 || plan.parts[other]?.declaredCount === 0) return net.energyWh;
  const part = parts[other];
  if (part?.energyWh === undefined || !part.isWhole || !net.isWhole) return undefined;
  return net.energyWh + part.energyWh;
}
