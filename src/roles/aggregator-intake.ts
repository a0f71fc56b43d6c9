// Frames in: parsed, checked and kept, each slot once per interval (design.md sections 4 and 10).
// The cheap checks come first and the tag before anything is kept or compared, so that forged bytes
// can neither take a slot nor pass for an equivocation. All they leave is one bit: that the slot was
// contested, and that its counted frame must be named to auditors, who cannot check tags.

import { parseAreaId } from '../core/area.ts';
import { setBit } from '../core/bitmap.ts';
import { equalBytes } from '../core/bytes.ts';
import { channelIndices } from '../core/channel.ts';
import { sha256 } from '../core/digest.ts';
import { decodeFrame, type FrameBody, isFrameTagValid, splitFrames } from '../core/frame.ts';
import { epochOfInterval, type IntervalIndex } from '../core/interval.ts';
import { KEY_BYTES } from '../core/mask.ts';
import { areaAt } from '../core/network-tree.ts';
import {
  type AggregatorState,
  openArea,
  type StreetIntake,
  type StreetKeys,
} from './aggregator.ts';
import { keysOfEpoch } from './epoch-keys.ts';
import { checkFrame, type FrameFault } from './frame-check.ts';
import { countRejection } from './rejections.ts';

export type FrameRejection =
  | FrameFault
  | 'unknown-area'
  | 'bad-version'
  | 'bad-length'
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
  const attested = state.network.streets[street];
  if (attested === undefined) return 'unknown-slot';
  const fault = checkFrame(state.network, attested, body, atSeconds);
  if (fault !== undefined) return fault;
  const parent = areaAt(state.network, areaAt(state.network, street).parent as number);
  const open = openArea(state, parent.index, body.interval);
  const intake = open.streets[parent.streetChildren.indexOf(street)] as StreetIntake;
  const refused = takeFrame(state, keys, frame, body, intake, open.isClosed);
  if (refused === undefined) return intake;
  // Auditors find this frame as well, and may find it first.
  if (refused !== 'duplicate') setBit(intake.contested, body.slot);
  return refused;
}

function takeFrame(
  state: AggregatorState,
  keys: StreetKeys,
  frame: Uint8Array,
  body: FrameBody,
  intake: StreetIntake,
  isClosed: boolean,
): FrameRejection | undefined {
  const epoch = epochOfInterval(body.interval, state.network.document.intervalSeconds);
  const epochKeys = keysOfEpoch(keys.keys, epoch);
  if (epochKeys === undefined) return 'closed-interval';
  const key = epochKeys.subarray(body.slot * KEY_BYTES, (body.slot + 1) * KEY_BYTES);
  // A slot whose key never opened here has the zero key, under which anybody could make tags.
  if (key.every((byte) => byte === 0)) return 'unknown-slot';
  if (!isFrameTagValid(frame, key, keys.context)) return 'bad-tag';
  const digest = sha256(frame);
  const kept = intake.frameDigests[body.slot];
  if (kept !== undefined) return equalBytes(kept, digest) ? 'duplicate' : 'equivocation';
  if (isClosed) return 'closed-interval';
  keepFrame(state, intake, body, digest);
  return undefined;
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
