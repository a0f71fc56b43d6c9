// Energy while it is imported: whole milliwatt-seconds (mWs, millijoules) in a signed 64-bit word.
// 1 Wh is 3,600,000 of them, so a thousandth of a watt-hour, and a thousandth of a milliwatt over
// any number of seconds, are exact. What is finer is cut off towards zero, which leaves the rounding
// half up of a single value to whole watt-hours exact: a half is on this grid.

import { type Decimal, truncateTimes } from './decimal.ts';

export const ENERGY_UNITS = ['Wh', 'kWh', 'MWh', 'W', 'kW'] as const;
export type EnergyUnit = (typeof ENERGY_UNITS)[number];

export const MWS_PER_WH = 3_600_000n;
/** 2^40 Wh, as in readings.csv; 2^62 mWs is more. */
export const MAX_ENERGY_MWS: bigint = 2n ** 40n * MWS_PER_WH;

/** undefined beyond 2^40 Wh. Of mean power, the energy of `seconds` of it. */
export function energyMws(value: Decimal, unit: EnergyUnit, seconds: number): bigint | undefined {
  const energy = truncateTimes(value, mwsPer(unit, seconds));
  return energy <= MAX_ENERGY_MWS && energy >= -MAX_ENERGY_MWS ? energy : undefined;
}

/** Whole watt-hours, half up (away from zero, for a signed one). */
export function roundToWh(energy: bigint): number {
  if (energy < 0n) return -roundToWh(-energy);
  return Number((2n * energy + MWS_PER_WH) / (2n * MWS_PER_WH));
}

export function isPower(unit: EnergyUnit): boolean {
  return unit === 'W' || unit === 'kW';
}

function mwsPer(unit: EnergyUnit, seconds: number): bigint {
  if (unit === 'Wh') return MWS_PER_WH;
  if (unit === 'kWh') return 1000n * MWS_PER_WH;
  if (unit === 'MWh') return 1_000_000n * MWS_PER_WH;
  return (unit === 'kW' ? 1_000_000n : 1000n) * BigInt(seconds);
}
