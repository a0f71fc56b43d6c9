// `streetwatt registrar revoke`: gateways that left, were never seen, or whose invitation leaked. The
// account ends with nats-server's next look at its file; the slot with the next change of the network,
// which needs the trustees: until then the meter is counted as absent.

import { join } from 'node:path';
import type { AreaId } from '../core/area.ts';
import { equalBytes, fromHex } from '../core/bytes.ts';
import type { Epoch } from '../core/interval.ts';
import type { VerifiedNetwork } from '../core/network-bundle.ts';
import type { VerifySignature } from '../core/signed.ts';
import { excerpt } from '../files/excerpt.ts';
import type { InventoryRow } from '../files/inventory-file.ts';
import { lockAccounts, readBusParties } from './bus-accounts.ts';
import { writeBusAccounts } from './deployment-folder.ts';
import { gatewayUser, withoutRevoked } from './gateway-folders.ts';
import { earliestEpoch } from './joining/earliest-epoch.ts';
import { readRegistrarConfig } from './joining/registrar-config.ts';
import { lastLink } from './network-chain.ts';
import { isOf, type RevokedGateway, readRevoked, writeRevoked } from './revoked-gateways.ts';

export interface Revocation {
  /** As it was named: a gateway, or a meter's identity. */
  readonly name: string;
  readonly hadAccount: boolean;
  /** Undefined where neither inventory nor name says who its meter is. */
  readonly identity: string | undefined;
  /** What its meter has, and leaves with the next change. */
  readonly slot: { readonly area: AreaId; readonly slot: number } | undefined;
}

/**
 * All of them or none; again is the same as once.
 * @throws RangeError where one has neither an account nor a slot and was not revoked before
 */
export async function revokeGateways(options: {
  readonly directory: string;
  /** Gateways, or meters by their identities in hex. */
  readonly names: readonly string[];
  readonly inventory: readonly InventoryRow[];
  readonly nowSeconds: number;
  readonly verify: VerifySignature;
  readonly signal: AbortSignal;
}): Promise<readonly Revocation[]> {
  const { directory, names, inventory, nowSeconds, verify, signal } = options;
  const config = await readRegistrarConfig(join(directory, 'registrar', 'registrar.json'));
  const { network } = await lastLink(config, verify);
  const epoch = earliestEpoch(network, nowSeconds);
  using _ = await lockAccounts(directory, signal);
  const parties = await readBusParties(directory);
  const before = await readRevoked(config.revoked);
  const users = new Set(parties.map(({ user }) => user));
  const list = [...before];
  const revocations = names.map((name): Revocation => {
    const found = gatewayNamed(name, inventory);
    const known = before.find((entry) => isOf(entry, found));
    const gateway = found.gateway ?? known?.gateway;
    const identity = found.identity ?? known?.identity;
    const hadAccount = gateway !== undefined && users.has(gatewayUser(gateway));
    const slot = identity === undefined ? undefined : slotOf(network, identity, epoch);
    if (!hadAccount && slot === undefined && known === undefined)
      throw new RangeError(
        `gateway: expected one with an account, or a meter with a slot, found ${excerpt(name)}`,
      );
    list.push({
      ...(gateway === undefined ? {} : { gateway }),
      ...(identity === undefined ? {} : { identity }),
    });
    return { name, hadAccount, identity, slot };
  });
  // First: an `invite` that comes next would let them in again.
  await writeRevoked(config.revoked, unique(list));
  await writeBusAccounts(directory, withoutRevoked(parties, list));
  return revocations;
}

function gatewayNamed(
  name: string,
  inventory: readonly InventoryRow[],
): { readonly gateway: string | undefined; readonly identity: string | undefined } {
  const meter = /^[0-9a-fA-F]{64}$/u.test(name) ? name.toLowerCase() : undefined;
  const row = inventory.find(({ gateway, identity }) =>
    meter === undefined ? gateway === name : identity === meter,
  );
  if (row !== undefined) return row;
  return { gateway: meter === undefined ? name : undefined, identity: meter };
}

/** The one that lasts beyond the next change. */
function slotOf(network: VerifiedNetwork, identity: string, epoch: Epoch): Revocation['slot'] {
  const meter = fromHex(identity);
  for (const street of network.streets) {
    if (street === undefined) continue;
    const { area, entries } = street.roster;
    const slot = entries.findIndex(
      (entry) => entry.untilEpoch > epoch && equalBytes(entry.meter, meter),
    );
    if (slot >= 0) return { area, slot };
  }
  return undefined;
}

function unique(list: readonly RevokedGateway[]): readonly RevokedGateway[] {
  return list.filter(
    (one, at) =>
      list.findIndex(
        ({ gateway, identity }) => gateway === one.gateway && identity === one.identity,
      ) === at,
  );
}
