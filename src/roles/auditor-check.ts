// The check of one interval: every street added up again from its frames, every cell and area from
// the streets, and the whole compared with what was sealed (corrections 14 and 19).

import { bitIndices, hasBit, isCanonicalBitmap } from '../core/bitmap.ts';
import { equalBytes } from '../core/bytes.ts';
import { channelIndices } from '../core/channel.ts';
import { epochOfInterval, type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import { type AreaNode, areaAt, type Cell, isDissolved } from '../core/network-tree.ts';
import type { Alert, AlertFinding } from '../core/notice.ts';
import { encodeAlert } from '../core/notice.ts';
import {
  DECISIONS,
  decideCell,
  type Presence,
  streetPresence,
  UNSEALED,
} from '../core/presence.ts';
import {
  childrenRoot,
  type DissolvedPresence,
  framesRoot,
  type StreetSeal,
  setDigest,
} from '../core/seal.ts';
import { signMessage } from '../core/signed.ts';
import {
  type AuditedSeal,
  type AuditInterval,
  type AuditorState,
  auditInterval,
  MAX_FRAMES_PER_SLOT,
  type StreamFrame,
} from './auditor.ts';
import { dissolvedPresences, sumPresence } from './seal-check.ts';

/** Sets of candidate frames that are tried where a slot has several in the stream. */
const MAX_COMBINATIONS = 1024;

/** Everything that does not match in this interval. Areas without a seal are no finding. */
export function checkInterval(state: AuditorState, interval: IntervalIndex): Alert[] {
  const record = auditInterval(state, interval);
  const alerts: Alert[] = [];
  const sums = new Map<number, BigUint64Array | undefined>();
  // Children stand behind their parents in the document, so this order is bottom-up.
  for (let index = state.network.areas.length - 1; index >= 0; index--) {
    const audited = record.seals.get(index);
    if (audited === undefined) continue;
    sums.set(index, checkArea(state, record, areaAt(state.network, index), audited, sums, alerts));
  }
  return alerts.reverse();
}

export function signAlert(state: AuditorState, alert: Alert): Uint8Array {
  return signMessage('alert', encodeAlert(alert), state.signer);
}

/** Checks one seal; the area's true masked words, or undefined where they cannot be known. */
function checkArea(
  state: AuditorState,
  record: AuditInterval,
  node: AreaNode,
  audited: AuditedSeal,
  areaSums: ReadonlyMap<number, BigUint64Array | undefined>,
  alerts: Alert[],
): BigUint64Array | undefined {
  const { network } = state;
  const { seal, digest } = audited;
  const { header } = seal;
  const report = (finding: AlertFinding, detail: string, cells: Alert['cells'] = []) =>
    alerts.push({
      area: node.id,
      interval: header.interval,
      sealDigest: digest,
      finding,
      cells,
      detail,
    });
  const channelCount = network.channels.length;
  const epoch = epochOfInterval(header.interval, network.document.intervalSeconds);
  const presences = new Map<number, readonly Presence[]>();
  const sums = new Map<number, BigUint64Array>();
  const roots: { setDigest: Uint8Array; framesRoot: Uint8Array }[] = [];
  if (
    !equalBytes(header.network, network.digest) ||
    seal.streets.length !== node.streetChildren.length ||
    seal.children.length !== node.areaChildren.length
  ) {
    report('bad-seal', 'shape');
    return undefined;
  }
  for (const [position, child] of node.streetChildren.entries()) {
    const street = network.streets[child];
    const sealed = seal.streets[position] as StreetSeal;
    if (
      street === undefined ||
      !isCanonicalBitmap(sealed.contributors, street.roster.entries.length)
    ) {
      report('bad-seal', `contributors of ${areaAt(network, child).id}`);
      return undefined;
    }
    const found = findFrames(record, child, sealed);
    if (typeof found === 'string') {
      report(found, areaAt(network, child).id);
      return undefined;
    }
    reportLeftOut(state, record, child, sealed, (detail) => report('left-out-frame', detail));
    presences.set(child, streetPresence(street, epoch, sealed.contributors, channelCount));
    sums.set(child, sumFrames(found, channelCount));
    const set = {
      network: network.digest,
      area: areaAt(network, child).id,
      interval: header.interval,
      rosterDigest: street.rosterDigest,
      contributors: sealed.contributors,
    };
    roots.push({ setDigest: setDigest(set), framesRoot: sealed.framesRoot });
  }
  for (const [position, child] of node.areaChildren.entries()) {
    const named = seal.children[position];
    const known = record.seals.get(child);
    if (hasBit(header.includedChildren, position) !== (named !== undefined))
      report('bad-seal', 'included children');
    if (named === undefined) {
      presences.set(
        child,
        network.channels.map(() => UNSEALED),
      );
      continue;
    }
    // A parent answers for adding up what its child published; what that is not, is the child's alert.
    const published = record.totals.get(child);
    const isPublished =
      published !== undefined &&
      known !== undefined &&
      equalBytes(published.header.totalDigest, known.seal.header.totalDigest);
    const childSums = isPublished ? published.totals.area : areaSums.get(child);
    if (known === undefined || !equalBytes(known.digest, named)) {
      report('bad-seal', `seal of ${areaAt(network, child).id}`);
      return undefined;
    }
    if (childSums === undefined) return undefined;
    presences.set(child, dissolvedPresences(known.seal.dissolved, channelCount));
    sums.set(child, childSums);
  }

  const total = record.totals.get(node.index);
  const hasTotal = total !== undefined && equalBytes(total.header.totalDigest, header.totalDigest);
  const area = new BigUint64Array(channelCount);
  const wrongCells: [number, number][] = [];
  const dissolved: DissolvedPresence[] = [];
  let isWrongDecision = false;
  let isWrongTotal = false;
  for (let channel = 0; channel < channelCount; channel++) {
    for (const [position, cell] of (node.homeCells[channel] as readonly Cell[]).entries()) {
      const decision = decideCell(sumPresence(cell.members, presences, channel), network.document);
      if (header.decisions[channel]?.[position] !== DECISIONS[decision]) isWrongDecision = true;
      let word = 0n;
      if (decision === 'included') {
        for (const member of cell.members) word += sums.get(member)?.[channel] ?? 0n;
      }
      word = BigInt.asUintN(64, word);
      area[channel] = (area[channel] as bigint) + word;
      if (hasTotal && total.totals.cells[channel]?.[position] !== word)
        wrongCells.push([channel, cell.index]);
    }
    const all = [...node.streetChildren, ...node.areaChildren];
    if (isDissolved(node, channel))
      dissolved.push({ channel, ...sumPresence(all, presences, channel) });
    const summed = isDissolved(node, channel)
      ? all
      : node.areaChildren.filter((child) => !isDissolved(areaAt(network, child), channel));
    for (const child of summed)
      area[channel] = (area[channel] as bigint) + (sums.get(child)?.[channel] ?? 0n);
    if (hasTotal && total.totals.area[channel] !== area[channel]) isWrongTotal = true;
  }
  if (!equalBytes(childrenRoot(roots, seal.children, dissolved), header.childrenRoot))
    report('bad-seal', 'root');
  if (isWrongDecision) report('wrong-decision', '');
  if (wrongCells.length > 0) report('wrong-total', `${wrongCells.length} cells`, wrongCells);
  else if (isWrongTotal) report('wrong-total', 'area');
  return area;
}

/** The frames that give the sealed root: one per contributor, chosen among what the stream holds. */
function findFrames(
  record: AuditInterval,
  street: number,
  sealed: StreetSeal,
): readonly StreamFrame[] | 'missing-frame' | 'ambiguous-frames' {
  const candidates: StreamFrame[][] = [];
  let combinations = 1;
  let isFlooded = false;
  for (const slot of bitIndices(sealed.contributors)) {
    const frames = record.frames.get(street)?.get(slot);
    if (frames === undefined) return 'missing-frame';
    candidates.push(frames);
    combinations *= frames.length;
    // More stood in the stream than were kept: the counted one may be among the others.
    if (frames.length >= MAX_FRAMES_PER_SLOT) isFlooded = true;
  }
  for (let choice = 0; choice < Math.min(combinations, MAX_COMBINATIONS); choice++) {
    let rest = choice;
    const chosen = candidates.map((frames) => {
      const frame = frames[rest % frames.length] as StreamFrame;
      rest = Math.floor(rest / frames.length);
      return frame;
    });
    if (equalBytes(framesRoot(chosen.map((frame) => frame.digest)), sealed.framesRoot))
      return chosen;
  }
  return isFlooded || combinations > MAX_COMBINATIONS ? 'ambiguous-frames' : 'missing-frame';
}

/** Slots whose frame stood in the stream before the close and that the seal does not count. */
function reportLeftOut(
  state: AuditorState,
  record: AuditInterval,
  street: number,
  sealed: StreetSeal,
  report: (detail: string) => void,
): void {
  const { document } = state.network;
  for (const [slot, frames] of record.frames.get(street) ?? []) {
    if (hasBit(sealed.contributors, slot)) continue;
    const first = frames[0] as StreamFrame;
    const closeSeconds =
      intervalEndSeconds(first.body.interval, document.intervalSeconds) +
      document.closeAfterSeconds;
    if (first.storedAtSeconds < closeSeconds)
      report(`${areaAt(state.network, street).id} slot ${slot}`);
  }
}

function sumFrames(frames: readonly StreamFrame[], channelCount: number): BigUint64Array {
  const sum = new BigUint64Array(channelCount);
  for (const { body } of frames) {
    for (const [position, channel] of channelIndices(body.channels).entries()) {
      sum[channel] = (sum[channel] as bigint) + (body.words[position] as bigint);
    }
  }
  return sum;
}
