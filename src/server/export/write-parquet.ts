// Parquet, a row group at a time: what is written goes out before the next group is gathered. What the
// file is stands in its key-value metadata.

import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ExportMetadata } from './export-metadata.ts';
import {
  type ColumnType,
  EXPORT_COLUMNS,
  type ExportColumn,
  type ExportRecord,
} from './export-record.ts';

const ROW_GROUP_ROWS = 10_000;

export async function* writeParquet(
  batches: AsyncIterable<readonly ExportRecord[]>,
  metadata: ExportMetadata,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: PARQUET_SCHEMA,
    kvMetadata: keyValues(metadata),
    createdBy: 'streetwatt',
  });
  let gathered: ExportRecord[] = [];
  for await (const batch of batches) {
    gathered.push(...batch);
    if (gathered.length < ROW_GROUP_ROWS) continue;
    await writeGroup(writer, gathered);
    gathered = [];
    yield take(bytes);
  }
  if (gathered.length > 0) await writeGroup(writer, gathered);
  await writer.finish();
  yield take(bytes);
}

async function writeGroup(writer: ParquetWriter, records: readonly ExportRecord[]): Promise<void> {
  await writer.write({
    columnData: EXPORT_COLUMNS.map((column) => ({
      name: column.name,
      data: records.map((record) => parquetValue(column, record[column.name] ?? null)),
    })),
    rowGroupSize: records.length,
  });
}

/** The writer's offset counts on; only its buffer starts again. */
function take(bytes: ByteWriter): Uint8Array {
  const taken = bytes.getBytes().slice();
  bytes.index = 0;
  return taken;
}

function parquetValue(
  { type }: ExportColumn,
  value: string | number | boolean | null,
): string | number | bigint | boolean | Date | null {
  if (value === null) return null;
  if (type === 'time') return new Date(value as number);
  return type === 'energy' || type === 'count' ? BigInt(value as number) : value;
}

const TYPES: Readonly<Record<ColumnType, Partial<SchemaElement>>> = {
  // Both, since some readers know only the older words, which cannot say "UTC".
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  count: { type: 'INT64' },
  energy: { type: 'INT64' },
  share: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
};

const PARQUET_SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: EXPORT_COLUMNS.length },
  ...EXPORT_COLUMNS.map(
    ({ name, type, isNullable }): SchemaElement => ({
      name,
      repetition_type: isNullable ? 'OPTIONAL' : 'REQUIRED',
      ...TYPES[type],
    }),
  ),
];

/** Everything as JSON under one key, and the plain texts under keys of their own, to be read at once. */
function keyValues(metadata: ExportMetadata): { key: string; value: string }[] {
  const pairs = Object.entries(metadata).flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'number'
      ? [{ key: `streetwatt.${key}`, value: String(value) }]
      : [],
  );
  return [{ key: 'streetwatt', value: JSON.stringify(metadata) }, ...pairs];
}
