// Import, export and power of a telegram, out of its OBIS registers: 1.8.0 and 2.8.0, or the sum of
// their tariffs where a meter sends only those; 1.7.0 and 2.7.0, or the net power 16.7.0.
//
// A register counts where its medium is electricity (1) or left out, and its storage is the current
// one. Of several channels (`1-0`, `1-1`), the first with the register counts.

import { addNumbers } from './decimal.ts';
import { type Obis, parseObis } from './obis.ts';
import type { Register, Totals } from './telegram.ts';

const IMPORT = 1;
const EXPORT = 2;
const NET = 16;
const ENERGY = 8;
const POWER = 7;
const ELECTRICITY = 1;
const CURRENT = 255;
/** Tariffs are numbered 1 to 4 everywhere that we know of; SML allows 63. */
const MAX_TARIFF = 63;

export function totalsOf(registers: ReadonlyMap<string, Register>): Totals {
  const found = new Found(registers);
  const importWh = found.energyWh(IMPORT);
  const exportWh = found.energyWh(EXPORT);
  const netW = found.powerW(NET);
  const importW = found.powerW(IMPORT) ?? (netW === undefined ? undefined : Math.max(netW, 0));
  const exportW = found.powerW(EXPORT) ?? (netW === undefined ? undefined : Math.max(0 - netW, 0));
  return {
    ...(importWh !== undefined && { importWh }),
    ...(exportWh !== undefined && { exportWh }),
    ...(importW !== undefined && { importW }),
    ...(exportW !== undefined && { exportW }),
  };
}

class Found {
  readonly #byCode: Map<string, number> = new Map();

  constructor(registers: ReadonlyMap<string, Register>) {
    for (const [name, { value, unit }] of registers) {
      if (typeof value !== 'number' || (unit !== 'Wh' && unit !== 'W')) continue;
      const obis = parseObis(name);
      if (obis === undefined || !isElectricityNow(obis)) continue;
      const code = `${obis.quantity}.${obis.processing}.${obis.tariff ?? 0} ${unit}`;
      if (!this.#byCode.has(code)) this.#byCode.set(code, value);
    }
  }

  energyWh(quantity: number): number | undefined {
    const total = this.#byCode.get(`${quantity}.${ENERGY}.0 Wh`);
    if (total !== undefined) return total;
    const tariffs: number[] = [];
    for (let tariff = 1; tariff <= MAX_TARIFF; tariff++) {
      const energyWh = this.#byCode.get(`${quantity}.${ENERGY}.${tariff} Wh`);
      if (energyWh !== undefined) tariffs.push(energyWh);
    }
    return tariffs.length === 0 ? undefined : addNumbers(tariffs);
  }

  powerW(quantity: number): number | undefined {
    return this.#byCode.get(`${quantity}.${POWER}.0 W`);
  }
}

function isElectricityNow({ medium, storage }: Obis): boolean {
  return (medium ?? ELECTRICITY) === ELECTRICITY && (storage ?? CURRENT) === CURRENT;
}
