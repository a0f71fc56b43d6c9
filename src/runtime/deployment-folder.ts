// The folder of a deployment: every party's keys, configuration and bus account in a folder of its
// own, what `up` starts, and nats-server's accounts. Secrets have mode 0600.

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NatsParty, NatsRole } from '../bus/nats-party.ts';
import { natsAccountsConfig } from '../bus/nats-permissions.ts';
import { toHex } from '../core/bytes.ts';
import { FileError } from '../files/file-error.ts';
import { writeSecret } from '../files/whole-file.ts';
import type { Party, RandomBytes, SealedToParty } from './parties.ts';

/** What `up` reads back. */
export interface Deployment {
  readonly port: number;
  readonly operator: { readonly user: string; readonly passwordFile: string };
  readonly natsAccounts: string;
  readonly configs: readonly string[];
  /** Where the map is, and the file of its tokens. */
  readonly map?: DeploymentMap | undefined;
}

export interface DeploymentMap {
  readonly url: string;
  readonly tokens: string;
  /** All homes are simulated: `up` prints the token. Otherwise it would stand in a log for good. */
  readonly isTrial?: boolean | undefined;
}

export const DEPLOYMENT_FILE = 'deployment.json';
export const ACCOUNTS_FILE = 'nats-accounts.conf';
/** The accounts as data, so that more can join them. Secret. */
export const BUS_PARTIES_FILE = 'bus-parties.json';
export const OPERATOR = 'operator';
/** As a party's configuration names them, from its own folder. */
export const NETWORK = '../network.bundle';
const SUCCESSORS = '../successors';
/** As the registrar's configuration names it: revoked-gateways.ts. */
export const REVOKED = '../revoked.json';
export const ENROLMENTS = '../enrolments';

export interface DeploymentTrust {
  readonly registrar: string;
  readonly trustees: readonly string[];
}

export class DeploymentFolder {
  readonly directory: string;
  readonly trust: DeploymentTrust;
  readonly #busUrl: string;
  readonly #random: RandomBytes;
  readonly #parties: NatsParty[];
  readonly configs: string[] = [];

  constructor(options: {
    readonly directory: string;
    readonly busUrl: string;
    readonly trust: DeploymentTrust;
    readonly random: RandomBytes;
    /** Those that are there already. */
    readonly parties?: readonly NatsParty[];
  }) {
    this.directory = options.directory;
    this.trust = options.trust;
    this.#busUrl = options.busUrl;
    this.#random = options.random;
    this.#parties = [...(options.parties ?? [])];
  }

  /** A user of the bus, and the folder of whoever it is for. */
  async addParty(
    user: string,
    name: string,
    role: NatsRole,
    areaSubjects?: readonly string[],
    folder: string = user,
  ): Promise<void> {
    if (this.#parties.some((party) => party.user === user))
      throw new RangeError(`user: expected each name once, found ${user} again`);
    const password = toHex(this.#random(24));
    this.#parties.push({
      ...{ name, user, password, role },
      ...(areaSubjects === undefined ? {} : { areaSubjects }),
    });
    await mkdir(join(this.directory, folder), { mode: 0o700, recursive: true });
    await writeSecret(join(this.directory, folder, 'bus-password'), password);
  }

  async addNode(
    user: string,
    role: string,
    party: Party | SealedToParty,
    more: Record<string, unknown> = {},
  ): Promise<void> {
    const keys = {
      seed: toHex(party.seed),
      ...('keyPair' in party ? { hpkeSeed: toHex(party.keyPair.seed) } : {}),
    };
    await writeSecret(join(this.directory, user, 'keys.json'), toJson(keys));
    const config = {
      role,
      network: NETWORK,
      successors: SUCCESSORS,
      trust: this.trust,
      keys: 'keys.json',
      bus: this.busOf(user),
      data: 'data',
      ...more,
    };
    const file = join(user, 'node.json');
    await writeFile(join(this.directory, file), toJson(config));
    this.configs.push(file);
  }

  /** Its folder belongs on a machine of its own that is off the network. */
  async addRegistrar({ seed }: Party): Promise<void> {
    await mkdir(join(this.directory, 'registrar'), { mode: 0o700 });
    await writeSecret(
      join(this.directory, 'registrar', 'keys.json'),
      toJson({ seed: toHex(seed) }),
    );
    const config = {
      network: NETWORK,
      successors: SUCCESSORS,
      trust: this.trust,
      keys: 'keys.json',
      enrolments: ENROLMENTS,
      revoked: REVOKED,
    };
    await writeSecret(join(this.directory, 'registrar', 'registrar.json'), toJson(config));
    await mkdir(join(this.directory, 'successors'));
  }

  busOf(user: string): Record<string, string> {
    return { url: this.#busUrl, user, passwordFile: 'bus-password' };
  }

  async finish(more: Pick<Deployment, 'port' | 'map'>): Promise<void> {
    await this.writeAccounts();
    const deployment: Deployment = {
      operator: { user: OPERATOR, passwordFile: join(OPERATOR, 'bus-password') },
      natsAccounts: ACCOUNTS_FILE,
      configs: this.configs,
      ...more,
    };
    await writeFile(join(this.directory, DEPLOYMENT_FILE), toJson(deployment));
  }

  async writeAccounts(): Promise<void> {
    await writeBusAccounts(this.directory, this.#parties);
  }
}

export async function writeBusAccounts(
  directory: string,
  parties: readonly NatsParty[],
): Promise<void> {
  await writeSecret(join(directory, BUS_PARTIES_FILE), toJson(parties));
  await writeSecret(join(directory, ACCOUNTS_FILE), natsAccountsConfig(parties));
}

/** @throws FileError where the folder is there and not empty, or cannot be made */
export async function createDeploymentFolder(directory: string): Promise<void> {
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

export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
