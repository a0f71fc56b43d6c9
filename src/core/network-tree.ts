// A network document compiled for use: areas by id, the streets of every cell, which areas have
// cells of their own and which are dissolved in a cell further up (design.md section 5, correction
// 12). Compiling checks the tree and the partition; what needs the rosters is network-bundle.ts.

import { type AreaId, MAX_AREA_DEPTH, parseAreaId } from './area.ts';
import { type Channel, type ChannelSet, hasChannel } from './channel.ts';
import type { Quorum } from './components.ts';
import {
  decodeNetworkDocument,
  meterPolicyDigest,
  type NetworkDocument,
  type NetworkHead,
  networkDigest,
  type StreetRecord,
} from './network.ts';
import { cellName } from './plan.ts';

export interface AreaNode {
  readonly index: number;
  readonly id: AreaId;
  readonly depth: number;
  readonly parent: number | undefined;
  /** In tree order: by token. */
  readonly streetChildren: readonly number[];
  readonly areaChildren: readonly number[];
  readonly aggregator: number;
  /** Present on a leaf. */
  readonly street: StreetRecord | undefined;
  /** Channels in which this area lies inside a cell whose home is further up. */
  readonly dissolved: ChannelSet;
  /** Cells whose home this is, per channel, in document order: the order of a seal's decisions. */
  readonly homeCells: readonly (readonly Cell[])[];
  readonly meterCount: number;
  /** By channel: meters at or below that declare it, when the document takes effect. */
  readonly declaredCounts: readonly number[];
}

export interface Cell {
  /** Index in the document. */
  readonly index: number;
  readonly channel: number;
  readonly home: number;
  readonly members: readonly number[];
  /** The streets below the members that declare the channel, ascending. */
  readonly streets: readonly number[];
  readonly capSumWh: number;
  /** The net cells that a cell of another channel is the union of: they stand before it. */
  readonly netCells: readonly number[];
  /** Active meters that declare the channel, when the document takes effect. */
  readonly meterCount: number;
  /** `<home>/{a+b}`, or the single member's id. */
  readonly name: string;
}

export interface Network {
  readonly document: NetworkHead;
  readonly digest: Uint8Array;
  readonly meterPolicy: Uint8Array;
  readonly quorum: Quorum;
  readonly channels: readonly Channel[];
  readonly areas: readonly AreaNode[];
  readonly areaIndex: ReadonlyMap<AreaId, number>;
  readonly roots: readonly number[];
  readonly cells: readonly Cell[];
}

const NO_CHILDREN: readonly number[] = [];

/** Channel 0: what every meter has. */
export const NET = 0;

export type NetworkRejection = 'malformed' | 'bad-tree' | 'bad-cells';

/** Compiles the body of a network document, or says why it cannot stand. */
export function compileNetwork(body: Uint8Array): Network | NetworkRejection {
  const document = decodeNetworkDocument(body);
  if (document === undefined) return 'malformed';
  const tree = buildTree(document);
  if (tree === undefined) return 'bad-tree';
  const cells = buildCells(document, tree);
  if (cells === undefined) return 'bad-cells';
  const noCells = document.channels.map(() => []);
  const areas = tree.map((node): AreaNode => {
    // A street is no cell's home, nor has it children: a country has a million streets, and would have as many empty lists.
    if (node.street !== undefined)
      return {
        ...node,
        homeCells: noCells,
        streetChildren: NO_CHILDREN,
        areaChildren: NO_CHILDREN,
      };
    return { ...node, homeCells: document.channels.map(() => []) };
  });
  for (const cell of cells) {
    const home = areas[cell.home] as AreaNode;
    (home.homeCells[cell.channel] as Cell[]).push(cell);
  }
  const { areas: _areas, cells: _cells, ...head } = document;
  return {
    document: head,
    digest: networkDigest(body),
    meterPolicy: meterPolicyDigest(head),
    quorum: { trusteeCount: document.trustees.length, quorum: document.quorum },
    channels: document.channels,
    areas,
    areaIndex: new Map(areas.map((area) => [area.id, area.index])),
    roots: areas.filter((area) => area.parent === undefined).map((area) => area.index),
    cells,
  };
}

/** The node at an index that the document itself gave. */
export function areaAt(network: Network, index: number): AreaNode {
  return network.areas[index] as AreaNode;
}

export function areaNamed(network: Network, id: AreaId): AreaNode | undefined {
  const index = network.areaIndex.get(id);
  return index === undefined ? undefined : network.areas[index];
}

export function isDissolved(area: AreaNode, channel: number): boolean {
  return hasChannel(area.dissolved, channel);
}

interface MutableNode extends Omit<AreaNode, 'dissolved' | 'meterCount' | 'homeCells'> {
  streetChildren: number[];
  areaChildren: number[];
  dissolved: ChannelSet;
  meterCount: number;
  declaredCounts: readonly number[];
}

function buildTree(document: NetworkDocument): MutableNode[] | undefined {
  const nodes: MutableNode[] = [];
  for (const [
    index,
    { token, parent: parentIndex, aggregator, street },
  ] of document.areas.entries()) {
    const parent = parentIndex === null ? undefined : nodes[parentIndex];
    if (parentIndex !== null && parent === undefined) return undefined;
    if (parent?.street !== undefined || (parent === undefined && street !== null)) return undefined;
    const id = parseAreaId(parent === undefined ? token : `${parent.id}/${token}`);
    const depth = (parent?.depth ?? 0) + 1;
    if (
      id === undefined ||
      depth > MAX_AREA_DEPTH ||
      document.aggregators[aggregator] === undefined
    )
      return undefined;
    if (street !== null && street.declaredCounts.length !== document.channels.length)
      return undefined;
    const siblings = parent && (street === null ? parent.areaChildren : parent.streetChildren);
    const before = siblings?.[siblings.length - 1];
    // Children by token: one tree has one document, and ids cannot repeat.
    if (before !== undefined && (nodes[before] as MutableNode).id >= id) return undefined;
    nodes.push({
      index,
      id,
      depth,
      parent: parent?.index,
      streetChildren: [],
      areaChildren: [],
      aggregator,
      street: street ?? undefined,
      dissolved: 0 as ChannelSet,
      meterCount: street?.meterCount ?? 0,
      declaredCounts: street?.declaredCounts ?? document.channels.map(() => 0),
    });
    siblings?.push(index);
  }
  const ids = new Set(nodes.map((node) => node.id));
  if (ids.size !== nodes.length) return undefined;
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index] as MutableNode;
    if (node.street === undefined && node.streetChildren.length + node.areaChildren.length === 0)
      return undefined;
    if (node.parent === undefined) continue;
    const parent = nodes[node.parent] as MutableNode;
    parent.meterCount += node.meterCount;
    const counts = parent.declaredCounts as number[];
    for (let channel = 0; channel < counts.length; channel++)
      counts[channel] = (counts[channel] as number) + (node.declaredCounts[channel] as number);
  }
  return nodes;
}

function buildCells(document: NetworkDocument, nodes: MutableNode[]): Cell[] | undefined {
  const claimed = document.channels.map(() => new Set<number>());
  const netCellOf = new Map<number, number>();
  const netCellStreets: number[] = [];
  const cells: Cell[] = [];
  for (const [index, record] of document.cells.entries()) {
    const claims = claimed[record.channel];
    const home = nodes[record.home];
    if (claims === undefined || home === undefined || home.street !== undefined) return undefined;
    const covered: number[] = [];
    let last = -1;
    for (const member of record.members) {
      if (member <= last || nodes[member]?.parent !== record.home) return undefined;
      last = member;
      for (const node of below(nodes, member)) {
        if (claims.has(node.index)) return undefined;
        claims.add(node.index);
        node.dissolved = (node.dissolved | (1 << record.channel)) as ChannelSet;
        if (node.street !== undefined) covered.push(node.index);
      }
    }
    const declared = (street: number) => nodes[street]?.street?.declaredCounts[record.channel] ?? 0;
    // Exact lists, and one for both where they are equal: what `filter` leaves has room for more.
    const declaring = covered.filter((street) => declared(street) > 0).slice();
    if (declaring.length === 0) return undefined;
    const isMembers =
      declaring.length === record.members.length &&
      declaring.every((street, position) => street === record.members[position]);
    const streets = isMembers ? record.members : declaring;
    const netCells = new Set<number>();
    if (record.channel === NET) {
      netCellStreets[index] = covered.length;
      for (const street of covered) netCellOf.set(street, index);
    } else {
      // Cells of a rarer channel are unions of net cells, so that import and consumption exist there.
      for (const street of covered) netCells.add(netCellOf.get(street) ?? -1);
      let streetCount = 0;
      for (const netCell of netCells) streetCount += netCellStreets[netCell] ?? Number.NaN;
      if (streetCount !== covered.length) return undefined;
    }
    cells.push({
      ...record,
      index,
      streets,
      netCells: netCells.size === 0 ? NO_CHILDREN : [...netCells],
      meterCount: streets.reduce((sum, street) => sum + declared(street), 0),
      name: cellName(
        home.id,
        record.members.map((member) => (nodes[member] as MutableNode).id),
      ),
    });
  }
  return cells;
}

function* below(nodes: readonly MutableNode[], index: number): Generator<MutableNode> {
  const node = nodes[index] as MutableNode;
  yield node;
  for (const child of node.streetChildren) yield nodes[child] as MutableNode;
  for (const child of node.areaChildren) yield* below(nodes, child);
}

/** Tokens of the deepest area: the levels of the tree. */
export function deepestDepth(network: Network): number {
  let deepest = 0;
  // A country has a million areas: too many to be arguments of Math.max.
  for (const { depth } of network.areas) if (depth > deepest) deepest = depth;
  return deepest;
}
