// The check of one interval: every street added up again from its frames, every cell and area from
// the streets, and the whole compared with what was sealed (corrections 14 and 19).

import { bitIndices, hasBit, isCanonicalBitmap } from '../core/bitmap.ts';
import { equalBytes, toHex } from '../core/bytes.ts';
import { channelIndices } from '../core/channel.ts';
import { ChildPresences, placeOfChild } from '../core/child-presences.ts';
import { frameDigest, framesRoot } from '../core/frames-root.ts';
import { hashManyPlain } from '../core/hash-many.ts';
import { epochOfInterval, type IntervalIndex } from '../core/interval.ts';
import { type AreaNode, areaAt, type Cell, isDissolved } from '../core/network-tree.ts';
import type { Alert, AlertFinding } from '../core/notice.ts';
import { encodeAlert } from '../core/notice.ts';
import { DECISIONS, decideCell } from '../core/presence.ts';
import { childrenRoot, type Seal } from '../core/seal.ts';
import { joinFrameRoots, type StreetSeal } from '../core/seal-streets.ts';
import { signMessage } from '../core/signed.ts';
import {
  type AuditInterval,
  type AuditorState,
  auditInterval,
  type SlotFrames,
  type StreamFrame,
} from './auditor.ts';
import { digestSets, presencesWhereDissolved } from './seal-check.ts';

/** Everything that does not match in this interval. Areas without a seal are no finding. */
export function checkInterval(state: AuditorState, interval: IntervalIndex): Alert[] {
  const record = auditInterval(state, interval);
  const alerts: Alert[] = [];
  const sums = new Map<number, BigUint64Array | undefined>();
  // Children stand behind their parents in the document, so this order is bottom-up.
  for (let index = state.network.areas.length - 1; index >= 0; index--) {
    const seal = record.seals.get(index);
    if (seal === undefined) continue;
    sums.set(index, checkArea(state, record, areaAt(state.network, index), seal, sums, alerts));
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
  seal: Seal,
  areaSums: ReadonlyMap<number, BigUint64Array | undefined>,
  alerts: Alert[],
): BigUint64Array | undefined {
  const { network } = state;
  const { header, digest } = seal;
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
  const { streetChildren, areaChildren } = node;
  const childCount = streetChildren.length + areaChildren.length;
  const presences = new ChildPresences(childCount, channelCount);
  /** By place among the children; of a child that has not sealed there is nothing. */
  const sums: (BigUint64Array | undefined)[] = [];
  if (
    !equalBytes(header.network, network.digest) ||
    seal.streets.length !== streetChildren.length ||
    seal.children.length !== areaChildren.length
  ) {
    report('bad-seal', 'shape');
    return undefined;
  }
  for (const [position, child] of streetChildren.entries()) {
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
    if (found === undefined) {
      report('missing-frame', areaAt(network, child).id);
      return undefined;
    }
    reportLeftOut(state, record, child, sealed, (detail) => report('left-out-frame', detail));
    presences.setStreet(position, street, epoch, sealed.contributors);
    sums.push(sumFrames(found, channelCount));
  }
  for (const [position, child] of areaChildren.entries()) {
    const named = seal.children[position];
    const known = record.seals.get(child);
    if (hasBit(header.includedChildren, position) !== (named !== undefined))
      report('bad-seal', 'included children');
    if (named === undefined) {
      sums.push(undefined);
      continue;
    }
    // A parent answers for adding up what its child published; what that is not, is the child's alert.
    const published = record.totals.get(child);
    const isPublished =
      published !== undefined &&
      known !== undefined &&
      equalBytes(published.header.totalDigest, known.header.totalDigest);
    const childSums = isPublished ? published.totals.area : areaSums.get(child);
    if (known === undefined || !equalBytes(known.digest, named)) {
      report('bad-seal', `seal of ${areaAt(network, child).id}`);
      return undefined;
    }
    if (childSums === undefined) return undefined;
    for (const { channel, ...presence } of known.dissolved)
      presences.set(streetChildren.length + position, channel, presence);
    sums.push(childSums);
  }

  const total = record.totals.get(node.index);
  const hasTotal = total !== undefined && equalBytes(total.header.totalDigest, header.totalDigest);
  const area = new BigUint64Array(channelCount);
  const wrongCells: [number, number][] = [];
  let isWrongDecision = false;
  let isWrongTotal = false;
  for (let channel = 0; channel < channelCount; channel++) {
    for (const [position, index] of (node.homeCells[channel] as readonly number[]).entries()) {
      const cell = network.cells.at(index) as Cell;
      const decision = decideCell(presences.sum(node, cell.members, channel), network.document);
      if (header.decisions[channel]?.[position] !== DECISIONS[decision]) isWrongDecision = true;
      let word = 0n;
      if (decision === 'included') {
        for (const member of cell.members)
          word += sums[placeOfChild(node, member)]?.[channel] ?? 0n;
      }
      word = BigInt.asUintN(64, word);
      area[channel] = (area[channel] as bigint) + word;
      if (hasTotal && total.totals.cells[channel]?.[position] !== word)
        wrongCells.push([channel, cell.index]);
    }
    for (let place = 0; place < childCount; place++) {
      const child = areaChildren[place - streetChildren.length];
      const isSummed =
        isDissolved(node, channel) ||
        (child !== undefined && !isDissolved(areaAt(network, child), channel));
      if (isSummed) area[channel] = (area[channel] as bigint) + (sums[place]?.[channel] ?? 0n);
    }
    if (hasTotal && total.totals.area[channel] !== area[channel]) isWrongTotal = true;
  }
  const { streets, children } = seal;
  const setDigests = digestSets(network, node, header.interval, streets, hashManyPlain);
  const frameRoots = joinFrameRoots(streets);
  const dissolved = presencesWhereDissolved(network, node, presences);
  const root = childrenRoot({ setDigests, frameRoots, children, dissolved });
  if (!equalBytes(root, header.childrenRoot)) report('bad-seal', 'root');
  if (isWrongDecision) report('wrong-decision', '');
  if (wrongCells.length > 0) report('wrong-total', `${wrongCells.length} cells`, wrongCells);
  else if (isWrongTotal) report('wrong-total', 'area');
  return area;
}

/**
 * The frames that were counted: of each contributor the one that the seal names, otherwise the first
 * in the stream. An honest aggregator reads the same stream in the same order and the first valid
 * frame stands, so where it counted a later one it had seen the first, and names what it counted.
 * Undefined where these are not the frames of the sealed root.
 */
function findFrames(
  record: AuditInterval,
  street: number,
  sealed: StreetSeal,
): readonly StreamFrame[] | undefined {
  const named = new Map(sealed.contested.map(({ slot, frameDigest }) => [slot, frameDigest]));
  const slots = record.frames.get(street);
  const found: StreamFrame[] = [];
  for (const slot of bitIndices(sealed.contributors)) {
    const frame = findFrame(slots?.get(slot), named.get(slot));
    if (frame === undefined) return undefined;
    found.push(frame);
  }
  const root = framesRoot(found.map((frame) => frame.bytes));
  return equalBytes(root, sealed.framesRoot) ? found : undefined;
}

function findFrame(
  frames: SlotFrames | undefined,
  named: Uint8Array | undefined,
): StreamFrame | undefined {
  if (frames === undefined || named === undefined) return frames?.first;
  const other = frames.others?.get(toHex(named));
  if (other !== undefined) return other;
  return equalBytes(frameDigest(frames.first.bytes), named) ? frames.first : undefined;
}

/** Slots that have a frame in the stream from before the close, and that the seal does not count. */
function reportLeftOut(
  state: AuditorState,
  record: AuditInterval,
  street: number,
  sealed: StreetSeal,
  report: (detail: string) => void,
): void {
  for (const slot of record.frames.get(street)?.keys() ?? [])
    if (!hasBit(sealed.contributors, slot))
      report(`${areaAt(state.network, street).id} slot ${slot}`);
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
