// One SI prefix for a whole axis: 0.5 MW beside 1.0 MW, never 500 kW beside 1.0 MW.

export interface AxisUnit {
  readonly unit: string;
  readonly divisor: number;
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** The prefix in which the largest of the values has one to three digits before the point. */
export function axisUnit(values: readonly (number | null)[], base: string): AxisUnit {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value ?? 0));
  let power = 0;
  while (power < PREFIXES.length - 1 && largest >= 1000 ** (power + 1)) power++;
  return { unit: `${PREFIXES[power]}${base}`, divisor: 1000 ** power };
}

/** Round steps, 3 to 5 of them, that cover `min` to `max`: the axis' ends and its lines. */
export function axisSteps(min: number, max: number, lineCount: number): number[] {
  const span = max - min;
  if (!(span > 0) || !Number.isFinite(span)) return [min];
  const raw = span / Math.max(1, lineCount - 1);
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((digit) => digit * decade >= raw * 0.999) ?? 10) * decade;
  const first = Math.floor(min / step + 1e-9);
  const last = Math.ceil(max / step - 1e-9);
  // Whole multiples, so that zero is zero and not the rest of a subtraction.
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}
