// Zooming into history: an interval that is no longer on the bus is opened from what aggregators and
// trustees have stored, under the same rules as on the day.

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryBus } from '../../src/bus/memory-bus.ts';
import { areaId } from '../../src/core/area.ts';
import { channelSetOf } from '../../src/core/channel.ts';
import { epochOfInterval, type IntervalIndex } from '../../src/core/interval.ts';
import { encodeTotalsQuery } from '../../src/core/query.ts';
import { signMessage } from '../../src/core/signed.ts';
import { querySubject } from '../../src/core/subjects.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { startLocalNetwork } from '../../src/runtime/local-network.ts';
import type { MonitorResult } from '../../src/runtime/monitor-node.ts';
import { createParties } from '../../src/runtime/parties.ts';
import { defaultPolicy, provisionNetwork } from '../../src/runtime/provision.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const FIRST = 1_900_000 as IntervalIndex;
const QUORUM = { trusteeCount: 3, quorum: 2 };

async function startNetwork(onInterval: (result: MonitorResult) => void) {
  const parties = await createParties(QUORUM, random);
  const verify = createPlatformVerifier();
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
    onInterval,
    onError: (error) => {
      throw error;
    },
  });
  const run = async (interval: IntervalIndex, valueWh: number) => {
    network.expectInterval(interval);
    await clock.advanceTo((interval + 1) * 900_000 + 1000);
    await network.meters.send(interval, () => [valueWh]);
    await bus.idle();
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
    const ask = (bytes: Uint8Array) => bus.request(querySubject(area), bytes, { timeoutMs: 1000 });

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
