// The auditor: anyone with read access to readings, seals and totals (design.md sections 2 and 5,
// corrections 14, 19 and 20). It adds every street again from the readings stream, every cell and
// area from the streets, checks every signature, root and decision, and speaks only when
// something does not match. It needs no secret and learns none: all it adds up is masked.
//
// It cannot check tags, so it cannot tell a frame that the aggregator forged from a meter's: bus
// permissions keep aggregators from publishing readings, and nothing proves it.

import { type AreaId, parseAreaId } from '../core/area.ts';
import { equalBytes, toHex } from '../core/bytes.ts';
import { decodeFrame, type FrameBody, splitFrames } from '../core/frame.ts';
import { frameDigest } from '../core/frames-root.ts';
import { epochOfInterval, type IntervalIndex } from '../core/interval.ts';
import type { VerifiedNetwork } from '../core/network-bundle.ts';
import { areaNamed, indexOfArea } from '../core/network-tree.ts';
import { decodeSeal, type Seal, type SealHeader } from '../core/seal.ts';
import { openSigned, type Signer, type VerifySignature } from '../core/signed.ts';
import { decodeTotal, type Total } from '../core/total.ts';
import { checkFrame } from './frame-check.ts';
import { countRejection, type Rejections } from './rejections.ts';

/** One distinct frame that stands in the stream for a slot. */
export interface StreamFrame {
  readonly body: FrameBody;
  readonly bytes: Uint8Array;
}

/** The distinct frames of one slot. Tags tell them apart, but not to an auditor. */
export interface SlotFrames {
  readonly first: StreamFrame;
  /** By hex digest; only where there are any. */
  others: Map<string, StreamFrame> | undefined;
}

export interface AuditInterval {
  /** By street index, then slot: what stood in the stream while the interval was open. */
  readonly frames: Map<number, Map<number, SlotFrames>>;
  readonly seals: Map<number, Seal>;
  readonly totals: Map<number, Total>;
}

export interface AuditorState {
  readonly network: VerifiedNetwork;
  readonly signer: Signer;
  readonly verify: VerifySignature;
  readonly intervals: Map<IntervalIndex, AuditInterval>;
  readonly rejected: Rejections;
}

export function createAuditor(setup: {
  readonly network: VerifiedNetwork;
  readonly signer: Signer;
  readonly verify: VerifySignature;
}): AuditorState {
  return { ...setup, intervals: new Map(), rejected: new Map() };
}

export function auditInterval(state: AuditorState, interval: IntervalIndex): AuditInterval {
  let record = state.intervals.get(interval);
  if (record === undefined) {
    record = { frames: new Map(), seals: new Map(), totals: new Map() };
    state.intervals.set(interval, record);
  }
  return record;
}

/**
 * Keeps every distinct frame that an aggregator might count: no more than the stream stored of the one
 * or two intervals that are open at a time.
 */
export function observeReading(
  state: AuditorState,
  area: string,
  message: Uint8Array,
  storedAtSeconds: number,
): void {
  const { network } = state;
  const id = parseAreaId(area);
  const index = id === undefined ? undefined : indexOfArea(network, id);
  const street = index === undefined ? undefined : network.streets[index];
  if (index === undefined || street === undefined) {
    countRejection(state.rejected, 'unknown-area');
    return;
  }
  for (const bytes of splitFrames(message).frames) {
    const body = decodeFrame(bytes);
    if (checkFrame(network, street, body, storedAtSeconds) !== undefined) continue;
    const { frames } = auditInterval(state, body.interval);
    const slots = frames.get(index) ?? new Map<number, SlotFrames>();
    frames.set(index, slots);
    const frame = { body, bytes };
    const kept = slots.get(body.slot);
    if (kept === undefined) slots.set(body.slot, { first: frame, others: undefined });
    else if (!equalBytes(kept.first.bytes, bytes)) {
      kept.others ??= new Map();
      kept.others.set(toHex(frameDigest(bytes)), frame);
    }
  }
}

/** Takes the seal that stands on the stream, where one of the area's aggregators signed it. */
export function observeSeal(state: AuditorState, bytes: Uint8Array): IntervalIndex | undefined {
  const seal = decodeSeal(bytes);
  const area = seal && indexOfArea(state.network, seal.header.area);
  if (
    seal === undefined ||
    area === undefined ||
    !isSigned(state, seal.header.area, seal.signedHeader)
  ) {
    countRejection(state.rejected, 'bad-seal');
    return undefined;
  }
  if (isEarlier(state, seal.header)) return undefined;
  const { seals } = auditInterval(state, seal.header.interval);
  if (!seals.has(area)) seals.set(area, seal);
  return seal.header.interval;
}

export function observeTotal(state: AuditorState, bytes: Uint8Array): IntervalIndex | undefined {
  const total = decodeTotal(bytes);
  const area = total && indexOfArea(state.network, total.header.area);
  if (
    total === undefined ||
    area === undefined ||
    !isSigned(state, total.header.area, total.signedHeader)
  ) {
    countRejection(state.rejected, 'bad-total');
    return undefined;
  }
  if (isEarlier(state, total.header)) return undefined;
  const { totals } = auditInterval(state, total.header.interval);
  if (!totals.has(area)) totals.set(area, total);
  return total.header.interval;
}

export function forgetAudits(state: AuditorState, before: IntervalIndex): void {
  for (const interval of state.intervals.keys())
    if (interval < before) state.intervals.delete(interval);
}

/**
 * What was sealed under an earlier document is right or wrong by that one. A network without meters
 * may get its first ones within a day; for the document before, nobody opens anything under this one.
 */
function isEarlier({ network }: AuditorState, header: SealHeader): boolean {
  const { intervalSeconds, fromEpoch, previous } = network.document;
  if (previous !== null && equalBytes(header.network, previous)) return true;
  return epochOfInterval(header.interval, intervalSeconds) < fromEpoch;
}

function isSigned(state: AuditorState, area: AreaId, signedHeader: Uint8Array): boolean {
  const { network } = state;
  const node = areaNamed(network, area);
  const keys = network.document.aggregators[node?.aggregator ?? -1]?.publicKeys ?? [];
  return openSigned('seal', signedHeader, keys, state.verify) !== undefined;
}
