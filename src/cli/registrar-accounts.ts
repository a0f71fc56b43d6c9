// streetwatt registrar invite and revoke: which gateways have an account on the bus.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { csvFile } from '../files/csv-source.ts';
import { readInventoryFile } from '../files/inventory-file.ts';
import { ACCOUNTS_FILE } from '../runtime/deployment-folder.ts';
import { createPlatformVerifier } from '../runtime/ed25519.ts';
import { inviteGateways } from '../runtime/gateway-folders.ts';
import { type Revocation, revokeGateways } from '../runtime/revoke-gateways.ts';
import type { Cli } from './cli.ts';
import { inventoryOption } from './joining-options.ts';

interface InviteOptions {
  readonly inventory: string;
  readonly again: readonly string[];
}

export function addInvite(registrar: Command, cli: Cli): void {
  registrar
    .command('invite')
    .summary('write folders and bus accounts of new gateways')
    .description(
      'Writes a folder and a bus account for each gateway of the inventory that has none yet, into a folder that\n"streetwatt init --gateways" wrote. A running "streetwatt up" takes the accounts within seconds.',
    )
    .argument('<dir>', 'the folder')
    .addOption(inventoryOption())
    .addOption(
      new Option('--again <gateway>', 'one that was revoked and comes back; may be repeated')
        .argParser((name: string, before: readonly string[]) => [...before, name])
        .default([], 'none'),
    )
    .action(async (directory: string, options: InviteOptions) => {
      const inventory = await readInventoryFile(csvFile(options.inventory));
      const { invited, revoked, kept } = await inviteGateways({
        directory,
        inventory,
        inventoryFile: options.inventory,
        again: options.again,
        random: (length) => new Uint8Array(randomBytes(length)),
        verify: createPlatformVerifier(),
        signal: cli.signal,
      });
      for (const gateway of invited) cli.print(`${directory}/gateways/${gateway}`);
      for (const gateway of revoked)
        cli.warn(`${gateway}: not invited, it was revoked; --again ${gateway} takes that back`);
      for (const gateway of kept)
        cli.warn(
          `${gateway}: was not revoked, and keeps its password; revoke it first for another`,
        );
      const before = inventory.length - invited.length - revoked.length;
      cli.print(`${invited.length} gateways invited, ${before} were before`);
    });
}

export function addRevoke(registrar: Command, cli: Cli): void {
  registrar
    .command('revoke')
    .summary('take the bus accounts and the slots of gateways away')
    .description(
      'For gateways that left, were never seen, or whose invitation leaked. Takes their bus accounts out of the\nfolder: a running "streetwatt up" shuts them out within seconds. Their meters’ slots end with the next\n"streetwatt registrar take", which takes no record of theirs any more.',
    )
    .argument('<dir>', 'the folder')
    .argument('<gateways...>', 'their names, or their meters’ identities, 64 hex digits')
    .addOption(inventoryOption())
    .action(
      async (
        directory: string,
        names: readonly string[],
        options: { readonly inventory: string },
      ) => {
        const revocations = await revokeGateways({
          directory,
          names,
          inventory: await readInventoryFile(csvFile(options.inventory)),
          nowSeconds: Date.now() / 1000,
          verify: createPlatformVerifier(),
          signal: cli.signal,
        });
        for (const revocation of revocations) {
          cli.print(sentence(revocation));
          if (revocation.identity === undefined)
            cli.warn(
              `${revocation.name}: the inventory has no identity of its meter; if that has a slot, revoke the identity, too`,
            );
        }
        cli.print(
          `next: a running "streetwatt up" shuts out who has no account within seconds; another nats-server once it has read ${join(directory, ACCOUNTS_FILE)} again (nats-server --signal reload)`,
        );
        if (revocations.some(({ slot }) => slot !== undefined))
          cli.print(
            `then, for the slots: streetwatt registrar take --config ${join(directory, 'registrar', 'registrar.json')} --inventory ${options.inventory} --next <folder>`,
          );
      },
    );
}

function sentence({ name, hadAccount, slot }: Revocation): string {
  const account = hadAccount ? 'its account is taken away' : 'it has no account';
  const place =
    slot === undefined ? 'no slot' : `slot ${slot.slot} of ${slot.area} ends with the next take`;
  return `${name}: ${account}, ${place}`;
}
