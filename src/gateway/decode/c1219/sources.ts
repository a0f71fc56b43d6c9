// What a meter's sources are (ANSI C12.19-2008, decade 1): ST-16 SOURCES_TBL links each to its
// unit in ST-12 UOM_ENTRY_TBL, a field of 32 bits: 0-7 what, 8-10 time base, 11-13 multiplier,
// 14-17 quadrants 1 to 4, 18 net, 19-21 phase, 22 harmonic.
//
// Quadrants 1 and 4 are delivered to the customer, 2 and 3 received from him.

export interface SourceUnit {
  /** Of an energy: Wh, varh, VAh. */
  readonly unit: string;
  /** Power of ten. */
  readonly scaler: number;
  /** Of all phases, active: which way it flows. */
  readonly direction?: 'import' | 'export';
}

const ENERGY_UNITS: Readonly<Record<number, string>> = { 0: 'Wh', 1: 'varh', 2: 'VAh' };
/** A dial: counts for ever. */
const DIAL_READING = 0;
const SCALERS = [0, 2, 3, 6, 9, -2, -3, -6];
const ENTRY_BYTES = 4;
const HAS_UNIT = 0x01;
const HAS_CONSTANTS = 0x08;
const IS_ENGINEERING = 0x10;
const CONSTANT_TO_BE_APPLIED = 0x20;
const DELIVERED = 0b1001;
const RECEIVED = 0b0110;

/** A sentence where the unit of a source cannot be told. */
export function sourceUnit(
  source: number,
  uom: Uint8Array,
  sources: Uint8Array,
  isBigEndian: boolean,
): SourceUnit | string {
  const flags = sources[source];
  if (flags === undefined) return `ST-16 has no source ${source}`;
  if ((flags & HAS_UNIT) === 0) return `source ${source} has no unit`;
  if ((flags & IS_ENGINEERING) === 0) return `source ${source} counts pulses`;
  if ((flags & HAS_CONSTANTS) !== 0 && (flags & CONSTANT_TO_BE_APPLIED) !== 0)
    return `source ${source} needs its constants (ST-15), which are not read`;
  const entryCount = Math.floor(uom.length / ENTRY_BYTES);
  const linked = sources.filter((other) => (other & HAS_UNIT) !== 0).length;
  // An entry for each source, or only for those that have one: both are met, and told apart by number.
  const index =
    entryCount >= sources.length
      ? source
      : entryCount === linked
        ? sources.subarray(0, source).filter((other) => (other & HAS_UNIT) !== 0).length
        : -1;
  if (index < 0) return `ST-12 has ${entryCount} units for ${linked} sources`;
  const view = new DataView(uom.buffer, uom.byteOffset, uom.length);
  return unitOf(view.getUint32(index * ENTRY_BYTES, !isBigEndian));
}

function unitOf(entry: number): SourceUnit | string {
  const unit = ENERGY_UNITS[entry & 0xff];
  if (unit === undefined || ((entry >> 8) & 7) !== DIAL_READING)
    return `a unit of measure that is no energy (0x${entry.toString(16).padStart(8, '0')})`;
  const quadrants = (entry >> 14) & 0x0f;
  const isWhole = ((entry >> 19) & 7) === 0 && ((entry >> 22) & 1) === 0;
  const direction =
    quadrants === DELIVERED ? 'import' : quadrants === RECEIVED ? 'export' : undefined;
  return {
    unit,
    scaler: SCALERS[(entry >> 11) & 7] as number,
    ...(unit === 'Wh' && isWhole && direction !== undefined && { direction }),
  };
}
