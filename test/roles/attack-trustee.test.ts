// A trustee that lies, one that comes back from an old backup, and whoever asks a trustee for what
// was not granted.

import { beforeAll, describe, expect, it } from 'vitest';
import { createAnswerSession, openAnswer, sealAnswer } from '../../src/core/answer-seal.ts';
import { areaId } from '../../src/core/area.ts';
import { channelSet, NET } from '../../src/core/channel.ts';
import { type Grant, signGrant } from '../../src/core/grant.ts';
import { epoch, intervalIndex } from '../../src/core/interval.ts';
import { signMessage, splitSigned } from '../../src/core/signed.ts';
import {
  decodeUnmaskAnswer,
  encodeUnmaskAnswer,
  encodeUnmaskRequest,
  type UnmaskAnswer,
  type UnmaskRequest,
  type UnmaskResult,
} from '../../src/core/unmask.ts';
import { signAlert } from '../../src/roles/auditor-check.ts';
import {
  createUnmaskRequest,
  handleAlert,
  handleAnswer,
  openInterval,
} from '../../src/roles/monitor.ts';
import type { TrusteeState } from '../../src/roles/trustee.ts';
import { createLedgerEntry, handleLedgerEntry } from '../../src/roles/trustee-ledger.ts';
import { handleSeal } from '../../src/roles/trustee-seal.ts';
import { handleUnmaskRequest } from '../../src/roles/trustee-unmask.ts';
import { testBytes } from '../support/enrolment.ts';
import {
  createNodes,
  createTrusteeOf,
  createWorld,
  grantOf,
  indexOf,
  NOON,
  plainSums,
  type Run,
  runInterval,
  type World,
} from '../support/world.ts';

const SEALED_AT = (NOON + 1) * 900 + 60;
let world: World;
let honest: Run;

beforeAll(async () => {
  world = await createWorld();
  honest = runInterval(world);
});

function trusteeSigner(of: World, index: number) {
  return of.parties.trustees[index]!.signer;
}

/** The answer with some of its fields or results changed, signed again by a trustee. */
function forgeAnswer(
  of: World,
  answer: Uint8Array,
  signer: number,
  change: Partial<UnmaskAnswer>,
): Uint8Array {
  const body = decodeUnmaskAnswer(splitSigned('unmask-answer', answer)!.body)!;
  const encoded = encodeUnmaskAnswer({ ...body, ...change });
  return signMessage('unmask-answer', encoded, trusteeSigner(of, signer));
}

/** Trustee `liar` changes its result for the first target. */
function lieAbout(
  of: World,
  liar: number,
  change: (result: UnmaskResult) => Partial<UnmaskResult>,
) {
  return (answer: Uint8Array, trustee: number): Uint8Array => {
    if (trustee !== liar) return answer;
    const body = decodeUnmaskAnswer(splitSigned('unmask-answer', answer)!.body)!;
    const [first, ...rest] = body.results;
    return forgeAnswer(of, answer, liar, { results: [{ ...first!, ...change(first!) }, ...rest] });
  };
}

function oneMore(result: UnmaskResult): Partial<UnmaskResult> {
  const sums = result.sums.slice();
  sums[0]! += 1n;
  return { sums };
}

describe('a trustee whose component sum is wrong', () => {
  it.each([0, 1, 2])(
    '(trustee %i) is named with the other holder, and the cell withheld',
    (liar) => {
      const run = runInterval(world, { tamperAnswer: lieAbout(world, liar, oneMore) });
      expect(run.opened.figures[0]).toEqual({ kind: 'withheld', reason: 'mismatch' });
      expect(run.opened.disagreements).toHaveLength(1);
      const [found] = run.opened.disagreements;
      expect(found?.target).toBe(0);
      expect(found?.trustees).toContain(liar);
      expect(found?.trustees).toHaveLength(2);
      for (const figure of run.opened.figures.slice(1)) expect(figure.kind).toBe('released');
    },
  );

  it('is not seen where the only other holder is down: the total stands, marked unchecked', () => {
    // Trustee 0 alone answers for the component that it shares with trustee 1.
    const run = runInterval(world, {
      trusteesUp: [0, 2],
      tamperAnswer: lieAbout(world, 0, oneMore),
    });
    expect(run.opened.figures[0]).toMatchObject({ kind: 'released', isChecked: false });
    expect(run.opened.disagreements).toEqual([]);
    expect(run.opened.figures[0]).not.toMatchObject({
      energyWh: plainSums(world, 'es/r0/m0/s0')[NET],
    });
  });

  it('is always seen with four of which three must answer, also while one is down', async () => {
    const four = await createWorld({
      quorum: { trusteeCount: 4, quorum: 3 },
      streets: { 'es/m/s': { meters: 6 } },
    });
    for (const down of [1, 2, 3]) {
      const run = runInterval(four, {
        trusteesUp: [0, 1, 2, 3].filter((index) => index !== down),
        tamperAnswer: lieAbout(four, 0, (result) => ({
          sums: result.sums.map((sum) => sum + 1n),
        })),
      });
      expect(run.opened.figures[0]).toEqual({ kind: 'withheld', reason: 'mismatch' });
    }
  });

  it.each<[string, (result: UnmaskResult) => Partial<UnmaskResult>]>([
    ['no sums', () => ({ sums: new BigUint64Array(0) })],
    ['another set', () => ({ setDigest: new Uint8Array(32).fill(1) })],
    ['another seal', () => ({ sealDigest: new Uint8Array(32).fill(1) })],
    ['a refusal', () => ({ status: 'too-few', sums: new BigUint64Array(0) })],
  ])('or who answers with %s only takes itself out of the quorum', (_, change) => {
    const all = runInterval(world, { tamperAnswer: lieAbout(world, 2, change) });
    expect(all.opened.figures[0]).toMatchObject({
      kind: 'released',
      energyWh: plainSums(world, 'es/r0/m0/s0')[NET],
    });
    const two = runInterval(world, {
      trusteesUp: [1, 2],
      tamperAnswer: lieAbout(world, 2, change),
    });
    expect(two.opened.figures[0]?.kind).toBe('withheld');
  });
});

describe('an answer that is not one to this request', () => {
  it.each<[string, Partial<UnmaskAnswer>]>([
    ['another interval', { interval: intervalIndex(NOON + 1) }],
    ['another nonce', { nonce: new Uint8Array(16) }],
    ['another network', { network: new Uint8Array(32) }],
    ['another trustee', { trustee: 1 }],
    ['fewer targets', { results: [] }],
  ])('(%s) does not count', (_, change) => {
    const run = runInterval(world, {
      trusteesUp: [0, 1],
      tamperAnswer: (answer, trustee) =>
        trustee === 0 ? forgeAnswer(world, answer, 0, change) : answer,
    });
    expect(run.nodes.monitor.rejected.get('bad-answer')).toBe(1);
    expect(run.opened.figures[0]).toEqual({ kind: 'withheld', reason: 'no-quorum' });
  });

  it('(signed by another trustee) does not count', () => {
    const run = runInterval(world, {
      trusteesUp: [0, 1],
      tamperAnswer: (answer) => forgeAnswer(world, answer, 1, {}),
    });
    expect(run.opened.figures[0]).toEqual({ kind: 'withheld', reason: 'no-quorum' });
  });

  it('(from an earlier request, replayed) does not count', () => {
    const nodes = createNodes(world);
    const kept: Uint8Array[] = [];
    runInterval(world, {
      nodes,
      tamperAnswer: (answer) => {
        kept.push(answer);
        return answer;
      },
    });
    createUnmaskRequest(nodes.monitor, NOON, testBytes('another nonce', 16));
    for (const [trustee, answer] of kept.entries())
      expect(handleAnswer(nodes.monitor, NOON, trustee, answer)).toBe(false);
    const [figure] = openInterval(nodes.monitor, NOON).figures;
    expect(figure).toEqual({ kind: 'withheld', reason: 'no-quorum' });
  });

  it('(sealed for someone else, or for another request, or altered) does not open', async () => {
    const { keyPair } = world.parties.monitor;
    const stranger = world.parties.aggregators[0]!.keyPair;
    const [answer, request, other] = ['answer', 'request', 'other'].map((label) =>
      testBytes(label, 100),
    ) as [Uint8Array, Uint8Array, Uint8Array];
    const session = await createAnswerSession(keyPair.publicKey, testBytes('ephemeral', 64));
    const sealed = sealAnswer(session, answer, request);
    const open = (bytes: Uint8Array, to = request, pair = keyPair) =>
      openAnswer(bytes, to, pair, new Map());
    expect(await open(sealed)).toEqual(answer);
    expect(await open(sealed, request, stranger)).toBeUndefined();
    expect(await open(sealed, other)).toBeUndefined();
    for (let at = 0; at < sealed.length; at += 97) {
      const altered = sealed.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(await open(altered)).toBeUndefined();
    }
    expect(await open(sealed.subarray(0, -1))).toBeUndefined();
    expect(await open(new Uint8Array(0))).toBeUndefined();
    // A session never seals two answers under one nonce.
    const again = sealAnswer(session, answer, request);
    expect(again).not.toEqual(sealed);
    expect(await open(again)).toEqual(answer);
  });
});

describe('a request outside the grant', () => {
  const everyTarget = () =>
    honest.nodes.monitor.plan.targets.map(({ kind, index, channel }) => ({ kind, index, channel }));

  interface Asking {
    readonly grant?: Partial<Grant>;
    readonly request?: Partial<UnmaskRequest>;
    readonly grantor?: keyof Pick<World['parties'], 'registrar' | 'auditor'>;
    readonly asker?: keyof Pick<World['parties'], 'monitor' | 'auditor'>;
    readonly trustee?: TrusteeState;
  }

  function ask(asking: Asking) {
    const { parties } = world;
    const grant = grantOf(world, asking.grant);
    const body = encodeUnmaskRequest({
      network: world.network.digest,
      interval: NOON,
      targets: everyTarget(),
      nonce: testBytes('nonce', 16),
      grant: signGrant(grant, parties[asking.grantor ?? 'registrar'].signer),
      ...asking.request,
    });
    const signer = parties[asking.asker ?? 'monitor'].signer;
    const outcome = handleUnmaskRequest(
      asking.trustee ?? honest.nodes.trustees[0]!,
      signMessage('unmask-request', body, signer),
    );
    if (outcome.kind === 'rejected') return outcome.reason;
    const answer = decodeUnmaskAnswer(splitSigned('unmask-answer', outcome.answer)!.body)!;
    return answer.results;
  }

  function released(asking: Asking): string[] {
    const results = ask(asking);
    if (typeof results === 'string') throw new Error(results);
    const { targets } = { targets: asking.request?.targets ?? everyTarget() };
    return results.flatMap((result, at) => {
      const target = targets[at]!;
      const name =
        target.kind === 'cell'
          ? world.network.cells.at(target.index)?.name
          : world.network.areas.at(target.index)?.id;
      if (result.status !== 'released') expect(result.sums).toHaveLength(0);
      return result.status === 'released' ? [`${name} ${target.channel}`] : [];
    });
  }

  it('of another area gets nothing', () => {
    expect(released({ grant: { area: areaId('es/r0/m0/s0') } })).toEqual(['es/r0/m0/s0 0']);
    expect(released({ grant: { area: areaId('es/r1') } })).toEqual(['es/r1/{m2+m3} 0']);
    expect(released({ grant: { area: areaId('es/r') } })).toEqual([]);
    // One town of a merged cell is not the cell.
    expect(released({ grant: { area: areaId('es/r1/m2') } })).toEqual([]);
  });

  it('deeper than its depth gets nothing', () => {
    expect(released({ grant: { deepestDepth: 2 } })).toEqual([]);
    expect(released({ grant: { deepestDepth: 3 } })).toEqual(['es/r1/{m2+m3} 0']);
    expect(released({ grant: { deepestDepth: 4 } })).toHaveLength(6);
  });

  it('of another channel gets nothing, also under a channel number that a cell does not have', () => {
    const grant = { channels: channelSet(0b010) };
    expect(released({ grant })).toEqual(['es/r0/m0/{s0+s1} 1']);
    const targets = [{ kind: 'cell' as const, index: 0, channel: 1 }];
    expect(released({ grant, request: { targets } })).toEqual([]);
    expect(released({ request: { targets } })).toEqual([]);
  });

  it('of another epoch gets nothing', () => {
    expect(released({ grant: { untilEpoch: epoch(20_000) } })).toEqual([]);
    expect(released({ grant: { fromEpoch: epoch(20_001) } })).toEqual([]);
    expect(
      released({ grant: { fromEpoch: epoch(20_000), untilEpoch: epoch(20_001) } }),
    ).toHaveLength(6);
  });

  it('of cells and areas that do not exist gets nothing, and of what is dissolved neither', () => {
    const targets = [
      { kind: 'cell' as const, index: 999, channel: 0 },
      { kind: 'cell' as const, index: 0xffffffff, channel: 7 },
      { kind: 'area' as const, index: 0xffffffff, channel: 0 },
      { kind: 'area' as const, index: indexOf(world.network, 'es/r1/m2'), channel: 0 },
      { kind: 'area' as const, index: indexOf(world.network, 'es/r0/m0/s0'), channel: 0 },
      { kind: 'area' as const, index: indexOf(world.network, 'es/r0/m1'), channel: 1 },
    ];
    expect(released({ request: { targets } })).toEqual([]);
  });

  it.each<[string, Asking, string]>([
    ['with a grant that the registrar did not sign', { grantor: 'auditor' }, 'bad-grant'],
    ['with another network’s grant', { grant: { networkId: 'other' } }, 'bad-grant'],
    ['signed by another than the grant names', { asker: 'auditor' }, 'bad-request-signature'],
    ['about another network', { request: { network: new Uint8Array(32) } }, 'wrong-network'],
    ['with no grant', { request: { grant: new Uint8Array(0) } }, 'bad-grant'],
  ])('%s is rejected and answered with nothing', (_, asking, reason) => {
    expect(ask(asking)).toBe(reason);
  });

  it('is answered the same every time: asking again and again tells nothing new', () => {
    expect(ask({})).toEqual(ask({}));
  });

  it('about an interval that is not sealed gets no-seal, not a throw', () => {
    const results = ask({ request: { interval: intervalIndex(NOON + 1) } });
    for (const result of results as UnmaskResult[]) expect(result.status).toBe('no-seal');
  });
});

describe('a trustee that comes back from an old backup', () => {
  function published(): { readonly entry: Uint8Array; readonly seal: Uint8Array } {
    const trustee = createTrusteeOf(world, 0);
    const { seal } = honest.published.get(areaId('es/r0/m0'))!;
    const outcome = handleSeal(trustee, seal, SEALED_AT);
    if (outcome.kind !== 'summed') throw new Error(outcome.reason);
    return { entry: createLedgerEntry(trustee, [outcome.binding]), seal };
  }

  it('finds its published head ahead of it and refuses every interval up to there', () => {
    const { entry, seal } = published();
    const restored = createTrusteeOf(world, 0);
    expect(handleLedgerEntry(restored, entry)).toEqual({ kind: 'taken' });
    const refused = { kind: 'rejected', reason: 'refused-interval' };
    expect(handleSeal(restored, seal, SEALED_AT)).toEqual(refused);
    const earlier = runInterval(world, { interval: intervalIndex(NOON - 1) });
    const before = earlier.published.get(areaId('es/r0/m1'))!;
    expect(handleSeal(restored, before.seal, SEALED_AT)).toEqual(refused);
    const later = runInterval(world, { interval: intervalIndex(NOON + 1) });
    const after = later.published.get(areaId('es/r0/m0'))!;
    expect(handleSeal(restored, after.seal, SEALED_AT + 900).kind).toBe('summed');
  });

  it('goes on with its chain where the published one ends', () => {
    const { entry } = published();
    const restored = createTrusteeOf(world, 0);
    handleLedgerEntry(restored, entry);
    expect(restored.ledgerSequence).toBe(1);
    createLedgerEntry(restored, []);
    expect(restored.ledgerSequence).toBe(2);
  });

  it('is not shut out by what another, or nobody, signed in its name', () => {
    const { entry } = published();
    const restored = createTrusteeOf(world, 0);
    const body = splitSigned('ledger', entry)!.body;
    const forged = [
      signMessage('ledger', body, trusteeSigner(world, 1)),
      signMessage('seal', body, trusteeSigner(world, 0)),
      entry.map((byte, at) => (at === entry.length - 1 ? byte ^ 1 : byte)),
      entry.subarray(0, -1),
    ];
    for (const bytes of forged)
      expect(handleLedgerEntry(restored, bytes)).toEqual({ kind: 'rejected' });
    expect(restored.refusedUntil).toBe(-1);
  });

  it('is not troubled by its own entries that it knows', () => {
    const trustee = createTrusteeOf(world, 0);
    const { seal } = honest.published.get(areaId('es/r0/m0'))!;
    const outcome = handleSeal(trustee, seal, SEALED_AT);
    if (outcome.kind !== 'summed') throw new Error(outcome.reason);
    const entry = createLedgerEntry(trustee, [outcome.binding]);
    expect(handleLedgerEntry(trustee, entry)).toEqual({ kind: 'taken' });
    expect(trustee.refusedUntil).toBe(-1);
  });
});

describe('a ledger on the stream', () => {
  const chain = (count: number): readonly Uint8Array[] => {
    const trustee = createTrusteeOf(world, 0);
    const { seal } = honest.published.get(areaId('es/r0/m0'))!;
    const outcome = handleSeal(trustee, seal, SEALED_AT);
    if (outcome.kind !== 'summed') throw new Error(outcome.reason);
    return Array.from({ length: count }, (_, at) =>
      createLedgerEntry(trustee, at === 0 ? [outcome.binding] : []),
    );
  };

  it('is followed entry by entry, also where one is repeated', () => {
    const [first, second, third] = chain(3) as [Uint8Array, Uint8Array, Uint8Array];
    const other = createTrusteeOf(world, 1);
    for (const entry of [first, first, second, second, third])
      expect(handleLedgerEntry(other, entry)).toEqual({ kind: 'taken' });
  });

  it('shows a missing entry, and one that another took the place of', () => {
    const [first, second, third] = chain(3) as [Uint8Array, Uint8Array, Uint8Array];
    const gap = createTrusteeOf(world, 1);
    handleLedgerEntry(gap, first);
    expect(handleLedgerEntry(gap, third)).toMatchObject({ kind: 'conflict', trustee: 0 });
    const fork = createTrusteeOf(world, 1);
    // The second entry of a second chain: it stands on nothing that was published before.
    const forked = createLedgerEntry({ ...createTrusteeOf(world, 0), ledgerSequence: 1 }, []);
    for (const entry of [first, second]) handleLedgerEntry(fork, entry);
    expect(handleLedgerEntry(fork, forked)).toMatchObject({ kind: 'conflict', trustee: 0 });
    expect(fork.rejected.get('broken-ledger')).toBe(1);
  });
});

describe('an alert', () => {
  const alert = {
    area: areaId('es/r0/m0'),
    interval: NOON,
    sealDigest: new Uint8Array(32),
    finding: 'wrong-total' as const,
    cells: [] as const,
    detail: '',
  };

  it('that no auditor of the document signed withholds nothing', () => {
    const run = runInterval(world);
    const forged = signAlert(
      { ...run.nodes.auditor, signer: world.parties.aggregators[0]!.signer },
      alert,
    );
    expect(handleAlert(run.nodes.monitor, forged)).toBeUndefined();
    expect(openInterval(run.nodes.monitor, NOON).figures[0]?.kind).toBe('released');
  });

  it('of a frame that was left out, which any meter can bring about, withholds nothing', () => {
    const run = runInterval(world);
    const shown = { ...alert, finding: 'left-out-frame' } as const;
    handleAlert(run.nodes.monitor, signAlert(run.nodes.auditor, shown));
    for (const figure of openInterval(run.nodes.monitor, NOON).figures)
      expect(figure.kind).toBe('released');
  });

  it('that comes late still withholds, and only what it is about', () => {
    const run = runInterval(world);
    handleAlert(run.nodes.monitor, signAlert(run.nodes.auditor, alert));
    const { figures } = openInterval(run.nodes.monitor, NOON);
    const mismatched = run.nodes.monitor.plan.targets.flatMap(({ home }, at) =>
      figures[at]?.kind === 'withheld' ? [world.network.areas.at(home)?.id] : [],
    );
    expect(new Set(mismatched)).toEqual(new Set(['es/r0/m0']));
    expect(mismatched).toHaveLength(4);
  });
});
