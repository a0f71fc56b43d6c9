// What a household is handed, in a folder for each gateway: a configuration to complete with its
// meters, and the password of an account that may publish readings of its own street and read that
// street's receipts, and nothing else. Later, more of them join a deployment that is there already.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { NatsParty } from '../bus/nats-party.ts';
import { type AreaId, areaSubject, parentArea } from '../core/area.ts';
import { utf8 } from '../core/bytes.ts';
import type { VerifySignature } from '../core/signed.ts';
import { defaultCapWh } from '../files/default-cap.ts';
import { excerpt } from '../files/excerpt.ts';
import { FileError } from '../files/file-error.ts';
import type { InventoryRow } from '../files/inventory-file.ts';
import { writeWhole } from '../files/whole-file.ts';
import { lockAccounts, readBusParties } from './bus-accounts.ts';
import {
  DEPLOYMENT_FILE,
  DeploymentFolder,
  toJson,
  writeBusAccounts,
} from './deployment-folder.ts';
import { readRegistrarConfig } from './joining/registrar-config.ts';
import { aggregatorOfStreet } from './joining/street-host.ts';
import { lastLink } from './network-chain.ts';
import { readJson } from './node-config.ts';
import type { RandomBytes } from './parties.ts';
import {
  isOf,
  type RevokedGateway,
  readRevoked,
  without,
  writeRevoked,
} from './revoked-gateways.ts';

const portSchema = z.object({ port: z.int().min(1).max(65_535) });
const trustSchema = z.object({
  trust: z.object({ registrar: z.string(), trustees: z.array(z.string()) }),
});

const GATEWAYS_FOLDER = 'gateways';

export function gatewayUser(gateway: string): string {
  return `gateway-${gateway}`;
}

/** Also of those that a `revoke` which ended half-way has only listed. */
export function withoutRevoked(
  parties: readonly NatsParty[],
  revoked: readonly RevokedGateway[],
): readonly NatsParty[] {
  const users = new Set(
    revoked.flatMap(({ gateway }) => (gateway === undefined ? [] : gatewayUser(gateway))),
  );
  return parties.filter(({ user }) => !users.has(user));
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
    // One that is there is its household's, who has completed it.
    if ((await configuredStreet(folder.directory, row.gateway)) === undefined)
      await writeWhole(configOf(folder.directory, row.gateway), utf8(toJson(config)));
  }
}

export interface Invited {
  readonly invited: readonly string[];
  /** Of the inventory, and left out since they were shut out. */
  readonly revoked: readonly string[];
  /** Asked back, and never shut out: their passwords are those of before. */
  readonly kept: readonly string[];
}

/**
 * Folders and accounts of the gateways of the inventory that have none yet. Ended half-way, another
 * call goes on from there: accounts come last.
 * @throws FileError where the folder is none of `init --gateways`, or a street is no place for meters
 */
export async function inviteGateways(options: {
  readonly directory: string;
  readonly inventory: readonly InventoryRow[];
  /** For error sentences. */
  readonly inventoryFile: string;
  /** Names of gateways that were shut out and come back. */
  readonly again: readonly string[];
  readonly random: RandomBytes;
  readonly verify: VerifySignature;
  readonly signal: AbortSignal;
}): Promise<Invited> {
  const { directory, inventory, again, random, verify, signal } = options;
  const { port } = await readJson(join(directory, DEPLOYMENT_FILE), portSchema);
  const registrar = join(directory, 'registrar', 'registrar.json');
  const { trust } = await readJson(registrar, trustSchema);
  const config = await readRegistrarConfig(registrar);
  const { network } = await lastLink(config, verify);
  const back = again.map((name) => rowNamed(inventory, name));
  using _ = await lockAccounts(directory, signal);
  const before = await readRevoked(config.revoked);
  const parties = withoutRevoked(await readBusParties(directory), before);
  const revoked = back.reduce(without, before);
  const users = new Set(parties.map(({ user }) => user));
  const waiting = inventory.filter(({ gateway }) => !users.has(gatewayUser(gateway)));
  const shutOut = waiting.filter((row) => revoked.some((entry) => isOf(entry, row)));
  const added = waiting.filter((row) => !shutOut.includes(row));
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
    const street = await configuredStreet(directory, gateway);
    if (street !== undefined && street !== area)
      throw new FileError('bad-area', {
        file: configOf(directory, gateway),
        field: 'street',
        expected: `${area}, as in the inventory`,
        found: excerpt(street),
      });
  }
  const folder = new DeploymentFolder({
    ...{ directory, busUrl: `nats://127.0.0.1:${port}`, trust, random },
    parties: added.reduce(withAreasOf, parties),
  });
  await addGatewayFolders(folder, added, network.document.intervalSeconds);
  if (back.length > 0) {
    // What a `revoke` that ended half-way has left must not outlive its place on the list.
    await writeBusAccounts(directory, parties);
    await writeRevoked(config.revoked, revoked);
  }
  await folder.writeAccounts();
  const namesOf = (rows: readonly InventoryRow[]) => rows.map(({ gateway }) => gateway);
  const kept = back.filter(
    (row) => !added.includes(row) && !before.some((entry) => isOf(entry, row)),
  );
  return { invited: namesOf(added), revoked: namesOf(shutOut), kept: namesOf(kept) };
}

function rowNamed(inventory: readonly InventoryRow[], name: string): InventoryRow {
  const row = inventory.find(({ gateway }) => gateway === name);
  if (row !== undefined) return row;
  throw new RangeError(`--again: expected a gateway of the inventory, found ${excerpt(name)}`);
}

function configOf(directory: string, gateway: string): string {
  return join(directory, GATEWAYS_FOLDER, gateway, 'gateway.json');
}

/** Of a folder that was there before its account: of a gateway that comes back, or of a start that ended half-way. */
async function configuredStreet(directory: string, gateway: string): Promise<string | undefined> {
  const file = configOf(directory, gateway);
  if ((await stat(file).catch(() => undefined)) === undefined) return undefined;
  return (await readJson(file, z.object({ street: z.string() }))).street;
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
