// The balance of one interval's five numbers, and how they compare with another interval's.

import type { EnergyMetric } from '../../../src/map/metric.ts';

type Figures = Readonly<Record<EnergyMetric, number | null>>;

export type BalanceCheck =
  | {
      /** Whether `production + import` equals `consumption + export`, to the watt-hour. */
      readonly kind: 'closed' | 'open';
      readonly production: number;
      readonly import: number;
      readonly consumption: number;
      readonly export: number;
      readonly leftWh: number;
      readonly rightWh: number;
    }
  | { readonly kind: 'unknown'; readonly missing: readonly EnergyMetric[] };

const PARTS = ['production', 'import', 'consumption', 'export'] as const;

export function checkBalance(figures: Figures): BalanceCheck {
  const { production, import: imported, consumption, export: exported } = figures;
  if (production === null || imported === null || consumption === null || exported === null)
    return { kind: 'unknown', missing: PARTS.filter((part) => figures[part] === null) };
  const leftWh = production + imported;
  const rightWh = consumption + exported;
  return {
    kind: leftWh === rightWh ? 'closed' : 'open',
    production,
    import: imported,
    consumption,
    export: exported,
    leftWh,
    rightWh,
  };
}

/**
 * What flows over the area's boundary: consumption minus production, which is the net load. Null where
 * either is not published; the net load may still be.
 */
export function boundaryExchangeWh(figures: Figures): number | null {
  const { consumption, production } = figures;
  return consumption === null || production === null ? null : consumption - production;
}

export interface Comparison {
  readonly deltaWh: number;
  /** Of the earlier figure's size; null where that is too small to divide by, or the sign changed. */
  readonly share: number | null;
}

/** Undefined where either is not published. */
export function compareFigures(
  nowWh: number | null | undefined,
  thenWh: number | null | undefined,
): Comparison | undefined {
  if (typeof nowWh !== 'number' || typeof thenWh !== 'number') return undefined;
  const deltaWh = nowWh - thenWh;
  const isComparable = thenWh !== 0 && Math.sign(nowWh) !== -Math.sign(thenWh);
  const share = isComparable ? deltaWh / Math.abs(thenWh) : null;
  // "+4,300 %" against a quiet night says less than the difference itself.
  return { deltaWh, share: share !== null && Math.abs(share) < 10 ? share : null };
}
