// What seals' headers say of the totals above and below them: which children an area's total includes,
// and which cells it leaves out (design.md section 5, correction 14). Headers are signed by the areas'
// aggregators and list every decision; nothing needs to be unmasked to read them.

import { hasBit } from '../core/bitmap.ts';
import { type AreaNode, areaAt, isDissolved, type Network } from '../core/network-tree.ts';
import { decisionOf } from '../core/presence.ts';
import type { SealHeader } from '../core/seal.ts';
import type { WithheldReason } from './monitor-combine.ts';

/** The header of an area's seal, by the area's index, where it is here. */
export type HeaderOf = (area: number) => SealHeader | undefined;

/** An area's figure counts above it only as far as each parent's seal includes the child's. */
export function reachOf(network: Network, headerOf: HeaderOf): number[] {
  const reach: number[] = [];
  for (const area of network.areas) {
    const parent = area.parent === undefined ? undefined : areaAt(network, area.parent);
    const header = parent && headerOf(parent.index);
    const position = parent?.areaChildren.indexOf(area.index) ?? -1;
    const isIncluded =
      header !== undefined && position >= 0 && hasBit(header.includedChildren, position);
    reach[area.index] =
      parent !== undefined && isIncluded ? (reach[parent.index] as number) : area.depth;
  }
  return reach;
}

/**
 * Why the first cell that an area's whole total leaves out is left out; undefined where it leaves out
 * none, so that a coverage below 100 % is that of silent homes alone.
 */
export function leftOutOf(
  network: Network,
  headerOf: HeaderOf,
  index: number,
  channel: number,
): WithheldReason | 'unknown' | undefined {
  const area = areaAt(network, index);
  const header = headerOf(index);
  if (header === undefined) return 'unknown';
  for (const position of (area.homeCells[channel] ?? []).keys()) {
    const byte = header.decisions[channel]?.[position];
    const decision = byte === undefined ? undefined : decisionOf(byte);
    if (decision === undefined) return 'mismatch';
    if (decision !== 'included') return decision;
  }
  for (const [position, child] of area.areaChildren.entries()) {
    const node = areaAt(network, child);
    if (isDissolved(node, channel) || !hasCellsBelow(network, node, channel)) continue;
    if (!hasBit(header.includedChildren, position)) return 'no-seal';
    const found = leftOutOf(network, headerOf, child, channel);
    if (found !== undefined) return found;
  }
  return undefined;
}

function hasCellsBelow(network: Network, area: AreaNode, channel: number): boolean {
  return (
    (area.homeCells[channel] ?? []).length > 0 ||
    area.areaChildren.some((child) => hasCellsBelow(network, areaAt(network, child), channel))
  );
}
