// One party of a network as a process of its own, from its configuration: verified network, opened
// enrolments, store, bus, clock, role. Keys are opened from the enrolment records when a
// document first names them, and live in the store's key table from then on, ratcheted day by day.

import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectNats } from '../bus/nats-bus.ts';
import { RESTRICTED_API_PREFIX } from '../bus/nats-permissions.ts';
import type { Bus } from '../bus/port.ts';
import type { AreaId } from '../core/area.ts';
import type { EnrolmentRecipient } from '../core/enrolment-seal.ts';
import { openGrant } from '../core/grant.ts';
import { createHpkeKeyPair, type HpkeKeyPair } from '../core/hpke.ts';
import { epochAt, intervalStartSeconds } from '../core/interval.ts';
import type { Kernel } from '../core/kernel/kernel.ts';
import { areaAt } from '../core/network-tree.ts';
import { FileError } from '../files/file-error.ts';
import { createAggregator, eraseAggregatorKeys } from '../roles/aggregator.ts';
import { createAuditor } from '../roles/auditor.ts';
import { createMonitor } from '../roles/monitor.ts';
import { createTrustee, eraseTrusteeKeys } from '../roles/trustee.ts';
import { openAggregatorStore } from '../store/aggregator-store.ts';
import type { KeyTable, StreetKeyRecord } from '../store/key-table.ts';
import { openMonitorStore } from '../store/monitor-store.ts';
import { openTrusteeStore } from '../store/trustee-store.ts';
import { AggregatorNode } from './aggregator-node.ts';
import { AuditorNode } from './auditor-node.ts';
import { type Clock, createSystemClock } from './clock.ts';
import { createPlatformSigner, createPlatformVerifier, rememberVerified } from './ed25519.ts';
import { followNetwork } from './follow-network.ts';
import { hostedAreas } from './hosted-areas.ts';
import { formatIntakeStatus } from './intake-status.ts';
import { loadKernel } from './kernel.ts';
import { startMonitorHttp } from './monitor-http.ts';
import { MonitorNode } from './monitor-node.ts';
import { type NodeConfig, readNodeKeys, readSecretText } from './node-config.ts';
import type { NodeContext } from './node-context.ts';
import { openKeys } from './open-keys.ts';
import { startTrialMeters } from './trial-meters.ts';
import { TrusteeNode } from './trustee-node.ts';

export interface NodeDeps {
  readonly clock?: Clock;
  readonly connect?: (config: NodeConfig) => Promise<Bus>;
}

/**
 * Starts the node; disposing what comes back drains and stops it. It follows its network's documents
 * while it runs. @throws FileError, BusError, StoreError
 */
export async function startNode(
  config: NodeConfig,
  say: (line: string) => void,
  onError: (error: unknown) => void,
  deps: NodeDeps = {},
): Promise<AsyncDisposable> {
  const verify = rememberVerified(createPlatformVerifier());
  const keys = await readNodeKeys(config.keys);
  const keyPair = keys.hpkeSeed && (await createHpkeKeyPair(keys.hpkeSeed));
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  await using started = new AsyncDisposableStack();
  let bus: Bus | undefined;
  const signer = createPlatformSigner(keys.seed);
  const clock = deps.clock ?? createSystemClock(onError);
  started.use(
    await followNetwork({
      files: config,
      ...{ data: config.data, clock, verify, say, onError },
      start: async ({ network, bundle }) => {
        const nowEpoch = epochAt(clock.nowMs() / 1000);
        // Behind the network: who is given a wrong one should hear of that alone.
        bus ??= started.use(await (deps.connect ?? connectNode)(config));
        const role = await STARTS[config.role]({
          ...{ config, network, bundle, signer, keyPair, verify, bus, clock, nowEpoch },
          ...{ say, onError },
        });
        const { networkId, version } = network.document;
        say(`${config.role} is running on ${networkId}, version ${version}`);
        return role;
      },
    }),
  );
  return started.move();
}

async function connectNode(config: NodeConfig): Promise<Bus> {
  const { url, user, passwordFile } = config.bus;
  const password = passwordFile === undefined ? undefined : await readSecretText(passwordFile);
  return connectNats({
    url,
    name: `streetwatt ${config.role}`,
    createStreams: false,
    ...(user !== undefined && password !== undefined
      ? { credentials: { user, password }, apiPrefix: RESTRICTED_API_PREFIX }
      : {}),
  });
}

const STARTS: Readonly<
  Record<NodeConfig['role'], (context: NodeContext) => Promise<AsyncDisposable>>
> = {
  aggregator: startAggregator,
  trustee: startTrustee,
  monitor: startMonitor,
  auditor: startAuditor,
  meters: startTrialMeters,
};

async function startAggregator(context: NodeContext): Promise<AsyncDisposable> {
  const { config, network, signer, verify, bus, clock, say, onError } = context;
  const keyPair = needed(config, context.keyPair, 'hpkeSeed in its key file');
  await using started = new AsyncDisposableStack();
  const store = started.use(openAggregatorStore(join(config.data, 'aggregator.db')));
  const areas = areasOf(context);
  const parents = new Set(areas);
  const streets = network.areas.inner
    .filter(({ id }) => parents.has(id))
    .flatMap(({ streetChildren }) => streetChildren.map((street) => network.areas.idOf(street)));
  const keys = await keysOf(context, store.keys, { kind: 'aggregator' }, keyPair, new Set(streets));
  const epoch = keys[0]?.epoch ?? context.nowEpoch;
  const byStreet = new Map(keys.map((record) => [record.street, record]));
  const state = createAggregator({
    network,
    kernel: await kernelOf(context),
    signer,
    verify,
    keyPair,
    areas,
    epoch,
    keysOf: (street) => byStreet.get(street)?.keys,
  });
  // The process may go on, under the next document, with keys of later days.
  started.defer(() => eraseAggregatorKeys(state));
  for (const [street, { keys: held }] of state.streetKeys)
    held.previous = byStreet.get(areaAt(network, street).id)?.previous;
  const node = started.use(
    new AggregatorNode({
      ...{ state, bus, clock, store, onError },
      onIntake: (interval, status) => say(`interval ${interval}: ${formatIntakeStatus(status)}`),
    }),
  );
  await node.start();
  say(`hosts ${state.hosted.size} areas and the meters of ${streets.length} streets`);
  return started.move();
}

async function startTrustee(context: NodeContext): Promise<AsyncDisposable> {
  const { config, network, signer, verify, bus, clock, say, onError } = context;
  const keyPair = needed(config, context.keyPair, 'hpkeSeed in its key file');
  const index = needed(config, config.index, 'index');
  await using started = new AsyncDisposableStack();
  const store = started.use(openTrusteeStore(join(config.data, 'trustee.db')));
  const keys = await keysOf(context, store.keys, { kind: 'trustee', index }, keyPair);
  const byStreet = new Map(keys.map((record) => [record.street, record]));
  const epoch = keys[0]?.epoch ?? context.nowEpoch;
  const state = createTrustee({
    network,
    kernel: await kernelOf(context),
    index,
    signer,
    verify,
    epoch,
    keysOf: (street) => byStreet.get(street)?.keys,
  });
  started.defer(() => eraseTrusteeKeys(state));
  for (const [street, held] of state.keys)
    held.previous = byStreet.get(areaAt(network, street).id)?.previous;
  const node = started.use(
    new TrusteeNode({
      state,
      bus,
      clock,
      store,
      random,
      onError,
      onConflict: ({ trustee, bindings }) =>
        say(
          `ALERT: trustee ${trustee} is bound to another set in ${bindings.length} places: somebody cheats`,
        ),
    }),
  );
  await node.start();
  say(`trustee ${index} holds components ${state.held.join(', ')} of ${state.keys.size} streets`);
  return started.move();
}

function areasOf({ config, network, signer }: NodeContext): readonly AreaId[] {
  try {
    return hostedAreas(network, signer.publicKey, config);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new FileError('bad-value', {
      file: config.network,
      expected: 'the areas that the node’s configuration names, given to its key',
      found: cause.message,
      cause,
    });
  }
}

async function kernelOf({ say }: NodeContext): Promise<Kernel> {
  const { kernel, notice } = await loadKernel();
  if (notice !== undefined) say(notice);
  return kernel;
}

async function startMonitor(context: NodeContext): Promise<AsyncDisposable> {
  const { config, network, signer, verify, bus, clock, say, onError } = context;
  const keyPair = needed(config, context.keyPair, 'hpkeSeed in its key file');
  const signedGrant = new Uint8Array(await readFile(needed(config, config.grant, 'grant')));
  const { networkId, registrar, intervalSeconds, channels } = network.document;
  const grant = openGrant(signedGrant, networkId, [registrar], verify);
  if (grant === undefined)
    throw badFile(config.grant ?? '', 'a grant that this network’s registrar signed');
  await using started = new AsyncDisposableStack();
  const store = started.use(openMonitorStore(join(config.data, 'monitor.db')));
  const { liveDepth } = config;
  const state = createMonitor({
    network,
    grant,
    signedGrant,
    signer,
    verify,
    ...(liveDepth === undefined ? {} : { scope: { ...grant, deepestDepth: liveDepth } }),
  });
  let node: MonitorNode | undefined;
  const http =
    config.http &&
    started.use(
      await startMonitorHttp({
        http: config.http,
        context,
        grant: { name: 'monitor', grant, signedGrant, signer, keyPair },
        store,
        random,
        node: () => node,
      }),
    );
  node = started.use(
    new MonitorNode({
      state,
      keyPair,
      bus,
      clock,
      random,
      onError,
      onLateAlert: (interval, storedAtMs) => http?.map.withdraw(interval, storedAtMs),
      onInterval: (result) => {
        const { opened, rows, trustees } = result;
        if (http === undefined) store.saveRows(opened.interval, rows, channels);
        else http.take(result);
        const start = new Date(
          intervalStartSeconds(opened.interval, intervalSeconds) * 1000,
        ).toISOString();
        const answered = trustees.filter((outcome) => outcome === 'answered').length;
        const released = opened.figures.filter((figure) => figure.kind === 'released').length;
        const root = rows[0];
        const net = root?.energyWh[0];
        const total = net === undefined ? `withheld (${root?.reason})` : `net ${net} Wh`;
        say(
          `${start} ${root?.plan.name}: ${total}, coverage ${root?.coverage}; ${released} of ${opened.figures.length} cells; ${answered} of ${trustees.length} trustees`,
        );
      },
    }),
  );
  await node.start();
  say(`opens ${state.plan.targets.length} cells for ${state.plan.rows.length} areas and cells`);
  if (http !== undefined) say(`serves its map on ${http.url}/`);
  return started.move();
}

async function startAuditor({
  network,
  signer,
  verify,
  bus,
  clock,
  say,
  onError,
}: NodeContext): Promise<AsyncDisposable> {
  const node = new AuditorNode({
    state: createAuditor({ network, signer, verify }),
    bus,
    clock,
    onError,
    onReport: ({ interval, sealCount, alerts }) => {
      say(`interval ${interval}: ${sealCount} seals checked, ${alerts.length} findings`);
      for (const { area, finding, detail } of alerts) say(`ALERT: ${area}: ${finding} ${detail}`);
    },
  });
  await node.start();
  return node;
}

function keysOf(
  { config, network, bundle, verify, nowEpoch }: NodeContext,
  table: KeyTable,
  recipient: EnrolmentRecipient,
  keyPair: HpkeKeyPair,
  streets?: ReadonlySet<AreaId>,
): Promise<readonly StreetKeyRecord[]> {
  const enrolments = needed(config, config.enrolments, 'enrolments');
  return openKeys({
    ...{ network, bundle, table, recipient, keyPair, enrolments, streets, nowEpoch, verify },
  });
}

function needed<T>(config: NodeConfig, value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw badFile(config.keys, `${what} for a node of role ${config.role}`);
}

function badFile(file: string, expected: string): FileError {
  return new FileError('bad-value', { file, expected, found: 'none' });
}

function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
