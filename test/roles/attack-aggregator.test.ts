// An aggregator that lies: about its sum, about who contributed, about who may be published, about
// its children. Trustees refuse what they can check; the auditor finds the rest within the interval.

import { beforeAll, describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { channelSet, NET } from '../../src/core/channel.ts';
import { sha256 } from '../../src/core/digest.ts';
import { encodeFrame, frameContext } from '../../src/core/frame.ts';
import { frameDigest } from '../../src/core/frames-root.ts';
import { type Grant, signGrant } from '../../src/core/grant.ts';
import { epoch, intervalIndex } from '../../src/core/interval.ts';
import type { Alert } from '../../src/core/notice.ts';
import { encodeTotalsQuery, type TotalsQuery } from '../../src/core/query.ts';
import { type RosterEntry, slot } from '../../src/core/roster.ts';
import { encodeSeal, type Seal } from '../../src/core/seal.ts';
import { createSigner, signMessage } from '../../src/core/signed.ts';
import { encodeTotal } from '../../src/core/total.ts';
import { handleChildSeal, handleChildTotal } from '../../src/roles/aggregator-children.ts';
import { handleTotalsQuery } from '../../src/roles/aggregator-query.ts';
import { createSeal, totalOfSeal } from '../../src/roles/aggregator-seal.ts';
import { observeReading, observeSeal, observeTotal } from '../../src/roles/auditor.ts';
import { handleTotal } from '../../src/roles/monitor.ts';
import { handleSeal } from '../../src/roles/trustee-seal.ts';
import { handleReading } from '../support/handle-reading.ts';
import {
  createAggregatorOf,
  createMonitorOf,
  createNodes,
  createTrusteeOf,
  createWorld,
  FIRST_DAY,
  grantOf,
  indexOf,
  metersOf,
  NOON,
  type Published,
  plainSums,
  type Run,
  type RunOptions,
  runInterval,
  sendFrames,
  type World,
} from '../support/world.ts';
import { forgeSeal, forgeTotal, readSeal, readTotal, type SealChange, sealOf } from './forge.ts';

const TOWN = areaId('es/r0/m0');
const END = (NOON + 1) * 900;
const SEALED_AT = END + 60;
let world: World;
let honest: Run;

beforeAll(async () => {
  world = await createWorld();
  honest = runInterval(world);
});

function netOf(run: Run, area: string): number | undefined {
  return run.rows.get(area)?.energyWh[NET];
}

function reasonOf(run: Run, area: string): string | undefined {
  return run.rows.get(area)?.status === 'withheld' ? run.rows.get(area)?.reason : undefined;
}

function findings(alerts: readonly Alert[]): string[] {
  return alerts.map(({ area, finding }) => `${area} ${finding}`);
}

/** One area’s aggregator forges its seal; all others are honest. */
function runWith(
  area: string,
  forge: (published: Published) => Published,
  options: RunOptions = {},
): Run {
  return runInterval(world, {
    ...options,
    tamperSeal: (id, sealed) => (id === area ? forge(sealed) : sealed),
  });
}

function streetSigner() {
  return world.parties.aggregators[1]!.signer;
}

describe('a total that is not the sum of its frames', () => {
  it('is found by the auditor within the interval, and its cell withheld with mismatch', () => {
    const run = runWith(TOWN, (published) =>
      forgeTotal(published, streetSigner(), ({ area, cells }) => {
        cells[NET]![0]! += 100n;
        area[NET]! += 100n;
      }),
    );
    expect(findings(run.alerts)).toEqual([`${TOWN} wrong-total`]);
    expect(reasonOf(run, 'es/r0/m0/s0')).toBe('mismatch');
    expect(netOf(run, 'es/r0/m0/s1')).toBe(plainSums(world, 'es/r0/m0/s1')[NET]);
    const without = new Set(metersOf(world, 'es/r0/m0/s0'));
    expect(netOf(run, 'es')).toBe(plainSums(world, 'es', { without })[NET]);
  });

  it('would have been published as it stands without the auditor: nothing else can know', () => {
    const lie = (published: Published) =>
      forgeTotal(published, streetSigner(), ({ cells }) => {
        cells[NET]![0]! += 100n;
      });
    const run = runWith(TOWN, lie, { isAudited: false });
    expect(netOf(run, 'es/r0/m0/s0')).toBe(plainSums(world, 'es/r0/m0/s0')[NET]! + 100);
  });

  it('of a whole area is found too, where its cells are right', () => {
    const nodes = createNodes(world, { deepestDepth: 3 });
    const lie = (published: Published) =>
      forgeTotal(published, streetSigner(), ({ area }) => {
        area[NET]! += 100n;
      });
    const run = runWith(TOWN, lie, { nodes });
    expect(findings(run.alerts)).toEqual([`${TOWN} wrong-total`]);
    expect(reasonOf(run, TOWN)).toBe('mismatch');
  });

  it('that does not match its own header counts nowhere', () => {
    const bytes = honest.published.get(TOWN)!.total.slice();
    bytes[bytes.length - 1]! ^= 1;
    expect(handleTotal(createMonitorOf(world), bytes)).toBeUndefined();
  });

  it('whose words were moved between the area and its cells counts nowhere', () => {
    // The same words in the same order: only the borders between them differ.
    const nodes = createNodes(world);
    const { totals, ...rest } = readTotal(honest.published.get(TOWN)!.total);
    const [first, ...others] = totals.cells;
    const area = totals.area.slice(0, -1);
    const last = totals.area.slice(-1);
    const cells = [new BigUint64Array([...last, ...first!]), ...others];
    const moved = encodeTotal({ ...rest, totals: { area, cells } });
    expect(handleTotal(nodes.monitor, moved)).toBeUndefined();
    expect(handleChildTotal(nodes.aggregators[0]!, moved, SEALED_AT)).toBe('malformed-child');
    expect(observeTotal(nodes.auditor, moved)).toBeUndefined();
  });

  it('and has another number of channels, which its header names, does not stop its parent', () => {
    const { seal, total } = forgeTotal(honest.published.get(TOWN)!, streetSigner(), (words) => {
      words.area = words.area.slice(0, -1);
    });
    const parent = createAggregatorOf(world, 0);
    expect(handleChildSeal(parent, seal, SEALED_AT)).toBeTypeOf('object');
    expect(handleChildTotal(parent, total, SEALED_AT)).toBe('malformed-child');
    expect(createSeal(parent, indexOf(world.network, 'es/r0'), NOON).seal).toBeInstanceOf(
      Uint8Array,
    );
  });
});

describe('a seal that leaves a meter out', () => {
  const victim = 4;

  it('whose frame stood in the stream in time is shown by the auditor, with street and slot', () => {
    const messages = sendFrames(world, createNodes(world), NOON);
    const run = runInterval(world, {
      tamperSeal: (area, sealed) =>
        area === TOWN
          ? sealOf(
              world,
              TOWN,
              NOON,
              messages.filter((_, index) => index !== victim),
            )
          : sealed,
    });
    expect(findings(run.alerts)).toContain(`${TOWN} left-out-frame`);
    expect(run.alerts[0]?.detail).toBe('es/r0/m0/s0 slot 4');
    // A frame may have had a bad tag, which the auditor cannot see: it is shown and blanks nothing.
    const without = new Set([victim]);
    expect(netOf(run, 'es/r0/m0/s0')).toBe(plainSums(world, 'es/r0/m0/s0', { without })[NET]);
  });

  it('is refused while the meter may still report', () => {
    const drop = new Set([victim]);
    for (const [after, reasons] of [
      [0, ['early-seal']],
      [59, ['early-seal']],
      [60, []],
    ] as const) {
      const run = runInterval(world, { drop, sealedAfterSeconds: after });
      const refused = run.refusedSeals[0]?.filter((line) => line.startsWith(`${TOWN} `));
      expect(refused?.map((line) => line.split(' ')[1])).toEqual(reasons);
    }
  });

  it('may come at the interval’s end where nobody is left out, and not before', () => {
    expect(runInterval(world, { sealedAfterSeconds: 0 }).refusedSeals.flat()).toEqual([]);
    const early = runInterval(world, { sealedAfterSeconds: -1 });
    expect(early.refusedSeals[0]).toContain(`${TOWN} early-seal`);
  });

  it('above the streets, that leaves a whole town out, is refused while the town may still seal', () => {
    const tamperSeal: RunOptions['tamperSeal'] = (area, sealed) =>
      area === 'es/r0/m1' ? undefined : sealed;
    const early = runInterval(world, { tamperSeal, sealedAfterSeconds: 10 });
    expect(early.refusedSeals[0]).toContain('es/r0 early-seal');
    const late = runInterval(world, { tamperSeal, sealedAfterSeconds: 60 });
    expect(late.refusedSeals[0]).not.toContain('es/r0 early-seal');
  });
});

describe('a seal that says what is not so', () => {
  it.each<[string, SealChange, string]>([
    [
      'that a cell is withheld which is not',
      { header: { decisions: [Uint8Array.of(1, 0), Uint8Array.of(0), Uint8Array.of(0)] } },
      'wrong-decision',
    ],
    [
      'with one decision too few',
      { header: { decisions: [Uint8Array.of(0), Uint8Array.of(0), Uint8Array.of(0)] } },
      'wrong-decision',
    ],
    ['with no decisions', { header: { decisions: [] } }, 'wrong-decision'],
    ['of another network', { header: { network: new Uint8Array(32) } }, 'wrong-network'],
    ['of an area that is a street', { header: { area: areaId('es/r0/m0/s0') } }, 'unknown-area'],
    ['of an area that does not exist', { header: { area: areaId('es/xx') } }, 'unknown-area'],
    ['with another root', { header: { childrenRoot: new Uint8Array(32) } }, 'bad-root'],
    ['with a street too few', { streets: [] }, 'malformed-seal'],
    ['with a child that it does not have', { children: [undefined] }, 'malformed-seal'],
    [
      'with presence for a channel that is not dissolved',
      {
        dissolved: [
          { channel: 0, slotsDeclared: 9, slotsPresent: 9, pointsPresent: 9, isSealed: true },
        ],
      },
      'bad-root',
    ],
  ])('(%s) is refused by every trustee', (_, change, reason) => {
    const forged = forgeSeal(world, honest.published.get(TOWN)!, streetSigner(), change);
    for (const index of [0, 1, 2]) {
      const outcome = handleSeal(createTrusteeOf(world, index), forged.seal, SEALED_AT);
      expect(outcome).toEqual({ kind: 'rejected', reason });
    }
  });

  it.each([
    ['of a slot that no roster has', [0b1111111]],
    ['longer than the roster', [0b111111, 0]],
    ['shorter than the roster', []],
    ['with a spare bit set', [0b10111111]],
  ])('(a contributor bitmap %s) is refused', (_, bits) => {
    const { streets } = readSeal(honest.published.get(TOWN)!.seal);
    const [first, ...others] = streets;
    const changed = [{ ...first!, contributors: Uint8Array.from(bits) }, ...others];
    const forged = forgeSeal(world, honest.published.get(TOWN)!, streetSigner(), {
      streets: changed,
    });
    const outcome = handleSeal(createTrusteeOf(world, 0), forged.seal, SEALED_AT);
    expect(outcome).toEqual({ kind: 'rejected', reason: 'unknown-slot' });
  });

  it.each<[string, Partial<RosterEntry>, number]>([
    ['not attested by every trustee', {}, 0b011111],
    ['not yet active', { fromEpoch: epoch(FIRST_DAY + 1) }, 0b111111],
    ['no longer active', { untilEpoch: FIRST_DAY }, 0b111111],
  ])('(a contributor that is %s) is refused', (_, change, attested) => {
    const index = indexOf(world.network, 'es/r0/m0/s0');
    const streets = [...world.network.streets];
    const { roster, rosterDigest } = streets[index]!;
    const entries = roster.entries.map((entry, at) => (at === 5 ? { ...entry, ...change } : entry));
    streets[index] = {
      roster: { ...roster, entries },
      rosterDigest,
      attested: Uint8Array.of(attested),
    };
    const trustee = createTrusteeOf(world, 0, { ...world.network, streets });
    const outcome = handleSeal(trustee, honest.published.get(TOWN)!.seal, SEALED_AT);
    expect(outcome).toEqual({ kind: 'rejected', reason: 'unknown-slot' });
  });

  it('is refused where another aggregator, or nobody of the document, signed it', () => {
    const others = [
      world.parties.aggregators[0]!.signer,
      world.parties.registrar.signer,
      createSigner(new Uint8Array(32).fill(9)),
    ];
    for (const signer of others) {
      const forged = forgeSeal(world, honest.published.get(TOWN)!, signer, {});
      const nodes = createNodes(world);
      const outcome = handleSeal(nodes.trustees[0]!, forged.seal, SEALED_AT);
      expect(outcome).toEqual({ kind: 'rejected', reason: 'bad-seal-signature' });
      const parent = nodes.aggregators[0]!;
      expect(handleChildSeal(parent, forged.seal, SEALED_AT)).toBe('bad-child-signature');
      expect(handleTotal(nodes.monitor, forged.total)).toBeUndefined();
      expect(observeSeal(nodes.auditor, forged.seal)).toBeUndefined();
      expect(observeTotal(nodes.auditor, forged.total)).toBeUndefined();
    }
  });

  it('about a decision is found by the auditor as well', () => {
    const decisions = [Uint8Array.of(1, 0), Uint8Array.of(0), Uint8Array.of(0)];
    const run = runWith(TOWN, (published) =>
      forgeSeal(world, published, streetSigner(), { header: { decisions } }),
    );
    expect(findings(run.alerts)).toContain(`${TOWN} wrong-decision`);
    expect(reasonOf(run, 'es/r0/m0/s0')).toBe('too-few');
  });
});

describe('a contributor whose frame nobody sent', () => {
  const absent = 4;

  it('is found by the auditor, who has no such frame, and the area withheld', () => {
    // The aggregator knows the meter’s authentication key, so it can make a frame that passes.
    const run = runInterval(world, {
      drop: new Set([absent]),
      tamperSeal: (area, sealed) => (area === TOWN ? sealWithForgedFrame(absent) : sealed),
    });
    expect(findings(run.alerts)).toContain(`${TOWN} missing-frame`);
    expect(reasonOf(run, 'es/r0/m0/s0')).toBe('mismatch');
  });

  it('in a town that is dissolved further up withholds the cell that it went into', () => {
    // It was handed to the aggregator past the stream: its sum is plausible, and nobody can add it up.
    const lost = metersOf(world, 'es/r1/m3')[0]!;
    const messages = sendFrames(world, createNodes(world), NOON);
    const run = runInterval(world, {
      drop: new Set([lost]),
      tamperSeal: (area, sealed) =>
        area === 'es/r1/m3' ? sealOf(world, area, NOON, messages) : sealed,
    });
    expect(findings(run.alerts)).toContain('es/r1/m3 missing-frame');
    expect(reasonOf(run, 'es/r1/{m2+m3}')).toBe('mismatch');
    const without = new Set(metersOf(world, 'es/r1'));
    expect(netOf(run, 'es')).toBe(plainSums(world, 'es', { without })[NET]);
  });

  function sealWithForgedFrame(index: number) {
    const meter = world.meters[index]!;
    const words = new BigUint64Array(1);
    const context = frameContext(world.network.meterPolicy, meter.area);
    const body = { channels: channelSet(1), slot: slot(meter.slot), interval: NOON, words };
    const frame = encodeFrame(body, meter.keys.authenticationKey, context);
    const sent = sendFrames(world, createNodes(world), NOON, { drop: new Set([index]) });
    const town = meter.area.slice(0, meter.area.lastIndexOf('/'));
    return sealOf(world, town, NOON, [...sent, [meter.area, frame]]);
  }
});

describe('slots that somebody floods', () => {
  const flooded = 4;
  /** Twenty forged frames of one slot before the true one, one behind it. */
  const flood: RunOptions['tamperFrame'] = (frame, meter) =>
    meter === flooded
      ? [...Array.from({ length: 20 }, (_, i) => garbage(frame, i)), frame, garbage(frame, 20)]
      : [frame];

  it('never make the auditor accuse an honest aggregator, which names the frame it counted', () => {
    const run = runInterval(world, { tamperFrame: flood });
    expect(run.alerts).toEqual([]);
    expect(netOf(run, 'es')).toBe(plainSums(world, 'es')[NET]);
    const { streets } = readSeal(run.published.get(TOWN)!.seal);
    const named = frameDigest(honest.messages[flooded]![1]);
    expect(streets.map(({ contested }) => contested)).toEqual([
      [{ slot: flooded, frameDigest: named }],
      [],
    ]);
  });

  it('all together hide no lie about their own street', () => {
    const run = runInterval(world, {
      tamperFrame: (frame) => [garbage(frame, 1), garbage(frame, 2), frame],
      tamperSeal: (area, sealed) =>
        area === TOWN
          ? forgeTotal(sealed, streetSigner(), ({ cells }) => {
              cells[NET]![0]! += 1n;
            })
          : sealed,
    });
    expect(findings(run.alerts)).toEqual([`${TOWN} wrong-total`]);
    expect(reasonOf(run, 'es/r0/m0/s0')).toBe('mismatch');
  });

  it('make a seal no larger where the same bytes came twice', () => {
    const run = runInterval(world, { tamperFrame: (frame) => [frame, frame] });
    expect(run.published.get(TOWN)!.seal).toEqual(honest.published.get(TOWN)!.seal);
    expect(run.alerts).toEqual([]);
  });

  it.each<[string, (digest: Uint8Array) => Seal['streets'][number]['contested']]>([
    ['names none', () => []],
    ['names one that nobody sent', (digest) => [{ slot: flooded, frameDigest: sha256(digest) }]],
    ['names another slot’s', (digest) => [{ slot: 0, frameDigest: digest }]],
  ])('are no excuse for an aggregator that %s', (_, contested) => {
    const run = runInterval(world, {
      tamperFrame: flood,
      tamperSeal: (area, sealed) => {
        if (area !== TOWN) return sealed;
        const [first, ...others] = readSeal(sealed.seal).streets;
        const digest = first!.contested[0]!.frameDigest;
        const streets = [{ ...first!, contested: contested(digest) }, ...others];
        return forgeSeal(world, sealed, streetSigner(), { streets });
      },
    });
    expect(findings(run.alerts)).toEqual([`${TOWN} missing-frame`]);
    expect(reasonOf(run, 'es/r0/m0/s0')).toBe('mismatch');
  });

  it('count nothing before the window opens or after it has closed, and are not kept', () => {
    const nodes = createNodes(world);
    const [street, frame] = honest.messages[flooded]!;
    for (const atSeconds of [END - 31, END + 60]) {
      handleReading(nodes.aggregators[1]!, street, garbage(frame, 1), atSeconds);
      observeReading(nodes.auditor, street, garbage(frame, 1), atSeconds);
    }
    expect(nodes.auditor.intervals.size).toBe(0);
    expect(nodes.aggregators[1]!.open.size).toBe(0);
    const run = runInterval(world, { nodes });
    expect(run.alerts).toEqual([]);
    expect(run.published.get(TOWN)!.seal).toEqual(honest.published.get(TOWN)!.seal);
  });

  it('make no other seal where the aggregator reads a part of the stream again', () => {
    const messages = sendFrames(world, createNodes(world), NOON, { tamperFrame: flood });
    const again = sealOf(world, TOWN, NOON, [...messages.slice(0, 10), ...messages]);
    const run = runInterval(world, { tamperFrame: flood });
    expect(again.seal).toEqual(run.published.get(TOWN)!.seal);
  });

  it('by a meter that equivocates do not hide a lie about another street', () => {
    const run = runInterval(world, {
      tamperFrame: (frame, meter) =>
        meter === 0 ? [frame, Uint8Array.from(frame, flipWord)] : [frame],
      tamperSeal: (area, sealed) =>
        area === TOWN
          ? forgeTotal(sealed, streetSigner(), ({ cells }) => {
              cells[NET]![1]! += 1n;
            })
          : sealed,
    });
    expect(findings(run.alerts)).toEqual([`${TOWN} wrong-total`]);
    expect(reasonOf(run, 'es/r0/m0/s1')).toBe('mismatch');
    expect(netOf(run, 'es/r0/m0/s0')).toBe(plainSums(world, 'es/r0/m0/s0')[NET]);
  });

  function garbage(frame: Uint8Array, seed: number): Uint8Array {
    const forged = frame.slice();
    forged.fill(0xa0 + seed, 10, 12);
    return forged;
  }

  function flipWord(byte: number, index: number): number {
    return index === 12 ? byte ^ 1 : byte;
  }
});

describe('a parent that lies about its children', () => {
  const upper = () => world.parties.aggregators[0]!.signer;

  it.each<[string, (change: readonly Uint8Array[]) => SealChange, string]>([
    [
      'with a digest that no child has',
      ([, second]) => ({ children: [new Uint8Array(32).fill(7), second] }),
      'conflicting-seal',
    ],
    [
      'with its children exchanged',
      ([first, second]) => ({ children: [second, first] }),
      'conflicting-seal',
    ],
    [
      'that counts a child which it does not name',
      ([, second]) => ({ children: [undefined, second] }),
      'bad-root',
    ],
    [
      'that names a child which it does not count',
      () => ({ header: { includedChildren: Uint8Array.of(0b01) } }),
      'bad-root',
    ],
  ])('(%s) is refused, and found', (_, change, reason) => {
    const run = runWith('es/r0', (published) => {
      const children = readSeal(published.seal).children as readonly Uint8Array[];
      return forgeSeal(world, published, upper(), change(children));
    });
    expect(run.refusedSeals[0]).toContain(`es/r0 ${reason}`);
    expect(findings(run.alerts)).toContain('es/r0 bad-seal');
  });

  it('never gets the difference of a child: what it leaves out is a whole sealed cell', () => {
    const run = runWith('es/r0', (published) => {
      const [, second] = readSeal(published.seal).children;
      const header = { includedChildren: Uint8Array.of(0b10) };
      return forgeSeal(world, published, upper(), { children: [undefined, second], header });
    });
    expect(run.refusedSeals[0]).toEqual([]);
    for (const trustee of run.nodes.trustees) {
      const released = trustee.intervals.get(NOON)?.areas.get(indexOf(world.network, 'es/r0'));
      expect(released?.[NET]?.coverage).toBe(0);
    }
  });

  it('cannot count a child twice: a child has one place', () => {
    const run = runWith('es/r0', (published) => {
      const [first] = readSeal(published.seal).children;
      return forgeSeal(world, published, upper(), { children: [first, first] });
    });
    expect(run.refusedSeals[0]).toContain('es/r0 conflicting-seal');
  });
});

describe('a child whose seal was altered on its way', () => {
  it('below its signed header is skipped, and the true one still counts', () => {
    const town = 'es/r1/m3';
    const { seal } = honest.published.get(areaId(town))!;
    const parts = readSeal(seal);
    const dissolved = parts.dissolved.map((presence) => ({ ...presence, slotsPresent: 0 }));
    const forged = forgeBody(seal, { dissolved });
    const parent = createAggregatorOf(world, 0);
    expect(handleChildSeal(parent, forged, SEALED_AT)).toBe('bad-child-root');
    expect(handleChildSeal(parent, seal, SEALED_AT)).toMatchObject({ isComplete: false });
    const { children } = parent.open.get(NOON)!.get(indexOf(world.network, 'es/r1'))!;
    expect(children[1]?.seal?.dissolved).toEqual(parts.dissolved);
  });

  it('into a seal of a street, or of nothing below us, does not stop the aggregator', () => {
    const nodes = createNodes(world);
    for (const area of ['es/r0/m0/s0', 'es', 'es/none'].map(areaId)) {
      const forged = forgeSeal(world, honest.published.get(TOWN)!, streetSigner(), {
        header: { area },
        isRooted: false,
      });
      for (const aggregator of nodes.aggregators) {
        expect(handleChildSeal(aggregator, forged.seal, SEALED_AT)).toBe('not-a-child');
        expect(handleChildTotal(aggregator, forged.total, SEALED_AT)).toBe('not-a-child');
      }
    }
  });

  it.each([
    ['that nobody signed', NOON, () => world.parties.registrar.signer, 'bad-child-signature'],
    ['of an interval to come', NOON + 5, streetSigner, 'early-seal'],
  ] as const)('into a total %s opens no interval at its parent', (_, interval, signer, reason) => {
    const forged = forgeSeal(world, honest.published.get(TOWN)!, signer(), {
      header: { interval: intervalIndex(interval) },
      isRooted: false,
    });
    const parent = createAggregatorOf(world, 0);
    expect(handleChildTotal(parent, forged.total, SEALED_AT)).toBe(reason);
    expect(parent.open.size).toBe(0);
  });

  function forgeBody(seal: Uint8Array, change: Partial<Seal>): Uint8Array {
    return encodeSeal({ ...readSeal(seal), ...change });
  }
});

describe('two aggregators that run hot', () => {
  it('make the same bytes from the same frames, in whatever order these came', () => {
    const one = sealOf(world, TOWN, NOON, honest.messages);
    const two = sealOf(world, TOWN, NOON, [...honest.messages].reverse());
    expect(two.seal).toEqual(one.seal);
    expect(two.total).toEqual(one.total);
  });

  it('agree on the total of the seal that won, also where the loser has more frames', () => {
    const some = honest.messages.filter((_, index) => index !== 2);
    const winner = sealOf(world, TOWN, NOON, some);
    const loser = sealOf(world, TOWN, NOON, honest.messages);
    expect(totalOfSeal(loser.aggregator, readSeal(winner.seal))).toEqual(winner.total);
  });

  it('say nothing of a seal whose frames they lack, or that is not what it claims', () => {
    const winner = sealOf(world, TOWN, NOON, honest.messages);
    const poorer = sealOf(
      world,
      TOWN,
      NOON,
      honest.messages.filter((_, index) => index !== 2),
    );
    expect(totalOfSeal(poorer.aggregator, readSeal(winner.seal))).toBeUndefined();
    const lie = forgeTotal(winner, streetSigner(), ({ area }) => {
      area[NET]! += 1n;
    });
    expect(totalOfSeal(winner.aggregator, readSeal(lie.seal))).toBeUndefined();
  });
});

describe('an impossible reading', () => {
  /** A hostile meter that puts a random word where its masked reading belongs. */
  function noise(frame: Uint8Array, meter: number): Uint8Array[] {
    if (meter !== 13) return [frame];
    const { area, slot: place, keys } = world.meters[meter]!;
    const words = new BigUint64Array([0x0123456789abcdefn]);
    const context = frameContext(world.network.meterPolicy, area);
    const body = { channels: channelSet(1), slot: slot(place), interval: NOON, words };
    return [encodeFrame(body, keys.authenticationKey, context)];
  }

  it('quarantines its cell and leaves it out of every total above, not the map with it', () => {
    const run = runInterval(world, { tamperFrame: noise });
    expect(reasonOf(run, 'es/r0/m1/{s0+s1}')).toBe('implausible');
    const without = new Set(metersOf(world, 'es/r0/m1'));
    for (const area of ['es', 'es/r0'])
      expect(netOf(run, area)).toBe(plainSums(world, area, { without })[NET]);
    expect(netOf(run, 'es/r1')).toBe(plainSums(world, 'es/r1')[NET]);
    expect(run.alerts).toEqual([]);
  });

  it('above every fuse of the cell together is caught, at the bound it is not', () => {
    const members = metersOf(world, 'es/r0/m0/s0');
    const bound = world.network.cells.at(0)!.capSumWh;
    for (const [excess, isCaught] of [
      [0n, false],
      [1n, true],
    ] as const) {
      const run = runInterval(world, {
        readings: (_, index) => (members.includes(index) ? [0, 0, 0] : [1, 0, 0]),
        tamperSeal: (area, sealed) =>
          area === TOWN
            ? forgeTotal(sealed, streetSigner(), ({ cells }) => {
                cells[NET]![0]! += BigInt(bound) + excess;
              })
            : sealed,
        isAudited: false,
      });
      expect(reasonOf(run, 'es/r0/m0/s0')).toBe(isCaught ? 'implausible' : undefined);
    }
  });

  it('below zero in an unsigned channel is caught', () => {
    const lie = (published: Published) =>
      forgeTotal(published, streetSigner(), ({ cells }) => {
        cells[1]![0]! -= 1000n;
      });
    const run = runWith(TOWN, lie, { isAudited: false });
    expect(run.rows.get(TOWN)?.energyWh).toEqual([
      plainSums(world, TOWN)[NET],
      undefined,
      plainSums(world, TOWN)[2],
    ]);
    expect(run.rows.get(TOWN)?.importWh).toBeUndefined();
  });
});

describe('a child that trustees refuse', () => {
  const decisions = [Uint8Array.of(1, 0), Uint8Array.of(0), Uint8Array.of(0)];
  const upper = () => world.parties.aggregators[0]!.signer;

  it('is left out by its parent, so that what stands above it is still released', () => {
    const run = runWith(TOWN, (published) =>
      forgeSeal(world, published, streetSigner(), { header: { decisions } }),
    );
    expect(run.refusedSeals[0]).toEqual([`${TOWN} wrong-decision`]);
    const without = new Set(metersOf(world, TOWN));
    for (const area of ['es', 'es/r0'])
      expect(netOf(run, area)).toBe(plainSums(world, area, { without })[NET]);
    expect(run.nodes.aggregators[0]!.rejected.get('wrong-decision')).toBe(1);
  });

  it('and that its parent counts all the same costs no more than that parent', () => {
    const run = runInterval(world, {
      tamperSeal: (area, sealed) => {
        const published = honest.published.get(area)!;
        if (area === TOWN)
          return forgeSeal(world, sealed, streetSigner(), { header: { decisions } });
        if (area !== 'es/r0') return sealed;
        const forged = forgeSeal(world, honest.published.get(TOWN)!, streetSigner(), {
          header: { decisions },
        });
        const [, second] = readSeal(published.seal).children;
        const children = [readSeal(forged.seal).digest, second];
        return forgeSeal(world, published, upper(), { children });
      },
    });
    expect(run.refusedSeals[0]).toEqual([`${TOWN} wrong-decision`, 'es/r0 missing-child']);
    const without = new Set(metersOf(world, 'es/r0'));
    expect(netOf(run, 'es')).toBe(plainSums(world, 'es', { without })[NET]);
  });

  it('for its time is left out too: it dropped somebody who could still report', () => {
    const parent = createAggregatorOf(world, 0);
    const { seal } = sealOf(world, TOWN, NOON, honest.messages.slice(1));
    expect(handleChildSeal(parent, seal, SEALED_AT - 1)).toBe('early-seal');
    expect(handleChildSeal(parent, seal, SEALED_AT)).toMatchObject({ isComplete: false });
  });

  it('is not one whose own children come late: it counts as soon as they are there', () => {
    const parent = createAggregatorOf(world, 0);
    const sealOfArea = (area: string) => honest.published.get(areaId(area))!.seal;
    const whole = indexOf(world.network, 'es');
    const counted = () => parent.open.get(NOON)?.get(whole)?.children[0]?.seal;
    expect(handleChildSeal(parent, sealOfArea('es/r0'), SEALED_AT)).toBe('missing-child');
    handleChildSeal(parent, sealOfArea('es/r0/m0'), SEALED_AT);
    expect(counted()).toBeUndefined();
    handleChildSeal(parent, sealOfArea('es/r0/m1'), SEALED_AT);
    const { signedHeader, header, dissolved } = readSeal(sealOfArea('es/r0'));
    expect(counted()).toEqual({ signedHeader, header, dissolved });
  });
});

describe('a query for stored totals', () => {
  interface Asking {
    readonly grant?: Partial<Grant>;
    readonly query?: Partial<TotalsQuery>;
    readonly grantor?: 'registrar' | 'auditor';
    readonly asker?: 'monitor' | 'auditor';
  }

  function ask({ grant, query, grantor = 'registrar', asker = 'monitor' }: Asking): string {
    const { parties } = world;
    const body = encodeTotalsQuery({
      area: TOWN,
      fromInterval: NOON,
      intervalCount: 1,
      grant: signGrant(grantOf(world, grant), parties[grantor].signer),
      ...query,
    });
    const bytes = signMessage('query', body, parties[asker].signer);
    const outcome = handleTotalsQuery(createAggregatorOf(world, 1), bytes);
    return typeof outcome === 'string' ? outcome : 'granted';
  }

  const day = (from: number, until: number) => ({
    fromEpoch: epoch(from),
    untilEpoch: epoch(until),
  });

  it.each<[string, Asking, string]>([
    ['within its grant', {}, 'granted'],
    ['of its very area', { grant: { area: TOWN, deepestDepth: 3 } }, 'granted'],
    ['of another area', { grant: { area: areaId('es/r1') } }, 'not-granted'],
    ['deeper than its grant', { grant: { deepestDepth: 2 } }, 'not-granted'],
    ['of the day before its grant', { grant: day(20_001, 20_002) }, 'not-granted'],
    ['of the day after its grant', { grant: day(19_999, 20_000) }, 'not-granted'],
    [
      'to the last interval of its grant',
      { grant: day(20_000, 20_001), query: { intervalCount: 48 } },
      'granted',
    ],
    [
      'that runs on beyond its grant',
      { grant: day(20_000, 20_001), query: { intervalCount: 49 } },
      'not-granted',
    ],
    [
      'that runs on beyond time',
      { query: { fromInterval: intervalIndex(0xffffffff), intervalCount: 2 } },
      'malformed-query',
    ],
    ['with a grant of nobody', { grantor: 'auditor' }, 'bad-grant'],
    ['by another than its grant names', { asker: 'auditor' }, 'bad-query-signature'],
  ])('%s is answered as it should be', (_, asking, outcome) => {
    expect(ask(asking)).toBe(outcome);
  });
});
