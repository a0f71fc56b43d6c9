// Import, export and power of an electricity meter, out of its records.
//
// EN 13757-3 counts what flows to the customer as plain or `forward` (VIFE 3B) energy, and what
// flows back as `backward` (3C). A record counts where it is the current one (storage 0, no other
// function, subunit 0) of the whole meter (no phase, no limit). Where there is no record for the
// sum of all tariffs, the tariffs are added up.

import { addNumbers } from '../decimal.ts';
import type { Register, Totals } from '../telegram.ts';
import type { DataRecord } from './records.ts';
import { hasTariffSums, totalTariff } from './vendor.ts';

type Direction = 'forward' | 'backward';

export class MeterTotals {
  readonly #totalTariff: number;
  readonly #hasTariffSums: boolean;
  readonly #energyWh: Record<Direction, Map<number, number>> = {
    forward: new Map(),
    backward: new Map(),
  };
  readonly #powerW: Partial<Record<Direction, number>> = {};

  constructor(manufacturer: string) {
    this.#totalTariff = totalTariff(manufacturer);
    this.#hasTariffSums = hasTariffSums(manufacturer);
  }

  add(record: DataRecord, { value, unit, quality }: Register): void {
    if (typeof value !== 'number' || quality !== undefined) return;
    const direction = directionOf(record);
    if (direction === undefined) return;
    const { name } = record.quantity;
    if (name === 'energy' && unit === 'Wh') {
      const energies = this.#energyWh[direction];
      if (!energies.has(record.tariff)) energies.set(record.tariff, value);
    }
    if (name === 'power' && unit === 'W' && record.tariff === 0) this.#powerW[direction] ??= value;
  }

  get totals(): Totals {
    const importWh = this.#energyOf('forward');
    const exportWh = this.#energyOf('backward');
    const { forward, backward } = this.#powerW;
    const exportW = backward ?? (forward !== undefined && forward < 0 ? -forward : undefined);
    return {
      ...(importWh !== undefined && { importWh }),
      ...(exportWh !== undefined && { exportWh }),
      ...(forward !== undefined && { importW: Math.max(forward, 0) }),
      ...(exportW !== undefined && { exportW }),
    };
  }

  #energyOf(direction: Direction): number | undefined {
    const energies = this.#energyWh[direction];
    const total = energies.get(this.#totalTariff) ?? energies.get(0);
    if (total !== undefined || energies.size === 0 || !this.#hasTariffSums) return total;
    return addNumbers([...energies.values()]);
  }
}

function directionOf(record: DataRecord): Direction | undefined {
  const { recordFunction, storage, subunit, qualifiers } = record;
  if (recordFunction !== 'current' || storage !== 0 || subunit !== 0) return undefined;
  const named = qualifiers.filter(({ word }) => word !== undefined);
  if (named.length === 0) return 'forward';
  return named.length === 1 ? named[0]?.direction : undefined;
}
