// inventory.csv, the operator's own list of gateways: `gateway,area` and optionally `channels`,
// `max_wh`, `connection_point` and `identity`, one row per gateway. It decides which meter stands in
// which street: a record says nothing of that. A row without `identity` is a gateway that has not said
// yet who it is.

import { createHash } from 'node:crypto';
import type { AreaId } from '../core/area.ts';
import { CHANNEL_NAMES, type ChannelName } from './channel-names.ts';
import { type Header, parseHeader } from './csv-header.ts';
import type { CsvSource } from './csv-source.ts';
import { excerpt } from './excerpt.ts';
import { FileError } from './file-error.ts';
import { parseMeterRow } from './meter-row.ts';
import { readCsv } from './read-csv.ts';

export interface InventoryRow {
  /** Names its folder and its account on the bus. */
  readonly gateway: string;
  readonly area: AreaId;
  readonly channels: readonly ChannelName[];
  /** In one interval; undefined: the default of the interval's length. */
  readonly maxWh: number | undefined;
  readonly connectionPoint: number;
  /** Ed25519, 64 hex digits. */
  readonly identity: string | undefined;
  readonly line: number;
}

const MAX_ROWS = 1_000_000;
/** A token of a subject, and short enough for `gateway-` before it. */
const GATEWAY_NAME = /^[A-Za-z0-9_-]{1,48}$/u;

type InventoryHeader = Header<
  'gateway' | 'area',
  'channels' | 'max_wh' | 'connection_point' | 'identity'
>;

/** @throws FileError naming file, line and field of the first thing that is wrong. */
export async function readInventoryFile(source: CsvSource): Promise<readonly InventoryRow[]> {
  const { file } = source;
  const rows: InventoryRow[] = [];
  const seen = new Map<string, number>();
  let header: InventoryHeader | undefined;
  const once = (field: string, value: string, line: number) => {
    const earlier = seen.get(`${field} ${value}`);
    seen.set(`${field} ${value}`, line);
    if (earlier === undefined) return;
    throw new FileError('duplicate-meter', {
      file,
      line,
      field,
      expected: `each ${field} once`,
      found: `${excerpt(value)}, which is also on line ${earlier}`,
    });
  };
  await readCsv(source, {
    onHeader(names, line) {
      header = parseHeader(
        names,
        {
          required: ['gateway', 'area'],
          optional: ['channels', 'max_wh', 'connection_point', 'identity'],
        },
        { file, line },
      );
    },
    onRow(fields, line) {
      const at = (header as InventoryHeader).at;
      const text = (column: keyof typeof at) => fields[at[column]] ?? '';
      const place = { file, line };
      const gateway = parseGateway(text('gateway'), place);
      const meter = parseMeterRow(
        {
          meter: gateway,
          area: text('area'),
          channels: text('channels'),
          maxWh: text('max_wh'),
        },
        place,
      );
      const identity = parseIdentity(text('identity'), place);
      once('gateway', gateway, line);
      if (identity !== undefined) once('identity', identity, line);
      if (rows.length >= MAX_ROWS)
        throw new FileError('too-many-rows', {
          ...place,
          expected: `at most ${MAX_ROWS} gateways`,
          found: 'more',
        });
      rows.push({
        gateway,
        area: meter.area,
        channels: meter.channels ?? CHANNEL_NAMES.slice(0, 1),
        maxWh: meter.maxWh,
        connectionPoint: parsePoint(text('connection_point'), place) ?? pointOf(gateway),
        identity,
        line,
      });
    },
  });
  if (rows.length === 0)
    throw new FileError('file-empty', { file, expected: 'at least one gateway', found: 'none' });
  checkStreetsAreLeaves(rows, file);
  return rows;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * Of a row without `connection_point`: the same for the same gateway always. That two gateways of a
 * street of a thousand have one number is a chance of 1 in 8,000, and counts two homes as one.
 */
function pointOf(gateway: string): number {
  return createHash('sha256').update(gateway).digest().readUInt32LE(0);
}

function parseGateway(text: string, place: Place): string {
  if (GATEWAY_NAME.test(text)) return text;
  throw new FileError('bad-meter', {
    ...place,
    field: 'gateway',
    expected: '1 to 48 letters, digits, "_" or "-"',
    found: excerpt(text),
  });
}

function parseIdentity(text: string, place: Place): string | undefined {
  if (text === '') return undefined;
  if (/^[0-9a-fA-F]{64}$/u.test(text)) return text.toLowerCase();
  throw new FileError('bad-meter', {
    ...place,
    field: 'identity',
    expected: '64 hex digits, as the gateway prints them',
    found: excerpt(text),
  });
}

function parsePoint(text: string, place: Place): number | undefined {
  if (text === '') return undefined;
  const point = /^[0-9]{1,10}$/u.test(text) ? Number(text) : Number.NaN;
  if (point <= 0xffffffff) return point;
  throw new FileError('bad-value', {
    ...place,
    field: 'connection_point',
    expected: 'a whole number from 0 to 4294967295',
    found: excerpt(text),
  });
}

function checkStreetsAreLeaves(rows: readonly InventoryRow[], file: string): void {
  const streets = new Set<string>(rows.map(({ area }) => area));
  for (const { area, line } of rows) {
    for (let cut = area.lastIndexOf('/'); cut > 0; cut = area.lastIndexOf('/', cut - 1)) {
      const above = area.slice(0, cut);
      if (!streets.has(above)) continue;
      throw new FileError('bad-area', {
        file,
        line,
        field: 'area',
        expected: 'gateways only in streets, the lowest areas',
        found: `gateways in ${excerpt(above)} and in an area below it`,
      });
    }
  }
}
