// The auditor: anyone with read access to readings, seals and totals (design.md sections 2 and 5,
// corrections 14, 19 and 20). It adds every street again from the readings stream, every cell and
// area from the streets, checks every signature, Merkle root and decision, and speaks only when
// something does not match. It needs no secret and learns none: all it adds up is masked.
//
// It cannot check tags, so it cannot tell a frame that the aggregator forged from a meter's: bus
// permissions keep aggregators from publishing readings, and nothing proves it.

import { type AreaId, parseAreaId } from '../core/area.ts';
import { isSlotActive } from '../core/attested-street.ts';
import { equalBytes } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { decodeFrame, type FrameBody, splitFrames } from '../core/frame.ts';
import { epochOfInterval, type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import type { VerifiedNetwork } from '../core/network-bundle.ts';
import { decodeSeal, type Seal, sealDigest } from '../core/seal.ts';
import { openSigned, type Signer, type VerifySignature } from '../core/signed.ts';
import { decodeTotal, type Total } from '../core/total.ts';
import { countRejection, type Rejections } from './rejections.ts';

/** One distinct frame that stands in the stream for a slot. */
export interface StreamFrame {
  readonly body: FrameBody;
  readonly digest: Uint8Array;
  readonly storedAtSeconds: number;
}

export interface AuditedSeal {
  readonly seal: Seal;
  readonly digest: Uint8Array;
}

export interface AuditInterval {
  /** By street index, then slot: the distinct frames, in stream order. */
  readonly frames: Map<number, Map<number, StreamFrame[]>>;
  readonly seals: Map<number, AuditedSeal>;
  readonly totals: Map<number, Total>;
}

export interface AuditorState {
  readonly network: VerifiedNetwork;
  readonly signer: Signer;
  readonly verify: VerifySignature;
  readonly intervals: Map<IntervalIndex, AuditInterval>;
  readonly rejected: Rejections;
}

/** More distinct frames of one slot are not kept: whoever floods must not fill memory. */
export const MAX_FRAMES_PER_SLOT = 8;

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

export function observeReading(
  state: AuditorState,
  area: string,
  message: Uint8Array,
  storedAtSeconds: number,
): void {
  const { network } = state;
  const id = parseAreaId(area);
  const index = id === undefined ? undefined : network.areaIndex.get(id);
  const street = index === undefined ? undefined : network.streets[index];
  if (index === undefined || street === undefined) {
    countRejection(state.rejected, 'unknown-area');
    return;
  }
  const { intervalSeconds } = network.document;
  for (const frame of splitFrames(message).frames) {
    const body = decodeFrame(frame);
    const entry = street.roster.entries[body.slot];
    const isActive = isSlotActive(
      street,
      body.slot,
      epochOfInterval(body.interval, intervalSeconds),
    );
    // What no aggregator may count is of no interest, and must not fill memory.
    if (!isActive || entry?.channels !== body.channels) continue;
    if (intervalEndSeconds(body.interval, intervalSeconds) > storedAtSeconds + intervalSeconds)
      continue;
    const frames = auditInterval(state, body.interval).frames;
    const slots = frames.get(index) ?? new Map<number, StreamFrame[]>();
    frames.set(index, slots);
    const kept = slots.get(body.slot) ?? [];
    slots.set(body.slot, kept);
    const digest = sha256(frame);
    if (
      kept.length >= MAX_FRAMES_PER_SLOT ||
      kept.some((other) => equalBytes(other.digest, digest))
    )
      continue;
    kept.push({ body, digest, storedAtSeconds });
  }
}

/** Takes the seal that stands on the stream, where one of the area's aggregators signed it. */
export function observeSeal(state: AuditorState, bytes: Uint8Array): IntervalIndex | undefined {
  const seal = decodeSeal(bytes);
  const area = seal && state.network.areaIndex.get(seal.header.area);
  if (
    seal === undefined ||
    area === undefined ||
    !isSigned(state, seal.header.area, seal.signedHeader)
  ) {
    countRejection(state.rejected, 'bad-seal');
    return undefined;
  }
  const { seals } = auditInterval(state, seal.header.interval);
  if (!seals.has(area)) seals.set(area, { seal, digest: sealDigest(seal.header) });
  return seal.header.interval;
}

export function observeTotal(state: AuditorState, bytes: Uint8Array): IntervalIndex | undefined {
  const total = decodeTotal(bytes);
  const area = total && state.network.areaIndex.get(total.header.area);
  if (
    total === undefined ||
    area === undefined ||
    !isSigned(state, total.header.area, total.signedHeader)
  ) {
    countRejection(state.rejected, 'bad-total');
    return undefined;
  }
  const { totals } = auditInterval(state, total.header.interval);
  if (!totals.has(area)) totals.set(area, total);
  return total.header.interval;
}

export function forgetAudits(state: AuditorState, before: IntervalIndex): void {
  for (const interval of state.intervals.keys())
    if (interval < before) state.intervals.delete(interval);
}

function isSigned(state: AuditorState, area: AreaId, signedHeader: Uint8Array): boolean {
  const { network } = state;
  const node = network.areas[network.areaIndex.get(area) ?? -1];
  const keys = network.document.aggregators[node?.aggregator ?? -1]?.publicKeys ?? [];
  return openSigned('seal', signedHeader, keys, state.verify) !== undefined;
}
