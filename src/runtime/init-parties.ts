// What every `init` writes: the bundle, the monitor's grant, and of each party its keys, configuration
// and bus account. What differs (whose meters, which aggregators) is the caller's.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AreaId, areaSubject, MAX_AREA_DEPTH } from '../core/area.ts';
import { toHex } from '../core/bytes.ts';
import { type ChannelSet, MAX_CHANNELS } from '../core/channel.ts';
import { signGrant } from '../core/grant.ts';
import type { Epoch } from '../core/interval.ts';
import type { NetworkPolicy } from '../core/network.ts';
import { OPEN_END_EPOCH } from '../core/roster.ts';
import { writeSecret } from '../files/whole-file.ts';
import { DeploymentFolder, ENROLMENTS, OPERATOR, toJson } from './deployment-folder.ts';
import { createToken } from './map-serve.ts';
import type { Parties, RandomBytes } from './parties.ts';
import { defaultPolicy } from './provision.ts';

const MAP_HOST = '127.0.0.1';

export interface InitParties {
  readonly directory: string;
  readonly policy: NetworkPolicy;
  readonly parties: Parties;
  readonly bundleBytes: Uint8Array;
  /** What the monitor is granted, from `fromEpoch` on. */
  readonly root: AreaId;
  readonly fromEpoch: Epoch;
  /** By aggregator: its user of the bus, and the subjects of what it hosts; undefined where nothing. */
  readonly aggregators: readonly (InitAggregator | undefined)[];
  readonly port: number;
  readonly mapPort: number;
  /** Of the map: what the page says besides. */
  readonly page?: Readonly<Record<string, unknown>>;
  readonly random: RandomBytes;
}

export interface InitAggregator {
  readonly user: string;
  readonly subjects: readonly string[];
}

/** Where the monitor's map will be, and the file of its tokens. */
export interface InitMap {
  readonly url: string;
  readonly tokens: string;
}

export async function initParties(
  options: InitParties,
): Promise<{ readonly folder: DeploymentFolder; readonly map: InitMap }> {
  const { directory, parties } = options;
  await writeFile(join(directory, 'network.bundle'), options.bundleBytes);
  await mkdir(join(directory, 'enrolments'));
  await writeFile(join(directory, 'monitor.grant'), monitorGrant(options));
  const folder = new DeploymentFolder({
    directory,
    busUrl: `nats://127.0.0.1:${options.port}`,
    trust: {
      registrar: toHex(parties.registrar.signer.publicKey),
      trustees: parties.trustees.map((trustee) => toHex(trustee.signer.publicKey)),
    },
    random: options.random,
  });
  await folder.addParty(OPERATOR, OPERATOR, 'operator');
  for (const [index, trustee] of parties.trustees.entries()) {
    await folder.addParty(`trustee-${index}`, String(index), 'trustee');
    await folder.addNode(`trustee-${index}`, 'trustee', trustee, { index, enrolments: ENROLMENTS });
  }
  for (const [index, aggregator] of parties.aggregators.entries()) {
    const own = options.aggregators[index];
    if (own === undefined) continue;
    await folder.addParty(own.user, own.user, 'aggregator', own.subjects);
    await folder.addNode(own.user, 'aggregator', aggregator, { enrolments: ENROLMENTS });
  }
  await folder.addParty('auditor', 'auditor', 'auditor');
  await folder.addNode('auditor', 'auditor', parties.auditor);
  await folder.addParty('monitor', 'monitor', 'monitor');
  const http = { host: MAP_HOST, port: options.mapPort, tokens: 'tokens.json', ...options.page };
  await folder.addNode('monitor', 'monitor', parties.monitor, { grant: '../monitor.grant', http });
  const tokens = { tokens: [{ name: OPERATOR, token: createToken(), mayReadMetrics: true }] };
  await writeSecret(join(directory, 'monitor', 'tokens.json'), toJson(tokens));
  await folder.addRegistrar(parties.registrar);
  const map = {
    url: `http://${MAP_HOST}:${options.mapPort}/`,
    tokens: join('monitor', 'tokens.json'),
  };
  return { folder, map };
}

/** The area and all below it. */
export function subtreeSubjects(area: AreaId): readonly string[] {
  return [areaSubject(area), `${areaSubject(area)}.>`];
}

/** The default policy, but for a short interval: it closes sooner, or it would close after the next one has ended. */
export function initPolicy(options: Parameters<typeof defaultPolicy>[0]): NetworkPolicy {
  const policy = defaultPolicy(options);
  return { ...policy, closeAfterSeconds: Math.min(60, Math.floor(policy.intervalSeconds / 4)) };
}

function monitorGrant({ policy, parties, root, fromEpoch }: InitParties): Uint8Array {
  return signGrant(
    {
      networkId: policy.networkId,
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
}
