// The document's cells into columns, one by one in the document's order, and checked on the way: members
// are children of one home, no area lies in two cells of a channel, and a cell of another channel is a
// union of net cells.

import { type AreaColumns, type InnerArea, IS_STREET } from './area-table.ts';
import type { CellColumns } from './cell-table.ts';
import { type ChannelSet, hasChannel, NET } from './channel.ts';
import type { CellRecord } from './network.ts';

const NO_CELL = -1;

export class CellBuilder {
  readonly #areas: AreaColumns;
  readonly #channels: Uint8Array;
  readonly #homes: Uint32Array;
  readonly #capSumsWh: Float64Array;
  readonly #meterCounts: Float64Array;
  readonly #members: ListColumn;
  readonly #streets: ListColumn;
  readonly #netCells: ListColumn;
  /** By area index: the net cell that the street lies in. */
  readonly #netCellOf: Int32Array;
  /** By cell: how many streets a net cell covers. */
  readonly #netCellStreets: Uint32Array;
  #length = 0;
  #isRefused = false;

  constructor(areas: AreaColumns, cellCount: number) {
    this.#areas = areas;
    this.#channels = new Uint8Array(cellCount);
    this.#homes = new Uint32Array(cellCount);
    this.#capSumsWh = new Float64Array(cellCount);
    this.#meterCounts = new Float64Array(cellCount);
    this.#members = new ListColumn(cellCount);
    this.#streets = new ListColumn(cellCount);
    this.#netCells = new ListColumn(cellCount);
    this.#netCellOf = new Int32Array(areas.innerPlaces.length).fill(NO_CELL);
    this.#netCellStreets = new Uint32Array(cellCount);
  }

  /** What does not fit is remembered, and `build` gives nothing. */
  add(record: CellRecord): void {
    this.#isRefused ||= !this.#append(record);
  }

  build(): CellColumns | undefined {
    if (this.#isRefused) return undefined;
    // Exact lists: what was pushed to has room for more.
    for (const area of this.#areas.inner)
      area.homeCells = area.homeCells.map((cells) => cells.slice());
    return {
      channels: this.#channels,
      homes: this.#homes,
      capSumsWh: this.#capSumsWh,
      meterCounts: this.#meterCounts,
      memberStarts: this.#members.starts,
      members: this.#members.build(),
      streetStarts: this.#streets.starts,
      streets: this.#streets.build(),
      netCellStarts: this.#netCells.starts,
      netCells: this.#netCells.build(),
    };
  }

  #append({ channel, home, members, capSumWh }: CellRecord): boolean {
    const { channelCount, innerPlaces, inner, parents } = this.#areas;
    const index = this.#length++;
    const place = innerPlaces[home] ?? IS_STREET;
    if (channel >= channelCount || place === IS_STREET) return false;
    const covered: number[] = [];
    let last = -1;
    for (const member of members) {
      if (member <= last || parents[member] !== home) return false;
      last = member;
      if (!this.#cover(member, channel, covered)) return false;
    }
    let meterCount = 0;
    const declaring: number[] = [];
    for (const street of covered) {
      const declared = this.#declared(street, channel);
      if (declared === 0) continue;
      meterCount += declared;
      declaring.push(street);
    }
    if (declaring.length === 0) return false;
    const netCells = this.#netCellsOf(index, channel, covered);
    if (netCells === undefined) return false;
    const isMembers =
      declaring.length === members.length &&
      declaring.every((street, position) => street === members[position]);
    this.#channels[index] = channel;
    this.#homes[index] = home;
    this.#capSumsWh[index] = capSumWh;
    this.#meterCounts[index] = meterCount;
    this.#members.push(members);
    this.#streets.push(isMembers ? [] : declaring);
    this.#netCells.push(netCells);
    (inner[place] as InnerArea).homeCells[channel]?.push(index);
    return true;
  }

  /** Dissolves the area and all below it in the channel; false where one of them already is. */
  #cover(index: number, channel: number, covered: number[]): boolean {
    const { innerPlaces, inner, streets } = this.#areas;
    const place = innerPlaces[index] as number;
    if (place === IS_STREET) {
      const dissolved = streets.dissolved[index] as ChannelSet;
      if (hasChannel(dissolved, channel)) return false;
      streets.dissolved[index] = dissolved | (1 << channel);
      covered.push(index);
      return true;
    }
    const area = inner[place] as InnerArea;
    if (hasChannel(area.dissolved, channel)) return false;
    area.dissolved = (area.dissolved | (1 << channel)) as ChannelSet;
    for (const child of area.streetChildren)
      if (!this.#cover(child, channel, covered)) return false;
    for (const child of area.areaChildren) if (!this.#cover(child, channel, covered)) return false;
    return true;
  }

  #declared(street: number, channel: number): number {
    const { channelCount, streets } = this.#areas;
    return streets.declaredCounts[street * channelCount + channel] as number;
  }

  /** Undefined where the streets are no union of net cells: import and consumption would not exist there. */
  #netCellsOf(
    index: number,
    channel: number,
    covered: readonly number[],
  ): Iterable<number> | undefined {
    const netCells = new Set<number>();
    if (channel === NET) {
      this.#netCellStreets[index] = covered.length;
      for (const street of covered) this.#netCellOf[street] = index;
      return netCells;
    }
    let streetCount = 0;
    for (const street of covered) {
      const netCell = this.#netCellOf[street] as number;
      if (netCell === NO_CELL) return undefined;
      if (netCells.has(netCell)) continue;
      netCells.add(netCell);
      streetCount += this.#netCellStreets[netCell] as number;
    }
    return streetCount === covered.length ? netCells : undefined;
  }
}

/** Lists back to back. */
class ListColumn {
  /** Of the list at i: from `starts[i]` to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  readonly #values: number[] = [];
  #length = 0;

  constructor(capacity: number) {
    this.starts = new Uint32Array(capacity + 1);
  }

  push(list: Iterable<number>): void {
    for (const value of list) this.#values.push(value);
    this.#length++;
    this.starts[this.#length] = this.#values.length;
  }

  build(): Uint32Array {
    return Uint32Array.from(this.#values);
  }
}
