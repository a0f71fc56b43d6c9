// Amounts as meters send them, in milli-units: exact where the meter has three decimals or fewer.

/** Units that are counted, and how many whole ones are in one of them: Wh for energy, litres for volume. */
const WHOLE_UNITS: Readonly<Record<string, number>> = {
  Wh: 1,
  kWh: 1000,
  MWh: 1_000_000,
  // 1 GJ is 277 777.7… Wh: the one factor that is not exact.
  GJ: 1e9 / 3600,
  MJ: 1e6 / 3600,
  l: 1,
  m3: 1000,
};

export function isCountable(unit: string): boolean {
  return Object.hasOwn(WHOLE_UNITS, unit);
}

/** NaN where it is no number or too large to be exact, which `handleSample` refuses by name. */
export function toMilli(value: number, unit: string): number {
  const milli = Math.round(value * (WHOLE_UNITS[unit] ?? Number.NaN) * 1000);
  return Number.isSafeInteger(milli) ? milli : Number.NaN;
}
