// Frames in: parsed, checked and kept, each slot once per interval (design.md sections 4 and 10).
// The cheap checks come first and the tag before anything is kept or compared, so that forged bytes
// can neither take a slot nor pass for an equivocation.

import { parseAreaId } from '../core/area.ts';
import { isSlotActive } from '../core/attested-street.ts';
import { setBit } from '../core/bitmap.ts';
import { equalBytes } from '../core/bytes.ts';
import { channelIndices } from '../core/channel.ts';
import { sha256 } from '../core/digest.ts';
import { decodeFrame, type FrameBody, isFrameTagValid, splitFrames } from '../core/frame.ts';
import { epochOfInterval, type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import { KEY_BYTES } from '../core/mask.ts';
import { areaAt } from '../core/network-tree.ts';
import {
  type AggregatorState,
  openArea,
  type StreetIntake,
  type StreetKeys,
} from './aggregator.ts';
import { keysOfEpoch } from './epoch-keys.ts';
import { countRejection } from './rejections.ts';

/** How far a meter's clock may run ahead. */
export const CLOCK_SKEW_SECONDS = 30;

export type FrameRejection =
  | 'unknown-area'
  | 'bad-version'
  | 'bad-length'
  | 'unknown-slot'
  | 'bad-channels'
  | 'future-interval'
  | 'closed-interval'
  | 'bad-tag'
  | 'duplicate'
  | 'equivocation';

/** What became of one bus message. */
export interface ReadingOutcome {
  readonly accepted: number;
  /** The intervals of streets that every active slot has now reported in, with the street's parent. */
  readonly completed: readonly { readonly area: number; readonly interval: IntervalIndex }[];
}

/**
 * Takes one message of frames. `area` is the street that its subject names; `atSeconds` is when the
 * stream stored it, so that a replay after a crash decides as the first time did.
 */
export function handleReading(
  state: AggregatorState,
  area: string,
  message: Uint8Array,
  atSeconds: number,
): ReadingOutcome {
  const id = parseAreaId(area);
  const street = id === undefined ? undefined : state.network.areaIndex.get(id);
  const keys = street === undefined ? undefined : state.streetKeys.get(street);
  if (street === undefined || keys === undefined) {
    countRejection(state.rejected, 'unknown-area');
    return { accepted: 0, completed: [] };
  }
  const { frames, rejected } = splitFrames(message);
  if (rejected !== undefined) countRejection(state.rejected, rejected);
  let accepted = 0;
  const completed: { area: number; interval: IntervalIndex }[] = [];
  for (const frame of frames) {
    const body = decodeFrame(frame);
    const outcome = handleFrame(state, street, keys, frame, body, atSeconds);
    if (typeof outcome === 'string') {
      countRejection(state.rejected, outcome);
      continue;
    }
    accepted++;
    if (isStreetComplete(state, street, outcome)) {
      completed.push({
        area: areaAt(state.network, street).parent as number,
        interval: body.interval,
      });
    }
  }
  state.acceptedCount += accepted;
  return { accepted, completed };
}

function handleFrame(
  state: AggregatorState,
  street: number,
  keys: StreetKeys,
  frame: Uint8Array,
  body: FrameBody,
  atSeconds: number,
): StreetIntake | FrameRejection {
  const { document, streets } = state.network;
  const attested = streets[street];
  const endSeconds = intervalEndSeconds(body.interval, document.intervalSeconds);
  // Before the slot: an interval decides which epoch's roster and keys are asked.
  if (endSeconds > atSeconds + CLOCK_SKEW_SECONDS) return 'future-interval';
  const epoch = epochOfInterval(body.interval, document.intervalSeconds);
  if (attested === undefined || !isSlotActive(attested, body.slot, epoch)) return 'unknown-slot';
  if (attested.roster.entries[body.slot]?.channels !== body.channels) return 'bad-channels';
  if (endSeconds + document.closeAfterSeconds <= atSeconds) return 'closed-interval';
  const epochKeys = keysOfEpoch(keys.keys, epoch);
  if (epochKeys === undefined) return 'closed-interval';
  const key = epochKeys.subarray(body.slot * KEY_BYTES, (body.slot + 1) * KEY_BYTES);
  // A slot whose key never opened here has the zero key, under which anybody could make tags.
  if (key.every((byte) => byte === 0)) return 'unknown-slot';
  if (!isFrameTagValid(frame, key, keys.context)) return 'bad-tag';

  const parent = areaAt(state.network, areaAt(state.network, street).parent as number);
  const open = openArea(state, parent.index, body.interval);
  const intake = open.streets[parent.streetChildren.indexOf(street)] as StreetIntake;
  const digest = sha256(frame);
  const kept = intake.frameDigests[body.slot];
  if (kept !== undefined) return equalBytes(kept, digest) ? 'duplicate' : 'equivocation';
  if (open.isClosed) return 'closed-interval';
  keepFrame(state, intake, body, digest);
  return intake;
}

function keepFrame(
  state: AggregatorState,
  intake: StreetIntake,
  body: FrameBody,
  digest: Uint8Array,
): void {
  const at = body.slot * state.network.channels.length;
  for (const [position, channel] of channelIndices(body.channels).entries()) {
    intake.words[at + channel] = body.words[position] as bigint;
  }
  intake.frameDigests[body.slot] = digest;
  setBit(intake.contributors, body.slot);
  intake.count++;
}

/** Every meter of the document's count has reported: the street need not wait. */
function isStreetComplete(state: AggregatorState, street: number, intake: StreetIntake): boolean {
  return intake.count >= (areaAt(state.network, street).street?.meterCount ?? 0);
}

/** Whether every street below this area has its whole roster in. */
export function isAreaComplete(
  state: AggregatorState,
  area: number,
  interval: IntervalIndex,
): boolean {
  const open = state.open.get(interval)?.get(area);
  const node = areaAt(state.network, area);
  if (open === undefined) return node.streetChildren.length === 0;
  return node.streetChildren.every((street, position) =>
    isStreetComplete(state, street, open.streets[position] as StreetIntake),
  );
}

/** The slots accepted so far, for receipts: a bitmap per street child, in tree order. */
export function acceptedSlots(
  state: AggregatorState,
  area: number,
  interval: IntervalIndex,
): readonly Uint8Array[] {
  const open = state.open.get(interval)?.get(area);
  return open?.streets.map((intake) => intake.contributors.slice()) ?? [];
}
