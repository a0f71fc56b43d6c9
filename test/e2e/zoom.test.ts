// Zooming: what nobody looks at is never unmasked, and a grant is held to by trustees and aggregators.
// Zooming into history: an interval that is no longer on the bus is opened from what aggregators and
// trustees have stored, under the same rules as on the day.

import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { MemoryBus } from '../../src/bus/memory-bus.ts';
import { openAnswer } from '../../src/core/answer-seal.ts';
import { areaId } from '../../src/core/area.ts';
import { channelSetOf } from '../../src/core/channel.ts';
import { epochOfInterval, type IntervalIndex } from '../../src/core/interval.ts';
import { encodeAlert } from '../../src/core/notice.ts';
import { encodeTotalsQuery } from '../../src/core/query.ts';
import { openSigned, signMessage } from '../../src/core/signed.ts';
import { noticeSubject, querySubject, unmaskSubject } from '../../src/core/subjects.ts';
import {
  decodeUnmaskAnswer,
  encodeUnmaskRequest,
  type UnmaskTarget,
} from '../../src/core/unmask.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { startLocalNetwork } from '../../src/runtime/local-network.ts';
import type { MonitorResult } from '../../src/runtime/monitor-node.ts';
import { createParties } from '../../src/runtime/parties.ts';
import { defaultPolicy, provisionNetwork } from '../../src/runtime/provision.ts';
import {
  FIRST as FIRST_OF_ZOOM,
  metersIn,
  startZoomNetwork,
  type ZoomNetwork,
} from '../support/zoom-network.ts';

const verify = createPlatformVerifier();
const random = (length: number) => new Uint8Array(randomBytes(length));
const FIRST = 1_900_000 as IntervalIndex;
const QUORUM = { trusteeCount: 3, quorum: 2 };

async function startNetwork(onInterval: (result: MonitorResult) => void) {
  const parties = await createParties(QUORUM, random);
  const meters = Array.from({ length: 24 }, (_, index) => ({
    area: areaId(`es/md/s${index % 2}`),
    channels: channelSetOf([0]),
    capWh: 10_000,
  }));
  const provisioned = await provisionNetwork({
    meters,
    policy: defaultPolicy({ networkId: 'zoom', quorum: QUORUM, minMeters: 5 }),
    parties,
    firstEpoch: epochOfInterval(FIRST, 900),
    random,
    verify,
  });
  const clock = new VirtualClock(FIRST * 900_000);
  const opened = new Set<IntervalIndex>();
  // Totals leave the stream almost at once: what is opened later can only come from the stores.
  const bus = new MemoryBus({ nowMs: () => clock.nowMs(), maxAgesSeconds: { TOTALS: 1 } });
  const network = await startLocalNetwork({
    provisioned,
    parties,
    connect: async () => bus.connect(),
    clock,
    random,
    verify,
    isDriven: true,
    onInterval: (result) => {
      opened.add(result.opened.interval);
      onInterval(result);
    },
    onError: (error) => {
      throw error;
    },
  });
  const run = async (interval: IntervalIndex, valueWh: number) => {
    network.expectInterval(interval);
    await clock.advanceTo((interval + 1) * 900_000 + 1000);
    await network.meters.send(interval, () => [valueWh]);
    // Everybody has reported, so nobody waits for the clock: it goes on when all is opened.
    await expect.poll(() => opened.has(interval), { timeout: 15_000 }).toBe(true);
    await clock.advanceTo(network.deadlineMs(interval));
    await bus.idle();
  };
  return { network, parties, bus, run };
}

describe('zooming into history', () => {
  it('gives the same rows as on the day, from what was stored', async () => {
    const seen = new Map<number, MonitorResult>();
    const { network, run } = await startNetwork((result) =>
      seen.set(result.opened.interval, result),
    );
    await using _ = network;
    await run(FIRST, 100);
    await run((FIRST + 1) as IntervalIndex, 250);
    const monitor = network.monitors[0];
    monitor?.state.intervals.clear();

    const stored = await monitor?.openStored(FIRST);

    const energies = (result: MonitorResult | undefined) =>
      result?.rows.map((row) => [row.plan.name, row.energyWh[0], row.status]);
    expect(energies(stored)).toEqual(energies(seen.get(FIRST)));
    expect(energies(stored)?.[0]).toEqual(['es', 2400, 'published']);
  });

  it('says no-seal of an interval that nobody has', async () => {
    const { network, run } = await startNetwork(() => undefined);
    await using _ = network;
    await run(FIRST, 100);
    const stored = await network.monitors[0]?.openStored((FIRST - 50) as IntervalIndex);
    expect(new Set(stored?.rows.map((row) => row.reason))).toEqual(new Set(['no-seal']));
  });

  it('gives masked totals to nobody without a grant for that area', async () => {
    const { network, parties, bus, run } = await startNetwork(() => undefined);
    await using _ = network;
    await run(FIRST, 100);
    const { signedGrant } = network.monitors[0]?.state ?? {};
    const area = areaId('es/md');
    const query = encodeTotalsQuery({
      area,
      fromInterval: FIRST,
      intervalCount: 1,
      grant: signedGrant as Uint8Array,
    });
    const ask = (bytes: Uint8Array) =>
      bus.request(querySubject(area), bytes, { timeoutMs: 30_000 });

    await expect(ask(signMessage('query', query, parties.auditor.signer))).rejects.toThrow(
      'bad-query-signature',
    );
    const noGrant = encodeTotalsQuery({
      area,
      fromInterval: FIRST,
      intervalCount: 1,
      grant: new Uint8Array(100),
    });
    await expect(ask(signMessage('query', noGrant, parties.monitor.signer))).rejects.toThrow(
      'bad-grant',
    );
    const elsewhere = encodeTotalsQuery({
      area: areaId('fr'),
      fromInterval: FIRST,
      intervalCount: 1,
      grant: signedGrant as Uint8Array,
    });
    await expect(ask(signMessage('query', elsewhere, parties.monitor.signer))).rejects.toThrow(
      'not-granted',
    );
    await expect(ask(Uint8Array.of(1, 2, 3))).rejects.toThrow('malformed-query');
    expect((await ask(signMessage('query', query, parties.monitor.signer))).length).toBeGreaterThan(
      100,
    );
  });
});

/** Every trustee's verdict on each target, under a grant. */
async function verdicts(
  { bus, provisioned, parties, grant }: ZoomNetwork,
  name: string,
  targets: readonly UnmaskTarget[],
): Promise<string[][]> {
  const { signedGrant, signer, keyPair } = grant(name);
  const body = encodeUnmaskRequest({
    network: provisioned.network.digest,
    interval: FIRST_OF_ZOOM,
    targets,
    nonce: random(16),
    grant: signedGrant,
  });
  const request = signMessage('unmask-request', body, signer);
  return Promise.all(
    parties.trustees.map(async (party, trustee) => {
      const sealed = await bus.request(unmaskSubject(trustee), request, { timeoutMs: 30_000 });
      const answer = await openAnswer(sealed, request, keyPair, new Map());
      const opened = openSigned('unmask-answer', answer!, [party.signer.publicKey], verify);
      return decodeUnmaskAnswer(opened!)!.results.map(({ status }) => status);
    }),
  );
}

describe('zooming in', () => {
  const verdictOf = (network: ZoomNetwork, name: string, channel = 0): UnmaskTarget => {
    const { cells, areas } = network.provisioned.network;
    const cell = [...cells].find(
      (candidate) => candidate.name === name && candidate.channel === channel,
    );
    return cell === undefined
      ? { kind: 'area', index: areas.indexOf(areaId(name))!, channel }
      : { kind: 'cell', index: cell.index, channel };
  };

  it('asks the trustees for what somebody looks at, and for nothing else', async () => {
    await using running = await startZoomNetwork();
    await running.run(FIRST_OF_ZOOM);
    const towns = ['eu/es/ma export', 'eu/es/ma net', 'eu/es/ma production', 'eu/es/mb net'];
    expect(running.namesOf(running.takeRequests())).toEqual(towns);
    const ask = (area: string) =>
      running.map.frame({
        area: areaId(area),
        interval: FIRST_OF_ZOOM,
        viewer: running.viewer('all'),
        signal: new AbortController().signal,
      });
    await ask('eu/es/ma');
    await ask('eu/es/ma/u2');
    expect(running.namesOf(running.takeRequests())).toEqual([
      'eu/es/ma/u1 export',
      'eu/es/ma/u1 net',
      'eu/es/ma/u1 production',
      'eu/es/ma/u2 net',
      'eu/es/ma/u2/s1 net',
      'eu/es/ma/u2/s2 net',
    ]);
    await running.run((FIRST_OF_ZOOM + 1) as IntervalIndex);
    const asked = running.namesOf(running.takeRequests());
    // What is being watched is opened with the next interval; the streets of the others never are.
    expect(asked.filter((name) => /u1.s|mb.u1/.test(name))).toEqual([]);
  });

  it('is refused beside, below and beyond its grant by every trustee', async () => {
    await using running = await startZoomNetwork();
    await running.run(FIRST_OF_ZOOM);
    const target = (name: string, channel?: number) => verdictOf(running, name, channel);
    const all = (status: string[]) => [status, status, status];
    // Down to the suburbs of one town.
    expect(
      await verdicts(running, 'town a', [
        target('eu/es/ma'),
        target('eu/es/ma/u1'),
        target('eu/es/mb'),
        target('eu/es/mb/u1'),
        target('eu/es/mb/u1/s1'),
        target('eu/es/ma/u1/s1'),
        target('eu/es/ma/u1/{s1+s2}', 1),
        target('eu/es'),
        target('eu'),
      ]),
    ).toEqual(all(['released', 'released', ...new Array(7).fill('not-granted')]));
    // Down to its streets, but net alone.
    expect(
      await verdicts(running, 'net of a', [
        target('eu/es/ma/u1/s1'),
        target('eu/es/ma/u1/{s1+s2}', 1),
        target('eu/es/ma/u1/{s1+s2}', 2),
        target('eu/es/ma', 1),
      ]),
    ).toEqual(all(['released', ...new Array(3).fill('not-granted')]));
  });

  it('is given no total beside or below its grant by any aggregator', async () => {
    await using running = await startZoomNetwork();
    await running.run(FIRST_OF_ZOOM);
    const ask = (name: string, area: string) => {
      const { signedGrant, signer } = running.grant(name);
      const query = encodeTotalsQuery({
        area: areaId(area),
        fromInterval: FIRST_OF_ZOOM,
        intervalCount: 1,
        grant: signedGrant,
      });
      return running.bus.request(querySubject(areaId(area)), signMessage('query', query, signer), {
        timeoutMs: 30_000,
      });
    };
    expect((await ask('town a', 'eu/es/ma/u1')).length).toBeGreaterThan(100);
    for (const [name, area] of [
      ['town a', 'eu/es/mb'],
      ['town a', 'eu/es/mb/u1'],
      ['town a', 'eu/es'],
      ['all of town a', 'eu/es/ma/u1'],
    ] as const)
      await expect(ask(name, area)).rejects.toThrow('not-granted');
  });

  it('asks once for all who ask at once, and goes on when one of them leaves', async () => {
    await using running = await startZoomNetwork();
    await running.run(FIRST_OF_ZOOM);
    running.takeRequests();
    const leaving = new AbortController();
    const ask = (signal: AbortSignal) =>
      running.map.frame({
        area: areaId('eu/es/ma/u1'),
        interval: FIRST_OF_ZOOM,
        viewer: running.viewer('all'),
        signal,
      });
    const staying = new AbortController().signal;
    const asked = [ask(leaving.signal), ask(staying), ask(staying)];
    leaving.abort(new Error('gone'));
    const [first, second, third] = await Promise.allSettled(asked);
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'gone' } });
    expect(second).toMatchObject({ status: 'fulfilled', value: { self: { status: 'published' } } });
    expect(third).toMatchObject({ status: 'fulfilled' });
    expect(running.takeRequests()).toHaveLength(1);
  });

  it('is done by itself where a whole town is implausible: only the bad cell is left out', async () => {
    await using running = await startZoomNetwork({ liars: [0] });
    await running.run(FIRST_OF_ZOOM, (meter) => (meter === 0 ? [2 ** 49, 0, 0] : [100, 10, 30]));
    const rows = new Map(running.results[0]!.rows.map((row) => [row.plan.name, row]));
    const netOf = (name: string) => rows.get(name)?.energyWh[0];
    expect(rows.get('eu/es/ma/u1/s1')).toMatchObject({ status: 'withheld', reason: 'implausible' });
    expect(netOf('eu/es/ma/u1/s2')).toBe(800);
    expect(netOf('eu/es/ma/u1')).toBe(1800);
    expect(netOf('eu/es/ma')).toBe(3200);
    expect(netOf('eu')).toBe(4800);
    expect(rows.get('eu')).toMatchObject({ status: 'partial', reason: 'implausible' });
    // The other suburb and the other town are looked at as a whole still.
    const asked = running.namesOf(running.takeRequests());
    expect(asked).toContain('eu/es/ma/u2 net');
    expect(asked.filter((name) => /u2.s|mb.u1/.test(name))).toEqual([]);
    const frame = await running.map.frame({
      area: areaId('eu/es/ma/u1'),
      interval: FIRST_OF_ZOOM,
      viewer: running.viewer('all'),
      signal: new AbortController().signal,
    });
    expect(frame?.rows[0]).toMatchObject({ status: 'withheld', reason: 'implausible' });
    expect(running.takeRequests()).toEqual([]);
  });

  it('is done by itself where an auditor finds fault within a town', async () => {
    await using running = await startZoomNetwork();
    await running.run(FIRST_OF_ZOOM);
    const { network } = running.provisioned;
    const cell = [...network.cells].find(({ name }) => name === 'eu/es/ma/u1/s2');
    const area = areaId('eu/es/ma/u1');
    const alert = encodeAlert({
      area,
      interval: FIRST_OF_ZOOM,
      sealDigest: new Uint8Array(32),
      finding: 'wrong-total',
      cells: [[0, cell!.index]],
      detail: '',
    });
    const { signer } = running.parties.auditor;
    await running.bus.append(noticeSubject(area), signMessage('alert', alert, signer));
    await vi.waitFor(() => expect(running.results).toHaveLength(2));
    const rows = new Map(running.results[1]!.rows.map((row) => [row.plan.name, row]));
    expect(rows.get('eu/es/ma/u1/s2')).toMatchObject({ status: 'withheld', reason: 'mismatch' });
    expect(rows.get('eu/es/ma/u1/s1')?.energyWh[0]).toBe(800);
    expect(rows.get('eu/es/ma')).toMatchObject({ status: 'partial', reason: 'mismatch' });
    expect(rows.get('eu/es/ma')?.energyWh[0]).toBe(3200);
    expect(running.store.row(FIRST_OF_ZOOM, 'eu')?.netWh).toBe(4800);
  });

  it('shows a town whose silent homes are in no withheld cell with all that it may show', async () => {
    await using running = await startZoomNetwork();
    const silent = metersIn(running, 'eu/es/ma/u1/s2').at(-1);
    await running.run(FIRST_OF_ZOOM, (meter) => (meter === silent ? [] : [100, 10, 30]));
    const town = running.results[0]?.rows.find((row) => row.plan.name === 'eu/es/ma');
    // Not all of the town reports, but all of its cells do: what is derived covers the same homes.
    expect(town).toMatchObject({ energyWh: [3900, 60, 180], importWh: 3960, consumptionWh: 4080 });
    expect(town?.coverage).toBeLessThan(1);
  });
});
