// What those who break the rules can make: seals whose parts were changed and signed again, frames
// with other words under a known key, documents signed by whoever cheats.

import type { AreaId } from '../../src/core/area.ts';
import { type IntervalIndex, intervalEndSeconds } from '../../src/core/interval.ts';
import { areaAt } from '../../src/core/network-tree.ts';
import type { Seal, SealHeader } from '../../src/core/seal.ts';
import { childrenRoot, decodeSeal, encodeSeal, encodeSealHeader } from '../../src/core/seal.ts';
import { joinFrameRoots, type StreetSeal } from '../../src/core/seal-streets.ts';
import { setDigests } from '../../src/core/set-digest.ts';
import { type Signer, signMessage } from '../../src/core/signed.ts';
import type { Total } from '../../src/core/total.ts';
import { decodeTotal, encodeTotal, totalDigest } from '../../src/core/total.ts';
import type { AggregatorState } from '../../src/roles/aggregator.ts';
import { createSeal, type SealedArea } from '../../src/roles/aggregator-seal.ts';
import { handleReading } from '../support/handle-reading.ts';
import { createAggregatorOf, indexOf, type Published, type World } from '../support/world.ts';

export interface SealChange {
  readonly header?: Partial<SealHeader>;
  readonly streets?: readonly StreetSeal[];
  readonly children?: Seal['children'];
  readonly dissolved?: Seal['dissolved'];
  /** Whether the root is computed again over what was changed; it is by default. */
  readonly isRooted?: boolean;
}

export function readSeal(bytes: Uint8Array): Seal {
  const seal = decodeSeal(bytes);
  if (seal === undefined) throw new Error('expected a seal');
  return seal;
}

export function readTotal(bytes: Uint8Array): Total {
  const total = decodeTotal(bytes);
  if (total === undefined) throw new Error('expected a total');
  return total;
}

/** The seal and total with some parts changed, consistent again and signed by `signer`. */
export function forgeSeal(
  world: World,
  published: Published,
  signer: Signer,
  change: SealChange,
): Published {
  const seal = { ...readSeal(published.seal) };
  const total = readTotal(published.total);
  const { header, isRooted, ...parts } = change;
  const changed = { ...seal, ...parts };
  const root = isRooted === false ? seal.header.childrenRoot : rootOf(world, seal.header, changed);
  const signedHeader = signMessage(
    'seal',
    encodeSealHeader({ ...seal.header, childrenRoot: root, ...header }),
    signer,
  );
  return {
    seal: encodeSeal({ ...changed, signedHeader }),
    total: encodeTotal({ ...total, signedHeader }),
  };
}

/** Another total under a header that names it: what an aggregator does that lies about its sum. */
export function forgeTotal(
  published: Published,
  signer: Signer,
  change: (words: { area: BigUint64Array; cells: readonly BigUint64Array[] }) => void,
): Published {
  const seal = readSeal(published.seal);
  const { salt, totals } = readTotal(published.total);
  const forged = {
    area: totals.area.slice(),
    cells: totals.cells.map((words) => words.slice()),
  };
  change(forged);
  const header = { ...seal.header, totalDigest: totalDigest(salt, forged) };
  const signedHeader = signMessage('seal', encodeSealHeader(header), signer);
  return {
    seal: encodeSeal({ ...seal, signedHeader }),
    total: encodeTotal({ signedHeader, salt, totals: forged }),
  };
}

function rootOf(
  world: World,
  header: SealHeader,
  seal: Pick<Seal, 'streets' | 'children' | 'dissolved'>,
) {
  const { network } = world;
  const { streets, children, dissolved } = seal;
  const node = areaAt(network, indexOf(network, header.area));
  const sets = streets.map(({ contributors }, position) => {
    const street = node.streetChildren[position] as number;
    const rosterDigest = network.streets[street]?.rosterDigest ?? new Uint8Array(32);
    return { area: areaAt(network, street).id, rosterDigest, contributors };
  });
  return childrenRoot({
    setDigests: setDigests(header, sets),
    frameRoots: joinFrameRoots(streets),
    children,
    dissolved,
  });
}

/** A valid seal and total of exactly these frames: what an aggregator makes that hides the others. */
export function sealOf(
  world: World,
  area: string,
  interval: IntervalIndex,
  messages: readonly (readonly [AreaId, Uint8Array])[],
): SealedArea & { readonly aggregator: AggregatorState } {
  const aggregator = createAggregatorOf(world, 1);
  const atSeconds = intervalEndSeconds(interval, world.policy.intervalSeconds) + 5;
  for (const [street, message] of messages) handleReading(aggregator, street, message, atSeconds);
  return { ...createSeal(aggregator, indexOf(world.network, area), interval), aggregator };
}
