// Seals and totals of area children in (design.md section 7). Only what one of the child's own
// aggregators has signed counts, and the first valid one stands: the stream keeps the first of each
// subject, and what is invalid is skipped.

import { equalBytes } from '../core/bytes.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { areaAt } from '../core/network-tree.ts';
import { decodeSeal, type SealHeader, sealDigest } from '../core/seal.ts';
import { openSigned } from '../core/signed.ts';
import { decodeTotal } from '../core/total.ts';
import { type AggregatorState, type ChildReport, isReported, openArea } from './aggregator.ts';
import { countRejection } from './rejections.ts';
import { rootOfSeal } from './seal-root.ts';

export type ChildRejection =
  | 'malformed-child'
  | 'not-a-child'
  | 'wrong-network'
  | 'bad-child-signature'
  | 'bad-child-root';

/** The hosted area and interval that a child's message was for. */
export interface ChildArrival {
  readonly area: number;
  readonly interval: IntervalIndex;
  /** All children have sealed and reported their totals. */
  readonly isComplete: boolean;
}

export function handleChildSeal(
  state: AggregatorState,
  bytes: Uint8Array,
): ChildArrival | ChildRejection {
  const seal = decodeSeal(bytes);
  if (seal === undefined) return reject(state, 'malformed-child');
  const keep = (report: ChildReport) => {
    report.seal ??= seal;
    report.sealDigest ??= sealDigest(seal.header);
  };
  return arrive(state, seal.header, seal.signedHeader, keep, () => {
    // Only the header is signed: what hangs below it counts as far as the header's root binds it.
    const root = rootOfSeal(state.network, seal);
    return root !== undefined && equalBytes(root, seal.header.childrenRoot);
  });
}

export function handleChildTotal(
  state: AggregatorState,
  bytes: Uint8Array,
): ChildArrival | ChildRejection {
  const total = decodeTotal(bytes);
  if (total === undefined) return reject(state, 'malformed-child');
  return arrive(state, total.header, total.signedHeader, (report) => {
    report.total ??= total;
  });
}

/** Whether every area child has reported, so that this area need not wait. */
export function hasAllChildren(
  state: AggregatorState,
  area: number,
  interval: IntervalIndex,
): boolean {
  const open = state.open.get(interval)?.get(area);
  if (open === undefined) return areaAt(state.network, area).areaChildren.length === 0;
  return open.children.every(isReported);
}

function arrive(
  state: AggregatorState,
  header: SealHeader,
  signedHeader: Uint8Array,
  keep: (report: ChildReport) => void,
  isBound: () => boolean = () => true,
): ChildArrival | ChildRejection {
  const { network } = state;
  const child = network.areas[network.areaIndex.get(header.area) ?? -1];
  const isArea = child !== undefined && child.street === undefined;
  const parent = child?.parent;
  // Seals of its own areas and of others' children pass by on the same wildcard.
  if (!isArea || parent === undefined || !state.hosted.has(parent)) return 'not-a-child';
  if (!equalBytes(header.network, network.digest)) return reject(state, 'wrong-network');
  const keys = network.document.aggregators[child.aggregator]?.publicKeys ?? [];
  if (openSigned('seal', signedHeader, keys, state.verify) === undefined)
    return reject(state, 'bad-child-signature');
  if (!isBound()) return reject(state, 'bad-child-root');
  const open = openArea(state, parent, header.interval);
  const position = areaAt(network, parent).areaChildren.indexOf(child.index);
  keep(open.children[position] as ChildReport);
  return {
    area: parent,
    interval: header.interval,
    isComplete: hasAllChildren(state, parent, header.interval),
  };
}

function reject(state: AggregatorState, reason: ChildRejection): ChildRejection {
  countRejection(state.rejected, reason);
  return reason;
}
