// A network of gateways in a folder, as `init --gateways` writes it, and the steps of joining as the
// commands run them, on a clock of the test's own.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { toHex } from '../../src/core/bytes.ts';
import { createEnrolment, enrolmentRandomBytes, type MeterKeys } from '../../src/core/enrolment.ts';
import { createHpkeKeyPair } from '../../src/core/hpke.ts';
import { type Epoch, SECONDS_PER_EPOCH } from '../../src/core/interval.ts';
import type { NetworkBundle, VerifiedNetwork } from '../../src/core/network-bundle.ts';
import type { Signer } from '../../src/core/signed.ts';
import type { InventoryRow } from '../../src/files/inventory-file.ts';
import { createPlatformSigner } from '../../src/runtime/ed25519.ts';
import { listEnrolments } from '../../src/runtime/enrolment-folder.ts';
import { initGatewayNetwork } from '../../src/runtime/init-gateway-network.ts';
import { type Attested, attestRosters } from '../../src/runtime/joining/attest-rosters.ts';
import { draftDocument } from '../../src/runtime/joining/draft-document.ts';
import {
  readAttestations,
  readDocument,
  readProposal,
  readSignatures,
  writeAttestation,
  writeDocument,
  writeSignature,
} from '../../src/runtime/joining/proposal.ts';
import {
  type PublishedDocument,
  publishDocument,
} from '../../src/runtime/joining/publish-document.ts';
import {
  type RegistrarConfig,
  readRegistrarConfig,
  readRegistrarSigner,
} from '../../src/runtime/joining/registrar-config.ts';
import { type SignedDocument, signDocument } from '../../src/runtime/joining/sign-document.ts';
import {
  type TakeOptions,
  type TakeResult,
  takeRecords,
} from '../../src/runtime/joining/take-records.ts';
import { type ChainLink, lastLink } from '../../src/runtime/network-chain.ts';
import { pinnedChain } from '../../src/runtime/network-pin.ts';
import { readNodeConfig, readNodeKeys } from '../../src/runtime/node-config.ts';
import { testBytes } from './enrolment.ts';
import { verify } from './world.ts';

export const STREET: AreaId = areaId('es/m0/s0');
const TRUSTEES = [0, 1, 2];

/** A gateway's own side: its identity, and records of it. */
export interface JoiningHome {
  readonly gateway: string;
  readonly signer: Signer;
  readonly identity: string;
}

export function homeOf(index: number, label = 'home'): JoiningHome {
  const signer = createPlatformSigner(testBytes(`${label} ${index}`, 32));
  return { gateway: `${label}-${index}`, signer, identity: toHex(signer.publicKey) };
}

export function rowOf(home: JoiningHome, change: Partial<InventoryRow> = {}): InventoryRow {
  return {
    gateway: home.gateway,
    area: STREET,
    channels: ['net'],
    maxWh: 1000,
    connectionPoint: Number(/\d+$/u.exec(home.gateway)?.[0] ?? 0),
    identity: home.identity,
    line: 1,
    ...change,
  };
}

export class JoiningNetwork implements AsyncDisposable {
  readonly root: string;
  readonly directory: string;
  readonly config: RegistrarConfig;
  /** Noon of the day after the founding document's, whenever a test runs: midnight has rules. */
  nowSeconds: number;
  /** Of the last record of each identity. */
  readonly keys: Map<string, MeterKeys> = new Map();
  #steps = 0;

  private constructor(
    root: string,
    directory: string,
    config: RegistrarConfig,
    nowSeconds: number,
  ) {
    this.root = root;
    this.directory = directory;
    this.config = config;
    this.nowSeconds = nowSeconds;
  }

  static async create(streets: readonly AreaId[] = [STREET]): Promise<JoiningNetwork> {
    const root = await mkdtemp(join(tmpdir(), 'streetwatt-joining-'));
    const directory = join(root, 'net');
    await initGatewayNetwork({
      directory,
      inventory: streets.map((area, index) => rowOf(homeOf(index, 'invited'), { area })),
      inventoryFile: 'inventory.csv',
      quorum: { trusteeCount: 3, quorum: 2 },
      minMeters: 5,
      intervalSeconds: 900,
      port: 4222,
      mapPort: 8080,
    });
    const config = await readRegistrarConfig(join(directory, 'registrar', 'registrar.json'));
    const founding = (await lastLink(config, verify)).network.document;
    const nowSeconds = (founding.fromEpoch + 1.5) * SECONDS_PER_EPOCH;
    return new JoiningNetwork(root, directory, config, nowSeconds);
  }

  get today(): Epoch {
    return Math.floor(this.nowSeconds / SECONDS_PER_EPOCH) as Epoch;
  }

  async last(): Promise<VerifiedNetwork> {
    return (await lastLink(this.config, verify)).network;
  }

  /** A record as the home's gateway makes it, in a file. */
  async recordOf(
    home: JoiningHome,
    label = '',
    network?: VerifiedNetwork,
    firstEpoch: Epoch = this.today,
  ): Promise<string> {
    const { document, quorum, areas } = network ?? (await this.last());
    const host = areas.at(areas.indexOf('es/m0') ?? -1)?.aggregator ?? 0;
    const { record, keys } = await createEnrolment(
      {
        networkId: document.networkId,
        firstEpoch,
        quorum,
        recipients: {
          trustees: document.trustees.map((trustee) => trustee.hpkePublicKey),
          aggregator: document.aggregators[host]?.hpkePublicKey as Uint8Array,
        },
        signer: home.signer,
      },
      testBytes(`${home.gateway} ${label}`, enrolmentRandomBytes(quorum)),
    );
    this.keys.set(home.identity, keys);
    return this.write(`${home.gateway}${label}.bin`, record);
  }

  async write(name: string, bytes: Uint8Array): Promise<string> {
    await mkdir(join(this.root, 'records'), { recursive: true });
    const file = join(this.root, 'records', name);
    await writeFile(file, bytes);
    return file;
  }

  read(file: string): Promise<Uint8Array> {
    return readFile(file).then((bytes) => new Uint8Array(bytes));
  }

  newFolder(): string {
    return join(this.root, `next-${this.#steps++}`);
  }

  take(
    homes: readonly (JoiningHome | InventoryRow)[],
    recordFiles: readonly string[],
    change: Partial<TakeOptions> = {},
  ): Promise<TakeResult> {
    return takeRecords({
      config: this.config,
      inventory: homes.map((home) => ('signer' in home ? rowOf(home) : home)),
      recordFiles,
      retire: [],
      folder: this.newFolder(),
      skipRefused: false,
      nowSeconds: this.nowSeconds,
      verify,
      ...change,
    });
  }

  async attest(folder: string, trustee: number): Promise<Attested> {
    const config = await this.#trustee(trustee);
    const { seed, hpkeSeed } = await readNodeKeys(config.keys);
    const attested = await attestRosters({
      chain: await pinnedChain(config, verify),
      proposal: await readProposal(folder),
      folder,
      records: await listEnrolments(config.enrolments as string),
      trustee,
      signer: createPlatformSigner(seed),
      keyPair: await createHpkeKeyPair(hpkeSeed as Uint8Array),
      verify,
    });
    await writeAttestation(folder, trustee, attested.attestation);
    return attested;
  }

  async draft(folder: string): Promise<NetworkBundle> {
    const { bundleBytes } = draftDocument({
      before: await this.last(),
      proposal: await readProposal(folder),
      folder,
      attestations: await readAttestations(folder, TRUSTEES.length),
      signer: await readRegistrarSigner(this.config),
      verify,
    });
    await writeDocument(folder, bundleBytes);
    return readDocument(folder);
  }

  async sign(folder: string, trustee: number, draft?: NetworkBundle): Promise<SignedDocument> {
    const config = await this.#trustee(trustee);
    const signed = signDocument({
      before: ((await pinnedChain(config, verify)).at(-1) as ChainLink).network,
      draft: draft ?? (await readDocument(folder)),
      folder,
      trustee,
      signer: createPlatformSigner((await readNodeKeys(config.keys)).seed),
      nowSeconds: this.nowSeconds,
      verify,
    });
    await writeSignature(folder, trustee, signed.signature);
    return signed;
  }

  async publish(folder: string, draft?: NetworkBundle): Promise<PublishedDocument> {
    return publishDocument({
      config: this.config,
      before: await this.last(),
      draft: draft ?? (await readDocument(folder)),
      signatures: await readSignatures(folder, TRUSTEES.length),
      records: (await readProposal(folder)).records,
      folder,
      nowSeconds: this.nowSeconds,
      verify,
    });
  }

  /** All steps. */
  async join(homes: readonly JoiningHome[], change: Partial<TakeOptions> = {}): Promise<string> {
    const files: string[] = [];
    for (const home of homes) files.push(await this.recordOf(home, `-${this.#steps}`));
    const folder = this.newFolder();
    const taken = await this.take(homes, files, { folder, ...change });
    if (!taken.isWritten) throw new Error(JSON.stringify(taken.refused));
    for (const trustee of TRUSTEES) await this.attest(folder, trustee);
    await this.draft(folder);
    for (const trustee of TRUSTEES.slice(1)) await this.sign(folder, trustee);
    await this.publish(folder);
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  #trustee(index: number) {
    return readNodeConfig(join(this.directory, `trustee-${index}`, 'node.json'));
  }
}
