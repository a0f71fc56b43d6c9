// Numbers in Modbus registers: 16-bit words, big-endian each, in either order of words.

export const MODBUS_TYPES = ['u16', 's16', 'u32', 's32', 'u64', 's64', 'f32', 'f64'] as const;
export type ModbusType = (typeof MODBUS_TYPES)[number];
export const WORD_ORDERS = ['big', 'little'] as const;
export type WordOrder = (typeof WORD_ORDERS)[number];

export function wordCount(type: ModbusType): number {
  return Number(type.slice(1)) / 16;
}

/** undefined for not-a-number, for what is too large to be exact, and for too few words. */
export function readModbusValue(
  words: readonly number[],
  type: ModbusType,
  order: WordOrder,
): number | undefined {
  const count = wordCount(type);
  if (words.length !== count) return undefined;
  const view = new DataView(new ArrayBuffer(8));
  for (const [at, word] of (order === 'big' ? words : words.toReversed()).entries())
    view.setUint16(2 * at, word);
  const value = READS[type](view);
  const isExact = type.startsWith('f') ? Number.isFinite(value) : Number.isSafeInteger(value);
  return isExact ? value : undefined;
}

const READS: Readonly<Record<ModbusType, (view: DataView) => number>> = {
  u16: (view) => view.getUint16(0),
  s16: (view) => view.getInt16(0),
  u32: (view) => view.getUint32(0),
  s32: (view) => view.getInt32(0),
  u64: (view) => Number(view.getBigUint64(0)),
  s64: (view) => Number(view.getBigInt64(0)),
  f32: (view) => view.getFloat32(0),
  f64: (view) => view.getFloat64(0),
};
