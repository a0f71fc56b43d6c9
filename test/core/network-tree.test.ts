// The compiled network against its slow twin of objects: the same refusals, and the same areas and cells.

import { decode } from 'cborg';
import fc, { type GeneratorValue } from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { encodeCbor } from '../../src/core/cbor.ts';
import { NET } from '../../src/core/channel.ts';
import {
  type AreaRecord,
  type CellRecord,
  decodeNetworkDocument,
  encodeNetworkDocument,
  type NetworkDocument,
  openNetworkDocument,
} from '../../src/core/network.ts';
import {
  areaAt,
  areaNamed,
  compileNetwork,
  deepestDepth,
  indexOfArea,
  isDissolved,
  type Network,
} from '../../src/core/network-tree.ts';
import { compilePlain, type PlainNetwork } from '../reference/plain-network.ts';
import { createWorld } from '../support/world.ts';

let head: NetworkDocument;

beforeAll(async () => {
  head = decodeNetworkDocument((await createWorld()).bundle.document) as NetworkDocument;
});

function compile(areas: readonly AreaRecord[], cells: readonly CellRecord[]) {
  const document = { ...head, areas, cells };
  return {
    network: compileNetwork(encodeNetworkDocument(document)),
    plain: compilePlain(document),
  };
}

// In the order of their bytes, which is not that of any language.
const TOKENS = ['-', '0', '10', '9', 'A', 'Z', '_', 'a', 'a-b', 'ab', 'b', 'z'.repeat(64)].sort();

/** A tree of streets and areas side by side, in pre-order. */
function drawAreas(g: GeneratorValue): AreaRecord[] {
  const areas: AreaRecord[] = [];
  const addStreet = (token: string, parent: number) => {
    const declaredCounts = head.channels.map(() => g(fc.nat, { max: 3 }));
    areas.push({
      ...{ token, parent, aggregator: 0 },
      street: {
        rosterDigest: new Uint8Array(32).fill(areas.length),
        meterCount: Math.max(...declaredCounts),
        declaredCounts,
        unmeteredProducerCount: g(fc.nat, { max: 2 }),
      },
    });
  };
  const addArea = (token: string, parent: number | null, depth: number) => {
    const aggregator = g(fc.nat, { max: head.aggregators.length - 1 });
    const index = areas.push({ token, parent, aggregator, street: null }) - 1;
    const tokens = g(fc.subarray, TOKENS, { minLength: 1, maxLength: 4 });
    for (const child of tokens) {
      if (depth > 2 || g(fc.boolean)) addStreet(child, index);
      else addArea(child, index, depth + 1);
    }
  };
  // Roots stand in any order.
  for (const token of g(fc.shuffledSubarray, TOKENS, { minLength: 1, maxLength: 3 }))
    addArea(token, null, 1);
  return areas;
}

/** Net cells of neighbours, and above some of them cells of the other channels. */
function drawCells(g: GeneratorValue, areas: readonly AreaRecord[]): CellRecord[] {
  const childrenOf = (home: number) =>
    [...areas.keys()].filter((index) => areas[index]!.parent === home);
  const declares = (index: number, channel: number): boolean =>
    (areas[index]!.street?.declaredCounts[channel] ?? 0) > 0 ||
    childrenOf(index).some((child) => declares(child, channel));
  const cells: CellRecord[] = [];
  const add = (channel: number, home: number, members: readonly number[]) => {
    if (members.some((member) => declares(member, channel)))
      cells.push({ channel, home, members, capSumWh: g(fc.nat) });
  };
  const divide = (home: number) => {
    let group: number[] = [];
    for (const child of childrenOf(home)) {
      if (areas[child]!.street === null && g(fc.boolean)) {
        divide(child);
        continue;
      }
      group.push(child);
      if (g(fc.boolean)) continue;
      add(NET, home, group);
      group = [];
    }
  };
  for (const [index, { parent }] of areas.entries()) if (parent === null) divide(index);
  const netCells = [...cells];
  for (let channel = 1; channel < head.channels.length; channel++)
    for (const home of new Set(netCells.map((cell) => cell.home))) {
      const joined = g(
        fc.subarray,
        netCells.filter((cell) => cell.home === home),
      );
      const members = joined.flatMap((cell) => cell.members).sort((a, b) => a - b);
      if (members.length > 0) add(channel, home, members);
    }
  return cells;
}

/** One field of one area or cell as it should perhaps not be. */
function spoil(g: GeneratorValue, areas: AreaRecord[], cells: CellRecord[]): void {
  const someArea = () => g(fc.nat, { max: areas.length });
  const at = g(fc.nat, { max: areas.length - 1 });
  const area = areas[at]!;
  const cellAt = g(fc.nat, { max: Math.max(0, cells.length - 1) });
  const setArea = (change: Partial<AreaRecord>) => {
    areas[at] = { ...area, ...change };
  };
  const setCell = (change: (cell: CellRecord) => Partial<CellRecord>) => {
    const cell = cells[cellAt];
    if (cell !== undefined) cells[cellAt] = { ...cell, ...change(cell) };
  };
  const changes: (() => void)[] = [
    () => setArea({ token: g(fc.constantFrom, ...TOKENS) }),
    () => setArea({ parent: g(fc.option, fc.nat(areas.length)) }),
    () => setArea({ aggregator: head.aggregators.length }),
    () => setArea({ street: null }),
    () => setArea({ ...areas[someArea() % areas.length], token: area.token }),
    () => setArea({ street: area.street && { ...area.street, declaredCounts: [1] } }),
    () => areas.splice(at, 1),
    () => setCell(() => ({ channel: g(fc.nat, { max: 7 }) })),
    () => setCell(() => ({ home: someArea() })),
    () => setCell(({ members }) => ({ members: [...members, someArea()] })),
    () => setCell(({ members }) => ({ members: members.toReversed() })),
    () => setCell(({ members }) => ({ members: members.slice(0, 1) })),
    () => cells.push(...cells.slice(cellAt)),
    () => cells.splice(cellAt, 1),
    () => cells.reverse(),
  ];
  g(fc.constantFrom, ...changes)();
}

function expectSame(network: Network, plain: PlainNetwork): void {
  expect(network.roots).toEqual(plain.roots);
  expect(network.areas).toHaveLength(plain.areas.length);
  expect(Array.from(network.areas, ({ index }) => index)).toEqual([...plain.areas.keys()]);
  for (const expected of plain.areas) {
    const { index } = expected;
    const { id, depth, parent, streetChildren, areaChildren, aggregator } = areaAt(network, index);
    const { street, dissolved, homeCells, meterCount, declaredCounts } = areaAt(network, index);
    expect({
      ...{ index, id, depth, parent, streetChildren, areaChildren, aggregator },
      ...{ street, dissolved, homeCells, meterCount, declaredCounts },
    }).toEqual(expected);
    expect(network.areas.idOf(index)).toBe(id);
    expect(network.areas.parentOf(index)).toBe(parent);
    expect(network.areas.meterCountOf(index)).toBe(meterCount);
    expect(network.areas.isStreet(index)).toBe(street !== undefined);
    expect(indexOfArea(network, id)).toBe(index);
    expect(areaNamed(network, id)?.index).toBe(index);
  }
  const inner = plain.areas.filter(({ street }) => street === undefined);
  expect(network.areas.inner.map(({ index }) => index)).toEqual(inner.map(({ index }) => index));
  expect(deepestDepth(network)).toBe(Math.max(...plain.areas.map(({ depth }) => depth)));
  expect(network.cells).toHaveLength(plain.cells.length);
  const cells = Array.from(network.cells, (cell) => {
    const { index, channel, home, members, streets, capSumWh, netCells, meterCount, name } = cell;
    expect(network.cells.membersOf(index)).toEqual(members);
    return { index, channel, home, members, streets, capSumWh, netCells, meterCount, name };
  });
  expect(cells).toEqual(plain.cells);
}

/** A root with streets that declare all channels. */
function streetsOf(...tokens: string[]): AreaRecord[] {
  const street = {
    rosterDigest: new Uint8Array(32),
    meterCount: 1,
    declaredCounts: head.channels.map(() => 1),
    unmeteredProducerCount: 0,
  };
  return [
    { token: 'a', parent: null, aggregator: 0, street: null },
    ...tokens.map((token) => ({ token, parent: 0, aggregator: 0, street })),
  ];
}

describe('a compiled network', () => {
  it('has the areas and cells of its document', () => {
    let cellCount = 0;
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const areas = drawAreas(g);
        const { network, plain } = compile(areas, drawCells(g, areas));
        if (typeof plain === 'string') return expect(network).toBe(plain);
        expectSame(network as Network, plain);
        cellCount += plain.cells.length;
      }),
    );
    expect(cellCount).toBeGreaterThan(100);
  });

  it('is refused where it should be', () => {
    const verdicts = new Map<string, number>();
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const areas = drawAreas(g);
        const cells = drawCells(g, areas);
        spoil(g, areas, cells);
        const { network, plain } = compile(areas, cells);
        const verdict = typeof plain === 'string' ? plain : 'stands';
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
        if (typeof plain === 'string') expect(network).toBe(plain);
        else expectSame(network as Network, plain);
      }),
      { numRuns: 300 },
    );
    expect([...verdicts.keys()].sort()).toEqual(['bad-cells', 'bad-tree', 'stands']);
  });

  it('is malformed where one of its cells is, whatever its tree', () => {
    const areas: AreaRecord[] = [{ token: 'a', parent: 7, aggregator: 0, street: null }];
    const cells: CellRecord[] = [{ channel: 0, home: 0, members: [], capSumWh: 0 }];
    expect(compile(areas, cells).network).toBe('malformed');
    expect(compile(areas, []).network).toBe('bad-tree');
  });

  it('makes no columns for a list of nothings, which would take up a hundred times their bytes', () => {
    const body = encodeNetworkDocument({ ...head, areas: [], cells: [] });
    const { areas, cells, ...rest } = decode(body) as Record<string, unknown>;
    expect({ areas, cells }).toEqual({ areas: [], cells: [] });
    const nothings = new Array(100_000).fill(null);
    for (const lists of [
      { areas: nothings, cells },
      { areas, cells: nothings },
    ]) {
      const document = encodeCbor({ ...rest, ...lists });
      expect(openNetworkDocument(document)).toBeUndefined();
      expect(compileNetwork(document)).toBe('malformed');
    }
  });

  it('finds no area under a name that none has', () => {
    fc.assert(
      fc.property(fc.gen(), fc.string({ unit: 'binary' }), (g, text) => {
        const { network, plain } = compile(drawAreas(g), []);
        if (typeof network === 'string' || typeof plain === 'string') throw new Error('refused');
        const id = g(fc.constantFrom, ...plain.areaIndex.keys());
        const cut = g(fc.nat, { max: id.length });
        // A code unit whose low byte is the token's own.
        const wide = String.fromCharCode(id.charCodeAt(cut) + 0x100);
        const names = [
          ...[text, '', '/', `${id}/`, `/${id}`, `${id}/${text}`, id.slice(cut), id.slice(0, cut)],
          ...[id.replace('/', '//'), id.replaceAll('/', '.'), `${id}\u0000`, id.toUpperCase()],
          ...[id.slice(0, cut) + wide + id.slice(cut + 1), `${id.slice(0, cut)}/${id.slice(cut)}`],
          ...['__proto__', 'constructor', `${id}/`.repeat(1000), 'a/'.repeat(1e6)],
        ];
        for (const name of names)
          expect(indexOfArea(network, name)).toBe(plain.areaIndex.get(name));
      }),
    );
  });

  it('is refused where a cell of another channel cuts a net cell in two', () => {
    const areas = streetsOf('s', 't');
    const net = { channel: NET, home: 0, members: [1, 2], capSumWh: 1 };
    expect(compile(areas, [net, { ...net, channel: 1 }]).network).toBeTypeOf('object');
    expect(compile(areas, [net, { ...net, channel: 1, members: [1] }]).network).toBe('bad-cells');
  });

  it('has nothing at a place that is none', () => {
    const areas = streetsOf('s');
    const { network } = compile(areas, [{ channel: 0, home: 0, members: [1], capSumWh: 1 }]);
    if (typeof network === 'string') throw new Error(network);
    for (const index of [-1, 2, 0.5, Number.NaN, 2 ** 32, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(network.areas.at(index)).toBeUndefined();
      expect(network.cells.at(index)).toBeUndefined();
    }
    expect(network.cells.at(0)?.name).toBe('a/s');
    expect(isDissolved(areaAt(network, 1), 0)).toBe(true);
  });

  it('hands out lists and digests that nobody else reads', () => {
    const areas = head.areas;
    const { network } = compile(areas, head.cells);
    if (typeof network === 'string') throw new Error(network);
    const index = areas.findIndex(({ street }) => street !== null);
    const street = areaAt(network, index);
    street.street?.rosterDigest.fill(0xff);
    expect(areaAt(network, index).street).toEqual(areas[index]?.street);
    network.cells.membersOf(0).fill(0);
    expect(network.cells.membersOf(0)).toEqual(head.cells[0]?.members);
    expect(indexOfArea(network, areaId('es'))).toBe(0);
  });
});
