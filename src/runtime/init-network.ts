// `streetwatt init`: a small trial network on disk, ready for `up`: simulated households, every
// party's keys, configuration and bus credentials in a folder of its own, nats-server's accounts.
// One process makes all keys here, so whoever runs it has seen them all: fine for a trial, and said
// by the command; a real deployment makes each party's keys at that party.

import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AreaId, areaDepth, areaSubject, parentArea } from '../core/area.ts';
import { toHex } from '../core/bytes.ts';
import { channelSetOf, DEFAULT_CHANNELS } from '../core/channel.ts';
import type { Quorum } from '../core/components.ts';
import { epochAt } from '../core/interval.ts';
import { areaAt } from '../core/network-tree.ts';
import { createHouseholds } from '../sim/neighbourhood.ts';
import { createStreets, PLACE_LEVELS, placeNames, planPilots } from '../sim/places.ts';
import { openMeterStore } from '../store/meter-store.ts';
import { createDeploymentFolder, toJson } from './deployment-folder.ts';
import { createPlatformVerifier } from './ed25519.ts';
import { initParties, initPolicy, subtreeSubjects } from './init-parties.ts';
import { createMeters } from './meter-fleet.ts';
import { createParties } from './parties.ts';
import { provisionNetwork, treeDepth } from './provision.ts';

export interface InitOptions {
  readonly directory: string;
  readonly households: number;
  readonly seed: string;
  readonly quorum: Quorum;
  readonly minMeters: number;
  readonly intervalSeconds: number;
  readonly port: number;
  /** Where its monitor serves the map. */
  readonly mapPort: number;
}

export interface InitSummary {
  readonly meterCount: number;
  readonly cellCount: number;
  /** Configuration files, in the order in which `up` starts them. */
  readonly configs: readonly string[];
}

/** Each region has an aggregator of its own; the nation and the continent share one. */
const REGION_DEPTH = 3;

/** @throws FileError where the folder exists and is not empty, or cannot be written */
export async function initNetwork(options: InitOptions): Promise<InitSummary> {
  const { directory, quorum, intervalSeconds } = options;
  const random = (length: number) => new Uint8Array(randomBytes(length));
  await createDeploymentFolder(directory);
  const households = createHouseholds({
    meters: options.households,
    seed: options.seed,
    meteredRoofShare: 1,
  });
  const regions = [...new Set(households.map((home) => regionOf(home.area)))].sort();
  const parties = await createParties(quorum, random, 1 + regions.length);
  const networkId = `trial-${toHex(random(4))}`;
  const channelNames = DEFAULT_CHANNELS.map((channel) => channel.name);
  const firstEpoch = epochAt(Date.now() / 1000);
  const policy = initPolicy({
    ...{ networkId, quorum, intervalSeconds, minMeters: options.minMeters },
    depth: treeDepth(households),
  });
  const provisioned = await provisionNetwork({
    meters: households.map(({ area, channels, maxWh }) => ({
      area,
      channels: channelSetOf(channels.map((name) => channelNames.indexOf(name))),
      capWh: Math.max(1, Math.floor((maxWh * intervalSeconds) / 900)),
    })),
    policy,
    parties,
    firstEpoch,
    aggregatorOf: (area) =>
      areaDepth(area) < REGION_DEPTH ? 0 : 1 + regions.indexOf(regionOf(area)),
    random,
    verify: createPlatformVerifier(),
  });
  const { network } = provisioned;
  const root = areaAt(network, network.roots[0] as number).id;

  const { folder, map } = await initParties({
    ...{ directory, policy, parties, root, random },
    ...{ bundleBytes: provisioned.bundleBytes, fromEpoch: firstEpoch },
    ...{ port: options.port, mapPort: options.mapPort },
    aggregators: parties.aggregators.map((_, index) => {
      const area = regions[index - 1] ?? root;
      const above = [...network.areas].filter(({ depth }) => depth < REGION_DEPTH);
      return {
        user: `aggregator-${area.replaceAll('/', '-')}`,
        subjects: index === 0 ? above.map(({ id }) => areaSubject(id)) : subtreeSubjects(area),
      };
    }),
    page: {
      names: '../names.json',
      title: 'Streetwatt trial',
      levels: PLACE_LEVELS,
      timeZone: 'Europe/Madrid',
      simulationNote:
        'All homes and readings of this trial are simulated, and its suburbs and streets are invented.',
    },
  });
  for (const [index, record] of provisioned.records.entries()) {
    await writeFile(join(directory, 'enrolments', `${String(index).padStart(4, '0')}.bin`), record);
  }
  const names = placeNames(planPilots(createStreets(options.households, options.seed)));
  await writeFile(join(directory, 'names.json'), toJson(Object.fromEntries(names)));
  await folder.addParty('meters', 'meters', 'meter', [`${areaSubject(root)}.>`]);
  const places = provisioned.meters.map((meter) => [meter.area, meter.slot]);
  await folder.addNode('meters', 'meters', parties.provisioner, {
    households: { seed: options.seed, places },
  });
  await mkdir(join(directory, 'meters', 'data'), { mode: 0o700 });
  using meterStore = openMeterStore(join(directory, 'meters', 'data', 'meters.db'));
  meterStore.addMeters(createMeters(network, provisioned.meters));
  await folder.finish({ port: options.port, map: { ...map, isTrial: true } });
  return {
    meterCount: households.length,
    cellCount: network.cells.length,
    configs: folder.configs,
  };
}

function regionOf(area: AreaId): AreaId {
  let region = area;
  while (areaDepth(region) > REGION_DEPTH) region = parentArea(region) as AreaId;
  return region;
}
