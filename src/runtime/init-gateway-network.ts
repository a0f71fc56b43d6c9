// `streetwatt init --gateways`: a network for real meters on disk: every party's keys, configuration
// and bus account, the first document, and for each gateway of the inventory a folder to hand to its
// household. No meter is in it yet: gateways make their own keys, and join.
//
// One process makes the keys of the parties here, so whoever runs it has seen those, but none of a
// meter: with them a quorum of trustees' keys is in one place until the folders are handed out.

import { randomBytes } from 'node:crypto';
import { type AreaId, areaSubject, isWithin } from '../core/area.ts';
import { toHex } from '../core/bytes.ts';
import type { Quorum } from '../core/components.ts';
import { type Epoch, epochAt } from '../core/interval.ts';
import { FileError } from '../files/file-error.ts';
import type { InventoryRow } from '../files/inventory-file.ts';
import { createDeploymentFolder } from './deployment-folder.ts';
import { createPlatformVerifier } from './ed25519.ts';
import { aggregatorAreas, foundNetwork } from './found-network.ts';
import { addGatewayFolders } from './gateway-folders.ts';
import { initParties, initPolicy, subtreeSubjects } from './init-parties.ts';
import { createParties } from './parties.ts';
import { treeDepth } from './provision.ts';

export interface InitGatewaysOptions {
  readonly directory: string;
  readonly inventory: readonly InventoryRow[];
  /** For error sentences. */
  readonly inventoryFile: string;
  readonly quorum: Quorum;
  readonly minMeters: number;
  readonly intervalSeconds: number;
  readonly port: number;
  readonly mapPort: number;
}

export interface InitGatewaysSummary {
  readonly networkId: string;
  readonly streetCount: number;
  readonly gatewayCount: number;
  readonly configs: readonly string[];
}

/** @throws FileError where the folder exists and is not empty, or cannot be written */
export async function initGatewayNetwork(
  options: InitGatewaysOptions,
): Promise<InitGatewaysSummary> {
  const { directory, inventory, quorum, intervalSeconds, minMeters } = options;
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const streets = [...new Set(inventory.map(({ area }) => area))].sort();
  const root = rootOf(streets, options.inventoryFile);
  await createDeploymentFolder(directory);
  const regions = aggregatorAreas(streets);
  const parties = await createParties(quorum, random, 1 + regions.length);
  const networkId = `network-${toHex(random(4))}`;
  // Of yesterday, so that meters that join today may do so from today on: there was nobody before.
  const fromEpoch = (epochAt(Date.now() / 1000) - 1) as Epoch;
  const policy = initPolicy({
    ...{ networkId, quorum, intervalSeconds, minMeters, depth: treeDepth(inventory) },
  });
  const { network, bundleBytes } = foundNetwork({
    ...{ policy, parties, streets, fromEpoch },
    aggregatorOf: (area) => 1 + longestAbove(regions, area),
    verify: createPlatformVerifier(),
  });
  const { folder, map } = await initParties({
    ...{ directory, policy, parties, bundleBytes, root, fromEpoch, random },
    ...{ port: options.port, mapPort: options.mapPort },
    aggregators: parties.aggregators.map((_, index) => {
      const hosted = network.areas.inner.filter((area) => area.aggregator === index);
      // The first has nothing to do where the root itself has streets.
      if (hosted.length === 0) return undefined;
      const area = regions[index - 1];
      if (area === undefined)
        return { user: 'aggregator-top', subjects: hosted.map(({ id }) => areaSubject(id)) };
      return { user: aggregatorUser(area, regions), subjects: subtreeSubjects(area) };
    }),
  });
  await addGatewayFolders(folder, inventory, intervalSeconds);
  await folder.finish({ port: options.port, map });
  return {
    networkId,
    streetCount: streets.length,
    gatewayCount: inventory.length,
    configs: folder.configs,
  };
}

/** One monitor opens one tree. */
function rootOf(streets: readonly AreaId[], file: string): AreaId {
  const roots = [...new Set(streets.map((street) => street.split('/')[0] as AreaId))];
  if (roots.length === 1) return roots[0] as AreaId;
  throw new FileError('bad-area', {
    file,
    field: 'area',
    expected: 'streets below one root',
    found: `${roots.length} roots`,
  });
}

/** `es/a-b` and `es/a/b` are two regions. */
function aggregatorUser(region: AreaId, regions: readonly AreaId[]): string {
  const nameOf = (area: AreaId) => area.replaceAll('/', '-');
  const same = regions.filter((other) => nameOf(other) === nameOf(region));
  const suffix = same.length > 1 ? `-${same.indexOf(region)}` : '';
  return `aggregator-${nameOf(region)}${suffix}`;
}

/** Index of the innermost of these that the area lies in; -1 where it is above all of them. */
function longestAbove(areas: readonly AreaId[], area: AreaId): number {
  let best = -1;
  for (const [index, candidate] of areas.entries())
    if (isWithin(area, candidate) && candidate.length > (areas[best]?.length ?? 0)) best = index;
  return best;
}
