// Units that meters leave out because their handbook tells them (Kamstrup HAN list definitions,
// Kaifa KFM_001, Iskraemeco AM550, Landis+Gyr E450): what a value without a unit is taken for, by
// its OBIS code (IEC 62056-6-1, 5.2 and 5.3) and the vendor. Whoever assumes says so.

import type { Obis } from '../obis.ts';

export type Vendor = 'Kamstrup' | 'Kaifa' | 'Iskraemeco' | 'Landis+Gyr' | 'unknown';

export interface AssumedUnit {
  readonly unit: string;
  /** Power of ten. */
  readonly scaler: number;
}

type Quantity = 'energy' | 'power' | 'current' | 'voltage' | 'factor';

const ELECTRICITY = 1;
const ENERGY = 8;
const INSTANTANEOUS = 7;
/** Quantities 21 to 40 are those of 1 to 20 in phase L1, and so on to 80. */
const PHASE_STEP = 20;
const LAST_OF_PHASES = 80;
const CURRENT = 11;
const VOLTAGE = 12;
const POWER_FACTOR = 13;

/** Energy and power are in Wh and W unless it says otherwise; the others are not guessed at. */
const SCALERS: Readonly<Record<Vendor, Partial<Record<Quantity, number>>>> = {
  Kamstrup: { energy: 1, current: -2, voltage: 0, factor: -2 },
  Kaifa: { current: -3, voltage: -1 },
  Iskraemeco: { current: -2, voltage: -1 },
  // Currents are in 0.01 A in some models, and in A in those with transformers.
  'Landis+Gyr': { voltage: 0 },
  unknown: {},
};

/** undefined where nothing is known. */
export function assumedUnit(
  { medium, quantity, processing }: Obis,
  vendor: Vendor,
): AssumedUnit | undefined {
  if (medium !== ELECTRICITY || quantity < 1 || quantity > LAST_OF_PHASES) return undefined;
  const base = ((quantity - 1) % PHASE_STEP) + 1;
  const kind = kindOf(base);
  const scalers = SCALERS[vendor];
  if (kind !== undefined) {
    if (processing === ENERGY) return { unit: `${kind}h`, scaler: scalers.energy ?? 0 };
    return processing === INSTANTANEOUS ? { unit: kind, scaler: 0 } : undefined;
  }
  if (processing !== INSTANTANEOUS) return undefined;
  if (base === CURRENT) return known('A', scalers.current);
  if (base === VOLTAGE) return known('V', scalers.voltage);
  return base === POWER_FACTOR ? known('', scalers.factor) : undefined;
}

/** Active, reactive and apparent power, of which energy is the same with an h. */
function kindOf(base: number): string | undefined {
  if (base === 1 || base === 2 || base === 15 || base === 16) return 'W';
  if (base >= 3 && base <= 8) return 'var';
  return base === 9 || base === 10 ? 'VA' : undefined;
}

function known(unit: string, scaler: number | undefined): AssumedUnit | undefined {
  return scaler === undefined ? undefined : { unit, scaler };
}

const VENDOR_TEXTS: readonly (readonly [start: string, vendor: Vendor])[] = [
  ['Kamstrup', 'Kamstrup'],
  ['KFM', 'Kaifa'],
  ['ISK', 'Iskraemeco'],
  ['LGZ', 'Landis+Gyr'],
  ['KAM', 'Kamstrup'],
];

/** From what names the meter: list version, logical device name, system title. */
export function vendorOf(texts: readonly string[]): Vendor {
  for (const text of texts)
    for (const [start, vendor] of VENDOR_TEXTS) if (text.startsWith(start)) return vendor;
  return 'unknown';
}

/** The sentence of a telegram whose units were assumed. */
export function assumedWarning(vendor: Vendor): string {
  const energy = (SCALERS[vendor].energy ?? 0) === 1 ? '10 Wh' : 'Wh';
  const whose = vendor === 'unknown' ? 'as most meters do' : `as ${vendor} meters do`;
  return `values come without units: assumed to count ${energy} and W, ${whose}`;
}
