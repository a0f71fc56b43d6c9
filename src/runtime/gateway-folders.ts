// What a household is handed, in a folder for each gateway: a configuration to complete with its
// meters, and the password of an account that may publish readings of its own street and read that
// street's receipts, and nothing else. Later, more of them join a deployment that is there already.

import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { NatsParty } from '../bus/nats-party.ts';
import { type AreaId, areaSubject, parentArea } from '../core/area.ts';
import type { VerifySignature } from '../core/signed.ts';
import { defaultCapWh } from '../files/default-cap.ts';
import { FileError } from '../files/file-error.ts';
import type { InventoryRow } from '../files/inventory-file.ts';
import {
  BUS_PARTIES_FILE,
  DEPLOYMENT_FILE,
  DeploymentFolder,
  toJson,
} from './deployment-folder.ts';
import { readRegistrarConfig } from './joining/registrar-config.ts';
import { aggregatorOfStreet } from './joining/street-host.ts';
import { lastLink } from './network-chain.ts';
import { readJson, readSecretText } from './node-config.ts';
import type { RandomBytes } from './parties.ts';

const partiesSchema: z.ZodType<readonly NatsParty[]> = z.array(
  z.strictObject({
    name: z.string(),
    user: z.string(),
    password: z.string(),
    role: z.enum(['meter', 'aggregator', 'trustee', 'monitor', 'auditor', 'operator']),
    areaSubjects: z.array(z.string()).exactOptional(),
  }),
);
const portSchema = z.object({ port: z.int().min(1).max(65_535) });
const trustSchema = z.object({
  trust: z.object({ registrar: z.string(), trustees: z.array(z.string()) }),
});

const GATEWAYS_FOLDER = 'gateways';

function gatewayUser(gateway: string): string {
  return `gateway-${gateway}`;
}

/** Adds accounts and folders; `writeAccounts` of the folder makes the accounts known. */
export async function addGatewayFolders(
  folder: DeploymentFolder,
  rows: readonly InventoryRow[],
  intervalSeconds: number,
): Promise<void> {
  for (const row of rows) {
    const user = gatewayUser(row.gateway);
    const own = join(GATEWAYS_FOLDER, row.gateway);
    await folder.addParty(user, user, 'meter', [areaSubject(row.area)], own);
    const capWh = row.maxWh ?? defaultCapWh(intervalSeconds);
    const config = {
      network: '../../network.bundle',
      successors: '../../successors',
      trust: folder.trust,
      bus: folder.busOf(user),
      street: row.area,
      keys: 'keys.json',
      enrolment: 'enrolment.bin',
      data: 'data',
      maxPowerW: Math.max(100, Math.floor((capWh * 3600) / intervalSeconds)),
      sources: [],
    };
    await writeFile(join(folder.directory, own, 'gateway.json'), toJson(config));
  }
}

/**
 * Folders and accounts of the gateways of the inventory that have none yet; how many there are.
 * @throws FileError where the folder is none of `init --gateways`, or a street is no place for meters
 */
export async function inviteGateways(options: {
  readonly directory: string;
  readonly inventory: readonly InventoryRow[];
  /** For error sentences. */
  readonly inventoryFile: string;
  readonly random: RandomBytes;
  readonly verify: VerifySignature;
}): Promise<readonly string[]> {
  const { directory, inventory, random, verify } = options;
  const { port } = await readJson(join(directory, DEPLOYMENT_FILE), portSchema);
  const registrar = join(directory, 'registrar', 'registrar.json');
  const { trust } = await readJson(registrar, trustSchema);
  const { network } = await lastLink(await readRegistrarConfig(registrar), verify);
  // For its mode, which is a secret's.
  await readSecretText(join(directory, BUS_PARTIES_FILE));
  const parties = await readJson(join(directory, BUS_PARTIES_FILE), partiesSchema);
  const users = new Set(parties.map(({ user }) => user));
  const added = inventory.filter(({ gateway }) => !users.has(gatewayUser(gateway)));
  for (const { gateway, area, line } of added) {
    // Its account could publish, and no record of it would ever be taken.
    if (aggregatorOfStreet(network, area) === undefined)
      throw new FileError('bad-area', {
        file: options.inventoryFile,
        line,
        field: 'area',
        expected: 'a street of the network, or a new one below its areas',
        found: area,
      });
    const own = join(directory, GATEWAYS_FOLDER, gateway);
    if (await stat(own).catch(() => undefined))
      throw new FileError('not-writable', {
        file: own,
        expected: 'no folder of a gateway that has no account',
        found: 'one',
      });
  }
  const folder = new DeploymentFolder({
    ...{ directory, busUrl: `nats://127.0.0.1:${port}`, trust, random },
    parties: added.reduce(withAreasOf, parties),
  });
  await addGatewayFolders(folder, added, network.document.intervalSeconds);
  if (added.length > 0) await folder.writeAccounts();
  return added.map(({ gateway }) => gateway);
}

/**
 * Areas that are new above a street are hosted by whoever hosts the one above them, and that
 * aggregator's account may publish for them.
 */
function withAreasOf(parties: readonly NatsParty[], { area }: InventoryRow): readonly NatsParty[] {
  let covered = parties;
  const above: AreaId[] = [];
  for (let at = parentArea(area); at !== undefined; at = parentArea(at)) above.unshift(at);
  let host: string | undefined;
  for (const subject of above.map(areaSubject)) {
    const known = covered.find((party) => party.role === 'aggregator' && covers(party, subject));
    if (known !== undefined) host = known.user;
    else
      covered = covered.map((party) =>
        party.user === host
          ? { ...party, areaSubjects: [...(party.areaSubjects ?? []), subject] }
          : party,
      );
  }
  return covered;
}

function covers({ areaSubjects = [] }: NatsParty, subject: string): boolean {
  return areaSubjects.some(
    (own) => own === subject || (own.endsWith('.>') && subject.startsWith(own.slice(0, -1))),
  );
}
