// `streetwatt init`: a small trial network on disk, ready for `up`: simulated households, every
// party's keys, configuration and bus credentials in a folder of its own, nats-server's accounts.
// One process makes all keys here, so whoever runs it has seen them all: fine for a trial, and said
// by the command; a real deployment makes each party's keys at that party.

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NatsParty, NatsRole } from '../bus/nats-party.ts';
import { natsAccountsConfig } from '../bus/nats-permissions.ts';
import { type AreaId, areaDepth, areaSubject, MAX_AREA_DEPTH, parentArea } from '../core/area.ts';
import { toHex } from '../core/bytes.ts';
import { type ChannelSet, channelSetOf, DEFAULT_CHANNELS, MAX_CHANNELS } from '../core/channel.ts';
import type { Quorum } from '../core/components.ts';
import { signGrant } from '../core/grant.ts';
import { epochAt } from '../core/interval.ts';
import { areaAt } from '../core/network-tree.ts';
import { OPEN_END_EPOCH } from '../core/roster.ts';
import { FileError } from '../files/file-error.ts';
import { createHouseholds } from '../sim/neighbourhood.ts';
import { createStreets, PLACE_LEVELS, placeNames, planPilots } from '../sim/places.ts';
import { openMeterStore } from '../store/meter-store.ts';
import { createPlatformVerifier } from './ed25519.ts';
import { createToken } from './map-serve.ts';
import { createMeters } from './meter-fleet.ts';
import { createParties, type Party, type SealedToParty } from './parties.ts';
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

/** What `up` reads back. */
export interface Deployment {
  readonly port: number;
  readonly operator: { readonly user: string; readonly passwordFile: string };
  readonly natsAccounts: string;
  readonly configs: readonly string[];
  /** Where the map is, and the file of its tokens. */
  readonly map?: { readonly url: string; readonly tokens: string } | undefined;
}

export const DEPLOYMENT_FILE = 'deployment.json';
export const OPERATOR = 'operator';
/** Each region has an aggregator of its own; the nation and the continent share one. */
const REGION_DEPTH = 3;

/** @throws FileError where the folder exists and is not empty, or cannot be written */
export async function initNetwork(options: InitOptions): Promise<InitSummary> {
  const { directory, quorum, intervalSeconds } = options;
  const random = (length: number) => new Uint8Array(randomBytes(length));
  await createFolder(directory);
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

  const natsParties: NatsParty[] = [];
  const configs: string[] = [];
  const trust = {
    registrar: toHex(parties.registrar.signer.publicKey),
    trustees: parties.trustees.map((trustee) => toHex(trustee.signer.publicKey)),
  };
  const addParty = async (
    user: string,
    name: string,
    role: NatsRole,
    areaSubjects?: readonly string[],
  ) => {
    const password = toHex(random(24));
    natsParties.push({
      name,
      user,
      password,
      role,
      ...(areaSubjects === undefined ? {} : { areaSubjects }),
    });
    await mkdir(join(directory, user), { mode: 0o700 });
    await writeSecret(join(directory, user, 'bus-password'), password);
  };
  const addNode = async (
    user: string,
    role: string,
    party: Party | SealedToParty,
    more: Record<string, unknown> = {},
  ): Promise<void> => {
    const keys = {
      seed: toHex(party.seed),
      ...('keyPair' in party ? { hpkeSeed: toHex(party.keyPair.seed) } : {}),
    };
    await writeSecret(join(directory, user, 'keys.json'), `${JSON.stringify(keys, null, 2)}\n`);
    const config = {
      role,
      network: '../network.bundle',
      trust,
      keys: 'keys.json',
      bus: { url: `nats://127.0.0.1:${options.port}`, user, passwordFile: 'bus-password' },
      data: 'data',
      ...more,
    };
    const file = join(user, 'node.json');
    await writeFile(join(directory, file), `${JSON.stringify(config, null, 2)}\n`);
    configs.push(file);
  };

  const enrolments = '../enrolments';
  await addParty(OPERATOR, OPERATOR, 'operator');
  for (const [index, trustee] of parties.trustees.entries()) {
    await addParty(`trustee-${index}`, String(index), 'trustee');
    await addNode(`trustee-${index}`, 'trustee', trustee, { index, enrolments });
  }
  for (const [index, aggregator] of parties.aggregators.entries()) {
    const area = index === 0 ? root : (regions[index - 1] as AreaId);
    const user = `aggregator-${area.replaceAll('/', '-')}`;
    const subjects =
      index === 0
        ? network.areas.filter(({ depth }) => depth < REGION_DEPTH).map(({ id }) => areaSubject(id))
        : [areaSubject(area), `${areaSubject(area)}.>`];
    await addParty(user, user, 'aggregator', subjects);
    await addNode(user, 'aggregator', aggregator, { enrolments });
  }
  await addParty('auditor', 'auditor', 'auditor');
  await addNode('auditor', 'auditor', parties.auditor);
  await addParty('monitor', 'monitor', 'monitor');
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
  await addNode('monitor', 'monitor', parties.monitor, { grant: '../monitor.grant', http });
  const tokens = { tokens: [{ name: OPERATOR, token: createToken(), mayReadMetrics: true }] };
  await writeSecret(join(directory, 'monitor', 'tokens.json'), toJson(tokens));
  const names = placeNames(planPilots(createStreets(options.households, options.seed)));
  await writeFile(join(directory, 'names.json'), toJson(Object.fromEntries(names)));
  await addParty('meters', 'meters', 'meter', [`${areaSubject(root)}.>`]);
  const places = provisioned.meters.map((meter) => [meter.area, meter.slot]);
  await addNode('meters', 'meters', parties.provisioner, {
    households: { seed: options.seed, places },
  });
  await mkdir(join(directory, 'meters', 'data'), { mode: 0o700 });
  using meterStore = openMeterStore(join(directory, 'meters', 'data', 'meters.db'));
  meterStore.addMeters(createMeters(network, provisioned.meters));
  await writeSecret(
    join(directory, 'registrar.json'),
    `${JSON.stringify({ seed: toHex(parties.registrar.seed) })}\n`,
  );

  await writeSecret(join(directory, 'nats-accounts.conf'), natsAccountsConfig(natsParties));
  const deployment: Deployment = {
    port: options.port,
    operator: { user: OPERATOR, passwordFile: join(OPERATOR, 'bus-password') },
    natsAccounts: 'nats-accounts.conf',
    configs,
    map: { url: `http://${http.host}:${http.port}/`, tokens: join('monitor', 'tokens.json') },
  };
  await writeFile(join(directory, DEPLOYMENT_FILE), toJson(deployment));
  return { meterCount: households.length, cellCount: network.cells.length, configs };
}

function regionOf(area: AreaId): AreaId {
  let region = area;
  while (areaDepth(region) > REGION_DEPTH) region = parentArea(region) as AreaId;
  return region;
}

async function createFolder(directory: string): Promise<void> {
  const entries = await readdir(directory).catch(() => []);
  if (entries.length > 0)
    throw new FileError('not-writable', {
      file: directory,
      expected: 'a new or empty folder',
      found: `${entries.length} entries`,
    });
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new FileError('not-writable', {
      file: directory,
      expected: 'a folder that can be made',
      found: 'none',
      cause,
    });
  });
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function writeSecret(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
}
