// The network document and what it pins: changed by one byte, signed by too few, by others, for
// other trustees, or older than what stands.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAttestation, decodeAttestation } from '../../src/core/attestation.ts';
import { equalBytes } from '../../src/core/bytes.ts';
import { channelSet } from '../../src/core/channel.ts';
import { sha256 } from '../../src/core/digest.ts';
import { epoch } from '../../src/core/interval.ts';
import {
  decodeNetworkDocument,
  encodeNetworkDocument,
  meterPolicyDigest,
  type NetworkDocument,
} from '../../src/core/network.ts';
import {
  type BundleRejection,
  decodeBundle,
  encodeBundle,
  type NetworkBundle,
  signNetwork,
  type VerifiedNetwork,
  verifyBundle,
} from '../../src/core/network-bundle.ts';
import { compileNetwork } from '../../src/core/network-tree.ts';
import { decodeRoster, rosterDigest } from '../../src/core/roster.ts';
import { type Signer, splitSigned } from '../../src/core/signed.ts';
import { signRoster } from '../../src/roles/registrar.ts';
import { trustIn } from '../../src/runtime/sign-network.ts';
import { createWorld, verify, type World } from '../support/world.ts';

let world: World;
let document: NetworkDocument;

beforeAll(async () => {
  world = await createWorld();
  document = decodeNetworkDocument(world.bundle.document) as NetworkDocument;
});

function trustees(): readonly Signer[] {
  return world.parties.trustees.map(({ signer }) => signer);
}

/** The bundle with another document, signed by the registrar and these trustees. */
function signed(
  body: Uint8Array,
  by: readonly (readonly [number, Signer])[] = [...trustees().entries()],
  registrar: Signer = world.parties.registrar.signer,
): NetworkBundle {
  return {
    ...world.bundle,
    document: body,
    registrarSignature: signNetwork(body, registrar),
    trusteeSignatures: by.map(([trustee, signer]) => ({
      trustee,
      signature: signNetwork(body, signer),
    })),
  };
}

function change(part: Partial<NetworkDocument>): Uint8Array {
  return encodeNetworkDocument({ ...document, ...part });
}

function asFirst(bundle: NetworkBundle): string {
  return reasonOf(verifyBundle(bundle, trustIn(world.parties), verify));
}

function asSuccessor(bundle: NetworkBundle): string {
  return reasonOf(verifyBundle(bundle, { kind: 'successor', before: world.network }, verify));
}

function reasonOf(outcome: VerifiedNetwork | BundleRejection): string {
  return typeof outcome === 'string' ? outcome : 'verified';
}

function successor(part: Partial<NetworkDocument> = {}): Uint8Array {
  const { version, fromEpoch } = document;
  const next = { version: version + 1, fromEpoch: epoch(fromEpoch + 1) };
  return change({ ...next, previous: world.network.digest, ...part });
}

describe('a network document', () => {
  it('verifies as it was signed, also after a way over the wire', () => {
    expect(asFirst(world.bundle)).toBe('verified');
    expect(asFirst(decodeBundle(world.bundleBytes)!)).toBe('verified');
    expect(encodeBundle(decodeBundle(world.bundleBytes)!)).toEqual(world.bundleBytes);
    expect(encodeNetworkDocument(document)).toEqual(world.bundle.document);
  });

  it('changed by any one byte does not verify', () => {
    const { length } = world.bundle.document;
    fc.assert(
      fc.property(fc.nat(length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const body = world.bundle.document.slice();
        body[at]! ^= bits;
        expect(asFirst({ ...world.bundle, document: body })).not.toBe('verified');
      }),
      { numRuns: 200, seed: 10 },
    );
  });

  it.each<[string, (bundle: NetworkBundle) => Partial<NetworkBundle>]>([
    ['roster', ({ rosters }) => ({ rosters: flipIn(rosters) })],
    ['attestation', ({ attestations }) => ({ attestations: flipIn(attestations) })],
    [
      'signature of the registrar',
      ({ registrarSignature }) => ({ registrarSignature: flipIn([registrarSignature])[0]! }),
    ],
  ])('does not verify with a %s changed by one byte', (_, part) => {
    expect(asFirst({ ...world.bundle, ...part(world.bundle) })).not.toBe('verified');
  });

  function flipIn(list: readonly Uint8Array[]): Uint8Array[] {
    const [first, ...rest] = list;
    return [first!.map((byte, at) => (at === first!.length - 20 ? byte ^ 4 : byte)), ...rest];
  }
});

describe('who must have signed the first document', () => {
  const body = () => world.bundle.document;

  it.each<[string, () => NetworkBundle, string]>([
    ['the registrar alone', () => signed(body(), []), 'too-few-trustee-signatures'],
    [
      'all trustees but one',
      () => signed(body(), [...trustees().entries()].slice(1)),
      'too-few-trustee-signatures',
    ],
    [
      'one trustee three times',
      () =>
        signed(
          body(),
          [0, 0, 0].map((at) => [at, trustees()[0]!]),
        ),
      'too-few-trustee-signatures',
    ],
    [
      'one trustee in the place of another',
      () =>
        signed(
          body(),
          [0, 1, 2].map((at) => [at, trustees()[0]!]),
        ),
      'too-few-trustee-signatures',
    ],
    [
      'another registrar',
      () => signed(body(), undefined, world.parties.auditor.signer),
      'bad-registrar-signature',
    ],
  ])('is not %s', (_, bundle, reason) => {
    expect(asFirst(bundle())).toBe(reason);
  });

  it('is not whoever the document names, but those one was given beforehand', () => {
    const others = world.parties.trustees.map(({ keyPair }) => ({
      publicKey: world.parties.auditor.signer.publicKey,
      hpkePublicKey: keyPair.publicKey,
    }));
    expect(asFirst(signed(change({ trustees: others })))).toBe('wrong-trustees');
    const fewer = change({
      trustees: document.trustees.slice(0, 2),
      attestationDigests: document.attestationDigests.slice(0, 2),
    });
    expect(asFirst(signed(fewer))).toBe('wrong-trustees');
    const registrar = world.parties.auditor.signer;
    const taken = change({ registrar: registrar.publicKey });
    expect(asFirst(signed(taken, undefined, registrar))).toBe('wrong-registrar');
  });
});

describe('a policy below what the code allows', () => {
  it.each<[string, Partial<NetworkDocument>]>([
    ['a minimum of 4', { minMeters: 4 }],
    ['a minimum of 0', { minMeters: 0 }],
    ['a presence ratio of one half', { minPresencePermille: 500 }],
    ['a quorum that two can be of three of', { quorum: 1 }],
    ['a quorum above the number of trustees', { quorum: 4 }],
    ['an interval that does not divide the day', { intervalSeconds: 1000 }],
    ['an interval of a second', { intervalSeconds: 1 }],
    ['no channels', { channels: [] }],
    ['no network id', { networkId: '' }],
  ])('(%s) is malformed whoever signed it', (_, part) => {
    expect(asFirst(signed(change(part)))).toBe('malformed');
  });
});

describe('a later document', () => {
  it('needs t trustees of the one before, not all', () => {
    const two = [...trustees().entries()].slice(0, 2);
    expect(asSuccessor(signed(successor(), two))).toBe('verified');
    expect(asSuccessor(signed(successor(), two.slice(0, 1)))).toBe('too-few-trustee-signatures');
  });

  it.each<[string, () => Partial<NetworkDocument>]>([
    ['a lower minimum', () => ({ minMeters: 5, marginMeters: 0 })],
    ['a lower presence ratio', () => ({ minPresencePermille: 600 })],
    ['a lower quorum or other trustees', () => ({ trustees: [...document.trustees].reverse() })],
  ])('with %s needs those signatures too', (_, part) => {
    const body = successor(part());
    const one = [...trustees().entries()].slice(0, 1);
    expect(asSuccessor(signed(body, one))).toBe('too-few-trustee-signatures');
  });

  it('cannot be signed by its own new trustees', () => {
    const stranger = world.parties.auditor.signer;
    const added = document.trustees.map((trustee) => ({
      ...trustee,
      publicKey: stranger.publicKey,
    }));
    const by = [0, 1, 2].map((at) => [at, stranger] as const);
    expect(asSuccessor(signed(successor({ trustees: added }), by))).toBe(
      'too-few-trustee-signatures',
    );
  });

  it.each<[string, () => Partial<NetworkDocument>]>([
    ['the same version', () => ({ version: document.version })],
    ['an earlier version', () => ({ version: 0 })],
    ['the same epoch', () => ({ fromEpoch: document.fromEpoch })],
    ['an earlier epoch', () => ({ fromEpoch: epoch(document.fromEpoch - 1) })],
    ['no predecessor', () => ({ previous: null })],
    ['another predecessor', () => ({ previous: new Uint8Array(32) })],
    ['another network id', () => ({ networkId: 'other' })],
  ])('with %s is stale', (_, part) => {
    expect(asSuccessor(signed(successor(part())))).toBe('stale-version');
  });

  it('keeps the registrar', () => {
    const registrar = world.parties.auditor.signer;
    const taken = successor({ registrar: registrar.publicKey });
    expect(asSuccessor(signed(taken, undefined, registrar))).toBe('wrong-registrar');
  });
});

describe('the tree and the cells', () => {
  const cells = () => document.cells;
  const areas = () => document.areas;

  it.each<[string, () => Partial<NetworkDocument>, string]>([
    ['a cell twice', () => ({ cells: [...cells(), cells()[0]!] }), 'bad-cells'],
    [
      'two cells that share a street',
      () => ({ cells: [cells()[0]!, { ...cells()[0]!, members: [...cells()[0]!.members, 4] }] }),
      'bad-cells',
    ],
    ['members of another home', () => ({ cells: [{ ...cells()[0]!, home: 0 }] }), 'bad-cells'],
    [
      'a cell of a rarer channel that is no union of net cells',
      () => ({ cells: cells().filter(({ channel }) => channel !== 0) }),
      'bad-cells',
    ],
    [
      'a cell of a channel that nobody there declares',
      () => ({
        cells: [...cells().filter(({ channel }) => channel === 0), { ...cells()[2]!, channel: 1 }],
      }),
      'bad-cells',
    ],
    [
      'a cell of a channel that does not exist',
      () => ({ cells: [{ ...cells()[0]!, channel: 5 }] }),
      'bad-cells',
    ],
    [
      'a higher cap sum',
      () => ({ cells: cells().map((c) => ({ ...c, capSumWh: 1 })) }),
      'bad-counts',
    ],
    [
      'a parent behind its child',
      () => ({ areas: areas().map((area, at) => (at === 1 ? { ...area, parent: 5 } : area)) }),
      'bad-tree',
    ],
    [
      'children in another order',
      () => ({ areas: areas().map((area, at) => (at === 3 ? { ...area, token: 'zz' } : area)) }),
      'bad-tree',
    ],
    [
      'an aggregator that does not exist',
      () => ({ areas: areas().map((area) => ({ ...area, aggregator: 9 })) }),
      'bad-tree',
    ],
    [
      'a token that could forge a subject',
      () => ({ areas: areas().map((area, at) => (at === 3 ? { ...area, token: 's.*' } : area)) }),
      'malformed',
    ],
    [
      'one meter more than the roster has',
      () => ({ areas: withStreet((street) => ({ ...street, meterCount: street.meterCount + 1 })) }),
      'bad-counts',
    ],
    [
      'another roster digest',
      () => ({ areas: withStreet((street) => ({ ...street, rosterDigest: new Uint8Array(32) })) }),
      'bad-roster',
    ],
  ])('with %s do not stand, whoever signed them', (_, part, reason) => {
    expect(asFirst(signed(change(part())))).toBe(reason);
  });

  it('with a cell below the minimum do not stand: the planner’s rules hold for every document', () => {
    // m1/s1 has three meters: alone it may be no cell.
    const [index, street] = [...areas().entries()].filter(
      ([, area]) => area.street?.meterCount === 3,
    )[0]!;
    const home = street.parent!;
    const others = cells().filter((cell) => cell.home !== home);
    const alone = { channel: 0, home, members: [index], capSumWh: 3 * 2 ** 40 };
    expect(asFirst(signed(change({ cells: [...others, alone] })))).toBe('bad-cells');
  });

  it('with a cell that one meter dominates do not stand', () => {
    // Of six equal caps none exceeds a quarter; of a share of 100 permille, each does.
    expect(asFirst(signed(change({ maxCapSharePermille: 166 })))).toBe('bad-cells');
    expect(asFirst(signed(change({ maxCapSharePermille: 167 })))).toBe('verified');
  });

  function withStreet(
    edit: (street: NonNullable<(typeof document.areas)[number]['street']>) => object,
  ) {
    return areas().map((area) =>
      area.street === null ? area : { ...area, street: { ...area.street, ...edit(area.street) } },
    );
  }
});

describe('rosters and attestations', () => {
  it.each<[string, () => Partial<NetworkBundle>, string]>([
    ['a roster less', () => ({ rosters: world.bundle.rosters.slice(1) }), 'missing-roster'],
    [
      'an attestation less',
      () => ({ attestations: world.bundle.attestations.slice(1) }),
      'bad-attestation',
    ],
    [
      'attestations in another order',
      () => ({ attestations: [...world.bundle.attestations].reverse() }),
      'bad-attestation',
    ],
    [
      'an attestation more, that the document does not pin',
      () => ({ attestations: [...world.bundle.attestations, world.bundle.attestations[0]!] }),
      'bad-attestation',
    ],
    [
      'a roster that somebody else signed',
      () => ({ rosters: resigned(world.parties.auditor.signer) }),
      'bad-roster',
    ],
  ])('with %s do not verify', (_, part, reason) => {
    expect(asFirst({ ...world.bundle, ...part() })).toBe(reason);
  });

  it('with a meter that declares a channel beyond those of the network do not verify', () => {
    const [bytes, ...others] = world.bundle.rosters;
    const roster = decodeRoster(splitSigned('roster', bytes!)!.body)!;
    const withChannel = (channel: number) => {
      const [first, ...rest] = roster.entries;
      const channels = channelSet(first!.channels | (1 << channel));
      const entries = [{ ...first!, channels }, ...rest];
      const own = signRoster({ ...roster, entries }, world.parties.registrar.signer);
      const digest = rosterDigest(splitSigned('roster', own)!.body);
      const areas = document.areas.map((area) =>
        area.street !== null && equalBytes(area.street.rosterDigest, rosterDigestOf(bytes!))
          ? { ...area, street: { ...area.street, rosterDigest: digest } }
          : area,
      );
      return asFirst({ ...signed(change({ areas })), rosters: [own, ...others] });
    };
    expect(withChannel(document.channels.length)).toBe('bad-roster');
    // One of the network's own is another count, or the same.
    expect(withChannel(document.channels.length - 1)).not.toBe('bad-roster');
  });

  it('count only slots that every trustee attested', () => {
    const attestations = world.bundle.attestations.map((bytes, trustee) => {
      const attestation = decodeAttestation(splitSigned('attestation', bytes)!.body)!;
      const rosters = attestation.rosters.map((roster, at) => ({
        ...roster,
        accepted: trustee === 1 && at === 0 ? Uint8Array.of(0b011111) : roster.accepted,
      }));
      return createAttestation({ ...attestation, rosters }, trustees()[trustee]!);
    });
    const attestationDigests = attestations.map((bytes) => sha256(bytes));
    const bundle = { ...signed(change({ attestationDigests })), attestations };
    expect(asFirst(bundle)).toBe('bad-counts');
  });

  function rosterDigestOf(bytes: Uint8Array): Uint8Array {
    return rosterDigest(splitSigned('roster', bytes)!.body);
  }

  function resigned(signer: Signer): Uint8Array[] {
    return world.bundle.rosters.map((bytes) =>
      signRoster(decodeRoster(splitSigned('roster', bytes)!.body)!, signer),
    );
  }
});

describe('the meter policy', () => {
  it('stays the same where only tree, cells or other parties change', () => {
    const same: Partial<NetworkDocument>[] = [
      { areas: [], cells: [] },
      { version: 9, fromEpoch: epoch(9) },
      { aggregators: [] },
      { auditors: [] },
      { closeAfterSeconds: 30 },
    ];
    for (const part of same)
      expect(meterPolicyDigest({ ...document, ...part })).toEqual(world.network.meterPolicy);
  });

  it('changes with whatever a meter must agree to', () => {
    const others: Partial<NetworkDocument>[] = [
      { networkId: 'x' },
      { intervalSeconds: 1800 },
      { channels: document.channels.slice(1) },
      { trustees: document.trustees.slice(1) },
      { quorum: 3 },
      { minMeters: 6 },
    ];
    for (const part of others)
      expect(meterPolicyDigest({ ...document, ...part })).not.toEqual(world.network.meterPolicy);
  });
});

describe('compiling', () => {
  it('gives every declaring street exactly one cell per channel, or none', () => {
    const network = compileNetwork(world.bundle.document);
    if (typeof network === 'string') throw new Error(network);
    for (const channel of [0, 1, 2]) {
      const streets = [...network.cells]
        .filter((cell) => cell.channel === channel)
        .flatMap((cell) => cell.streets);
      expect(new Set(streets).size).toBe(streets.length);
    }
    expect(decodeNetworkDocument(world.bundle.document)).toEqual(document);
  });
});
