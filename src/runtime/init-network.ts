// `streetwatt init`: a small trial network on disk, ready for `up`: simulated households, every
// party's keys, configuration and bus credentials in a folder of its own, nats-server's accounts.
// One process makes all keys here, so whoever runs it has seen them all: fine for a trial, and said
// by the command; a real deployment makes each party's keys at that party.

import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AreaId, areaDepth, areaSubject, MAX_AREA_DEPTH, parentArea } from '../core/area.ts';
import { toHex } from '../core/bytes.ts';
import { type ChannelSet, channelSetOf, DEFAULT_CHANNELS, MAX_CHANNELS } from '../core/channel.ts';
import type { Quorum } from '../core/components.ts';
import { signGrant } from '../core/grant.ts';
import { epochAt } from '../core/interval.ts';
import { areaAt } from '../core/network-tree.ts';
import { OPEN_END_EPOCH } from '../core/roster.ts';
import { createHouseholds } from '../sim/neighbourhood.ts';
import { createStreets, PLACE_LEVELS, placeNames, planPilots } from '../sim/places.ts';
import { openMeterStore } from '../store/meter-store.ts';
import {
  createDeploymentFolder,
  DeploymentFolder,
  ENROLMENTS,
  OPERATOR,
  toJson,
  writeSecret,
} from './deployment-folder.ts';
import { createPlatformVerifier } from './ed25519.ts';
import { createToken } from './map-serve.ts';
import { createMeters } from './meter-fleet.ts';
import { createParties } from './parties.ts';
import { defaultPolicy, provisionNetwork, treeDepth } from './provision.ts';

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
  const provisioned = await provisionNetwork({
    meters: households.map(({ area, channels, maxWh }) => ({
      area,
      channels: channelSetOf(channels.map((name) => channelNames.indexOf(name))),
      capWh: Math.max(1, Math.floor((maxWh * intervalSeconds) / 900)),
    })),
    policy: {
      ...defaultPolicy({
        networkId,
        quorum,
        intervalSeconds,
        minMeters: options.minMeters,
        depth: treeDepth(households),
      }),
      // A short interval closes sooner, or it would close after the next one has ended.
      closeAfterSeconds: Math.min(60, Math.floor(intervalSeconds / 4)),
    },
    parties,
    firstEpoch: epochAt(Date.now() / 1000),
    aggregatorOf: (area) =>
      areaDepth(area) < REGION_DEPTH ? 0 : 1 + regions.indexOf(regionOf(area)),
    random,
    verify: createPlatformVerifier(),
  });
  const { network } = provisioned;
  const root = areaAt(network, network.roots[0] as number).id;

  await writeFile(join(directory, 'network.bundle'), provisioned.bundleBytes);
  await mkdir(join(directory, 'enrolments'));
  for (const [index, record] of provisioned.records.entries()) {
    await writeFile(join(directory, 'enrolments', `${String(index).padStart(4, '0')}.bin`), record);
  }
  const grant = signGrant(
    {
      networkId,
      monitor: parties.monitor.signer.publicKey,
      hpkePublicKey: parties.monitor.keyPair.publicKey,
      area: root,
      deepestDepth: MAX_AREA_DEPTH,
      channels: (2 ** MAX_CHANNELS - 1) as ChannelSet,
      fromEpoch: provisioned.firstEpoch,
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
    const area = index === 0 ? root : (regions[index - 1] as AreaId);
    const user = `aggregator-${area.replaceAll('/', '-')}`;
    const subjects =
      index === 0
        ? network.areas.filter(({ depth }) => depth < REGION_DEPTH).map(({ id }) => areaSubject(id))
        : [areaSubject(area), `${areaSubject(area)}.>`];
    await folder.addParty(user, user, 'aggregator', subjects);
    await folder.addNode(user, 'aggregator', aggregator, {
      enrolments: ENROLMENTS,
    });
  }
  await folder.addParty('auditor', 'auditor', 'auditor');
  await folder.addNode('auditor', 'auditor', parties.auditor);
  await folder.addParty('monitor', 'monitor', 'monitor');
  const http = {
    host: '127.0.0.1',
    port: options.mapPort,
    tokens: 'tokens.json',
    names: '../names.json',
    title: 'Streetwatt trial',
    levels: PLACE_LEVELS,
    timeZone: 'Europe/Madrid',
    simulationNote:
      'All homes and readings of this trial are simulated, and its suburbs and streets are invented.',
  };
  await folder.addNode('monitor', 'monitor', parties.monitor, { grant: '../monitor.grant', http });
  const tokens = { tokens: [{ name: OPERATOR, token: createToken(), mayReadMetrics: true }] };
  await writeSecret(join(directory, 'monitor', 'tokens.json'), toJson(tokens));
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
  await folder.addRegistrar(parties.registrar);
  await folder.finish({
    port: options.port,
    map: {
      url: `http://${http.host}:${http.port}/`,
      tokens: join('monitor', 'tokens.json'),
      isTrial: true,
    },
  });
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
