// The areas of a compiled network in columns: a country has a million streets in every thread, and as
// objects they would be most of the heap, which the collector walks. What is not a street is one area
// in twenty and kept as an object; a street's is made when it is asked for, and let go.

import { type AreaId, MAX_AREA_DEPTH } from './area.ts';
import type { ChannelSet } from './channel.ts';
import type { StreetRecord } from './network.ts';
import type { AreaNode } from './network-tree.ts';
import type { TokenColumn } from './token-column.ts';

/** In `parents`, of a root. */
export const NO_PARENT = 0xffff_ffff;
/** In `innerPlaces`, of a street. */
export const IS_STREET: number = -1;

/** An area that is no street, while it is compiled. */
export interface InnerArea extends AreaNode {
  readonly street: undefined;
  streetChildren: number[];
  areaChildren: number[];
  dissolved: ChannelSet;
  homeCells: number[][];
  meterCount: number;
  readonly declaredCounts: number[];
}

/** All by area index. */
export interface AreaColumns {
  readonly channelCount: number;
  readonly tokens: TokenColumn;
  readonly parents: Uint32Array;
  readonly aggregators: Uint32Array;
  /** Where the area stands in `inner`. */
  readonly innerPlaces: Int32Array;
  /** In tree order. */
  readonly inner: readonly InnerArea[];
  /** By token, in the document's order. */
  readonly roots: ReadonlyMap<string, number>;
  readonly streets: StreetColumns;
}

/** By area index: zero where the area is no street. */
export interface StreetColumns {
  readonly dissolved: Uint8Array;
  readonly meterCounts: Uint32Array;
  /** A word a channel. */
  readonly declaredCounts: Uint32Array;
  readonly unmeteredProducerCounts: Uint32Array;
  /** 32 bytes each. */
  readonly rosterDigests: Uint8Array;
}

export const ROSTER_DIGEST_BYTES = 32;
const SLASH = '/';
const MAX_ID_LENGTH = MAX_AREA_DEPTH * 65;

export class AreaTable {
  readonly length: number;
  readonly #columns: AreaColumns;

  constructor(columns: AreaColumns) {
    this.length = columns.innerPlaces.length;
    this.#columns = columns;
  }

  /** In tree order: those that are no streets. */
  get inner(): readonly AreaNode[] {
    return this.#columns.inner;
  }

  /** Undefined where there is none, and below zero. A street's lives as long as its reader wants it. */
  at(index: number): AreaNode | undefined {
    const { innerPlaces, inner } = this.#columns;
    const place = innerPlaces[index];
    if (place === undefined) return undefined;
    return place === IS_STREET ? new StreetArea(this.#columns, index) : inner[place];
  }

  /** In tree order. */
  *[Symbol.iterator](): Generator<AreaNode> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as AreaNode;
  }

  // Of an area that is there, without an object for it: what is asked for every street in every interval.

  isStreet(index: number): boolean {
    return this.#columns.innerPlaces[index] === IS_STREET;
  }

  idOf(index: number): AreaId {
    return idOf(this.#columns, index);
  }

  parentOf(index: number): number | undefined {
    return parentOf(this.#columns, index);
  }

  meterCountOf(index: number): number {
    const { innerPlaces, inner, streets } = this.#columns;
    const place = innerPlaces[index] as number;
    return place === IS_STREET
      ? (streets.meterCounts[index] as number)
      : (inner[place] as InnerArea).meterCount;
  }

  /** Undefined where no area has this id, whatever the text. */
  indexOf(id: string): number | undefined {
    if (id.length > MAX_ID_LENGTH) return undefined;
    const { innerPlaces, inner, roots } = this.#columns;
    let end = endOfToken(id, 0);
    let index = roots.get(id.slice(0, end));
    while (index !== undefined && end < id.length) {
      const node = inner[innerPlaces[index] as number];
      const start = end + 1;
      end = endOfToken(id, start);
      index =
        this.#child(node?.areaChildren, id, start, end) ??
        this.#child(node?.streetChildren, id, start, end);
    }
    return index;
  }

  /** Children stand in the order of their tokens. */
  #child(
    children: readonly number[] = NONE,
    id: string,
    start: number,
    end: number,
  ): number | undefined {
    return findChild(this.#columns.tokens, children, id, start, end);
  }
}

/** The child with the token that `text` has from `start` to `end`, among children in token order. */
export function findChild(
  tokens: TokenColumn,
  children: readonly number[],
  text: string,
  start = 0,
  end: number = text.length,
): number | undefined {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const child = children[middle] as number;
    const order = tokens.compare(child, text, start, end);
    if (order === 0) return child;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

const NONE: readonly number[] = [];

class StreetArea implements AreaNode {
  readonly index: number;
  readonly #columns: AreaColumns;

  constructor(columns: AreaColumns, index: number) {
    this.index = index;
    this.#columns = columns;
  }

  get id(): AreaId {
    return idOf(this.#columns, this.index);
  }

  get depth(): number {
    return parentNode(this.#columns, this.index).depth + 1;
  }

  get parent(): number | undefined {
    return parentOf(this.#columns, this.index);
  }

  get streetChildren(): readonly number[] {
    return NONE;
  }

  get areaChildren(): readonly number[] {
    return NONE;
  }

  get aggregator(): number {
    return this.#columns.aggregators[this.index] as number;
  }

  get street(): StreetRecord {
    const { streets } = this.#columns;
    const digestAt = this.index * ROSTER_DIGEST_BYTES;
    return {
      rosterDigest: streets.rosterDigests.slice(digestAt, digestAt + ROSTER_DIGEST_BYTES),
      meterCount: this.meterCount,
      declaredCounts: this.declaredCounts,
      unmeteredProducerCount: streets.unmeteredProducerCounts[this.index] as number,
    };
  }

  get dissolved(): ChannelSet {
    return this.#columns.streets.dissolved[this.index] as ChannelSet;
  }

  /** A street is no cell's home. */
  get homeCells(): readonly (readonly number[])[] {
    return Array.from({ length: this.#columns.channelCount }, () => NONE);
  }

  get meterCount(): number {
    return this.#columns.streets.meterCounts[this.index] as number;
  }

  get declaredCounts(): readonly number[] {
    const { channelCount, streets } = this.#columns;
    const start = this.index * channelCount;
    return [...streets.declaredCounts.subarray(start, start + channelCount)];
  }
}

function endOfToken(id: string, start: number): number {
  const end = id.indexOf(SLASH, start);
  return end < 0 ? id.length : end;
}

function idOf(columns: AreaColumns, index: number): AreaId {
  const { innerPlaces, inner, tokens } = columns;
  const place = innerPlaces[index] as number;
  if (place !== IS_STREET) return (inner[place] as InnerArea).id;
  return `${parentNode(columns, index).id}/${tokens.at(index)}` as AreaId;
}

function parentOf({ parents }: AreaColumns, index: number): number | undefined {
  const parent = parents[index];
  return parent === NO_PARENT ? undefined : parent;
}

/** Of a street, which always has one. */
function parentNode({ innerPlaces, inner, parents }: AreaColumns, street: number): InnerArea {
  return inner[innerPlaces[parents[street] as number] as number] as InnerArea;
}
