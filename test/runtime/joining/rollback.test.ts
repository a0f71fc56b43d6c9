// What was true once and is signed, offered again: older rosters, changes of an older document,
// records of who has left, a folder that somebody else has had in hand.

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Epoch } from '../../../src/core/interval.ts';
import { decodeBundle } from '../../../src/core/network-bundle.ts';
import { OPEN_END_EPOCH } from '../../../src/core/roster.ts';
import { signRoster } from '../../../src/roles/registrar.ts';
import { draftDocument } from '../../../src/runtime/joining/draft-document.ts';
import {
  readAttestations,
  readProposal,
  writeProposal,
} from '../../../src/runtime/joining/proposal.ts';
import { readRegistrarSigner } from '../../../src/runtime/joining/registrar-config.ts';
import { pinNetwork } from '../../../src/runtime/network-pin.ts';
import { homeOf, JoiningNetwork, rowOf } from '../../support/joining-network.ts';
import { verify } from '../../support/world.ts';

const HOMES = [0, 1, 2, 3, 4, 5].map((index) => homeOf(index));
const FIRST = HOMES[0]!;
const LATE = homeOf(6);
const LATER = homeOf(7);

/** Taken and attested by all, not drafted. */
async function attested(network: JoiningNetwork, late: typeof LATE): Promise<string> {
  const folder = network.newFolder();
  await network.take([...HOMES, late], [await network.recordOf(late)], { folder });
  for (const trustee of [0, 1, 2]) await network.attest(folder, trustee);
  return folder;
}

describe('a change of a network', () => {
  it('is not drafted on another document than it was taken for: who joined since would be gone', async () => {
    await using network = await JoiningNetwork.create();
    await network.join(HOMES);
    const [one, other] = [await attested(network, LATE), await attested(network, LATER)];
    await network.draft(one);
    for (const trustee of [0, 1]) await network.sign(one, trustee);
    await network.publish(one);
    await expect(network.draft(other)).rejects.toThrow(
      /version 3 .* take the records again, found/u,
    );
  });

  it('is signed by no trustee with rosters of before, which all of them have attested', async () => {
    await using network = await JoiningNetwork.create();
    const first = await network.join(HOMES);
    await network.join([LATE], { inventory: [...HOMES, LATE].map((home) => rowOf(home)) });
    const before = await network.last();
    const { bundleBytes, meterCount } = draftDocument({
      before,
      proposal: {
        ...(await readProposal(first)),
        previous: before.digest,
        fromEpoch: (before.document.fromEpoch + 1) as Epoch,
      },
      folder: first,
      attestations: await readAttestations(first, 3),
      signer: await readRegistrarSigner(network.config),
      verify,
    });
    expect(meterCount).toBe(6);
    await expect(network.sign(first, 0, decodeBundle(bundleBytes)!)).rejects.toThrow(
      /a roster of es\/m0\/s0 that follows version/u,
    );
  });

  it('is neither attested nor signed by a trustee whose files end before what it has worked under', async () => {
    await using network = await JoiningNetwork.create();
    await network.join(HOMES);
    const folder = await attested(network, LATE);
    await network.draft(folder);
    await network.join([LATER], { inventory: [...HOMES, LATER].map((home) => rowOf(home)) });
    const data = join(network.directory, 'trustee-0', 'data');
    await mkdir(data, { recursive: true });
    await pinNetwork(data, await network.last());
    await rm(join(network.config.successors, '0003.bundle'));
    await expect(network.attest(folder, 0)).rejects.toThrow(/lead to version 3/u);
    await expect(network.sign(folder, 0)).rejects.toThrow(/lead to version 3/u);
    // Who has never run under it cannot know.
    await network.sign(folder, 1);
  });

  it('gives nobody a second slot by a record of a slot that has ended', async () => {
    await using network = await JoiningNetwork.create();
    await network.join(HOMES);
    await network.join([LATE], {
      inventory: [...HOMES, LATE].map((home) => rowOf(home)),
      retire: [FIRST.identity],
    });
    const { document, streets, digest } = await network.last();
    const { roster } = streets.find((street) => street !== undefined)!;
    const ended = roster.entries[0]!;
    expect(ended.untilEpoch).toBe(document.fromEpoch);
    const fromEpoch = (document.fromEpoch + 1) as Epoch;
    const again = { ...ended, fromEpoch, untilEpoch: OPEN_END_EPOCH };
    // The registrar's own desk refuses it; its key is what trustees do not trust.
    const folder = network.newFolder();
    const next = { ...roster, version: roster.version + 1, entries: [...roster.entries, again] };
    await writeProposal(folder, {
      previous: digest,
      fromEpoch,
      rosters: [signRoster(next, await readRegistrarSigner(network.config))],
      records: [],
    });
    const result = await network.attest(folder, 0);
    expect(result.rejected.get('duplicate-commitment')).toBe(1);
  });
});

describe('what is published', () => {
  it('has the records that new slots name, all of them and no others, and counts signatures of this draft', async () => {
    await using network = await JoiningNetwork.create();
    await network.join(HOMES);
    const folder = await attested(network, LATE);
    await network.draft(folder);
    for (const trustee of [0, 1, 2]) await network.sign(folder, trustee);
    const { ...whole } = await readProposal(folder);
    const file = join(folder, 'proposal.cbor');
    const bytes = await readFile(file);
    const handBack = async (records: readonly Uint8Array[]) => {
      const made = network.newFolder();
      await writeProposal(made, { ...whole, records });
      await copyFile(join(made, 'proposal.cbor'), file);
    };
    await handBack([]);
    await expect(network.publish(folder)).rejects.toThrow(/the record of every slot that is new/u);
    expect(await readdir(network.config.successors)).toEqual(['0002.bundle']);
    await handBack([new Uint8Array(100_000), ...whole.records]);
    // What lies beside the records is none of them.
    await mkdir(join(network.config.enrolments, 'folder.bin'));
    await writeFile(join(network.config.enrolments, `x.bin.0.part`), bytes.subarray(0, 10));
    await copyFile(
      join(network.root, 'next-0', 'signature-1.cbor'),
      join(folder, 'signature-1.cbor'),
    );
    const { signatureCount } = await network.publish(folder);
    expect(signatureCount).toBe(2);
    const names = (await readdir(network.config.enrolments)).filter((name) =>
      /^[0-9a-f]{64}\.bin$/u.test(name),
    );
    expect(names).toHaveLength(7);
    await network.join([LATER], { inventory: [...HOMES, LATER].map((home) => rowOf(home)) });
    expect((await network.last()).document.version).toBe(4);
  });

  it('replaces no document that somebody published meanwhile', async () => {
    await using network = await JoiningNetwork.create();
    await network.join(HOMES);
    const folders = [await attested(network, LATE), await attested(network, LATER)];
    for (const folder of folders) {
      await network.draft(folder);
      for (const trustee of [0, 1]) await network.sign(folder, trustee);
    }
    const outcomes = await Promise.allSettled(folders.map((folder) => network.publish(folder)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const published = outcomes.find((outcome) => outcome.status === 'fulfilled')!;
    expect((await network.last()).digest).toEqual(published.value.network.digest);
    const left = await readdir(network.config.successors);
    expect(left.sort()).toEqual(['0002.bundle', '0003.bundle']);
  });
});
