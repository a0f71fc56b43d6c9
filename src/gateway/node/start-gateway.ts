// One gateway as it runs: a connection point of the grid, its sources, its stores, its meter's keys,
// its way out, and the page of its household. It measures from the first second on; it sends once a
// network document has its enrolment.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connectNats } from '../../bus/nats-bus.ts';
import { RESTRICTED_API_PREFIX } from '../../bus/nats-permissions.ts';
import type { Bus } from '../../bus/port.ts';
import { toHex } from '../../core/bytes.ts';
import type { VerifiedNetwork } from '../../core/network-bundle.ts';
import type { Signer, VerifySignature } from '../../core/signed.ts';
import { FileError } from '../../files/file-error.ts';
import { createMeter } from '../../roles/meter.ts';
import { type Clock, createSystemClock } from '../../runtime/clock.ts';
import { createPlatformVerifier, rememberVerified } from '../../runtime/ed25519.ts';
import { placeOf } from '../../runtime/meter-fleet.ts';
import { type ChainLink, chainVersion, readNetworkChain } from '../../runtime/network-chain.ts';
import { readSecretText } from '../../runtime/node-config.ts';
import { type MeterStore, openMeterStore } from '../../store/meter-store.ts';
import { type Displayed, startDisplay } from '../display/start-display.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import { type HomeStore, openHomeStore } from '../home-store.ts';
import { registersNeeded } from '../registers/channel-values.ts';
import { countRefused, type SourceHealth, type SupervisedSource } from '../sources/supervise.ts';
import {
  type EnrolledPlace,
  type EnrolmentStore,
  findPlace,
  openEnrolmentStore,
  openIdentity,
  writeRecord,
} from './enrolment.ts';
import { Household } from './household.ts';
import { startSources } from './start-sources.ts';
import { Uplink } from './uplink.ts';

const DAY_SECONDS = 86_400;
const BUNDLE_POLL_MS = 10_000;

export interface GatewayDeps {
  readonly say: (line: string) => void;
  readonly onError: (error: unknown) => void;
  readonly clock?: Clock;
  readonly steadyMs?: () => number;
  readonly bundlePollMs?: number;
  readonly firstPauseMs?: number;
}

export interface RunningGateway extends AsyncDisposable {
  readonly household: Household;
  readonly home: HomeStore;
  readonly sources: readonly SourceHealth[];
  readonly isEnrolled: boolean;
  /** Where the household looks; undefined without a display. */
  readonly displayUrl: string | undefined;
}

/** @throws FileError, StoreError */
export async function startGateway(
  config: GatewayConfig,
  deps: GatewayDeps,
): Promise<RunningGateway> {
  const { say, onError } = deps;
  const clock = deps.clock ?? createSystemClock(onError);
  const steadyMs = deps.steadyMs ?? (() => performance.now());
  const verify = rememberVerified(createPlatformVerifier());
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  await using started = new AsyncDisposableStack();
  const signer = await openIdentity(config.keys);
  const network = await readNetwork(config, verify, say);
  const { intervalSeconds } = network.document;
  const meterStore = started.use(openMeterStore(join(config.data, 'meter.db')));
  const enrolment = started.use(openEnrolmentStore(join(config.data, 'enrolment.db')));
  const home = started.use(openHomeStore(join(config.data, 'household.db')));

  let sources: readonly SupervisedSource[] = [];
  const healthOf = (name: string) => sources.find(({ health }) => health.name === name)?.health;
  let uplink: Uplink | undefined;
  const household = new Household({
    config,
    intervalSeconds,
    store: home,
    clock: { nowMs: () => clock.nowMs(), steadyMs },
    onRefused: (source, reason, detail) => {
      const health = healthOf(source);
      if (health === undefined) return;
      // Without what was refused: the log has no reading in it.
      if (countRefused(health, reason, clock.nowMs(), detail)) say(`${source}: refused: ${reason}`);
    },
    onReadings: () => uplink?.maskDue(),
  });
  // Sources end before what they write into.
  started.defer(() => household.save());
  const record = await offerRecord(config, deps, { network, signer, enrolment, clock });

  const connection = new Connection(config, deps, clock, verify, { meterStore, home, household });
  started.use(connection);
  const tryEnrol = async (known?: VerifiedNetwork): Promise<boolean> => {
    const current = known ?? (await readNetwork(config, verify, say));
    const place = findPlace(current, config.street, signer.publicKey, record);
    if (place === undefined) return false;
    uplink = connection.open(current, place, enrolment);
    return true;
  };
  if (!(await tryEnrol(network))) {
    say('waiting for a network document with this enrolment; measuring meanwhile');
    started.use(watchBundle(config, deps, clock, () => tryEnrol()));
  }
  sources = await startSources({
    sources: config.sources,
    nowMs: () => clock.nowMs(),
    onMeasured: (source, measurement) => household.take(source, measurement),
    say,
    firstPauseMs: deps.firstPauseMs,
  });
  for (const source of sources) started.use(source);
  started.use(pruneDaily(config, home, clock, intervalSeconds));

  let display: Displayed | undefined;
  if (config.display !== undefined) {
    display = started.use(
      await startDisplay({
        display: config.display,
        source: {
          nowMs: () => clock.nowMs(),
          intervalSeconds,
          timeZone: config.timeZone,
          channels: network.document.channels,
          household,
          home,
          sources: () => sources.map(({ health }) => health),
          outward: () => (uplink === undefined ? 'not enrolled yet' : uplink.problem),
        },
        devicesFile: join(config.data, 'paired-devices.json'),
        say,
      }),
    );
    say(`the household’s page is on ${display.url}/`);
  }
  say(`gateway of ${config.street} is running with ${sources.length} sources`);
  const owned = started.move();
  return {
    household,
    home,
    sources: sources.map(({ health }) => health),
    get isEnrolled() {
      return uplink !== undefined;
    },
    displayUrl: display?.url,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Makes the identity and the enrolment record, as the first start does, and nothing else. @throws FileError */
export async function enrolGateway(
  config: GatewayConfig,
  deps: Pick<GatewayDeps, 'say' | 'onError' | 'clock'>,
): Promise<void> {
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const signer = await openIdentity(config.keys);
  const network = await readNetwork(config, createPlatformVerifier(), deps.say);
  const clock = deps.clock ?? createSystemClock(deps.onError);
  using enrolment = openEnrolmentStore(join(config.data, 'enrolment.db'));
  await offerRecord(config, deps, { network, signer, enrolment, clock });
}

async function offerRecord(
  config: GatewayConfig,
  { say }: Pick<GatewayDeps, 'say'>,
  made: { network: VerifiedNetwork; signer: Signer; enrolment: EnrolmentStore; clock: Clock },
): Promise<Uint8Array> {
  const { network, signer, enrolment, clock } = made;
  const record =
    enrolment.record ?? (await enrolment.create(network, config.street, signer, clock.nowMs()));
  await writeRecord(config.enrolment, record);
  say(`identity ${toHex(signer.publicKey)}, to be told to the operator`);
  say(`enrolment record, to be sent to the operator: ${config.enrolment}`);
  return record;
}

/** The way out, from the moment in which there is one. */
class Connection implements AsyncDisposable {
  readonly #config: GatewayConfig;
  readonly #deps: GatewayDeps;
  readonly #clock: Clock;
  readonly #verify: VerifySignature;
  readonly #stores: { meterStore: MeterStore; home: HomeStore; household: Household };
  #uplink: Uplink | undefined;

  constructor(
    config: GatewayConfig,
    deps: GatewayDeps,
    clock: Clock,
    verify: VerifySignature,
    stores: { meterStore: MeterStore; home: HomeStore; household: Household },
  ) {
    this.#config = config;
    this.#deps = deps;
    this.#clock = clock;
    this.#verify = verify;
    this.#stores = stores;
  }

  open(network: VerifiedNetwork, place: EnrolledPlace, enrolment: EnrolmentStore): Uplink {
    const { street, hasAuthenticatedTime, network: file } = this.#config;
    const { meterStore, household } = this.#stores;
    const { channels, capWh } = place.entry;
    checkRegisters(network, place, household, file);
    const meterPlace = placeOf(network, { area: street, slot: place.slot, channels, capWh });
    const keys = enrolment.waitingKeys();
    let state = meterStore.loadMeter(meterPlace);
    if (state === undefined) {
      if (keys === undefined)
        throw new FileError('bad-value', {
          file: meterStore.file,
          expected: `the keys of ${street}, slot ${place.slot}`,
          found: 'none: a meter that lost them is enrolled again, with a new identity',
        });
      state = createMeter(meterPlace, keys);
      meterStore.addMeters([state]);
    }
    // Only now is there a second copy less.
    if (keys !== undefined) enrolment.eraseKeys();
    this.#deps.say(`enrolled in ${street}, slot ${place.slot}`);
    this.#uplink = new Uplink({
      ...this.#stores,
      ...{ network, place, state, hasAuthenticatedTime },
      ...{ clock: this.#clock, verify: this.#verify, onError: this.#deps.onError },
      connect: () => connectBus(this.#config),
    });
    this.#uplink.start();
    return this.#uplink;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#uplink?.[Symbol.asyncDispose]();
  }
}

async function connectBus({ bus: { url, user, passwordFile } }: GatewayConfig): Promise<Bus> {
  const password = passwordFile === undefined ? undefined : await readSecretText(passwordFile);
  return connectNats({
    url,
    name: 'streetwatt gateway',
    createStreams: false,
    ...(user !== undefined && password !== undefined
      ? { credentials: { user, password }, apiPrefix: RESTRICTED_API_PREFIX }
      : {}),
  });
}

/** Every declared channel needs a register that some source feeds. @throws FileError */
function checkRegisters(
  network: VerifiedNetwork,
  { entry }: EnrolledPlace,
  household: Household,
  file: string,
): void {
  const { channels } = network.document;
  const hasExport = household.registers.includes('export');
  const missing = registersNeeded(channels, entry.channels, hasExport).find(
    (register) => !household.registers.includes(register),
  );
  if (missing === undefined) return;
  throw new FileError('bad-value', {
    file,
    expected: `a meter that some source takes "${missing}" from, as its roster entry declares`,
    found: `only ${household.registers.join(', ')}`,
  });
}

/** The newest document of the network. @throws FileError */
async function readNetwork(
  config: GatewayConfig,
  verify: VerifySignature,
  say: (line: string) => void,
): Promise<VerifiedNetwork> {
  const { links, problem } = await readNetworkChain(config, verify);
  if (problem !== undefined) say(`a successor of the network document is not taken: ${problem}`);
  return (links.at(-1) as ChainLink).network;
}

/** Looks again whenever a document's file changes, until one has our slot. */
function watchBundle(
  config: GatewayConfig,
  { bundlePollMs = BUNDLE_POLL_MS, say, onError }: GatewayDeps,
  clock: Clock,
  tryEnrol: () => Promise<boolean>,
): Disposable {
  let cancel: () => void = () => undefined;
  let seen = '';
  let isStopped = false;
  const again = (): void => {
    if (!isStopped) cancel = clock.at(clock.nowMs() + bundlePollMs, look);
  };
  const look = async (): Promise<void> => {
    const version = await chainVersion(config);
    if (version === seen) return again();
    seen = version;
    try {
      if (await tryEnrol()) return;
      say('the network document does not have this enrolment yet');
    } catch (error) {
      // A bundle that is being copied is looked at again when it is whole; other errors end us.
      if (error instanceof FileError && error.file === config.network && error.field === undefined)
        say(error.message);
      else onError(error);
    }
    again();
  };
  again();
  return {
    [Symbol.dispose]: () => {
      isStopped = true;
      cancel();
    },
  };
}

function pruneDaily(
  { keepDays }: GatewayConfig,
  home: HomeStore,
  clock: Clock,
  intervalSeconds: number,
): Disposable {
  let cancel: () => void = () => undefined;
  const prune = (): void => {
    const beforeSeconds = clock.nowMs() / 1000 - keepDays * DAY_SECONDS;
    home.prune(Math.floor(beforeSeconds / intervalSeconds));
    cancel = clock.at(clock.nowMs() + DAY_SECONDS * 1000, prune);
  };
  prune();
  return { [Symbol.dispose]: () => cancel() };
}
