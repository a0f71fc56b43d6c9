// What readers of all formats hand on: energies of a meter and channel over spans of time, and
// stands of cumulative registers, in columns of 50 bytes a value rather than objects.

import { excerpt, isPrintable } from '../excerpt.ts';
import { FileError } from '../file-error.ts';
import { MAX_METER_ID_CHARACTERS } from '../meter-row.ts';
import { MAX_ENERGY_MWS } from './energy.ts';

export const VALUE_KINDS = ['import', 'export', 'production', 'net'] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** 1 GB of columns: beyond it, import in parts. */
export const MAX_VALUES = 20_000_000;
export const MAX_SERIES = 4_000_000;

export interface Place {
  readonly file: string;
  readonly line?: number | undefined;
  readonly byteOffset?: number | undefined;
  /** The column's name and number, or the element. */
  readonly field?: string | undefined;
}

export interface Span {
  readonly meter: string;
  readonly kind: ValueKind;
  readonly startSeconds: number;
  readonly durationSeconds: number;
  readonly energyMws: bigint;
  /** Of two values for one span the one of higher rank stands: a later revision. */
  readonly rank?: number | undefined;
}

export interface RegisterStand {
  readonly meter: string;
  readonly kind: ValueKind;
  readonly atSeconds: number;
  readonly energyMws: bigint;
}

/** A meter's values of one kind, either spans or stands. */
export interface Series {
  readonly meter: string;
  readonly kind: ValueKind;
  readonly isRegister: boolean;
}

export interface ImportCounts {
  /** Marked as missing or unusable in the file: not measured. */
  unmeasured: number;
  /** Estimated or substituted by the utility: taken, and counted. */
  estimated: number;
}

export interface ValueColumns {
  readonly count: number;
  readonly series: Uint32Array;
  readonly starts: Float64Array;
  /** 0: a register's stand. */
  readonly durations: Uint32Array;
  readonly energies: BigInt64Array;
  readonly ranks: Float64Array;
}

/** With `--meter`, every value is that meter's, and two different ids are an error. */
export class ImportedValues {
  readonly counts: ImportCounts = { unmeasured: 0, estimated: 0 };
  readonly warnings: Set<string> = new Set();
  readonly seriesList: Series[] = [];
  readonly #meterName: string | undefined;
  #ownName: string | undefined;
  readonly #seriesNumbers = new Map<string, number>();
  readonly #origins: { readonly file: string; readonly field: string | undefined }[] = [];
  readonly #originNumbers = new Map<string, number>();
  #capacity = 4096;
  #count = 0;
  #series = new Uint32Array(this.#capacity);
  #starts = new Float64Array(this.#capacity);
  #durations = new Uint32Array(this.#capacity);
  #energies = new BigInt64Array(this.#capacity);
  #ranks = new Float64Array(this.#capacity);
  #origin = new Uint32Array(this.#capacity);
  /** Line, or minus one minus the byte; NaN: neither. */
  #positions = new Float64Array(this.#capacity);

  constructor(meterName?: string) {
    this.#meterName = meterName;
  }

  /** @throws FileError for a meter id that cannot be, a negative energy, or too much. */
  addSpan(span: Span, place: Place): void {
    if (span.energyMws < 0n && span.kind !== 'net') {
      throw new FileError('bad-value', {
        ...place,
        expected: `an energy of 0 or more, as every ${span.kind} is`,
        found: 'a negative one',
      });
    }
    const { startSeconds, durationSeconds, energyMws, rank = 0 } = span;
    this.#add(this.#seriesOf(span, false, place), startSeconds, durationSeconds, energyMws, place);
    this.#ranks[this.#count - 1] = rank;
  }

  addStand(stand: RegisterStand, place: Place): void {
    this.#add(this.#seriesOf(stand, true, place), stand.atSeconds, 0, stand.energyMws, place);
  }

  columns(): ValueColumns {
    return {
      count: this.#count,
      series: this.#series,
      starts: this.#starts,
      durations: this.#durations,
      energies: this.#energies,
      ranks: this.#ranks,
    };
  }

  placeOf(index: number): Place {
    const { file, field } = this.#origins[this.#origin[index] as number] as Place;
    const position = this.#positions[index] as number;
    if (Number.isNaN(position)) return { file, field };
    return position < 0
      ? { file, byteOffset: -1 - position, field }
      : { file, line: position, field };
  }

  #add(series: number, start: number, duration: number, energy: bigint, place: Place): void {
    if (!(start >= 0 && start + duration <= 0xffffffff)) {
      throw new FileError('bad-start', {
        ...place,
        expected: 'a time from 1970 to 2106',
        found: 'another',
      });
    }
    // Sums of columns may be more than one value may be; a word of 64 bits would wrap.
    if (energy > MAX_ENERGY_MWS || energy < -MAX_ENERGY_MWS) {
      throw new FileError('bad-value', { ...place, expected: 'at most 2^40 Wh', found: 'more' });
    }
    if (this.#count === this.#capacity) this.#grow(place);
    const at = this.#count++;
    this.#series[at] = series;
    this.#starts[at] = start;
    this.#durations[at] = duration;
    this.#energies[at] = energy;
    this.#origin[at] = this.#originOf(place);
    this.#positions[at] = place.line ?? -1 - (place.byteOffset ?? Number.NaN);
  }

  #grow(place: Place): void {
    if (this.#capacity >= MAX_VALUES) throw tooMany(`${MAX_VALUES} values`, place);
    this.#capacity = Math.min(2 * this.#capacity, MAX_VALUES);
    this.#series = grown(new Uint32Array(this.#capacity), this.#series);
    this.#starts = grown(new Float64Array(this.#capacity), this.#starts);
    this.#durations = grown(new Uint32Array(this.#capacity), this.#durations);
    const energies = new BigInt64Array(this.#capacity);
    energies.set(this.#energies);
    this.#energies = energies;
    this.#ranks = grown(new Float64Array(this.#capacity), this.#ranks);
    this.#origin = grown(new Uint32Array(this.#capacity), this.#origin);
    this.#positions = grown(new Float64Array(this.#capacity), this.#positions);
  }

  #seriesOf(value: { meter: string; kind: ValueKind }, isRegister: boolean, place: Place): number {
    const key = `${isRegister ? 'r' : 's'}${value.kind} ${value.meter}`;
    let number = this.#seriesNumbers.get(key);
    if (number === undefined) {
      if (this.seriesList.length >= MAX_SERIES) throw tooMany(`${MAX_SERIES} series`, place);
      number = this.seriesList.length;
      this.#seriesNumbers.set(key, number);
      this.seriesList.push({
        meter: this.#nameOf(value.meter, place),
        kind: value.kind,
        isRegister,
      });
    }
    return number;
  }

  #nameOf(meter: string, place: Place): string {
    if (this.#meterName !== undefined) {
      this.#ownName ??= meter;
      if (this.#ownName === meter) return this.#meterName;
      throw new FileError('bad-meter', {
        ...place,
        expected: `the values of one meter, since --meter names it`,
        found: `those of ${excerpt(this.#ownName)} and of ${excerpt(meter)}`,
      });
    }
    const length = [...meter.slice(0, 2 * MAX_METER_ID_CHARACTERS + 2)].length;
    if (meter !== '' && length <= MAX_METER_ID_CHARACTERS && isPrintable(meter)) return meter;
    throw new FileError('bad-meter', {
      ...place,
      expected: `a meter id of 1 to ${MAX_METER_ID_CHARACTERS} printable characters in UTF-8, or --meter NAME`,
      found: excerpt(meter),
    });
  }

  #originOf({ file, field }: Place): number {
    const key = `${file}\0${field ?? ''}`;
    let number = this.#originNumbers.get(key);
    if (number === undefined) {
      number = this.#origins.push({ file, field }) - 1;
      this.#originNumbers.set(key, number);
    }
    return number;
  }
}

function tooMany(limit: string, place: Place): FileError {
  return new FileError('too-many-rows', {
    ...place,
    expected: `at most ${limit} in one import`,
    found: 'more',
  });
}

function grown<Column extends Uint32Array | Float64Array>(larger: Column, column: Column): Column {
  larger.set(column);
  return larger;
}
