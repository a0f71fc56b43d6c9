// The whole way of a reading: masked at the meter, summed unread, exact in the totals, or withheld
// with the reason.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { channelSet, NET } from '../../src/core/channel.ts';
import { epoch, intervalIndex } from '../../src/core/interval.ts';
import { splitSigned } from '../../src/core/signed.ts';
import { decodeUnmaskAnswer } from '../../src/core/unmask.ts';
import { advanceAggregator } from '../../src/roles/aggregator.ts';
import { advanceTrustee, eraseTrusteeEpoch } from '../../src/roles/trustee.ts';
import {
  CAP_WH,
  createNodes,
  createWorld,
  metersOf,
  NOON,
  plainSums,
  type Readings,
  type Run,
  runInterval,
  type World,
} from '../support/world.ts';

const PUBLISHED = [
  'es',
  'es/r0',
  'es/r0/m0',
  'es/r0/m0/s0',
  'es/r0/m0/s1',
  'es/r0/m1/{s0+s1}',
  'es/r1',
  'es/r1/{m2+m3}',
];
let world: World;

beforeAll(async () => {
  world = await createWorld();
});

function netOf(run: Run, area: string): number | undefined {
  return run.rows.get(area)?.energyWh[NET];
}

function reasonOf(run: Run, area: string): string | undefined {
  const row = run.rows.get(area);
  return row?.status === 'withheld' ? row.reason : undefined;
}

describe('an interval with nobody missing', () => {
  it('gives the plain sums at every level, and imports and consumption where they may be known', () => {
    const run = runInterval(world);
    for (const area of PUBLISHED)
      expect([area, netOf(run, area)]).toEqual([area, plainSums(world, area)[NET]]);
    const [net, exported, produced] = plainSums(world, 'es/r0/m0') as [number, number, number];
    const row = run.rows.get('es/r0/m0');
    expect(row?.energyWh).toEqual([net, exported, produced]);
    expect(row?.importWh).toBe(net + exported);
    expect(row?.consumptionWh).toBe(net + produced);
    expect(row?.status).toBe('published');
    expect(run.alerts).toEqual([]);
    expect(run.refusedSeals.flat()).toEqual([]);
  });

  it('publishes neither a street that is merged nor a town that is dissolved', () => {
    const run = runInterval(world);
    expect(run.rows.has('es/r0/m1/s1')).toBe(false);
    for (const area of ['es/r1/m2', 'es/r1/m3']) expect(reasonOf(run, area)).toBe('too-few');
    expect(run.rows.get('es/r0/m0/s0')?.energyWh[1]).toBeUndefined();
  });

  it('gives the same whatever order the frames come in, also twice and together', () => {
    const straight = runInterval(world);
    const shuffled = runInterval(world, { tamperFrame: (frame) => [frame, frame] });
    const merged = new Map<number, Uint8Array[]>();
    const reordered = runInterval(world, {
      tamperFrame: (frame, meter) => {
        // Every second frame waits and travels behind the next one of its street.
        const waiting = merged.get(0) ?? [];
        const isSameStreet = world.meters[meter]?.area === world.meters[meter + 1]?.area;
        if (meter % 2 === 0 && isSameStreet) {
          merged.set(0, [frame]);
          return [];
        }
        merged.clear();
        return [new Uint8Array([...frame, ...(waiting[0] ?? [])])];
      },
    });
    for (const run of [shuffled, reordered]) {
      for (const area of PUBLISHED) expect(netOf(run, area)).toBe(netOf(straight, area));
      const seals = [...run.published.values()].map(({ seal }) => seal);
      expect(seals).toEqual([...straight.published.values()].map(({ seal }) => seal));
    }
    expect(shuffled.nodes.aggregators[1]?.rejected.get('duplicate')).toBe(world.meters.length);
  });

  it('is exact at the extremes of what meters can read: every cap, either side of zero', () => {
    for (const sign of [1, -1]) {
      const readings: Readings = () => [sign * CAP_WH, sign > 0 ? CAP_WH : 0, 0];
      const run = runInterval(world, { readings });
      for (const area of PUBLISHED)
        expect(netOf(run, area)).toBe(sign * CAP_WH * metersOf(world, area).length);
    }
  });

  it('shows a negative net where a street exports', () => {
    const readings: Readings = (_, index) => [-(2 ** index), 0, 0];
    const run = runInterval(world, { readings });
    for (const area of PUBLISHED)
      expect(netOf(run, area)).toBe(plainSums(world, area, { readings })[NET]);
    expect(netOf(run, 'es')).toBeLessThan(0);
  });
});

describe('an interval with some missing', () => {
  it('sums exactly what was delivered, or withholds, whoever is missing', () => {
    const all = world.meters.map((_, index) => index);
    fc.assert(
      fc.property(fc.subarray(all, { maxLength: 8 }), (lost) => {
        const drop = new Set(lost);
        const run = runInterval(world, { drop });
        let released = 0;
        for (const cell of ['es/r0/m0/s0', 'es/r0/m0/s1', 'es/r0/m1/{s0+s1}', 'es/r1/{m2+m3}']) {
          const members = metersOf(world, cell);
          const present = members.filter((index) => !drop.has(index)).length;
          const sum = plainSums(world, cell, { without: drop })[NET] as number;
          if (present < 5) expect(reasonOf(run, cell)).toBe('too-few');
          else if (present < 0.8 * members.length) expect(reasonOf(run, cell)).toBe('low-presence');
          else expect(netOf(run, cell)).toBe(sum);
          if (netOf(run, cell) !== undefined) released += sum;
        }
        // A withheld cell is in no total above it.
        expect(netOf(run, 'es') ?? 0).toBe(released);
        expect(run.alerts).toEqual([]);
        expect(run.refusedSeals.flat()).toEqual([]);
      }),
      { numRuns: 25, seed: 5 },
    );
  });

  it('opens the area’s own total to the very sum of its cells, with what is withheld left out', () => {
    const drop = new Set(metersOf(world, 'es/r0/m0/s1').slice(0, 2));
    const nodes = createNodes(world, { deepestDepth: 1 });
    const whole = runInterval(world, { nodes, drop });
    const cells = runInterval(world, { drop });
    expect(reasonOf(cells, 'es/r0/m0/s1')).toBe('too-few');
    const without = new Set(metersOf(world, 'es/r0/m0/s1'));
    expect(netOf(cells, 'es')).toBe(plainSums(world, 'es', { without })[NET]);
    expect(netOf(whole, 'es')).toBe(netOf(cells, 'es'));
    expect(whole.rows.get('es')?.status).toBe('partial');
  });

  it('says how much of an area its total covers', () => {
    const drop = new Set(metersOf(world, 'es/r0/m0/s1').slice(0, 2));
    const run = runInterval(world, { drop });
    expect(run.rows.get('es')?.coverage).toBe(0.81);
    expect(run.rows.get('es/r0/m0')?.coverage).toBe(0.5);
    expect(run.rows.get('es/r0/m0')?.status).toBe('partial');
  });

  it('leaves an area whose seal is late out of the totals above, never half of it', () => {
    const run = runInterval(world, {
      tamperSeal: (area, sealed) => (area === 'es/r0/m1' ? undefined : sealed),
    });
    expect(reasonOf(run, 'es/r0/m1/{s0+s1}')).toBe('no-seal');
    const without = new Set(metersOf(world, 'es/r0/m1'));
    for (const area of ['es', 'es/r0'])
      expect(netOf(run, area)).toBe(plainSums(world, area, { without })[NET]);
  });

  it('withholds a cell of two towns where one of them did not seal', () => {
    const run = runInterval(world, {
      tamperSeal: (area, sealed) => (area === 'es/r1/m3' ? undefined : sealed),
    });
    expect(reasonOf(run, 'es/r1/{m2+m3}')).toBe('no-seal');
    const without = new Set(metersOf(world, 'es/r1'));
    expect(netOf(run, 'es')).toBe(plainSums(world, 'es', { without })[NET]);
  });
});

describe('trustees that are down', () => {
  it.each([[[0, 1]], [[0, 2]], [[1, 2]]])(
    'change nothing while %j of three answer, but for the check that a third gives',
    (trusteesUp) => {
      const run = runInterval(world, { trusteesUp });
      for (const area of PUBLISHED) expect(netOf(run, area)).toBe(plainSums(world, area)[NET]);
      expect(run.rows.get('es')?.isChecked).toBe(false);
    },
  );

  it('and all three check one another', () => {
    expect(runInterval(world).rows.get('es')?.isChecked).toBe(true);
  });

  it.each([[[]], [[0]], [[1]], [[2]]])(
    'withhold everything where only %j answers',
    (trusteesUp) => {
      const run = runInterval(world, { trusteesUp });
      for (const figure of run.opened.figures)
        expect(figure).toEqual({ kind: 'withheld', reason: 'no-quorum' });
    },
  );
});

describe('a monitor', () => {
  it('is told no count of contributors, and no coverage but in coarse steps', () => {
    const steps = new Set<number>();
    for (const lost of [[], [0], [12], [12, 13]]) {
      runInterval(world, {
        drop: new Set(lost),
        tamperAnswer: (answer) => {
          const body = splitSigned('unmask-answer', answer)?.body ?? answer;
          for (const result of decodeUnmaskAnswer(body)?.results ?? []) steps.add(result.coverage);
          return answer;
        },
      });
    }
    expect([...steps].sort((a, b) => a - b)).toEqual([80, 90, 100]);
  });

  it('opens only what its grant covers', () => {
    const area = areaId('es/r0') as AreaId;
    const run = runInterval(world, { nodes: createNodes(world, { area, deepestDepth: 3 }) });
    expect([...run.rows.keys()]).toEqual(['es/r0', 'es/r0/m0', 'es/r0/m1']);
    expect(netOf(run, 'es/r0')).toBe(plainSums(world, 'es/r0')[NET]);
  });
});

describe('a channel', () => {
  it('has its own mask, whatever others the meter lacks: net and production without export', async () => {
    const size = { meters: 7, producers: 6, producerChannels: channelSet(0b101) };
    const few = await createWorld({ streets: { 'es/m/s': size } });
    const run = runInterval(few);
    const [net, , produced] = plainSums(few, 'es/m/s');
    expect(run.rows.get('es/m/s')?.energyWh).toEqual([net, undefined, produced]);
    expect(run.rows.get('es/m/s')?.importWh).toBe(net);
    expect(run.rows.get('es/m/s')?.consumptionWh).toBe(net! + produced!);
  });
});

describe('several intervals', () => {
  it('of one network are exact one after another, over midnight too', () => {
    const nodes = createNodes(world);
    const midnight = 20_001 * 96;
    for (const interval of [NOON, NOON + 1, midnight - 1, midnight, midnight + 1].map(
      intervalIndex,
    )) {
      if (interval === midnight) {
        for (const aggregator of nodes.aggregators) advanceAggregator(aggregator, epoch(20_001));
        for (const trustee of nodes.trustees) advanceTrustee(trustee, epoch(20_001));
      }
      const run = runInterval(world, { nodes, interval });
      expect(netOf(run, 'es')).toBe(plainSums(world, 'es')[NET]);
    }
  });

  it('of the day before are still summed until its keys are erased, and never after', () => {
    const nodes = createNodes(world);
    for (const trustee of nodes.trustees) advanceTrustee(trustee, epoch(20_001));
    expect(netOf(runInterval(world, { nodes }), 'es')).toBe(plainSums(world, 'es')[NET]);
    const late = createNodes(world);
    for (const trustee of late.trustees) {
      advanceTrustee(trustee, epoch(20_001));
      eraseTrusteeEpoch(trustee);
    }
    const run = runInterval(world, { nodes: late });
    expect(run.refusedSeals[0]).toContain('es/r0/m0 no-keys');
    expect(netOf(run, 'es')).toBeUndefined();
  });
});
