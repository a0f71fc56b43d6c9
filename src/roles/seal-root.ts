// The Merkle root over what hangs below a seal's header, from the seal and the rosters it speaks of.

import type { VerifiedNetwork } from '../core/network-bundle.ts';
import { areaAt } from '../core/network-tree.ts';
import { childrenRoot, type Seal, setDigest } from '../core/seal.ts';

/** Undefined where the area, or one of the streets, is not in this network. */
export function rootOfSeal(network: VerifiedNetwork, seal: Seal): Uint8Array | undefined {
  const { area, interval, network: digest } = seal.header;
  const node = network.areas[network.areaIndex.get(area) ?? -1];
  if (node === undefined) return undefined;
  const streets: { setDigest: Uint8Array; framesRoot: Uint8Array }[] = [];
  for (const [position, { contributors, framesRoot }] of seal.streets.entries()) {
    const index = node.streetChildren[position];
    const rosterDigest = index === undefined ? undefined : network.streets[index]?.rosterDigest;
    if (index === undefined || rosterDigest === undefined) return undefined;
    const set = { network: digest, area: areaAt(network, index).id, interval, rosterDigest };
    streets.push({ setDigest: setDigest({ ...set, contributors }), framesRoot });
  }
  return childrenRoot(streets, seal.children, seal.dissolved);
}
