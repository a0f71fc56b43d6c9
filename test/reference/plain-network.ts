// The compiled network's slow twin: an object for each area and cell, a set of what each channel's cells
// have claimed, ids in a map.

import { type AreaId, MAX_AREA_DEPTH, parseAreaId } from '../../src/core/area.ts';
import { NET } from '../../src/core/channel.ts';
import type { NetworkDocument, StreetRecord } from '../../src/core/network.ts';
import { cellName } from '../../src/core/plan.ts';

export interface PlainArea {
  readonly index: number;
  readonly id: AreaId;
  readonly depth: number;
  readonly parent: number | undefined;
  readonly streetChildren: number[];
  readonly areaChildren: number[];
  readonly aggregator: number;
  readonly street: StreetRecord | undefined;
  dissolved: number;
  readonly homeCells: number[][];
  meterCount: number;
  readonly declaredCounts: number[];
}

export interface PlainCell {
  readonly index: number;
  readonly channel: number;
  readonly home: number;
  readonly members: readonly number[];
  readonly streets: readonly number[];
  readonly capSumWh: number;
  readonly netCells: readonly number[];
  readonly meterCount: number;
  readonly name: string;
}

export interface PlainNetwork {
  readonly areas: readonly PlainArea[];
  readonly areaIndex: ReadonlyMap<string, number>;
  readonly roots: readonly number[];
  readonly cells: readonly PlainCell[];
}

export function compilePlain(document: NetworkDocument): PlainNetwork | 'bad-tree' | 'bad-cells' {
  const areas = plainAreas(document);
  if (areas === undefined) return 'bad-tree';
  const cells = plainCells(document, areas);
  if (cells === undefined) return 'bad-cells';
  for (const { index, home, channel } of cells) areas[home]?.homeCells[channel]?.push(index);
  return {
    areas,
    areaIndex: new Map(areas.map(({ id, index }) => [id, index])),
    roots: areas.filter(({ parent }) => parent === undefined).map(({ index }) => index),
    cells,
  };
}

function plainAreas({ areas, aggregators, channels }: NetworkDocument): PlainArea[] | undefined {
  const nodes: PlainArea[] = [];
  for (const [index, { token, parent: parentIndex, aggregator, street }] of areas.entries()) {
    const parent = parentIndex === null ? undefined : nodes[parentIndex];
    if (parentIndex !== null && parent === undefined) return undefined;
    if (parent?.street !== undefined || (parent === undefined && street !== null)) return undefined;
    const id = parseAreaId(parent === undefined ? token : `${parent.id}/${token}`);
    const depth = (parent?.depth ?? 0) + 1;
    if (id === undefined || depth > MAX_AREA_DEPTH || aggregators[aggregator] === undefined)
      return undefined;
    if (street !== null && street.declaredCounts.length !== channels.length) return undefined;
    const siblings = parent && (street === null ? parent.areaChildren : parent.streetChildren);
    const before = siblings?.[siblings.length - 1];
    if (before !== undefined && nodes[before]!.id >= id) return undefined;
    siblings?.push(index);
    nodes.push({
      ...{ index, id, depth, aggregator },
      parent: parent?.index,
      streetChildren: [],
      areaChildren: [],
      street: street ?? undefined,
      dissolved: 0,
      homeCells: channels.map(() => []),
      meterCount: street?.meterCount ?? 0,
      declaredCounts: channels.map((_, channel) => street?.declaredCounts[channel] ?? 0),
    });
  }
  if (new Set(nodes.map(({ id }) => id)).size !== nodes.length) return undefined;
  for (const node of nodes.toReversed()) {
    if (node.street === undefined && node.streetChildren.length + node.areaChildren.length === 0)
      return undefined;
    const parent = nodes[node.parent ?? -1];
    if (parent === undefined) continue;
    parent.meterCount += node.meterCount;
    for (const [channel, count] of node.declaredCounts.entries())
      parent.declaredCounts[channel]! += count;
  }
  return nodes;
}

function plainCells(document: NetworkDocument, nodes: PlainArea[]): PlainCell[] | undefined {
  const claimed = document.channels.map(() => new Set<number>());
  const netCellOf = new Map<number, number>();
  const netCellStreets = new Map<number, number>();
  const cells: PlainCell[] = [];
  for (const [index, { channel, home, members, capSumWh }] of document.cells.entries()) {
    const claims = claimed[channel];
    const node = nodes[home];
    if (claims === undefined || node === undefined || node.street !== undefined) return undefined;
    const covered: number[] = [];
    for (const [position, member] of members.entries()) {
      if (member <= (members[position - 1] ?? -1) || nodes[member]?.parent !== home)
        return undefined;
      for (const below of atOrBelow(nodes, member)) {
        if (claims.has(below.index)) return undefined;
        claims.add(below.index);
        below.dissolved |= 1 << channel;
        if (below.street !== undefined) covered.push(below.index);
      }
    }
    const streets = covered.filter((street) => nodes[street]!.declaredCounts[channel]! > 0);
    if (streets.length === 0) return undefined;
    const netCells = new Set<number>();
    if (channel === NET) {
      netCellStreets.set(index, covered.length);
      for (const street of covered) netCellOf.set(street, index);
    } else {
      for (const street of covered) netCells.add(netCellOf.get(street) ?? -1);
      let streetCount = 0;
      for (const netCell of netCells) streetCount += netCellStreets.get(netCell) ?? Number.NaN;
      if (streetCount !== covered.length) return undefined;
    }
    cells.push({
      ...{ index, channel, home, members, capSumWh, streets },
      netCells: [...netCells],
      meterCount: streets.reduce((sum, at) => sum + nodes[at]!.declaredCounts[channel]!, 0),
      name: cellName(
        node.id,
        members.map((member) => nodes[member]!.id),
      ),
    });
  }
  return cells;
}

function atOrBelow(nodes: readonly PlainArea[], index: number): PlainArea[] {
  const node = nodes[index]!;
  const children = [...node.streetChildren, ...node.areaChildren];
  return [node, ...children.flatMap((child) => atOrBelow(nodes, child))];
}
