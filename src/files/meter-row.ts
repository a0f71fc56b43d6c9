// One row of meters.csv, field by field.

import { type AreaId, areaDepth, MAX_AREA_DEPTH, parseAreaId } from '../core/area.ts';
import { type ChannelName, parseChannelNames } from './channel-names.ts';
import { excerpt, isPrintable } from './excerpt.ts';
import { FileError } from './file-error.ts';

export const MAX_METER_ID_CHARACTERS = 128;
/** No fuse is that large; sums of 2^20 such meters still stay below 2^62 (design.md, correction 18). */
export const MAX_WH_LIMIT: number = 2 ** 40;

export interface MeterRow {
  readonly meter: string;
  /** The street: two tokens or more, so that it has a parent. */
  readonly area: AreaId;
  /** undefined: declared by what readings.csv has. */
  readonly channels: readonly ChannelName[] | undefined;
  /** The most that the meter's main fuse lets through in one interval; undefined: not given. */
  readonly maxWh: number | undefined;
  readonly line: number;
}

export interface MeterFields {
  readonly meter: string;
  readonly area: string;
  readonly channels: string;
  readonly maxWh: string;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** @throws FileError naming the field. */
export function parseMeterRow(fields: MeterFields, place: Place): MeterRow {
  return {
    meter: parseMeterId(fields.meter, place),
    area: parseStreet(fields.area, place),
    channels: parseChannels(fields.channels, place),
    maxWh: parseMaxWh(fields.maxWh, place),
    line: place.line,
  };
}

/** @throws FileError unless `text` is 1 to 128 printable characters. */
export function parseMeterId(text: string, place: Place): string {
  const isMeterId = text !== '' && [...text].length <= MAX_METER_ID_CHARACTERS && isPrintable(text);
  if (isMeterId) return text;
  throw new FileError('bad-meter', {
    ...place,
    field: 'meter',
    expected: `1 to ${MAX_METER_ID_CHARACTERS} printable characters in UTF-8`,
    found: excerpt(text),
  });
}

function parseStreet(text: string, place: Place): AreaId {
  const area = parseAreaId(text);
  if (area !== undefined && areaDepth(area) >= 2) return area;
  throw new FileError('bad-area', {
    ...place,
    field: 'area',
    expected: `a path such as es/madrid/centro/street-12, 2 to ${MAX_AREA_DEPTH} parts of 1 to 64 letters, digits, "_" or "-"`,
    found: excerpt(text),
  });
}

function parseChannels(text: string, place: Place): readonly ChannelName[] | undefined {
  if (text === '') return undefined;
  const channels = parseChannelNames(text);
  if (channels !== undefined) return channels;
  throw new FileError('bad-channels', {
    ...place,
    field: 'channels',
    expected: 'net, with +export and +production where the meter has them',
    found: excerpt(text),
  });
}

function parseMaxWh(text: string, place: Place): number | undefined {
  if (text === '') return undefined;
  const maxWh = /^[0-9]{1,13}$/.test(text) ? Number(text) : 0;
  if (maxWh >= 1 && maxWh < MAX_WH_LIMIT) return maxWh;
  throw new FileError('bad-max-wh', {
    ...place,
    field: 'max_wh',
    expected: `a whole number of watt-hours from 1 to ${MAX_WH_LIMIT - 1}`,
    found: excerpt(text),
  });
}
