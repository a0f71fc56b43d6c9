// streetwatt registrar: enrolment records into the next network document, step by step.

import { type Command, Option } from 'commander';
import type { VerifiedNetwork } from '../core/network-bundle.ts';
import { csvFile } from '../files/csv-source.ts';
import { FileError } from '../files/file-error.ts';
import { readInventoryFile } from '../files/inventory-file.ts';
import { createPlatformVerifier } from '../runtime/ed25519.ts';
import { draftDocument } from '../runtime/joining/draft-document.ts';
import { dayOf } from '../runtime/joining/earliest-epoch.ts';
import {
  readAttestations,
  readDocument,
  readProposal,
  readSignatures,
  writeDocument,
} from '../runtime/joining/proposal.ts';
import { publishDocument } from '../runtime/joining/publish-document.ts';
import { readRegistrarConfig, readRegistrarSigner } from '../runtime/joining/registrar-config.ts';
import { takeRecords } from '../runtime/joining/take-records.ts';
import { lastLink } from '../runtime/network-chain.ts';
import type { Cli } from './cli.ts';
import { UsageError } from './errors.ts';
import { configOption, inventoryOption, nextOption, type StepOptions } from './joining-options.ts';
import { REFUSED, UNPUBLISHED } from './joining-reasons.ts';
import { addInvite, addRevoke } from './registrar-accounts.ts';

interface TakeOptions extends StepOptions {
  readonly inventory: string;
  readonly retire: readonly string[];
  readonly skipRefused: boolean;
}

export function registerRegistrar(program: Command, cli: Cli): void {
  const registrar = program
    .command('registrar')
    .description(
      'Takes the enrolment records of gateways into the network, and gateways out of it. The next document needs\nthe registrar and the trustees in turn: take, then each trustee attests; draft, then each trustee signs;\npublish.',
    )
    .addHelpText(
      'after',
      `
Example, with the folders of "streetwatt init trial --gateways inventory.csv":
  $ streetwatt registrar take --config trial/registrar/registrar.json --inventory inventory.csv \\
      --next next records/*.bin
  $ streetwatt trustee attest --config trial/trustee-0/node.json --next next    # and each other trustee
  $ streetwatt registrar draft --config trial/registrar/registrar.json --next next
  $ streetwatt trustee sign --config trial/trustee-0/node.json --next next      # and the others
  $ streetwatt registrar publish --config trial/registrar/registrar.json --next next

A gateway that leaves, before the next take:
  $ streetwatt registrar revoke trial --inventory inventory.csv home-3`,
    );
  addInvite(registrar, cli);
  addRevoke(registrar, cli);
  addTake(registrar, cli);
  addDraft(registrar, cli);
  addPublish(registrar, cli);
}

function addTake(registrar: Command, cli: Cli): void {
  registrar
    .command('take')
    .summary('check enrolment records and propose the next rosters')
    .description(
      'Checks enrolment records against the inventory and against all that were ever taken, gives each meter the\nnext slot of its street, and writes the new rosters as a proposal. Meters begin at the next day (UTC).',
    )
    .argument('[records...]', 'enrolment records, as gateways wrote them')
    .addOption(configOption('the registrar’s configuration, JSON'))
    .addOption(inventoryOption())
    .addOption(nextOption())
    .addOption(
      new Option('--retire <identity>', 'a meter that leaves, 64 hex digits; may be repeated')
        .argParser((text: string, before: readonly string[]) => [...before, parseIdentity(text)])
        .default([], 'none'),
    )
    .option('--skip-refused', 'take the others where a record is refused', false)
    .action(async (recordFiles: readonly string[], options: TakeOptions) => {
      const result = await takeRecords({
        config: await readRegistrarConfig(options.config),
        inventory: await readInventoryFile(csvFile(options.inventory)),
        recordFiles,
        retire: options.retire,
        folder: options.next,
        skipRefused: options.skipRefused,
        nowSeconds: Date.now() / 1000,
        verify: createPlatformVerifier(),
      });
      for (const { file, reason } of result.refused)
        cli.warn(`${file}: refused, ${reason}: ${REFUSED[reason]}`);
      if (!result.isWritten) throw nothingTaken(result.refused.length, recordFiles.length);
      for (const { gateway, area, slot } of result.taken)
        cli.print(`${gateway}: ${area}, slot ${slot}`);
      cli.print(
        `${options.next}: ${result.taken.length} meters join and ${result.retiredCount} leave on ${dayOf(result.fromEpoch)}, if the trustees attest`,
      );
      cli.print(
        `next, each trustee: streetwatt trustee attest --config <its node.json> --next ${options.next}`,
      );
    });
}

function addDraft(registrar: Command, cli: Cli): void {
  registrar
    .command('draft')
    .summary('make the next document of what the trustees attest')
    .description('Makes and signs the next document, once every trustee has attested its rosters.')
    .addOption(configOption('the registrar’s configuration, JSON'))
    .addOption(nextOption())
    .action(async (options: StepOptions) => {
      const verify = createPlatformVerifier();
      const config = await readRegistrarConfig(options.config);
      const { network } = await lastLink(config, verify);
      const { plan, bundleBytes, meterCount } = draftDocument({
        before: network,
        proposal: await readProposal(options.next),
        folder: options.next,
        attestations: await readAttestations(options.next, network.document.trustees.length),
        signer: await readRegistrarSigner(config),
        verify,
      });
      await writeDocument(options.next, bundleBytes);
      for (const { channel, reason, streets } of plan.unpublished)
        cli.warn(
          `${network.channels[channel]?.name} of ${streets.slice(0, 3).join(', ')}${streets.length > 3 ? ` and ${streets.length - 3} more` : ''} will not be published: ${UNPUBLISHED[reason]}`,
        );
      cli.print(
        `${options.next}: version ${network.document.version + 1} with ${meterCount} meters in ${plan.cells.length} cells, before ${meterCountOf(network)} in ${network.cells.length}; at least ${network.quorum.quorum} trustees must sign it`,
      );
      cli.print(
        `next, each of them: streetwatt trustee sign --config <its node.json> --next ${options.next}`,
      );
    });
}

function addPublish(registrar: Command, cli: Cli): void {
  registrar
    .command('publish')
    .summary('hand out the document that the trustees have signed')
    .description(
      'Joins the trustees’ signatures with the next document and puts it where nodes and gateways look for it.\nThose that run take it by themselves, at the day (UTC) that it names.',
    )
    .addOption(configOption('the registrar’s configuration, JSON'))
    .addOption(nextOption())
    .action(async (options: StepOptions) => {
      const verify = createPlatformVerifier();
      const config = await readRegistrarConfig(options.config);
      const { network: before } = await lastLink(config, verify);
      const { file, network, signatureCount } = await publishDocument({
        ...{ config, before, verify },
        draft: await readDocument(options.next),
        signatures: await readSignatures(options.next, before.document.trustees.length),
        records: (await readProposal(options.next)).records,
        folder: options.next,
        nowSeconds: Date.now() / 1000,
      });
      const { version, fromEpoch } = network.document;
      cli.print(
        `${file}: version ${version}, signed by ${signatureCount} trustees, ${meterCountOf(network)} meters in ${network.cells.length} cells from ${dayOf(fromEpoch)} on`,
      );
      cli.print(
        `next, before that day: ${config.successors} to every party and household, ${config.enrolments} to trustees and aggregators, where these are not their own`,
      );
    });
}

function meterCountOf({ roots, areas }: VerifiedNetwork): number {
  return roots.reduce((sum, root) => sum + areas.meterCountOf(root), 0);
}

function parseIdentity(text: string): string {
  if (/^[0-9a-fA-F]{64}$/u.test(text)) return text.toLowerCase();
  throw new UsageError(
    'bad-option',
    '--retire: expected an identity of 64 hex digits, found something else.',
  );
}

function nothingTaken(refusedCount: number, count: number): Error {
  if (refusedCount === 0)
    return new UsageError(
      'bad-option',
      'records: expected at least one, or a meter that leaves, found none.',
    );
  return new FileError('bad-value', {
    file: `${count} records`,
    expected: 'records that can all be taken (--skip-refused takes the others)',
    found: `${refusedCount} that cannot`,
  });
}
