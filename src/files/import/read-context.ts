// What every reader gets: where its values go, and what the command line says.

import type { CsvSource } from '../csv-source.ts';
import { excerpt } from '../excerpt.ts';
import { FileError, type FileErrorCode } from '../file-error.ts';
import { type Decimal, multiply, type NumberStyle, ONE, parseDecimal } from './decimal.ts';
import { type EnergyUnit, energyMws } from './energy.ts';
import type { ImportedValues, Place } from './imported-values.ts';
import type { TimeZone } from './time-zone.ts';

export interface ReadContext {
  readonly values: ImportedValues;
  /** Given by the user; formats that need one have a default. */
  readonly zone?: TimeZone | undefined;
  /** `--meter`: the only meter, for files that name none. */
  readonly meter?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type ReadExport = (source: CsvSource, context: ReadContext) => Promise<void>;

export interface EnergyForm {
  readonly unit: EnergyUnit;
  /** For mean power. */
  readonly seconds: number;
  readonly style?: NumberStyle | undefined;
  readonly multiplier?: Decimal | undefined;
}

/** @throws FileError `bad-value`. */
export function parseEnergy(
  text: string,
  { unit, seconds, style, multiplier = ONE }: EnergyForm,
  place: Place,
): bigint {
  const value = parseDecimal(text, style);
  const energy = value && energyMws(multiply(value, multiplier), unit, seconds);
  if (energy !== undefined) return energy;
  const sign = style?.decimalSign === ',' ? ' with a decimal comma' : '';
  throw fileError('bad-value', place, `a decimal number${sign} of ${unit}, up to 2^40 Wh`, text);
}

/** `found`: text of the file, made fit to print here. */
export function fileError(
  code: FileErrorCode,
  place: Place,
  expected: string,
  found: string,
): FileError {
  return new FileError(code, { ...place, expected, found: excerpt(found) });
}
