import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeNetworkDocument, encodeNetworkDocument } from '../../../src/core/network.ts';
import { type NetworkBundle, signNetwork } from '../../../src/core/network-bundle.ts';
import {
  readDocument,
  readProposal,
  writeProposal,
} from '../../../src/runtime/joining/proposal.ts';
import { readRegistrarSigner } from '../../../src/runtime/joining/registrar-config.ts';
import { linkInForce, readNetworkChain } from '../../../src/runtime/network-chain.ts';
import { pinNetwork, pinnedLink } from '../../../src/runtime/network-pin.ts';
import { homeOf, JoiningNetwork, rowOf } from '../../support/joining-network.ts';
import { verify } from '../../support/world.ts';

const HOMES = [0, 1, 2, 3, 4, 5].map((index) => homeOf(index));
const LATE = homeOf(6);

let network: JoiningNetwork;
/** A change that all trustees have attested and that is drafted; nobody has signed it. */
let folder: string;

beforeAll(async () => {
  network = await JoiningNetwork.create();
  await network.join(HOMES);
  folder = network.newFolder();
  await network.take([...HOMES, LATE], [await network.recordOf(LATE)], { folder });
  for (const trustee of [0, 1, 2]) await network.attest(folder, trustee);
  await network.draft(folder);
});
afterAll(async () => {
  await network[Symbol.asyncDispose]();
});

/** The draft with another field, signed by the registrar: who holds its key can do that. */
async function changed(change: Record<string, unknown>): Promise<NetworkBundle> {
  const draft = await readDocument(folder);
  const document = encodeNetworkDocument({ ...decodeNetworkDocument(draft.document)!, ...change });
  const registrarSignature = signNetwork(document, await readRegistrarSigner(network.config));
  return { ...draft, document, registrarSignature };
}

describe('the next document', () => {
  it('is not published without a quorum of trustees', async () => {
    const none = network.publish(folder);
    await expect(none).rejects.toThrow(/2 of the trustees have signed, found too-few-trustee/u);
    await network.sign(folder, 1);
    await expect(network.publish(folder)).rejects.toThrow(/too-few-trustee-signatures/u);
    // The same signature twice is one trustee.
    await copyFile(join(folder, 'signature-1.cbor'), join(folder, 'signature-0.cbor'));
    await expect(network.publish(folder)).rejects.toThrow(/too-few-trustee-signatures/u);
    await rm(join(folder, 'signature-0.cbor'));
    expect(await readdir(network.config.successors)).toEqual(['0002.bundle']);
  });

  it('is signed by no trustee where it changes anything but rosters, areas and cells', async () => {
    const before = (await network.last()).document;
    const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
      [{ minMeters: 6 }, /minMeters/u],
      [{ minPresencePermille: 501 }, /minPresencePermille/u],
      [{ maxCapSharePermille: 1000 }, /maxCapSharePermille/u],
      [{ quorum: 3 }, /quorum/u],
      [{ closeAfterSeconds: 1 }, /closeAfterSeconds/u],
      [{ auditors: [] }, /auditors/u],
      [{ provisioners: [HOMES[0]!.signer.publicKey] }, /provisioners/u],
      [{ trustees: [...before.trustees].reverse() }, /./u],
      [{ version: before.version + 2 }, /version/u],
      [{ version: before.version }, /stale-version/u],
      [{ previous: new Uint8Array(32) }, /stale-version/u],
      [{ fromEpoch: before.fromEpoch }, /stale-version/u],
      [{ networkId: 'another' }, /stale-version/u],
      [{ minMeters: 4 }, /malformed/u],
    ];
    for (const [change, reason] of cases)
      await expect(
        network.sign(folder, 0, await changed(change)),
        JSON.stringify(Object.keys(change)),
      ).rejects.toThrow(reason);
    // The registrar's signature is over these very bytes.
    const draft = await readDocument(folder);
    const document = draft.document.slice();
    document[document.length - 1]! ^= 1;
    await expect(network.sign(folder, 0, { ...draft, document })).rejects.toThrow();
  });

  it('is signed by no trustee, and published by nobody, once its day has begun', async () => {
    const now = network.nowSeconds;
    network.nowSeconds = 86_400 * (network.today + 1) + 1;
    await expect(network.sign(folder, 0)).rejects.toThrow(/take the records again/u);
    network.nowSeconds = now;
  });

  it('is attested by no trustee where a roster is left out, cut or of another document', async () => {
    const proposal = await readProposal(folder);
    const other = network.newFolder();
    await writeProposal(other, { ...proposal, rosters: [] });
    await expect(network.attest(other, 0)).rejects.toThrow(/a roster of es\/m0\/s0, as before/u);
    const foreign = network.newFolder();
    await writeProposal(foreign, { ...proposal, previous: new Uint8Array(32) });
    await expect(network.attest(foreign, 0)).rejects.toThrow(/another document/u);
    const broken = network.newFolder();
    const roster = proposal.rosters[0]!.slice();
    roster[20]! ^= 1;
    await writeProposal(broken, { ...proposal, rosters: [roster] });
    await expect(network.attest(broken, 0)).rejects.toThrow(/bad-signature/u);
    await writeFile(join(broken, 'proposal.cbor'), 'no CBOR');
    await expect(network.attest(broken, 0)).rejects.toThrow(/a proposal of/u);
  });

  it('has no slot that a trustee cannot open', async () => {
    const proposal = await readProposal(folder);
    const without = network.newFolder();
    await writeProposal(without, { ...proposal, records: [] });
    const attested = await network.attest(without, 0);
    expect([attested.acceptedCount, attested.slotCount]).toEqual([6, 7]);
    expect([...attested.rejected]).toEqual([['no-record', 1]]);
  });

  it('takes over at its day, once the last interval of the day before is done', async () => {
    await using own = await JoiningNetwork.create();
    await own.join(HOMES);
    await own.join([LATE], { inventory: [...HOMES, LATE].map((home) => rowOf(home)) });
    const { links, problem } = await readNetworkChain(own.config, verify);
    expect([links.length, problem]).toEqual([3, undefined]);
    const boundary = 86_400 * (own.today + 1);
    expect(linkInForce(links, own.nowSeconds)).toBe(1);
    expect(linkInForce(links, boundary + 30)).toBe(1);
    expect(linkInForce(links, boundary + 120)).toBe(2);
    // Not one interval later: the first of the new day must be closed under the new document.
    expect(linkInForce(links, boundary + 899)).toBe(2);

    // Whoever takes its file away takes nobody back.
    await pinNetwork(own.root, links[2]!.network);
    expect(await pinnedLink(own.root, links)).toBe(2);
    await expect(pinnedLink(own.root, links.slice(0, 2))).rejects.toThrow(/version 3/u);

    // A document in between that is missing, or one that nobody has signed, ends the chain there.
    await copyFile(links[2]!.file, join(own.config.successors, '0009.bundle'));
    await rm(links[2]!.file);
    expect((await readNetworkChain(own.config, verify)).links).toHaveLength(3);
    await rm(links[1]!.file);
    const cut = await readNetworkChain(own.config, verify);
    expect([cut.links.length, cut.problem]).toEqual([1, expect.stringContaining('stale-version')]);
    await writeFile(join(own.config.successors, '0010.bundle'), 'not a bundle');
    expect((await readNetworkChain(own.config, verify)).links).toHaveLength(1);
  });
});
