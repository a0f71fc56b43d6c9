// A network document compiled for use: areas by id, the streets of every cell, which areas have
// cells of their own and which are dissolved in a cell further up (design.md section 5, correction
// 12). Compiling checks the tree and the partition; what needs the rosters is network-bundle.ts.

import type { AreaId } from './area.ts';
import { AreaBuilder } from './area-builder.ts';
import { AreaTable } from './area-table.ts';
import { CellBuilder } from './cell-builder.ts';
import { CellTable } from './cell-table.ts';
import { type Channel, type ChannelSet, hasChannel } from './channel.ts';
import type { Quorum } from './components.ts';
import {
  meterPolicyDigest,
  type NetworkHead,
  networkDigest,
  openNetworkDocument,
  readArea,
  readCell,
  type StreetRecord,
} from './network.ts';

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
  /** Indices of the cells whose home this is, per channel, in document order: that of a seal's decisions. */
  readonly homeCells: readonly (readonly number[])[];
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
  readonly areas: AreaTable;
  readonly roots: readonly number[];
  readonly cells: CellTable;
}

export type NetworkRejection = 'malformed' | 'bad-tree' | 'bad-cells';

/** Compiles the body of a network document, or says why it cannot stand. */
export function compileNetwork(body: Uint8Array): Network | NetworkRejection {
  const document = openNetworkDocument(body);
  if (document === undefined) return 'malformed';
  const { head } = document;
  const areaBuilder = new AreaBuilder(head, document.areas.length);
  for (const value of document.areas) {
    const record = readArea(value);
    if (record === undefined) return 'malformed';
    areaBuilder.add(record);
  }
  const areaColumns = areaBuilder.build();
  const cellBuilder = areaColumns && new CellBuilder(areaColumns, document.cells.length);
  for (const value of document.cells) {
    const record = readCell(value);
    if (record === undefined) return 'malformed';
    cellBuilder?.add(record);
  }
  if (areaColumns === undefined) return 'bad-tree';
  const cellColumns = cellBuilder?.build();
  if (cellColumns === undefined) return 'bad-cells';
  const areas = new AreaTable(areaColumns);
  return {
    document: head,
    digest: networkDigest(body),
    meterPolicy: meterPolicyDigest(head),
    quorum: { trusteeCount: head.trustees.length, quorum: head.quorum },
    channels: head.channels,
    areas,
    roots: [...areaColumns.roots.values()],
    cells: new CellTable(cellColumns, areas),
  };
}

/** The node at an index that the document itself gave. */
export function areaAt(network: Network, index: number): AreaNode {
  return network.areas.at(index) as AreaNode;
}

/** Of any text, as a hostile message may name it. */
export function indexOfArea(network: Network, id: string): number | undefined {
  return network.areas.indexOf(id);
}

export function areaNamed(network: Network, id: AreaId): AreaNode | undefined {
  const index = indexOfArea(network, id);
  return index === undefined ? undefined : network.areas.at(index);
}

export function isDissolved(area: AreaNode, channel: number): boolean {
  return hasChannel(area.dissolved, channel);
}

/** Tokens of the deepest area: the levels of the tree. */
export function deepestDepth(network: Network): number {
  let deepest = 0;
  for (const { depth, streetChildren } of network.areas.inner)
    deepest = Math.max(deepest, streetChildren.length === 0 ? depth : depth + 1);
  return deepest;
}
