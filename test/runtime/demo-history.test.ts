// The demo's history is simulated as sums; it must be what a live monitor shows of the same readings.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IntervalIndex, intervalAt } from '../../src/core/interval.ts';
import type { Network } from '../../src/core/network-tree.ts';
import type { Row } from '../../src/roles/monitor-rows.ts';
import { DEMO_START_SECONDS } from '../../src/runtime/demo.ts';
import type { Fate, Fates } from '../../src/runtime/demo-faults.ts';
import { createSums, fillHistory, planEverything } from '../../src/runtime/demo-history.ts';
import { runInterval } from '../../src/runtime/demo-interval.ts';
import { type DemoNetwork, prepareNetwork, startNodes } from '../../src/runtime/demo-network.ts';
import { createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { openRunBus } from '../../src/runtime/run-bus.ts';
import { createHouseholds } from '../../src/sim/neighbourhood.ts';
import { createSimulator } from '../../src/sim/simulator.ts';
import { openMonitorStore } from '../../src/store/monitor-store.ts';

const FIRST = intervalAt(DEMO_START_SECONDS, 900);

describe('the rows of the demo before its first interval', () => {
  const households = createHouseholds({ meters: 600, seed: 'history', meteredRoofShare: 1 });
  const streets = [...new Set(households.map((home) => home.area))];
  const simulate = createSimulator(households);
  const stack = new AsyncDisposableStack();
  let demo: DemoNetwork;
  let network: Network;
  let sums: (interval: IntervalIndex) => Row[];

  /** A silent street, one with a fifth of its frames missing, and a few frames late elsewhere. */
  const fateOf: Fates = (meter): Fate => {
    const street = streets.indexOf(households[meter]!.area);
    if (street === 1) return 'lost';
    if (street === 3) return meter % 6 === 0 ? 'lost' : 'delivered';
    return meter % 50 === 0 ? 'late' : meter % 20 === 0 ? 'resent' : 'delivered';
  };

  beforeAll(async () => {
    const options = {
      settings: { seed: 'history', meters: 600, trustees: 3, quorum: 2, minMeters: 20 },
      openBus: (nowMs: () => number) => openRunBus({ kind: 'memory' }, nowMs, 'history'),
      random: (length: number) => new Uint8Array(randomBytes(length)),
      verify: createPlatformVerifier(),
      signal: new AbortController().signal,
    };
    const prepared = await prepareNetwork(options, households, 1, FIRST, stack);
    demo = await startNodes(options, prepared, 1, FIRST, stack);
    network = prepared.provisioned.network;
    sums = createSums({
      network,
      plan: planEverything(network),
      households,
      simulate: createSimulator(households),
      fatesOf: () => fateOf,
    });
  });
  afterAll(() => stack.disposeAsync());

  it('are those of the monitor, to the watt-hour, the cell and the reason', async () => {
    const shown = await runInterval(demo, FIRST, simulate, fateOf);
    const made = sums(FIRST);
    expect(made).toHaveLength(shown.rows.length);
    expect(made).toEqual(shown.rows);
    expect(made.some((row) => row.status === 'withheld')).toBe(true);
    expect(made.some((row) => row.status === 'partial')).toBe(true);
    expect(made.some((row) => row.status === 'published' && row.plan.isCell)).toBe(true);
  });

  it('are stored once, as simulated, and the newest first where there is little time', async () => {
    using store = openMonitorStore(':memory:');
    const fill = (from: number, signal?: AbortSignal) =>
      fillHistory({ network, store, sums, from, until: FIRST, ...(signal && { signal }) });
    expect(await fill(FIRST - 4)).toBe(4);
    expect(await fill(FIRST - 6)).toBe(2);
    expect(await fill(FIRST - 6)).toBe(0);
    const aborted = AbortSignal.abort();
    expect(await fill(FIRST - 96, aborted)).toBe(0);
    expect(store.latestInterval()).toBe(FIRST - 1);
    const rows = store.rows({ interval: (FIRST - 6) as IntervalIndex });
    expect(rows.length).toBe(sums(FIRST).length);
    expect(rows.every((row) => row.origin === 'simulated')).toBe(true);
    expect(rows.find((row) => row.name === 'eu')?.netWh).toBeGreaterThan(0);
    expect(rows.some((row) => row.netWh === undefined && row.reason !== undefined)).toBe(true);
  });
});
