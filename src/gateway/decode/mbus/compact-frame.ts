// Compact frames (CI 73, 79, 7B), EN 13757-3:2018 annex G: values without their DIFs and VIFs,
// which the receiver knows from an earlier full frame by a signature, the CRC over them.
//
// A decoder here has no memory, so formats that are public stand in a table. A CRC over the whole
// full frame proves that the right one was taken.

import { crcEn13757 } from './crc-en13757.ts';
import { readDataField } from './data-field.ts';
import { hexByte, Reader, TelegramError } from './reader.ts';
import { readRecordHeader } from './record-header.ts';

const FILLER = 0x2f;

/** DIFs and VIFs one after another, of Kamstrup's meters. */
const FORMATS: readonly string[] = [
  // OmniPower (8C13): energy and power, to and from the customer.
  '040404843c042b04ab3c',
  // Multical 302 (F1E7): energy, volume, energy and date of the due date, power, info.
  '030643060314426c022d01ff21',
  // Multical 21 (A8ED): info, volume, volume at the due date, temperatures.
  '02ff2004134413615b6167',
];

let bySignature: ReadonlyMap<number, Uint8Array> | undefined;

/** The full frame's records, or a sentence on why they are not to be had. @throws TelegramError */
export function expandCompactFrame(data: Uint8Array): Uint8Array | string {
  // Encrypted ones begin with the filler that proves the key.
  const start = data[0] === FILLER && data[1] === FILLER ? 2 : 0;
  const reader = new Reader(data, start);
  const signature = reader.word('the format signature');
  const fullCrc = reader.word('the CRC of the full frame');
  const format = formats().get(signature);
  if (format === undefined) {
    const name = hexByte(signature >>> 8) + hexByte(signature & 0xff);
    return `a compact frame of the unknown format ${name}: its values need the full frame before it`;
  }
  const full = interleave(format, reader);
  if (crcEn13757(full) !== fullCrc)
    throw new TelegramError(
      'bad-checksum',
      'the CRC of the compact frame does not match',
      start + 2,
    );
  return full;
}

function interleave(format: Uint8Array, values: Reader): Uint8Array {
  const full: number[] = [];
  const headers = new Reader(format);
  while (headers.left > 0) {
    const headerStart = headers.at;
    const { dataField } = readRecordHeader(headers, '');
    full.push(...format.subarray(headerStart, headers.at));
    const valueStart = values.at;
    readDataField(values, dataField);
    full.push(...values.bytes.subarray(valueStart, values.at));
  }
  // What is left are further bytes of the full frame, as padding.
  full.push(...values.bytes.subarray(values.at));
  return Uint8Array.from(full);
}

function formats(): ReadonlyMap<number, Uint8Array> {
  bySignature ??= new Map(
    FORMATS.map((text) => {
      const bytes = Uint8Array.from(text.match(/../gu) ?? [], (hex) => Number.parseInt(hex, 16));
      return [crcEn13757(bytes), bytes];
    }),
  );
  return bySignature;
}
