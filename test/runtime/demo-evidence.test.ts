// The privacy view's own claim: its hex adds up to the number on the map, and opens nothing else.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { NET } from '../../src/core/channel.ts';
import { componentHolders } from '../../src/core/components.ts';
import { decodeFrame } from '../../src/core/frame.ts';
import { type IntervalIndex, intervalAt, intervalStartSeconds } from '../../src/core/interval.ts';
import { areaAt, type Network } from '../../src/core/network-tree.ts';
import { decodeTotal } from '../../src/core/total.ts';
import type { ChannelWord, StreetEvidence } from '../../src/map/evidence.ts';
import type { Viewer } from '../../src/map/viewer.ts';
import { DEMO_START_SECONDS } from '../../src/runtime/demo.ts';
import { createEvidence, type Evidence } from '../../src/runtime/demo-evidence.ts';
import type { Fates } from '../../src/runtime/demo-faults.ts';
import { runInterval } from '../../src/runtime/demo-interval.ts';
import {
  type DemoNetwork,
  type PreparedNetwork,
  prepareNetwork,
  startNodes,
} from '../../src/runtime/demo-network.ts';
import { createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { openRunBus } from '../../src/runtime/run-bus.ts';
import { createHouseholds } from '../../src/sim/neighbourhood.ts';
import { createSimulator } from '../../src/sim/simulator.ts';

const FIRST = intervalAt(DEMO_START_SECONDS, 900);
const NOON = (FIRST + 20) as IntervalIndex;
const OPERATOR: Viewer = {
  grantName: 'operator',
  area: areaId('eu'),
  deepestDepth: 7,
  channels: ['net', 'export', 'production'],
};

describe('what each party holds of a street', () => {
  const households = createHouseholds({ meters: 500, seed: 'evidence', meteredRoofShare: 1 });
  const simulate = createSimulator(households);
  const readings = simulate(intervalStartSeconds(NOON, 900));
  const valuesOf = (home: number): readonly (number | undefined)[] => {
    const { importWh, exportWh, productionWh } = readings[home]!;
    const hasRoof = households[home]!.channels.includes('export');
    return [
      importWh - exportWh,
      hasRoof ? exportWh : undefined,
      hasRoof ? productionWh : undefined,
    ];
  };
  /** One in thirty is lost, and nothing comes of the largest street. */
  const sizes = [...Map.groupBy(households, (home) => home.area)];
  const silentStreet = sizes.toSorted(([, a], [, b]) => b.length - a.length)[0]![0];
  const fateOf: Fates = (home) =>
    home % 30 === 0 || households[home]!.area === silentStreet ? 'lost' : 'delivered';
  const stack = new AsyncDisposableStack();
  let prepared: PreparedNetwork;
  let demo: DemoNetwork;
  let network: Network;
  let evidence: Evidence;

  beforeAll(async () => {
    const options = {
      settings: { seed: 'evidence', meters: 500, trustees: 3, quorum: 2, minMeters: 20 },
      liveDepth: 5,
      openBus: (nowMs: () => number) => openRunBus({ kind: 'memory' }, nowMs, 'evidence'),
      random: (length: number) => new Uint8Array(randomBytes(length)),
      verify: createPlatformVerifier(),
      signal: new AbortController().signal,
    };
    prepared = await prepareNetwork(options, households, 1, NOON, stack);
    demo = await startNodes(options, prepared, 1, NOON, stack);
    network = prepared.provisioned.network;
    await runInterval(demo, NOON, simulate, fateOf);
    evidence = createEvidence({
      network,
      firstInterval: NOON,
      parties: prepared.parties,
      bus: await demo.connect(),
      clock: demo.clock,
      random: options.random,
      verify: options.verify,
      places: prepared.meters,
      readingOf: (home) => valuesOf(home),
    });
  });
  afterAll(() => stack.disposeAsync());

  const streetsOfCells = (size: (memberCount: number) => boolean): AreaId[] =>
    [...network.cells]
      .filter((cell) => cell.channel === NET && size(cell.members.length))
      .flatMap((cell) => cell.streets.map((street) => areaAt(network, street).id))
      .filter((street) => street !== silentStreet);
  const show = async (area: AreaId, viewer = OPERATOR): Promise<StreetEvidence> => {
    const found = await evidence({ area, interval: NOON, viewer });
    if (found === undefined) throw new Error(`no evidence of ${area}`);
    return found;
  };
  const wordOf = (words: readonly ChannelWord[], channel: string) =>
    BigInt(`0x${words.find((word) => word.channel === channel)?.hex}`);

  it('adds up: the masked total minus one sum for each component is the number shown', async () => {
    let count = 0;
    for (const area of streetsOfCells(() => true)) {
      const shown = await show(area);
      const { members } = shown.cell;
      for (const { channel, energyWh } of shown.monitor.energyWh) {
        if (energyWh === null) continue;
        const position = network.channels.findIndex(({ name }) => name === channel);
        const expected = households.reduce((sum, home, index) => {
          const isIn = members.some((id) => `${home.area}/`.startsWith(`${id}/`));
          return sum + (isIn && fateOf(index) !== 'lost' ? (valuesOf(index)[position] ?? 0) : 0);
        }, 0);
        expect([area, channel, energyWh]).toEqual([area, channel, expected]);
        const masked = wordOf(shown.aggregator!.maskedTotals, channel);
        const bySums = componentHolders(network.quorum).reduce((left, holders, component) => {
          const held = shown.trustees[holders[0]!]!.maskSums.find(
            (sum) => sum.component === component,
          );
          return left - wordOf(held!.words, channel);
        }, masked);
        expect(BigInt.asIntN(64, bySums)).toBe(BigInt(energyWh));
        const combined = masked - wordOf(shown.monitor.maskSums, channel);
        expect(BigInt.asIntN(64, combined)).toBe(BigInt(energyWh));
        expect(shown.monitor.maskedTotals).toEqual(shown.aggregator!.maskedTotals);
        count++;
      }
    }
    expect(count).toBeGreaterThan(8);
  });

  it('shows frames that stand in the stream, and one home’s reading beside what left it', async () => {
    const area = streetsOfCells((count) => count === 1)[0]!;
    const { bus, household } = await show(area);
    const sent = households.filter((home, index) => home.area === area && index % 30 !== 0);
    expect(bus?.subject).toBe(`sw.v1.reading.${area.replaceAll('/', '.')}`);
    expect(bus?.frameCount).toBe(sent.length);
    expect(bus?.frames).toHaveLength(4);
    for (const frame of bus!.frames) expect(decodeFrame(fromHex(frame)).interval).toBe(NOON);
    const { slot, words } = decodeFrame(fromHex(household!.frame));
    const home = prepared.meters.findIndex((meter) => meter.street === area && meter.slot === slot);
    const values = valuesOf(home).filter((value) => value !== undefined);
    expect(household!.readingWh.map(({ energyWh }) => energyWh)).toEqual(values);
    expect(words).toHaveLength(values.length);
    for (const [channel, value] of values.entries())
      expect(BigInt.asIntN(64, words[channel]!)).not.toBe(BigInt(value));
  });

  it('says of a street that is merged with which, and what is withheld and why', async () => {
    const merged = await show(streetsOfCells((count) => count > 1)[0]!);
    expect(merged.cell.members.length).toBeGreaterThan(1);
    expect(merged.notes.join(' ')).toContain('too few meters to stand alone');
    const silent = await show(silentStreet);
    expect(silent.bus).toMatchObject({ frameCount: 0, frames: [] });
    expect(silent.household).toBeUndefined();
    const net = silent.monitor.energyWh.find(({ channel }) => channel === 'net');
    expect(net).toEqual({ channel: 'net', energyWh: null });
    expect(silent.monitor.maskSums).toEqual([]);
    expect(silent.notes.join(' ')).toMatch(/net is withheld: (low-presence|too-few)/u);
  });

  it('holds no key, no seed and no salt', async () => {
    const secrets: Uint8Array[] = [];
    const { parties, meters } = prepared;
    for (const party of [parties.monitor, ...parties.trustees, ...parties.aggregators])
      secrets.push(party.seed, party.keyPair.seed);
    secrets.push(parties.registrar.seed, parties.provisioner.seed, parties.auditor.seed);
    for (const meter of meters) secrets.push(meter.authenticationKey, ...meter.componentKeys);
    for (const trustee of demo.network.trustees)
      for (const { keys } of trustee.state.keys.values()) secrets.push(keys);
    for (const { state } of demo.network.aggregators)
      for (const { keys } of state.streetKeys.values()) secrets.push(keys.keys);
    let saltCount = 0;
    await using totals = await (await demo.connect()).replay('TOTALS', {}, ({ data }) => {
      const total = decodeTotal(data);
      if (total !== undefined) saltCount = secrets.push(total.salt);
    });
    await totals.caughtUp;
    expect(saltCount).toBe(secrets.length);
    expect(secrets.length).toBeGreaterThan(2000);
    let text = '';
    for (const area of streetsOfCells(() => true)) text += JSON.stringify(await show(area));
    const windows = new Set<string>();
    const hexes = text.match(/[0-9a-f]{16,}/gu) ?? [];
    for (const hex of hexes)
      for (let at = 0; at + 16 <= hex.length; at += 2) windows.add(hex.slice(at, at + 16));
    expect(windows.size).toBeGreaterThan(1000);
    for (const secret of secrets) {
      for (let at = 0; at + 8 <= secret.length; at += 8) {
        const part = secret.slice(at, at + 8);
        expect(windows.has(toHex(part)) || windows.has(toHex(part.toReversed()))).toBe(false);
      }
    }
  });

  it('shows nothing of before it began, of a channel or an area that the viewer may not see', async () => {
    const area = streetsOfCells((count) => count === 1)[0]!;
    const before = (NOON - 1) as IntervalIndex;
    const early = await evidence({ area, interval: before, viewer: OPERATOR });
    expect(early).toMatchObject({ bus: undefined, household: undefined, trustees: [] });
    expect(early?.notes.join(' ')).toContain('simulated');
    const net = await show(area, { ...OPERATOR, channels: ['net'] });
    expect(net.monitor.energyWh.map(({ channel }) => channel)).toEqual(['net']);
    expect(net.household?.readingWh.map(({ channel }) => channel)).toEqual(['net']);
    expect(net.trustees.flatMap(({ maskSums }) => maskSums.flatMap(({ words }) => words))).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ channel: 'export' })]),
    );
    expect((await show(area, { ...OPERATOR, channels: [] })).monitor.maskedTotals).toEqual([]);
    const merged = streetsOfCells((count) => count > 1)[0]!;
    const alone = await show(merged, { ...OPERATOR, area: merged });
    expect(alone.cell).toEqual({ name: merged, members: [merged] });
    expect(alone.monitor.maskedTotals).toEqual([]);
    const viewer = { ...OPERATOR, area: areaId('eu/es/99') };
    expect(await evidence({ area, interval: NOON, viewer })).toBeUndefined();
    const shallow = { ...OPERATOR, deepestDepth: 6 };
    expect(await evidence({ area, interval: NOON, viewer: shallow })).toBeUndefined();
    expect(
      await evidence({ area: areaId('eu/es'), interval: NOON, viewer: OPERATOR }),
    ).toBeUndefined();
  });
});
