// streetwatt trustee: a trustee's two signatures of a change of the network.

import type { Command } from 'commander';
import { createHpkeKeyPair } from '../core/hpke.ts';
import { FileError } from '../files/file-error.ts';
import { createPlatformSigner, createPlatformVerifier } from '../runtime/ed25519.ts';
import { listEnrolments } from '../runtime/enrolment-folder.ts';
import { attestRosters } from '../runtime/joining/attest-rosters.ts';
import { dayOf } from '../runtime/joining/earliest-epoch.ts';
import {
  readDocument,
  readProposal,
  writeAttestation,
  writeSignature,
} from '../runtime/joining/proposal.ts';
import { signDocument } from '../runtime/joining/sign-document.ts';
import type { ChainLink } from '../runtime/network-chain.ts';
import { pinnedChain } from '../runtime/network-pin.ts';
import { type NodeConfig, readNodeConfig, readNodeKeys } from '../runtime/node-config.ts';
import type { Cli } from './cli.ts';
import { configOption, nextOption, type StepOptions } from './joining-options.ts';

export function registerTrustee(program: Command, cli: Cli): void {
  const trustee = program
    .command('trustee')
    .description(
      'A trustee’s part in a change of the network (streetwatt registrar --help). Both steps work beside its running\nnode, with the node’s configuration, and take nothing from the registrar unchecked.',
    );
  trustee
    .command('attest')
    .summary('sign which slots of the next rosters open and match')
    .description(
      'Opens the new enrolment records with this trustee’s key, checks every slot of the new rosters, and signs\nwhich of them it holds the seeds of.',
    )
    .addOption(configOption('the trustee’s configuration, JSON'))
    .addOption(nextOption())
    .action(async (options: StepOptions) => {
      const { config, index, enrolments } = await readTrusteeConfig(options.config);
      const verify = createPlatformVerifier();
      const { seed, hpkeSeed } = await readNodeKeys(config.keys);
      if (hpkeSeed === undefined) throw badConfig(config.keys, 'an hpkeSeed');
      const attested = await attestRosters({
        chain: await pinnedChain(config, verify),
        proposal: await readProposal(options.next),
        folder: options.next,
        records: await listEnrolments(enrolments),
        trustee: index,
        signer: createPlatformSigner(seed),
        keyPair: await createHpkeKeyPair(hpkeSeed),
        verify,
      });
      await writeAttestation(options.next, index, attested.attestation);
      const reasons = [...attested.rejected].map(([reason, count]) => `, ${count} ${reason}`);
      cli.print(
        `trustee ${index} attests ${attested.acceptedCount} of ${attested.slotCount} slots${reasons.join('')}`,
      );
      cli.print(
        `next, once all have: streetwatt registrar draft --config <registrar.json> --next ${options.next}`,
      );
    });
  trustee
    .command('sign')
    .summary('sign the next document')
    .description(
      'Verifies the next document as every party will, and that it changes nothing but rosters, areas and cells,\nand signs it.',
    )
    .addOption(configOption('the trustee’s configuration, JSON'))
    .addOption(nextOption())
    .action(async (options: StepOptions) => {
      const { config, index } = await readTrusteeConfig(options.config);
      const verify = createPlatformVerifier();
      const { network: before } = (await pinnedChain(config, verify)).at(-1) as ChainLink;
      const { signature, network } = signDocument({
        before,
        draft: await readDocument(options.next),
        folder: options.next,
        trustee: index,
        signer: createPlatformSigner((await readNodeKeys(config.keys)).seed),
        nowSeconds: Date.now() / 1000,
        verify,
      });
      await writeSignature(options.next, index, signature);
      const { version, fromEpoch } = network.document;
      cli.print(
        `trustee ${index} signs version ${version}, from ${dayOf(fromEpoch)} on, with ${network.cells.length} cells, before ${before.cells.length}`,
      );
      cli.print(
        `next, once ${before.quorum.quorum} have: streetwatt registrar publish --config <registrar.json> --next ${options.next}`,
      );
    });
}

async function readTrusteeConfig(file: string): Promise<{
  readonly config: NodeConfig;
  readonly index: number;
  readonly enrolments: string;
}> {
  const config = await readNodeConfig(file);
  const { role, index, enrolments } = config;
  if (role !== 'trustee' || index === undefined) throw badConfig(file, 'one of a trustee');
  if (enrolments === undefined) throw badConfig(file, 'enrolments');
  return { config, index, enrolments };
}

function badConfig(file: string, expected: string): FileError {
  return new FileError('bad-value', { file, expected, found: 'none' });
}
