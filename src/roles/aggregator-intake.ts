// Frames in: messages of many streets to the kernel, which checks, verifies, keeps and adds them up
// (core/kernel). What it does not know, an interval that is not open yet, is decided here: opened, or
// refused as everybody would (frame-check.ts).

import { decodeFrame } from '../core/frame.ts';
import type { IntervalIndex } from '../core/interval.ts';
import {
  FRAME_OUTCOMES,
  type Intake,
  type IntakeMessage,
  type MessageTray,
  type TakenMessages,
} from '../core/kernel/kernel.ts';
import { areaAt } from '../core/network-tree.ts';
import { type AggregatorState, openArea, type StreetKeys } from './aggregator.ts';
import { checkFrame } from './frame-check.ts';
import { countRejection } from './rejections.ts';

export interface ReadingMessage {
  /** It names the street. */
  readonly subject: string;
  /** Frames, back to back. */
  readonly data: Uint8Array;
  /** When the stream stored it, so that a replay after a crash decides as the first time did. */
  readonly atSeconds: number;
}

/** What became of bus messages. */
export interface ReadingOutcome {
  readonly accepted: number;
  /** The intervals of streets that every active slot has now reported in, with the street's parent. */
  readonly completed: readonly { readonly area: number; readonly interval: IntervalIndex }[];
}

/** Takes messages of frames, in their order. */
export function handleReadings(
  state: AggregatorState,
  readings: readonly ReadingMessage[],
): ReadingOutcome {
  const messages: IntakeMessage[] = [];
  for (const { subject, data, atSeconds } of readings) {
    const street = state.streetsBySubject.get(subject);
    if (street === undefined) countRejection(state.rejected, 'unknown-area');
    else messages.push({ intakes: street.intakes, data, storedAtSeconds: atSeconds });
  }
  return settle(state, state.kernel.takeMessages(messages));
}

/**
 * Lays a message of frames on the tray, for `takeTray`. False where it has no room for it: it is then
 * laid there after the next `takeTray`, or, where the tray is empty, taken by `handleReadings`.
 */
export function layReading(
  state: AggregatorState,
  tray: MessageTray,
  { subject, data }: Omit<ReadingMessage, 'atSeconds'>,
  atSeconds: number,
): boolean {
  const street = state.streetsBySubject.get(subject);
  if (street !== undefined) return tray.add(street.intakes, data, atSeconds);
  countRejection(state.rejected, 'unknown-area');
  return true;
}

/** Takes the messages on the tray, in their order. */
export function takeTray(state: AggregatorState, tray: MessageTray): ReadingOutcome {
  return settle(state, tray.take());
}

/** Counts, and takes again the frames whose interval had to be opened. */
function settle(state: AggregatorState, taken: TakenMessages): ReadingOutcome {
  const opened = openStrangers(state, taken);
  const again = opened.length === 0 ? undefined : state.kernel.takeMessages(opened);
  const completed: { area: number; interval: IntervalIndex }[] = [];
  let accepted = 0;
  for (const part of again === undefined ? [taken] : [taken, again]) {
    accepted += part.counts[0] as number;
    countRejections(state, part);
    for (const { street, interval } of part.completed)
      completed.push({ area: state.network.areas.parentOf(street) as number, interval });
  }
  state.acceptedCount += accepted;
  return { accepted, completed };
}

/** Opens the areas of frames whose interval is new and may come; the rest is refused and counted. */
function openStrangers(state: AggregatorState, { strangers }: TakenMessages): IntakeMessage[] {
  const opened: IntakeMessage[] = [];
  for (const { intakes, frame, storedAtSeconds } of strangers) {
    const { street } = state.streetsByIntakes.get(intakes) as StreetKeys;
    const attested = state.network.streets[street];
    const body = decodeFrame(frame);
    const fault =
      attested === undefined
        ? 'unknown-slot'
        : checkFrame(state.network, attested, body, storedAtSeconds);
    if (fault !== undefined) {
      countRejection(state.rejected, fault);
      continue;
    }
    openArea(state, state.network.areas.parentOf(street) as number, body.interval);
    opened.push({ intakes, data: frame, storedAtSeconds });
  }
  return opened;
}

function countRejections(state: AggregatorState, { counts }: TakenMessages): void {
  for (const [index, outcome] of FRAME_OUTCOMES.entries()) {
    const count = counts[index] as number;
    if (index > 0 && count > 0) countRejection(state.rejected, outcome, count);
  }
}

/** Every meter of the document's count has reported: the street need not wait. */
function isStreetComplete(state: AggregatorState, intake: Intake): boolean {
  return intake.count >= state.network.areas.meterCountOf(intake.street);
}

/** Whether every street below this area has its whole roster in. */
export function isAreaComplete(
  state: AggregatorState,
  area: number,
  interval: IntervalIndex,
): boolean {
  const open = state.open.get(interval)?.get(area);
  if (open === undefined) return areaAt(state.network, area).streetChildren.length === 0;
  return open.streets.every((intake) => isStreetComplete(state, intake));
}

/** The slots accepted so far, for receipts: a bitmap per street child, in tree order. */
export function acceptedSlots(
  state: AggregatorState,
  area: number,
  interval: IntervalIndex,
): readonly Uint8Array[] {
  const open = state.open.get(interval)?.get(area);
  return open?.streets.map((intake) => intake.contributors()) ?? [];
}
