// Variable data, EN 13757-3:2018, 6.2: records one after another, idle filler (2F), data of the
// manufacturer's own making up to the end (0F, 1F), and the hint that more telegrams follow (1F).

import { type DataField, readDataField } from './data-field.ts';
import { hexByte, Reader, TelegramError } from './reader.ts';
import { type RecordHeader, readRecordHeader } from './record-header.ts';

export interface DataRecord extends RecordHeader {
  readonly data: DataField;
}

export interface VariableData {
  readonly records: readonly DataRecord[];
  /** Behind 0F or 1F. */
  readonly vendorData: Uint8Array;
  /** The meter has more than fits into one telegram. */
  readonly moreFollows: boolean;
  readonly warnings: readonly string[];
}

export interface VariableDataOptions {
  readonly manufacturer: string;
  readonly start: number;
  /** Where encrypted data ended: what is behind it may be anything at all. */
  readonly encryptedEnd?: number;
  /** Mode 2 of the data transfer (CI 76): numbers have their most significant byte first. */
  readonly isMsbFirst?: boolean;
}

const IDLE_FILLER = 0x2f;
const VENDOR_DATA = 0x0f;
const VENDOR_DATA_MORE = 0x1f;
const GLOBAL_READOUT = 0x7f;

/** @throws TelegramError */
export function readVariableData(bytes: Uint8Array, options: VariableDataOptions): VariableData {
  const { manufacturer, start, encryptedEnd, isMsbFirst } = options;
  const reader = new Reader(bytes, start);
  const records: DataRecord[] = [];
  const warnings: string[] = [];
  let vendorData: Uint8Array = new Uint8Array(0);
  let moreFollows = false;
  while (reader.left > 0) {
    const recordStart = reader.at;
    const dif = bytes[recordStart] as number;
    if (dif === IDLE_FILLER) {
      reader.at++;
      continue;
    }
    if (dif === VENDOR_DATA || dif === VENDOR_DATA_MORE) {
      reader.at++;
      moreFollows = dif === VENDOR_DATA_MORE;
      vendorData = reader.take(reader.left, 'vendor data');
      break;
    }
    try {
      if ((dif & 0x0f) === 0x0f) throw specialFunction(dif, recordStart);
      const header = readRecordHeader(reader, manufacturer);
      records.push({ ...header, data: readDataField(reader, header.dataField, isMsbFirst) });
    } catch (error) {
      // Some meters append a checksum of their own to what is encrypted.
      if (!(error instanceof TelegramError) || recordStart < (encryptedEnd ?? bytes.length))
        throw error;
      warnings.push(`${bytes.length - recordStart} bytes behind the encrypted data are no record`);
      break;
    }
  }
  return { records, vendorData, moreFollows, warnings };
}

function specialFunction(dif: number, at: number): TelegramError {
  return dif === GLOBAL_READOUT
    ? new TelegramError('unsupported', 'a request for a global readout, which has no values', at)
    : new TelegramError('bad-structure', `the reserved DIF ${hexByte(dif)}`, at);
}
