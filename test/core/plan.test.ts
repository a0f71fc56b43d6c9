import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AreaId, isWithin, parentArea } from '../../src/core/area.ts';
import { channelSet, hasChannel } from '../../src/core/channel.ts';
import { cellName, defaultMarginMeters, planCells } from '../../src/core/plan.ts';
import type { Plan, PlannedCell, PlanStreet } from '../../src/core/plan-types.ts';
import {
  arbitraryStreets,
  EXPORT,
  NET,
  policyOf,
  street,
  streetOfCaps,
} from '../reference/plan-networks.ts';
import { threadMs } from '../support/thread-time.ts';

const POLICY = policyOf(20, 2);

function cellsOf(plan: Plan, channel: number): PlannedCell[] {
  return plan.cells.filter((cell) => cell.channel === channel);
}

/** `name connectionPoints reason` of every cell of a channel. */
function namesOf(plan: Plan, channel = NET): string[] {
  return cellsOf(plan, channel).map(
    ({ home, members, connectionPoints, reason }) =>
      `${cellName(home, members)} ${connectionPoints} ${reason}`,
  );
}

describe('a street and its siblings', () => {
  it('lets a street of minimum plus margin stand alone', () => {
    const plan = planCells([street('es/a/1', 22), street('es/a/2', 30)], POLICY);
    expect(namesOf(plan)).toEqual(['es/a/1 22 alone', 'es/a/2 30 alone']);
    expect(plan.unpublished).toEqual([]);
  });

  it('merges a street within the margin, so that dropouts do not make it flicker', () => {
    const plan = planCells([street('es/a/1', 21), street('es/a/2', 30)], POLICY);
    expect(namesOf(plan)).toEqual(['es/a/{1+2} 51 merged-too-few']);
  });

  it('puts small streets together first and leaves the large ones alone', () => {
    const plan = planCells(
      [street('es/a/1', 8), street('es/a/2', 30), street('es/a/3', 9), street('es/a/4', 7)],
      POLICY,
    );
    expect(namesOf(plan)).toEqual(['es/a/{1+3+4} 24 merged-too-few', 'es/a/2 30 alone']);
  });

  it('fills the largest of the small with the smallest, for more and smaller cells', () => {
    const homes = [21, 9, 8, 7, 3];
    const plan = planCells(
      homes.map((count, i) => street(`es/a/${i}`, count)),
      POLICY,
    );
    expect(namesOf(plan)).toEqual([
      'es/a/{0+4} 24 merged-too-few',
      'es/a/{1+2+3} 24 merged-too-few',
    ]);
  });

  it('gives a last small street to the smallest large one', () => {
    const plan = planCells(
      [street('es/a/1', 40), street('es/a/2', 25), street('es/a/3', 8)],
      POLICY,
    );
    expect(namesOf(plan)).toEqual(['es/a/1 40 alone', 'es/a/{2+3} 33 merged-too-few']);
  });

  it('gives a last small street to cells already merged before it takes a lone one', () => {
    const homes = [12, 12, 4, 23];
    const plan = planCells(
      homes.map((count, i) => street(`es/a/${i}`, count)),
      policyOf(20, 3),
    );
    expect(namesOf(plan)).toEqual(['es/a/{0+1+2} 28 merged-too-few', 'es/a/3 23 alone']);
  });

  it('counts the meters of one connection point once', () => {
    const meters = street('es/a/1', 11).meters.flatMap((meter) => [meter, meter]);
    const plan = planCells([{ ...street('es/a/1', 0), meters }, street('es/a/2', 11)], POLICY);
    expect(namesOf(plan)).toEqual(['es/a/{1+2} 22 merged-too-few']);
    expect(plan.cells[0]?.capSumWh).toBe(33_000);
  });

  it('leaves a street without meters out of everything', () => {
    const plan = planCells([street('es/a/1', 0), street('es/a/2', 22)], POLICY);
    expect(namesOf(plan)).toEqual(['es/a/2 22 alone']);
    expect(plan.unpublished).toEqual([]);
  });
});

describe('areas', () => {
  it('merges an area that is too small, whole, with a sibling of its parent', () => {
    const plan = planCells(
      [street('es/a/1', 5), street('es/a/2', 6), street('es/b/1', 30), street('es/c/1', 40)],
      POLICY,
    );
    expect(namesOf(plan)).toEqual(['es/{a+b} 41 merged-too-few', 'es/c/1 40 alone']);
    expect(plan.cells[0]?.streets).toEqual(['es/a/1', 'es/a/2', 'es/b/1']);
  });

  it('takes the sibling where the fewest streets lose their own figure', () => {
    const plan = planCells(
      [street('es/a/1', 5), street('es/b/1', 30), street('es/b/2', 30), street('es/c/1', 70)],
      POLICY,
    );
    expect(namesOf(plan)).toEqual([
      'es/{a+c} 75 merged-too-few',
      'es/b/1 30 alone',
      'es/b/2 30 alone',
    ]);
  });

  it('puts two small areas together rather than dissolve a large one', () => {
    const plan = planCells(
      [street('es/a/1', 12), street('es/b/1', 12), street('es/c/1', 40)],
      POLICY,
    );
    expect(namesOf(plan)).toEqual(['es/{a+b} 24 merged-too-few', 'es/c/1 40 alone']);
  });

  it('merges a street beside areas with them', () => {
    const plan = planCells([street('es/lone', 12), street('es/a/1', 30)], POLICY);
    expect(namesOf(plan)).toEqual(['es/{a+lone} 42 merged-too-few']);
  });

  it('does not merge across roots', () => {
    const plan = planCells([street('es/a/1', 12), street('pt/a/1', 30)], POLICY);
    expect(namesOf(plan)).toEqual(['pt/a/1 30 alone']);
    expect(plan.unpublished).toEqual([{ channel: NET, reason: 'too-few', streets: ['es/a/1'] }]);
  });

  it('does without the margin where a whole tree has no more, and names the deepest area', () => {
    const plan = planCells([street('es/md/a/1', 12), street('es/md/a/2', 8)], POLICY);
    expect(namesOf(plan)).toEqual(['es/md/a/{1+2} 20 merged-too-few']);
    const alone = planCells([street('es/md/a/1', 20)], POLICY);
    expect(namesOf(alone)).toEqual(['es/md/a/1 20 alone']);
  });

  it('plans a street that is itself a root', () => {
    expect(namesOf(planCells([street('lane', 22)], POLICY))).toEqual(['lane 22 alone']);
  });
});

describe('one large meter', () => {
  it('merges a street until no cap exceeds a quarter of the sum', () => {
    const homes = Array.from({ length: 30 }, () => 1000);
    const plan = planCells(
      [
        streetOfCaps('es/a/1', [...homes, 12_000]),
        streetOfCaps('es/a/2', homes),
        streetOfCaps('es/a/3', homes),
      ],
      POLICY,
    );
    expect(namesOf(plan)).toEqual(['es/a/{1+2} 61 merged-dominated', 'es/a/3 30 alone']);
  });

  it('adds up the caps of one connection point before it compares', () => {
    const { area, meters } = street('es/a/1', 35);
    const shared = meters.map((meter, i) => (i < 10 ? { ...meter, connectionPoint: 0 } : meter));
    const plan = planCells([{ area, meters: shared }, street('es/a/2', 30)], POLICY);
    expect(namesOf(plan)).toEqual(['es/a/{1+2} 56 merged-dominated']);
  });

  it('leaves out a street that would dominate the whole tree, and publishes the others', () => {
    const factory = streetOfCaps('es/a/9', [1e12, 1000, 1000]);
    const plan = planCells(
      [street('es/a/1', 30), street('es/a/2', 30), factory, street('es/b/1', 5)],
      POLICY,
    );
    expect(namesOf(plan)).toEqual(['es/a/1 30 alone', 'es/a/2 30 alone']);
    expect(plan.unpublished).toEqual([
      { channel: NET, reason: 'dominated', streets: ['es/a/9'] },
      // Its only sibling holds the factory's street, and the name of a cell must not cover that.
      { channel: NET, reason: 'too-few', streets: ['es/b/1'] },
    ]);
  });
});

describe('the rarer channels', () => {
  it('keep net down to the street where one roof exports', () => {
    const plan = planCells([street('es/a/1', 30, 1), street('es/a/2', 30, 21)], POLICY);
    expect(namesOf(plan)).toEqual(['es/a/1 30 alone', 'es/a/2 30 alone']);
    expect(namesOf(plan, EXPORT)).toEqual(['es/a/{1+2} 22 merged-too-few']);
  });

  it('take whole net cells, with members that declare nothing', () => {
    const plan = planCells(
      [street('es/p/a', 12, 10), street('es/p/b', 12), street('es/p/c', 30, 12)],
      POLICY,
    );
    expect(namesOf(plan)).toEqual(['es/p/{a+b} 24 merged-too-few', 'es/p/c 30 alone']);
    expect(namesOf(plan, EXPORT)).toEqual(['es/p/{a+b+c} 22 merged-too-few']);
    expect(cellsOf(plan, EXPORT)[0]?.streets).toEqual(['es/p/a', 'es/p/c']);
  });

  it('say so where only the net cell keeps a street from standing alone', () => {
    const plan = planCells([street('es/p/a', 30, 25), street('es/p/b', 4)], POLICY);
    expect(namesOf(plan, EXPORT)).toEqual(['es/p/{a+b} 25 merged-to-nest']);
  });

  it('use nothing inside an area that net has dissolved', () => {
    const plan = planCells(
      [street('es/a/1', 30, 30), street('es/a/2', 30, 30), street('es/b/1', 5)],
      POLICY,
    );
    expect(namesOf(plan)).toEqual(['es/{a+b} 65 merged-too-few']);
    expect(namesOf(plan, EXPORT)).toEqual(['es/{a+b} 60 merged-to-nest']);
  });

  it('are not held up by a street where nobody declares them', () => {
    const plan = planCells(
      [street('es/a/1', 30, 22), street('es/a/2', 30), street('es/b/1', 30)],
      POLICY,
    );
    expect(namesOf(plan, EXPORT)).toEqual(['es/a/1 22 alone']);
  });

  it('are not published with too few in the whole tree', () => {
    const plan = planCells([street('es/a/1', 30, 10), street('es/b/1', 30, 9)], POLICY);
    expect(namesOf(plan, EXPORT)).toEqual([]);
    expect(plan.unpublished).toEqual([
      { channel: EXPORT, reason: 'too-few', streets: ['es/a/1', 'es/b/1'] },
    ]);
  });

  it('are not published where net is not', () => {
    const { area, meters } = street('es/a/9', 40, 40);
    const factory = { channels: channelSet(1), capWh: 1e12, connectionPoint: 40 };
    const plan = planCells(
      [street('es/a/1', 30, 30), { area, meters: [...meters, factory] }],
      POLICY,
    );
    expect(namesOf(plan, EXPORT)).toEqual(['es/a/1 30 alone']);
    expect(plan.unpublished).toContainEqual({
      channel: EXPORT,
      reason: 'no-net-cell',
      streets: ['es/a/9'],
    });
  });
});

describe('what it refuses', () => {
  const streets = [street('es/a/1', 22)];
  it.each([
    ['a minimum below 5', () => planCells(streets, policyOf(4)), /minMeters.*5.*found 4/],
    ['a minimum of part of a meter', () => planCells(streets, policyOf(20.5)), /minMeters/],
    ['a negative margin', () => planCells(streets, policyOf(20, -1)), /marginMeters/],
    [
      'a share of 0',
      () => planCells(streets, { ...POLICY, maxCapSharePermille: 0 }),
      /maxCapSharePermille/,
    ],
    ['no channels', () => planCells(streets, { ...POLICY, channels: [] }), /channels.length/],
    [
      'the same street twice',
      () => planCells([...streets, ...streets], POLICY),
      /"es\/a\/1" twice/,
    ],
    [
      'a street below a street',
      () => planCells([...streets, street('es/a-b/1', 1), street('es/a', 3)], POLICY),
      /"es\/a\/1" below the street "es\/a"/,
    ],
    ['a cap that is no number', () => planCells([streetOfCaps('es/a/1', [NaN])], POLICY), /capWh/],
    [
      'caps that add up beyond 2^53',
      () => planCells([streetOfCaps('es/a/1', [2 ** 53 - 1, 2 ** 53 - 1])], POLICY),
      /beyond 2\^53/,
    ],
    [
      'a channel that there is not',
      () => planCells([street('es/a/1', 22, 1)], { ...POLICY, channels: [POLICY.channels[0]!] }),
      /set of 1 channels, found 3/,
    ],
    [
      'a street that declares export and no net',
      () => {
        const meters = streets[0]!.meters.map((meter) => ({ ...meter, channels: channelSet(2) }));
        return planCells([{ ...streets[0]!, meters }], POLICY);
      },
      /declare channel 0/,
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(message);
  });

  it('suggests a margin of one in ten', () => {
    expect([5, 10, 11, 20, 100].map(defaultMarginMeters)).toEqual([1, 1, 2, 2, 10]);
  });
});

describe('any tree and any rosters', () => {
  const networks = fc.record({
    streets: arbitraryStreets(24, 12),
    minMeters: fc.integer({ min: 5, max: 12 }),
    marginMeters: fc.integer({ min: 0, max: 3 }),
  });

  it('give cells that are disjoint, complete, large enough, not dominated, and nested', () => {
    fc.assert(
      fc.property(networks, ({ streets, minMeters, marginMeters }) => {
        const policy = policyOf(minMeters, marginMeters);
        const plan = planCells(streets, policy);
        for (let channel = 0; channel < policy.channels.length; channel++) {
          const listed = [
            ...cellsOf(plan, channel).flatMap((cell) => cell.streets),
            ...plan.unpublished.filter((e) => e.channel === channel).flatMap((e) => e.streets),
          ];
          expect(listed.sort()).toEqual(declaring(streets, channel));
        }
        const net = cellsOf(plan, NET);
        for (const cell of plan.cells) {
          const { channel, home, members } = cell;
          const under = streets.filter(({ area }) => members.some((m) => isWithin(area, m)));
          expect(members.every((member) => parentArea(member) === home)).toBe(true);
          expect(members).toEqual([...new Set(members)].sort());
          expect(cell.streets).toEqual(declaring(under, channel));
          const caps = capsByHome(under, channel);
          expect(cell.connectionPoints).toBe(caps.length);
          expect(caps.length).toBeGreaterThanOrEqual(minMeters);
          expect(cell.capSumWh).toBe(caps.reduce((a, b) => a + b, 0));
          expect(Math.max(...caps) * 4).toBeLessThanOrEqual(cell.capSumWh);
          const inside = net.filter(({ streets }) =>
            streets.some((area) => members.some((member) => isWithin(area, member))),
          );
          expect(inside.flatMap(({ streets }) => streets).sort()).toEqual(declaring(under, NET));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('give the same plan in any order of streets and meters', () => {
    const shuffled = networks.chain((network) =>
      fc.record({
        network: fc.constant(network),
        streets: fc
          .tuple(
            ...network.streets.map((one) =>
              fc
                .shuffledSubarray([...one.meters], { minLength: one.meters.length })
                .map((meters) => ({ ...one, meters })),
            ),
          )
          .chain((all) => fc.shuffledSubarray(all, { minLength: all.length })),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ network, streets }) => {
        const policy = policyOf(network.minMeters, network.marginMeters);
        expect(planCells(streets, policy)).toEqual(planCells(network.streets, policy));
      }),
      { numRuns: 100 },
    );
  });

  it('publish the net of every street of a tree whose total is large enough', () => {
    fc.assert(
      fc.property(networks, ({ streets, minMeters, marginMeters }) => {
        const plan = planCells(streets, policyOf(minMeters, marginMeters));
        for (const root of new Set(streets.map(({ area }) => area.split('/')[0] as AreaId))) {
          const under = streets.filter(({ area }) => isWithin(area, root));
          const caps = capsByHome(under, NET);
          const sum = caps.reduce((a, b) => a + b, 0);
          if (caps.length < minMeters || Math.max(...caps) * 4 > sum) continue;
          const hidden = plan.unpublished.filter(({ channel }) => channel === NET);
          const inRoot = hidden.flatMap((e) => e.streets).filter((area) => isWithin(area, root));
          expect(inRoot).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a country', () => {
  it('plans 200,000 streets, and 100,000 under one area, in seconds', { timeout: 120_000 }, () => {
    const sizes = [0, 3, 9, 25, 26].map((homes) => street('x', homes, homes >> 1).meters);
    const deep = Array.from({ length: 200_000 }, (_, i) => ({
      area: `es/r${i % 17}/m${i % 4001}/s${i}` as AreaId,
      meters: sizes[i % sizes.length]!,
    }));
    const wide = deep.slice(0, 100_000).map((one, i) => ({ ...one, area: `es/s${i}` as AreaId }));
    const startMs = threadMs();
    const plans = [planCells(deep, POLICY), planCells(wide, POLICY)];
    const tookMs = threadMs() - startMs;
    expect(plans.map(({ cells }) => cells.length > 30_000)).toEqual([true, true]);
    // About 1.5 s; quadratic merging would take minutes.
    expect(tookMs).toBeLessThan(15_000);
  });
});

function declaring(streets: readonly PlanStreet[], channel: number): AreaId[] {
  return streets
    .filter(({ meters }) => meters.some((meter) => hasChannel(meter.channels, channel)))
    .map(({ area }) => area)
    .sort();
}

function capsByHome(streets: readonly PlanStreet[], channel: number): number[] {
  const caps = new Map<string, number>();
  for (const { area, meters } of streets) {
    for (const { channels, capWh, connectionPoint } of meters) {
      const home = `${area}#${connectionPoint}`;
      if (hasChannel(channels, channel)) caps.set(home, (caps.get(home) ?? 0) + capWh);
    }
  }
  return [...caps.values()];
}
