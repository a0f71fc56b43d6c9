// `streetwatt init --gateways`: a network for real meters on disk: every party's keys, configuration
// and bus account, the first document, and for each gateway of the inventory a folder to hand to its
// household. No meter is in it yet: gateways make their own keys, and join.
//
// One process makes the keys of the parties here, so whoever runs it has seen those, but none of a
// meter: with them a quorum of trustees' keys is in one place until the folders are handed out.

import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AreaId, areaSubject, isWithin, MAX_AREA_DEPTH } from '../core/area.ts';
import { toHex } from '../core/bytes.ts';
import { type ChannelSet, MAX_CHANNELS } from '../core/channel.ts';
import type { Quorum } from '../core/components.ts';
import { signGrant } from '../core/grant.ts';
import { type Epoch, epochAt } from '../core/interval.ts';
import { OPEN_END_EPOCH } from '../core/roster.ts';
import { FileError } from '../files/file-error.ts';
import type { InventoryRow } from '../files/inventory-file.ts';
import {
  createDeploymentFolder,
  DeploymentFolder,
  ENROLMENTS,
  OPERATOR,
  toJson,
  writeSecret,
} from './deployment-folder.ts';
import { createPlatformVerifier } from './ed25519.ts';
import { aggregatorAreas, foundNetwork } from './found-network.ts';
import { addGatewayFolders } from './gateway-folders.ts';
import { createToken } from './map-serve.ts';
import { createParties } from './parties.ts';
import { defaultPolicy, treeDepth } from './provision.ts';

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
  const policy = {
    ...defaultPolicy({
      networkId,
      quorum,
      intervalSeconds,
      minMeters,
      depth: treeDepth(inventory),
    }),
    // A short interval closes sooner, or it would close after the next one has ended.
    closeAfterSeconds: Math.min(60, Math.floor(intervalSeconds / 4)),
  };
  const { network, bundleBytes } = foundNetwork({
    ...{ policy, parties, streets, fromEpoch },
    aggregatorOf: (area) => 1 + longestAbove(regions, area),
    verify: createPlatformVerifier(),
  });
  await writeFile(join(directory, 'network.bundle'), bundleBytes);
  await mkdir(join(directory, 'enrolments'));
  const grant = signGrant(
    {
      networkId,
      monitor: parties.monitor.signer.publicKey,
      hpkePublicKey: parties.monitor.keyPair.publicKey,
      area: root,
      deepestDepth: MAX_AREA_DEPTH,
      channels: (2 ** MAX_CHANNELS - 1) as ChannelSet,
      fromEpoch,
      untilEpoch: OPEN_END_EPOCH,
    },
    parties.registrar.signer,
  );
  await writeFile(join(directory, 'monitor.grant'), grant);

  const folder = new DeploymentFolder({
    directory,
    busUrl: `nats://127.0.0.1:${options.port}`,
    trust: {
      registrar: toHex(parties.registrar.signer.publicKey),
      trustees: parties.trustees.map((trustee) => toHex(trustee.signer.publicKey)),
    },
    random,
  });
  await folder.addParty(OPERATOR, OPERATOR, 'operator');
  for (const [index, trustee] of parties.trustees.entries()) {
    await folder.addParty(`trustee-${index}`, String(index), 'trustee');
    await folder.addNode(`trustee-${index}`, 'trustee', trustee, { index, enrolments: ENROLMENTS });
  }
  for (const [index, aggregator] of parties.aggregators.entries()) {
    const hosted = network.areas.filter(
      (area) => area.street === undefined && area.aggregator === index,
    );
    // The first has nothing to do where the root itself has streets.
    if (hosted.length === 0) continue;
    const area = index === 0 ? undefined : (regions[index - 1] as AreaId);
    const user = area === undefined ? 'aggregator-top' : aggregatorUser(area, regions);
    const subjects =
      area === undefined
        ? hosted.map(({ id }) => areaSubject(id))
        : [areaSubject(area), `${areaSubject(area)}.>`];
    await folder.addParty(user, user, 'aggregator', subjects);
    await folder.addNode(user, 'aggregator', aggregator, { enrolments: ENROLMENTS });
  }
  await folder.addParty('auditor', 'auditor', 'auditor');
  await folder.addNode('auditor', 'auditor', parties.auditor);
  await folder.addParty('monitor', 'monitor', 'monitor');
  const http = { host: '127.0.0.1', port: options.mapPort, tokens: 'tokens.json' };
  await folder.addNode('monitor', 'monitor', parties.monitor, { grant: '../monitor.grant', http });
  const tokens = { tokens: [{ name: OPERATOR, token: createToken(), mayReadMetrics: true }] };
  await writeSecret(join(directory, 'monitor', 'tokens.json'), toJson(tokens));
  await folder.addRegistrar(parties.registrar);
  await addGatewayFolders(folder, inventory, intervalSeconds);
  await folder.finish({
    port: options.port,
    map: { url: `http://${http.host}:${http.port}/`, tokens: join('monitor', 'tokens.json') },
  });
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
