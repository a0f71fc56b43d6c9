// VIFs that a manufacturer made up (FF, EN 13757-3, 6.4.1), for the electricity and heat meters of
// which somebody has said what they mean. What is not here stays `vendor-...`, a number as sent.

import { measure, type Quantity } from './quantity.ts';
import type { Qualifier } from './vife.ts';

const PHASES: Readonly<Record<string, Qualifier>> = {
  '01': { word: 'l1' },
  '02': { word: 'l2' },
  '03': { word: 'l3' },
};

/** Behind a standard VIF, by manufacturer: Easymeter, Finder 7E, IME Nemo, Saia-Burgess, Schneider iEM. */
const QUALIFIERS: Readonly<Record<string, Readonly<Record<string, Qualifier>>>> = {
  ESY: PHASES,
  FIN: PHASES,
  SBC: PHASES,
  IME: PHASES,
  SEC: {
    ...PHASES,
    '05': { word: 'l1-l2' },
    '06': { word: 'l2-l3' },
    '07': { word: 'l3-l1' },
    '09': { word: 'backward', direction: 'backward' },
    '0D': { word: 'partial' },
  },
};

interface VendorQuantity {
  readonly quantity: Quantity;
  readonly qualifiers?: readonly Qualifier[];
}

const FORWARD: Qualifier = { word: 'forward', direction: 'forward' };
const BACKWARD: Qualifier = { word: 'backward', direction: 'backward' };

/** In place of a VIF, by manufacturer: IME Conto, Kamstrup Multical. */
const QUANTITIES: Readonly<Record<string, Readonly<Record<string, VendorQuantity>>>> = {
  IME: {
    '00043B': { quantity: measure('energy', 'Wh', 1), qualifiers: [FORWARD] },
    '00043C': { quantity: measure('energy', 'Wh', 1), qualifiers: [BACKWARD] },
    '01043B': { quantity: measure('reactive-energy', 'varh', 1), qualifiers: [FORWARD] },
    '01043C': { quantity: measure('reactive-energy', 'varh', 1), qualifiers: [BACKWARD] },
    '042B': { quantity: measure('power', 'W', 0) },
    '052B': { quantity: measure('reactive-power', 'var', 0) },
    '062B': { quantity: measure('apparent-power', 'VA', 0) },
    '0748': { quantity: measure('voltage', 'V', -1) },
    '0848': { quantity: measure('voltage', 'V', -1), qualifiers: [{ word: 'phase-to-phase' }] },
    '0959': { quantity: measure('current', 'A', -3) },
    '0A48': { quantity: measure('frequency', 'Hz', -1) },
  },
  KAM: {
    '07': { quantity: measure('energy-e8', 'Wh', 3) },
    '08': { quantity: measure('energy-e9', 'Wh', 3) },
  },
};

/** Where a manufacturer keeps the total of all tariffs, if not in tariff 0. */
const TOTAL_TARIFFS: Readonly<Record<string, number>> = { IME: 5 };

/** Schneider's tariffs stay at zero while the meter is not told to use them. */
const IDLE_TARIFFS: readonly string[] = ['SEC'];

/** `codes`: the bytes behind the FF in hexadecimal, without extension bits. */
export function vendorQualifier(manufacturer: string, codes: string): Qualifier {
  return lookUp(lookUp(QUALIFIERS, manufacturer), codes) ?? { word: vendorWord(codes) };
}

export function vendorQuantity(manufacturer: string, codes: string): VendorQuantity | undefined {
  return lookUp(lookUp(QUANTITIES, manufacturer), codes);
}

export function totalTariff(manufacturer: string): number {
  return lookUp(TOTAL_TARIFFS, manufacturer) ?? 0;
}

export function hasTariffSums(manufacturer: string): boolean {
  return !IDLE_TARIFFS.includes(manufacturer);
}

export function vendorWord(codes: string): string {
  return codes === '' ? 'vendor' : `vendor-${codes}`;
}

function lookUp<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
