// The header of a record, EN 13757-3:2018, 6.3 and 6.4: DIF and DIFEs (data field, function,
// storage number, tariff, subunit), VIF and VIFEs (quantity and what qualifies it).

import { other, type Quantity } from './quantity.ts';
import { hexByte, type Reader, TelegramError } from './reader.ts';
import { vendorQualifier, vendorQuantity, vendorWord } from './vendor.ts';
import { firstExtension } from './vif-fb.ts';
import { secondExtension } from './vif-fd.ts';
import { primaryVif } from './vif-primary.ts';
import { extendedQualifier, type Qualifier, qualifierOf } from './vife.ts';

/** Tables 6 and 11: at most ten extensions each. */
const MAX_EXTENSIONS = 10;
const EXTENSION = 0x80;
const MAX_PLAIN_VIF = 64;

export type RecordFunction = 'current' | 'max' | 'min' | 'error';
const FUNCTIONS: readonly RecordFunction[] = ['current', 'max', 'min', 'error'];

export interface RecordHeader {
  /** The low nibble of the DIF. */
  readonly dataField: number;
  readonly recordFunction: RecordFunction;
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  readonly quantity: Quantity;
  readonly qualifiers: readonly Qualifier[];
}

/** From the DIF on, which is none of the special functions (low nibble F). */
export function readRecordHeader(reader: Reader, manufacturer: string): RecordHeader {
  return { ...readDataInformation(reader), ...readValueInformation(reader, manufacturer) };
}

type DataInformation = Omit<RecordHeader, 'quantity' | 'qualifiers'>;

function readDataInformation(reader: Reader): DataInformation {
  const dif = reader.byte('a DIF');
  let storage = (dif >>> 6) & 1;
  let tariff = 0;
  let subunit = 0;
  let last = dif;
  for (let count = 0; (last & EXTENSION) !== 0; count++) {
    if (count === MAX_EXTENSIONS) throw tooMany('DIFEs', reader);
    last = reader.byte('a DIFE');
    // Storage numbers have up to 41 bits, so this multiplies and does not shift.
    storage += (last & 0x0f) * 2 ** (1 + 4 * count);
    tariff += ((last >>> 4) & 3) * 4 ** count;
    subunit += ((last >>> 6) & 1) * 2 ** count;
  }
  return {
    dataField: dif & 0x0f,
    recordFunction: FUNCTIONS[(dif >>> 4) & 3] as RecordFunction,
    storage,
    tariff,
    subunit,
  };
}

type ValueInformation = Pick<RecordHeader, 'quantity' | 'qualifiers'>;

function readValueInformation(reader: Reader, manufacturer: string): ValueInformation {
  const vif = reader.byte('a VIF');
  const code = vif & 0x7f;
  // The text of a plain-text VIF comes before its extensions.
  const plain = code === 0x7c ? readPlainVif(reader) : undefined;
  const extensions = (vif & EXTENSION) === 0 ? [] : readExtensions(reader);
  if (plain !== undefined)
    return { quantity: plain, qualifiers: qualify(extensions, manufacturer) };
  if (code === 0x7f) return vendorInformation(extensions, manufacturer);
  const tableOfVif = vif === 0xfb ? firstExtension : vif === 0xfd ? secondExtension : undefined;
  if (tableOfVif === undefined)
    return {
      quantity: primaryVif(code) ?? unknown(hexByte(code)),
      qualifiers: qualify(extensions, manufacturer),
    };
  const [first = 0, ...rest] = extensions;
  return {
    quantity: tableOfVif(first) ?? unknown(hexByte(vif) + hexByte(first)),
    qualifiers: qualify(rest, manufacturer),
  };
}

/** The codes of VIFEs, without their extension bits. */
function readExtensions(reader: Reader): readonly number[] {
  const codes: number[] = [];
  let last = EXTENSION;
  while ((last & EXTENSION) !== 0) {
    if (codes.length === MAX_EXTENSIONS) throw tooMany('VIFEs', reader);
    last = reader.byte('a VIFE');
    codes.push(last & 0x7f);
  }
  return codes;
}

function readPlainVif(reader: Reader): Quantity {
  const length = reader.byte('the length of a plain-text VIF');
  if (length > MAX_PLAIN_VIF)
    throw new TelegramError(
      'too-large',
      `a plain-text VIF of ${length} characters, expected at most ${MAX_PLAIN_VIF}`,
      reader.at - 1,
    );
  const text = String.fromCharCode(...reader.take(length, 'a plain-text VIF').toReversed());
  const name = text.replace(/[^\x20-\x7e]/gu, '?').trim();
  return { name: name === '' ? 'plain-text' : name, kind: 'measure', exponent: 0 };
}

function vendorInformation(codes: readonly number[], manufacturer: string): ValueInformation {
  const text = codesText(codes);
  const known = vendorQuantity(manufacturer, text);
  if (known !== undefined) return { quantity: known.quantity, qualifiers: known.qualifiers ?? [] };
  return { quantity: other(vendorWord(text), 'measure'), qualifiers: [] };
}

function qualify(codes: readonly number[], manufacturer: string): readonly Qualifier[] {
  const qualifiers: Qualifier[] = [];
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] as number;
    if (code === 0x7f) {
      // All that follows is the manufacturer's.
      qualifiers.push(vendorQualifier(manufacturer, codesText(codes.slice(at + 1))));
      break;
    }
    if (code === 0x7c) qualifiers.push(extendedQualifier(codes[++at] ?? 0));
    else qualifiers.push(qualifierOf(code));
  }
  return qualifiers;
}

function codesText(codes: readonly number[]): string {
  return codes.map(hexByte).join('');
}

function unknown(code: string): Quantity {
  return other(`vif-${code.toLowerCase()}`, 'measure');
}

function tooMany(what: string, reader: Reader): TelegramError {
  return new TelegramError(
    'bad-structure',
    `more than ${MAX_EXTENSIONS} ${what} in one record`,
    reader.at,
  );
}
