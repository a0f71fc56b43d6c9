// Who hosts a street, also one that no document has yet: a gateway seals to that aggregator, the
// registrar checks that it did, and the account of the aggregator may publish for what is new.

import { type AreaId, parentArea } from '../../core/area.ts';
import type { VerifiedNetwork } from '../../core/network-bundle.ts';
import { areaNamed } from '../../core/network-tree.ts';

/**
 * Index of the aggregator of its parent, or of what there is above; undefined where the area is no
 * place for meters: it has areas below it, lies below a street, or outside of the tree.
 */
export function aggregatorOfStreet(network: VerifiedNetwork, street: AreaId): number | undefined {
  const known = areaNamed(network, street);
  if (known !== undefined && known.street === undefined) return undefined;
  for (let area = parentArea(street); area !== undefined; area = parentArea(area)) {
    const node = areaNamed(network, area);
    if (node !== undefined) return node.street === undefined ? node.aggregator : undefined;
  }
  return undefined;
}
