// Operation lists over a running network, in the style of divviup/janus: time passes, frames are
// sent, lost, sent again and replayed, nodes crash and start again. Every meter reads another power
// of two, so what is counted twice, or not at all, shows. Each failure found stays as a named case.

import { describe, expect, it } from 'vitest';
import type { BusMessage } from '../../src/bus/port.ts';
import { areaId } from '../../src/core/area.ts';
import type { IntervalIndex } from '../../src/core/interval.ts';
import { decodeSeal, encodeSeal, encodeSealHeader } from '../../src/core/seal.ts';
import { signMessage } from '../../src/core/signed.ts';
import { readingSubject } from '../../src/core/subjects.ts';
import { decodeTotal, encodeTotal, totalDigest } from '../../src/core/total.ts';
import { createRandom, seedOf } from '../../src/sim/random.ts';
import { NOON } from '../support/world.ts';
import { type Interference, lastReading, RunningNetwork } from './running-network.ts';

const NEXT = (NOON + 1) as IntervalIndex;
const LATER = (NOON + 2) as IntervalIndex;
/** Indices of meters of es/r0/m0/s0 and of es/r0/m1/s0, two streets that stand alone. */
const FIRST = 0;
const OTHER = 12;
/** One meter of each town of the other region: so that nothing is complete before the close. */
const LAST_OF_OTHER_TOWNS = [22, 31];

/** Crashes a node when it wants to publish the first message of this kind for NOON. */
function crashBefore(kind: string): NonNullable<Interference['onAppend']> {
  return (messages, life) => {
    const isKind = (subject: string) =>
      subject.startsWith(`sw.v1.${kind}.`) && subject.endsWith(`.${NOON}`);
    if (messages.some(({ subject }) => isKind(subject))) life.crash();
    return messages;
  };
}

/** What is shown is exactly what stood in the stream in time. */
async function expectExact(network: RunningNetwork, interval: IntervalIndex): Promise<void> {
  const delivered = await network.deliveredMeters(interval);
  expect(network.shownRows(interval)).toEqual(network.expectedRows(delivered));
}

describe('a running network', () => {
  it('shows every interval exactly, and nobody finds fault', async () => {
    await using network = await RunningNetwork.start();
    for (const interval of [NOON, NEXT, LATER]) {
      await network.advance(interval, 1);
      await network.send(interval);
      // All have reported: nothing waits for the close.
      expect(network.opened.has(interval)).toBe(true);
      await network.advance(interval, 200);
      expect((await network.deliveredMeters(interval)).size).toBe(network.world.meters.length);
      await expectExact(network, interval);
    }
    expect(network.reports.flatMap(({ alerts }) => alerts)).toEqual([]);
    expect(network.errors).toEqual([]);
  });

  it('closes at its time without those who are silent', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST, OTHER]);
    await network.advance(NOON, 59);
    expect(network.opened.has(NOON)).toBe(false);
    await network.advance(NOON, 90);
    await expectExact(network, NOON);
    expect(network.opened.get(NOON)?.rows[0]).toMatchObject({ status: 'partial' });
    expect(network.errors).toEqual([]);
  });
});

describe('frames on their way', () => {
  it('seals nothing before the interval is over, where all meters’ clocks run ahead', async () => {
    await using network = await RunningNetwork.start();
    network.metersAheadMs = 20_000;
    await network.advance(NOON, -15);
    await network.send(NOON);
    const seals = (await network.stored('SEALS')).map(({ subject }) => subject);
    expect(seals.filter((subject) => subject.endsWith(`.${NOON}`))).toEqual([]);
    await network.advance(NOON, 5);
    expect(network.opened.has(NOON)).toBe(true);
    await expectExact(network, NOON);
    expect(network.errors).toEqual([]);
  });

  it('counts a frame that was lost and sent again before the close, once', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST, OTHER]);
    // Half-way to the close the receipts say who is missing; only they send again.
    await network.advance(NOON, 31);
    expect(await network.fleet.resend()).toBe(2);
    await network.settle();
    expect(await network.fleet.resend()).toBe(0);
    await network.advance(NOON, 100);
    expect((await network.deliveredMeters(NOON)).size).toBe(network.world.meters.length);
    await expectExact(network, NOON);
  });

  it('counts a frame that is replayed, and one that every meter sends twice, once', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST]);
    const message = await lastReading(network, 'es/r0/m1/s0');
    for (let count = 0; count < 3; count++)
      await network.bus.append(readingSubject(network.world.meters[OTHER]!.area), message);
    // Three towns are complete and have sent receipts; the fourth has not.
    expect(await network.fleet.resend()).toBe(12);
    await network.advance(NOON, 100);
    await expectExact(network, NOON);
    const { rejected } = network.node('aggregator 1').state;
    expect(rejected.get('duplicate')).toBe(11 + 3 * 7);
  });

  it('counts late frames as such and leaves them out', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST, OTHER]);
    await network.advance(NOON, 59);
    const frames = network.fleet.unconfirmed();
    await network.advance(NOON, 95);
    const before = network.shownRows(NOON);
    await network.fleet.deliver(frames);
    await network.advance(NOON, 300);
    expect(network.shownRows(NOON)).toEqual(before);
    await expectExact(network, NOON);
    expect(network.node('aggregator 1').state.rejected.get('closed-interval')).toBe(2);
    expect(await network.fleet.resend()).toBe(0);
    // The next interval is none the worse for it.
    await network.advance(NEXT, 1);
    await network.send(NEXT);
    await expectExact(network, NEXT);
  });

  it('gives a frame of one interval no place in the next', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON);
    const message = await lastReading(network, 'es/r0/m1/s0');
    await network.advance(NEXT, 1);
    await network.bus.append(readingSubject(network.world.meters[OTHER]!.area), message);
    await network.send(NEXT);
    await network.advance(NEXT, 100);
    await expectExact(network, NEXT);
    expect(network.node('aggregator 1').state.rejected.get('closed-interval')).toBe(7);
  });
});

describe('an aggregator that crashes', () => {
  it('loses no reading that the stream has, and seals what was there before the crash', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST]);
    network.crash('aggregator 1');
    network.crash('aggregator 0');
    await network.advance(NOON, 20);
    // Nobody is there to hear it; the stream is.
    await network.fleet.resend();
    await network.advance(NOON, 30);
    await network.startAggregator(0);
    await network.startAggregator(1);
    await network.advance(NOON, 100);
    expect((await network.deliveredMeters(NOON)).size).toBe(network.world.meters.length);
    await expectExact(network, NOON);
    expect(network.errors).toEqual([]);
  });

  it('seals after the close what it slept through', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST, OTHER, ...LAST_OF_OTHER_TOWNS]);
    network.crash('aggregator 1');
    await network.advance(NOON, 200);
    expect(network.opened.get(NOON)?.rows[0]).toMatchObject({
      status: 'withheld',
      reason: 'no-seal',
    });
    await network.startAggregator(1);
    await network.advance(NOON, 300);
    const seals = await network.stored('SEALS');
    expect(seals.map(({ subject }) => subject)).toContain(`sw.v1.seal.es.r0.m0.${NOON}`);
    await network.advance(NEXT, 1);
    await network.send(NEXT);
    await network.advance(NEXT, 100);
    await expectExact(network, NEXT);
    expect(network.errors).toEqual([]);
  });

  it('publishes what it had stored and not sent, and nothing else', async () => {
    for (const kind of ['seal', 'total']) {
      await using network = await RunningNetwork.start();
      await network.stop('aggregator 1');
      await network.startAggregator(1, {
        onAppend: crashBefore(kind),
      });
      await network.advance(NOON, 1);
      await network.send(NOON, [FIRST, OTHER, ...LAST_OF_OTHER_TOWNS]);
      await network.advance(NOON, 61);
      const totals = await network.stored('TOTALS');
      expect(totals.filter(({ subject }) => subject.endsWith(`.${NOON}`))).toEqual([]);
      network.crash('aggregator 1');
      await network.startAggregator(1);
      await network.advance(NOON, 100);
      await expectExact(network, NOON);
      expect(network.opened.get(NOON)?.rows[0]).toMatchObject({ status: 'partial' });
      expect({ kind, errors: network.errors }).toEqual({ kind, errors: [] });
    }
  });

  it('never seals twice, however often it starts again', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST]);
    for (let seconds = 20; seconds < 120; seconds += 10) {
      await network.advance(NOON, seconds);
      for (const index of [0, 1]) {
        network.crash(`aggregator ${index}`);
        await network.startAggregator(index);
      }
    }
    await network.advance(NOON, 130);
    await expectExact(network, NOON);
    const subjects = (await network.stored('SEALS')).map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(subjects.length);
    expect(network.node('trustee 0').state.rejected.get('conflicting-seal') ?? 0).toBe(0);
    expect(network.reports.flatMap(({ alerts }) => alerts)).toEqual([]);
    expect(network.errors).toEqual([]);
  });

  it('lets a seal stand that it made without a child, when the child comes late', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON);
    await network.advance(NEXT, 1);
    await network.send(NEXT, [FIRST, OTHER, ...LAST_OF_OTHER_TOWNS]);
    network.crash('aggregator 1');
    // The regions seal with nothing below them; their towns' seals come after.
    await network.advance(NEXT, 200);
    await network.startAggregator(1);
    await network.advance(LATER, 1);
    await network.send(LATER);
    // Those late seals are among what the other reads again when it starts, two intervals on.
    await network.advance((LATER + 1) as IntervalIndex, 100);
    network.crash('aggregator 0');
    await network.startAggregator(0);
    await network.advance((LATER + 1) as IntervalIndex, 200);
    await expectExact(network, LATER);
    expect(network.errors).toEqual([]);
  });
});

describe('two aggregators hot for the same areas', () => {
  it('make one seal of each area, and the totals are of its set', async () => {
    await using network = await RunningNetwork.start();
    await network.startAggregator(1, undefined, 'second');
    for (const interval of [NOON, NEXT]) {
      await network.advance(interval, 1);
      await network.send(interval, [OTHER]);
      await network.advance(interval, 100);
      await expectExact(network, interval);
    }
    const subjects = (await network.stored('SEALS')).map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(subjects.length);
    expect(network.reports.flatMap(({ alerts }) => alerts)).toEqual([]);
    expect(network.errors).toEqual([]);
  });

  it('let the other finish, when one crashes between seal and total', async () => {
    await using network = await RunningNetwork.start();
    await network.stop('aggregator 1');
    await network.startAggregator(1, {
      onAppend: crashBefore('total'),
    });
    await network.startAggregator(1, undefined, 'second');
    await network.advance(NOON, 1);
    await network.send(NOON, [OTHER]);
    await network.advance(NOON, 100);
    await expectExact(network, NOON);
    expect(network.errors).toEqual([]);
  });

  it('keep to the first seal, also where it lacks a frame that the other has', async () => {
    await using network = await RunningNetwork.start();
    await network.stop('aggregator 1');
    // The one that seals first does not hear of the frames that come late.
    const isLate = (storedAtMs: number) => storedAtMs > network.endMs(NOON) + 20_000;
    await network.startAggregator(1, {
      onDelivery: (stream, { storedAtMs }) =>
        stream === 'READINGS' && isLate(storedAtMs) ? new Promise(() => {}) : undefined,
    });
    // The other hears them, and is slow to publish.
    const slow = Promise.withResolvers<void>();
    const onAppend: Interference['onAppend'] = async (messages, life) => {
      life.letGo();
      await slow.promise;
      return messages;
    };
    await network.startAggregator(1, { onAppend }, 'second');
    await network.advance(NOON, 1);
    await network.send(NOON, [OTHER]);
    await network.advance(NOON, 31);
    await network.fleet.resend();
    await network.advance(NOON, 65);
    slow.resolve();
    await network.advance(NOON, 200);
    const delivered = await network.deliveredMeters(NOON);
    expect(delivered.size).toBe(network.world.meters.length);
    // The frame stood in the stream in time, and the winner left it out: that is said, and only that.
    const findings = network.reports.flatMap(({ alerts }) => alerts.map(({ finding }) => finding));
    expect(findings).toEqual(['left-out-frame']);
    delivered.delete(OTHER);
    expect(network.shownRows(NOON)).toEqual(network.expectedRows(delivered));
    expect(network.errors).toEqual([]);
  });
});

describe('trustees', () => {
  it('answer the same after a crash, from what they have stored', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST]);
    await network.advance(NOON, 100);
    const before = network.shownRows(NOON);
    for (const index of [0, 1, 2]) network.crash(`trustee ${index}`);
    await network.startTrustee(0);
    await network.startTrustee(2);
    const again = await network.monitor.openStored(NOON);
    expect(new Map(again.rows.map((row) => [row.plan.name, [...row.energyWh]]))).toEqual(before);
    await network.advance(NEXT, 1);
    await network.send(NEXT);
    await network.advance(NEXT, 100);
    await expectExact(network, NEXT);
    expect(network.errors).toEqual([]);
  });

  it('that were away while an interval was sealed sum it when they are back', async () => {
    await using network = await RunningNetwork.start();
    network.crash('trustee 0');
    network.crash('trustee 1');
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST]);
    await network.advance(NOON, 100);
    expect(network.opened.get(NOON)?.rows[0]).toMatchObject({ reason: 'no-quorum' });
    await network.startTrustee(1);
    const result = await network.monitor.openStored(NOON);
    network.opened.set(NOON, result);
    await expectExact(network, NOON);
  });

  it('restored without their store refuse what they may have answered; the others go on', async () => {
    await using network = await RunningNetwork.start();
    await network.advance(NOON, 1);
    await network.send(NOON, [FIRST]);
    await network.advance(NOON, 100);
    network.crash('trustee 0');
    await network.startTrustee(0, 'trustee 0 restored');
    // With both others: as before. With one of them: it does not help.
    const three = await network.monitor.openStored(NOON);
    network.opened.set(NOON, three);
    await expectExact(network, NOON);
    network.crash('trustee 1');
    const two = await network.monitor.openStored(NOON);
    expect(two.rows[0]).toMatchObject({ status: 'withheld', reason: 'no-quorum' });
    // The interval that was running is refused as well; the one after is answered.
    await network.advance(NEXT, 1);
    await network.send(NEXT);
    await network.advance(NEXT, 100);
    expect(network.opened.get(NEXT)?.rows[0]).toMatchObject({ reason: 'no-quorum' });
    await network.advance(LATER, 1);
    await network.send(LATER);
    await network.advance(LATER, 100);
    await expectExact(network, LATER);
  });
});

describe('an aggregator that lies', () => {
  it('is found out within the interval, and what it touched is withheld', async () => {
    await using network = await RunningNetwork.start();
    await network.stop('aggregator 1');
    await network.startAggregator(1, {
      onAppend: (messages) => messages.map((message) => lieAbout(network, 'es/r0/m1', message)),
    });
    await network.advance(NOON, 1);
    await network.send(NOON);
    await network.advance(NOON, 200);
    const report = network.reports.find(({ interval }) => interval === NOON)!;
    expect(report.atMs - network.endMs(NOON)).toBeLessThan(900_000);
    expect(report.alerts.map(({ area, finding }) => `${area} ${finding}`)).toContain(
      'es/r0/m1 wrong-total',
    );
    const rows = new Map(network.opened.get(NOON)!.rows.map((row) => [row.plan.name, row]));
    expect(rows.get('es/r0/m1')).toMatchObject({ status: 'withheld', reason: 'mismatch' });
    // The other town of the region stands, with what it read.
    const expected = network.expectedRows(await network.deliveredMeters(NOON));
    expect(rows.get('es/r0/m0')?.energyWh).toEqual(expected.get('es/r0/m0'));
    const allButTown = expected.get('es')!.map((sum, channel) => {
      const town = expected.get('es/r0/m1')![channel] ?? 0;
      return sum === undefined ? undefined : sum - town;
    });
    expect(rows.get('es')?.energyWh).toEqual(allButTown);
    expect(rows.get('es')).toMatchObject({ status: 'partial', reason: 'mismatch' });
  });
});

/** What an aggregator publishes that adds 100 Wh to an area's total, and signs it. */
function lieAbout(network: RunningNetwork, area: string, message: BusMessage): BusMessage {
  const { subject } = message;
  if (!subject.endsWith(`.${area.replaceAll('/', '.')}.${NOON}`)) return message;
  const stored = network.aggregatorStore('aggregator 1').sealedOf(areaId(area), NOON);
  const seal = decodeSeal(stored!.seal)!;
  const { salt, totals } = decodeTotal(stored!.total!)!;
  totals.area[0]! += 100n;
  totals.cells[0]![0]! += 100n;
  const header = { ...seal.header, totalDigest: totalDigest(salt, totals) };
  const { signer } = network.world.parties.aggregators[1]!;
  const signedHeader = signMessage('seal', encodeSealHeader(header), signer);
  const isSeal = subject.startsWith('sw.v1.seal.');
  const data = isSeal
    ? encodeSeal({ ...seal, signedHeader })
    : encodeTotal({ signedHeader, salt, totals });
  return { subject, data };
}

describe('any list of operations', () => {
  // Over a bus that loses one append in ten, loses the acknowledgement of others, and stores some
  // twice. The seed is in the name: a list that fails becomes a case of its own above.
  it.each(Array.from({ length: 8 }, (_, index) => index + 1))(
    'keeps to the stream (seed %i)',
    async (seed) => {
      const random = createRandom(seedOf('operations'), seed);
      const below = (count: number) => Math.floor(random() * count);
      const faults = { seed, lossRate: 0.1, duplicateRate: 0.1 };
      await using network = await RunningNetwork.start({ faults });
      const list: string[] = [];
      const { meters } = network.world;
      for (const interval of [NOON, NEXT, LATER]) {
        await network.advance(interval, 1);
        await network.send(
          interval,
          [...meters.keys()].filter(() => random() < 0.15),
        );
        for (let seconds = 5 + below(20); seconds < 130; seconds += 3 + below(30)) {
          await network.advance(interval, seconds);
          const choice = below(5);
          list.push(`${interval} ${seconds} ${choice}`);
          if (choice === 0) await network.fleet.resend();
          else if (choice === 1) await replaySome(network, below(meters.length));
          else if (choice === 2) await restart(network, `aggregator ${below(2)}`);
          else if (choice === 3) await restart(network, `trustee ${below(3)}`);
          await network.settle();
        }
        await network.advance(interval, 400);
      }
      for (const interval of [NOON, NEXT, LATER]) {
        const expected = network.expectedRows(await network.deliveredMeters(interval));
        expect({ list, rows: network.shownRows(interval) }).toEqual({ list, rows: expected });
      }
      const subjects = (await network.stored('SEALS')).map(({ subject }) => subject);
      expect(new Set(subjects).size).toBe(subjects.length);
      expect(network.reports.flatMap(({ alerts }) => alerts)).toEqual([]);
      expect({ list, errors: network.errors }).toEqual({ list, errors: [] });
    },
  );
});

async function restart(network: RunningNetwork, name: string): Promise<void> {
  network.crash(name);
  const index = Number(name.at(-1));
  if (name.startsWith('trustee')) await network.startTrustee(index);
  else await network.startAggregator(index);
}

/** Somebody stores a message once more that stands in the stream. */
async function replaySome(network: RunningNetwork, meter: number): Promise<void> {
  const subject = readingSubject(network.world.meters[meter]!.area);
  const last = await network.bus.lastOn('READINGS', subject);
  if (last !== undefined) await network.bus.appendAll([last]);
}
