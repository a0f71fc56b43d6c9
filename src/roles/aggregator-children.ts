// Seals and totals of area children in (design.md section 7). Only what one of the child's own
// aggregators has signed counts, and of seals only what trustees take too (seal-check.ts), which is
// known from the seals below them. The first valid one stands; what is invalid is skipped.

import { equalBytes } from '../core/bytes.ts';
import { type IntervalIndex, intervalEndSeconds } from '../core/interval.ts';
import { type AreaNode, areaAt, areaNamed, indexOfArea } from '../core/network-tree.ts';
import { type DissolvedPresence, decodeSeal, type Seal } from '../core/seal.ts';
import { openSigned } from '../core/signed.ts';
import { decodeTotal } from '../core/total.ts';
import {
  type AggregatorState,
  type ChildReport,
  isReported,
  openArea,
  type SealsBelow,
} from './aggregator.ts';
import { countRejection } from './rejections.ts';
import { checkSeal, checkSealHeader, dissolvedPresences, type SealFault } from './seal-check.ts';

export type ChildRejection =
  | 'malformed-child'
  | 'not-a-child'
  | 'bad-child-signature'
  | 'bad-child-root'
  | SealFault;

const CHILD_FAULTS: Partial<Record<SealFault, ChildRejection>> = {
  'bad-seal-signature': 'bad-child-signature',
  'bad-root': 'bad-child-root',
  'malformed-seal': 'malformed-child',
};

/** The hosted area and interval that a child's message was for. */
export interface ChildArrival {
  readonly area: number;
  readonly interval: IntervalIndex;
  /** All children have sealed and reported their totals. */
  readonly isComplete: boolean;
}

/**
 * Takes the seal of any area below a hosted one, if trustees would: a seal that they refuse takes the
 * seals above that count it with it. `storedAtSeconds` is when the stream stored it.
 */
export function handleChildSeal(
  state: AggregatorState,
  bytes: Uint8Array,
  storedAtSeconds: number,
): ChildArrival | ChildRejection {
  const seal = decodeSeal(bytes);
  if (seal === undefined) return reject(state, 'malformed-child');
  const index = indexOfArea(state.network, seal.header.area);
  if (index === undefined || !state.below.has(index)) return 'not-a-child';
  return takeSeal(state, seal, storedAtSeconds);
}

/** `storedAtSeconds` is when the stream stored it. */
export function handleChildTotal(
  state: AggregatorState,
  bytes: Uint8Array,
  storedAtSeconds: number,
): ChildArrival | ChildRejection {
  const total = decodeTotal(bytes);
  if (total === undefined) return reject(state, 'malformed-child');
  const { network } = state;
  const { header } = total;
  const child = areaNamed(network, header.area);
  const isArea = child !== undefined && child.street === undefined;
  // Totals of its own areas and of others' children pass by on the same wildcard.
  if (!isArea || child.parent === undefined || !state.hosted.has(child.parent))
    return 'not-a-child';
  if (!equalBytes(header.network, network.digest)) return reject(state, 'wrong-network');
  // Its own header says how many words it has, and whoever signs that says what they like.
  if (total.totals.area.length !== network.channels.length) return reject(state, 'malformed-child');
  // An interval to come would be kept until it is over, and there are four billion of them.
  if (storedAtSeconds < intervalEndSeconds(header.interval, network.document.intervalSeconds))
    return reject(state, 'early-seal');
  // Its seal has come before and was checked: a signature costs as much as all else of a street's.
  // Nothing is opened for a message that nobody has signed.
  const position = positionOf(state, child, child.parent);
  const known = state.open.get(header.interval)?.get(child.parent)?.children[position]?.seal;
  const isChecked = known !== undefined && equalBytes(known.signedHeader, total.signedHeader);
  const keys = network.document.aggregators[child.aggregator]?.publicKeys ?? [];
  if (!isChecked && openSigned('seal', total.signedHeader, keys, state.verify) === undefined)
    return reject(state, 'bad-child-signature');
  reportOf(state, child, child.parent, header.interval).total ??= total;
  return arrivalOf(state, child.parent, header.interval);
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

function takeSeal(
  state: AggregatorState,
  seal: Seal,
  storedAtSeconds: number,
): ChildArrival | ChildRejection {
  const { network } = state;
  const { interval } = seal.header;
  const node = checkSealHeader(network, seal, state.verify);
  if (typeof node === 'string') return reject(state, CHILD_FAULTS[node] ?? node);
  const { known, waiting } = sealsBelow(state, interval);
  const first = known.get(node.index);
  if (first !== undefined && !equalBytes(first.digest, seal.digest))
    return reject(state, 'conflicting-seal');
  const checked = checkSeal(
    network,
    node,
    seal,
    storedAtSeconds,
    (child) => known.get(child),
    state.kernel.hashMany,
  );
  if (checked === 'missing-child' && !waiting.has(node.index))
    waiting.set(node.index, { seal, storedAtSeconds });
  if (typeof checked === 'string') return reject(state, CHILD_FAULTS[checked] ?? checked);
  // Only the header is signed: what hangs below it counts as far as the header's root binds it.
  if (!isSameDissolved(seal.dissolved, checked.dissolved)) return reject(state, 'bad-child-root');
  const presences = dissolvedPresences(checked.dissolved, network.channels.length);
  known.set(node.index, { digest: seal.digest, presences });
  const parent = node.parent as number;
  const isHosted = state.hosted.has(parent);
  if (isHosted) {
    const report = reportOf(state, node, parent, interval);
    // Its streets are not needed again.
    report.seal ??= {
      signedHeader: seal.signedHeader,
      header: seal.header,
      dissolved: seal.dissolved,
    };
    report.sealDigest ??= seal.digest;
  }
  const arrival = isHosted ? arrivalOf(state, parent, interval) : 'not-a-child';
  const above = waiting.get(parent);
  if (above === undefined) return arrival;
  waiting.delete(parent);
  const later = takeSeal(state, above.seal, above.storedAtSeconds);
  return typeof arrival === 'string' ? later : arrival;
}

function sealsBelow(state: AggregatorState, interval: IntervalIndex): SealsBelow {
  let below = state.sealsBelow.get(interval);
  if (below === undefined) {
    below = { known: new Map(), waiting: new Map() };
    state.sealsBelow.set(interval, below);
  }
  return below;
}

/** The place of a child's messages with its hosted parent. */
function reportOf(
  state: AggregatorState,
  child: AreaNode,
  parent: number,
  interval: IntervalIndex,
): ChildReport {
  const { children } = openArea(state, parent, interval);
  return children[positionOf(state, child, parent)] as ChildReport;
}

function positionOf({ network }: AggregatorState, child: AreaNode, parent: number): number {
  return areaAt(network, parent).areaChildren.indexOf(child.index);
}

function arrivalOf(state: AggregatorState, area: number, interval: IntervalIndex): ChildArrival {
  return { area, interval, isComplete: hasAllChildren(state, area, interval) };
}

function isSameDissolved(
  a: readonly DissolvedPresence[],
  b: readonly DissolvedPresence[],
): boolean {
  return (
    a.length === b.length &&
    a.every((presence, index) => {
      const other = b[index] as DissolvedPresence;
      return (
        presence.channel === other.channel &&
        presence.slotsDeclared === other.slotsDeclared &&
        presence.slotsPresent === other.slotsPresent &&
        presence.pointsPresent === other.pointsPresent &&
        presence.isSealed === other.isSealed
      );
    })
  );
}

function reject(state: AggregatorState, reason: ChildRejection): ChildRejection {
  countRejection(state.rejected, reason);
  return reason;
}
