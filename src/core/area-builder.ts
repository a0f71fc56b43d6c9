// The document's areas into columns, one by one in the document's order, and checked on the way: parents
// before children, children by token, none below a street, no id twice, nobody without a street.

import { type AreaId, MAX_AREA_DEPTH } from './area.ts';
import {
  type AreaColumns,
  findChild,
  type InnerArea,
  IS_STREET,
  NO_PARENT,
  ROSTER_DIGEST_BYTES,
  type StreetColumns,
} from './area-table.ts';
import type { ChannelSet } from './channel.ts';
import type { AreaRecord, NetworkHead, StreetRecord } from './network.ts';
import { TokenColumn } from './token-column.ts';

export class AreaBuilder {
  readonly #channelCount: number;
  readonly #aggregatorCount: number;
  readonly #tokens: TokenColumn;
  readonly #parents: Uint32Array;
  readonly #aggregators: Uint32Array;
  readonly #innerPlaces: Int32Array;
  readonly #inner: InnerArea[] = [];
  readonly #roots = new Map<string, number>();
  readonly #streets: StreetColumns;
  #length = 0;
  #isRefused = false;

  constructor({ channels, aggregators }: NetworkHead, areaCount: number) {
    this.#channelCount = channels.length;
    this.#aggregatorCount = aggregators.length;
    this.#tokens = new TokenColumn(areaCount);
    this.#parents = new Uint32Array(areaCount);
    this.#aggregators = new Uint32Array(areaCount);
    this.#innerPlaces = new Int32Array(areaCount);
    this.#streets = {
      dissolved: new Uint8Array(areaCount),
      meterCounts: new Uint32Array(areaCount),
      declaredCounts: new Uint32Array(areaCount * channels.length),
      unmeteredProducerCounts: new Uint32Array(areaCount),
      rosterDigests: new Uint8Array(areaCount * ROSTER_DIGEST_BYTES),
    };
  }

  /** What does not fit is remembered, and `build` gives nothing. */
  add(record: AreaRecord): void {
    this.#isRefused ||= !this.#append(record);
  }

  build(): AreaColumns | undefined {
    if (this.#isRefused) return undefined;
    // Children stand behind their parents, so this order is bottom-up.
    for (let place = this.#inner.length - 1; place >= 0; place--)
      if (!this.#finish(this.#inner[place] as InnerArea)) return undefined;
    this.#tokens.trim();
    return {
      channelCount: this.#channelCount,
      tokens: this.#tokens,
      parents: this.#parents,
      aggregators: this.#aggregators,
      innerPlaces: this.#innerPlaces,
      inner: this.#inner,
      roots: this.#roots,
      streets: this.#streets,
    };
  }

  #append({ token, parent: parentIndex, aggregator, street }: AreaRecord): boolean {
    const index = this.#length++;
    const parent = parentIndex === null ? undefined : this.#innerAt(parentIndex, index);
    if (parentIndex !== null && parent === undefined) return false;
    if (parent === undefined && (street !== null || this.#roots.has(token))) return false;
    const depth = (parent?.depth ?? 0) + 1;
    if (depth > MAX_AREA_DEPTH || aggregator >= this.#aggregatorCount) return false;
    if (street !== null && street.declaredCounts.length !== this.#channelCount) return false;
    const siblings = parent && (street === null ? parent.areaChildren : parent.streetChildren);
    const before = siblings?.[siblings.length - 1];
    // Children by token: one tree has one document, and a token is found by halves.
    if (before !== undefined && this.#tokens.compare(before, token, 0, token.length) >= 0)
      return false;
    this.#tokens.push(token);
    this.#parents[index] = parent?.index ?? NO_PARENT;
    this.#aggregators[index] = aggregator;
    siblings?.push(index);
    if (parent === undefined) this.#roots.set(token, index);
    if (street !== null) this.#putStreet(index, street, parent as InnerArea);
    else {
      const id = (parent === undefined ? token : `${parent.id}/${token}`) as AreaId;
      this.#putInner({ index, id, depth, parent: parent?.index, aggregator });
    }
    return true;
  }

  /** Of an area that stands before `end` and is no street. */
  #innerAt(index: number, end: number): InnerArea | undefined {
    const place = index < end ? (this.#innerPlaces[index] as number) : IS_STREET;
    return place === IS_STREET ? undefined : this.#inner[place];
  }

  #putStreet(index: number, street: StreetRecord, parent: InnerArea): void {
    const { meterCounts, declaredCounts, unmeteredProducerCounts, rosterDigests } = this.#streets;
    this.#innerPlaces[index] = IS_STREET;
    meterCounts[index] = street.meterCount;
    declaredCounts.set(street.declaredCounts, index * this.#channelCount);
    unmeteredProducerCounts[index] = street.unmeteredProducerCount;
    rosterDigests.set(street.rosterDigest, index * ROSTER_DIGEST_BYTES);
    addCounts(parent, street);
  }

  #putInner(place: Pick<InnerArea, 'index' | 'id' | 'depth' | 'parent' | 'aggregator'>): void {
    this.#innerPlaces[place.index] = this.#inner.length;
    this.#inner.push({
      ...place,
      street: undefined,
      streetChildren: [],
      areaChildren: [],
      dissolved: 0 as ChannelSet,
      homeCells: Array.from({ length: this.#channelCount }, () => []),
      meterCount: 0,
      declaredCounts: Array.from({ length: this.#channelCount }, () => 0),
    });
  }

  /** Of an area whose children are all finished. */
  #finish(area: InnerArea): boolean {
    const { streetChildren, areaChildren, parent } = area;
    if (streetChildren.length + areaChildren.length === 0) return false;
    // Streets and areas are in order each by themselves.
    for (const child of areaChildren)
      if (findChild(this.#tokens, streetChildren, this.#tokens.at(child)) !== undefined)
        return false;
    // Exact lists: what was pushed to has room for more.
    area.streetChildren = streetChildren.slice();
    area.areaChildren = areaChildren.slice();
    if (parent !== undefined) addCounts(this.#innerAt(parent, area.index) as InnerArea, area);
    return true;
  }
}

function addCounts(
  into: InnerArea,
  {
    meterCount,
    declaredCounts,
  }: Pick<InnerArea, 'meterCount'> & Pick<StreetRecord, 'declaredCounts'>,
): void {
  into.meterCount += meterCount;
  const counts = into.declaredCounts;
  for (let channel = 0; channel < counts.length; channel++)
    counts[channel] = (counts[channel] as number) + (declaredCounts[channel] as number);
}
