// KNX group telegrams with energy and power: cEMI frames, alone or over KNXnet/IP (frame.ts), and
// lines of text as bus monitors' exports can be cut down to:
//
//   1/2/3 13.013 00001234
//   1/2/4 14.056 43480000 import
//
// A frame does not say which datapoint type it has: that is in the installation's project. Such a
// value is given as its bytes, unless the decoder was made with what the project says
// (`createKnxDecoder`). KNX has no word for import or export either: a line or the project says it.

import { fromHex, toHex } from '../../../core/bytes.ts';
import {
  type Decoded,
  type Decoder,
  damage,
  type Register,
  type Telegram,
  type Totals,
} from '../telegram.ts';
import { asciiText } from '../text.ts';
import { splitLines } from '../text-lines.ts';
import { readDatapoint } from './datapoint.ts';
import { hasIpFrame, readFrame, splitFrames } from './frame.ts';

export type KnxDirection = 'import' | 'export' | 'production';

export interface KnxPoint {
  /** `13.010` */
  readonly type: string;
  readonly direction?: KnxDirection;
}

const LINE =
  /^\s*(\d{1,2}\/\d\/\d{1,3})\s+(?:dpt\s?)?(\d{1,3}\.\d{3})\s+(?:0x)?((?:[\da-f]{2} ?){1,14})(?:\s*(import|export|production))?$/iu;
const ENERGY: Readonly<Record<KnxDirection, keyof Totals>> = {
  import: 'importWh',
  export: 'exportWh',
  production: 'productionWh',
};

/** Knows no installation. */
export const KNX: Decoder = createKnxDecoder(new Map());

/** `points` by group address, `1/2/3`. */
export function createKnxDecoder(points: ReadonlyMap<string, KnxPoint>): Decoder {
  return {
    protocol: 'knx',
    detect: (bytes) =>
      splitOwnLines(bytes, true).pieces.length > 0 || hasIpFrame(bytes) ? 0.8 : 0,
    split: (bytes, isEnd) => {
      const lines = splitOwnLines(bytes, isEnd);
      if (lines.pieces.length > 0) return lines;
      const frames = splitFrames(bytes, isEnd);
      if (frames.pieces.length > 0) return frames;
      return { pieces: [], restStart: Math.min(lines.restStart, frames.restStart) };
    },
    decode: (piece) => decodeKnx(piece, points),
  };
}

function splitOwnLines(bytes: Uint8Array, isEnd: boolean) {
  return splitLines(bytes, isEnd, { isOwn: (line) => LINE.test(line), joins: false });
}

function decodeKnx(piece: Uint8Array, points: ReadonlyMap<string, KnxPoint>): Decoded {
  const line = piece.length <= 256 ? LINE.exec(asciiText(piece).trim()) : null;
  if (line !== null) {
    const [, address = '', type = '', hex = '', direction] = line;
    const data = fromHex(hex.replaceAll(' ', '').toLowerCase());
    const point = {
      type,
      ...(direction && { direction: direction.toLowerCase() as KnxDirection }),
    };
    if (!isGroupAddress(address))
      return damage('bad-structure', `expected a group address up to 31/7/255, found ${address}`);
    return telegramOf({ address, data }, point);
  }
  const frame = readFrame(piece);
  if (frame.kind === 'damage') return frame;
  return telegramOf(frame, points.get(frame.address));
}

interface Sent {
  readonly address: string;
  readonly data: Uint8Array;
  readonly source?: string;
}

function telegramOf({ address, data, source }: Sent, point: KnxPoint | undefined): Decoded {
  const base = {
    kind: 'telegram',
    protocol: 'knx',
    ...(source !== undefined && { meter: source }),
  } as const;
  if (point === undefined)
    return {
      ...base,
      registers: new Map([[address, { value: toHex(data) }]]),
      warnings: [`a frame does not say its datapoint type: ${address} is given as its bytes`],
    };
  const register = readDatapoint(point.type, data);
  if (register === 'invalid')
    return { ...base, registers: new Map(), warnings: [`${address} has no valid value`] };
  if ('detail' in register) return damage('bad-structure', register.detail);
  return {
    ...base,
    registers: new Map([[address, register]]),
    ...totalsOf(register, point.direction),
    warnings: [],
  } satisfies Telegram;
}

function totalsOf({ value, unit }: Register, direction: KnxDirection | undefined): Totals {
  if (direction === undefined || typeof value !== 'number') return {};
  if (unit === 'Wh') return { [ENERGY[direction]]: value };
  if (unit !== 'W') return {};
  const importW = direction === 'import' ? value : 0 - value;
  return importW >= 0 && direction === 'import' ? { importW } : { exportW: 0 - importW };
}

function isGroupAddress(text: string): boolean {
  const [main = 32, middle = 8, sub = 256] = text.split('/').map(Number);
  return main <= 31 && middle <= 7 && sub <= 255;
}
