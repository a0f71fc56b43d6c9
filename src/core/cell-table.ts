// The cells of a compiled network in columns, as its areas are (area-table.ts): a country has two
// million. A cell's object is made when it is asked for, and let go.

import type { AreaTable } from './area-table.ts';
import type { Cell } from './network-tree.ts';
import { cellName } from './plan.ts';

/** By cell index. Of a list at i: from its starts at i to those at i + 1. */
export interface CellColumns {
  readonly channels: Uint8Array;
  readonly homes: Uint32Array;
  readonly capSumsWh: Float64Array;
  readonly meterCounts: Float64Array;
  readonly memberStarts: Uint32Array;
  readonly members: Uint32Array;
  /** Empty where the streets are the members. */
  readonly streetStarts: Uint32Array;
  readonly streets: Uint32Array;
  readonly netCellStarts: Uint32Array;
  readonly netCells: Uint32Array;
}

export class CellTable {
  readonly length: number;
  readonly #columns: CellColumns;
  readonly #areas: AreaTable;

  constructor(columns: CellColumns, areas: AreaTable) {
    this.length = columns.homes.length;
    this.#columns = columns;
    this.#areas = areas;
  }

  /** Undefined where there is none, and below zero. It lives as long as its reader wants it. */
  at(index: number): Cell | undefined {
    const isThere = this.#columns.homes[index] !== undefined;
    return isThere ? new TableCell(this.#columns, this.#areas, index) : undefined;
  }

  /** In the document's order. */
  *[Symbol.iterator](): Generator<Cell> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as Cell;
  }

  /** Of a cell that is there, without an object for it. A list of the caller's own. */
  membersOf(index: number): number[] {
    return membersOf(this.#columns, index);
  }
}

class TableCell implements Cell {
  readonly index: number;
  readonly #columns: CellColumns;
  readonly #areas: AreaTable;

  constructor(columns: CellColumns, areas: AreaTable, index: number) {
    this.index = index;
    this.#columns = columns;
    this.#areas = areas;
  }

  get channel(): number {
    return this.#columns.channels[this.index] as number;
  }

  get home(): number {
    return this.#columns.homes[this.index] as number;
  }

  get members(): readonly number[] {
    return membersOf(this.#columns, this.index);
  }

  get streets(): readonly number[] {
    const { streetStarts, streets } = this.#columns;
    const own = listAt(streetStarts, streets, this.index);
    return own.length === 0 ? this.members : own;
  }

  get capSumWh(): number {
    return this.#columns.capSumsWh[this.index] as number;
  }

  get netCells(): readonly number[] {
    const { netCellStarts, netCells } = this.#columns;
    return listAt(netCellStarts, netCells, this.index);
  }

  get meterCount(): number {
    return this.#columns.meterCounts[this.index] as number;
  }

  get name(): string {
    return cellName(
      this.#areas.idOf(this.home),
      this.members.map((member) => this.#areas.idOf(member)),
    );
  }
}

function membersOf({ memberStarts, members }: CellColumns, index: number): number[] {
  return listAt(memberStarts, members, index);
}

/** A plain array: most have one member, and a view of the column would cost several times as much. */
function listAt(starts: Uint32Array, values: Uint32Array, index: number): number[] {
  const list: number[] = [];
  const end = starts[index + 1] as number;
  for (let at = starts[index] as number; at < end; at++) list.push(values[at] as number);
  return list;
}
