// OBIS codes (IEC 62056-6-1, EN 13757-1): A medium, B channel, C quantity, D processing, E tariff,
// F storage. Written `A-B:C.D.E*F`; `*255` (current) is left out here, as P1 does, and short forms
// of IEC 62056-21 (`1.8.0`, `16.7`, `C.1.0`) leave out more.

export interface Obis {
  /** undefined where the short form leaves it out. */
  readonly medium?: number;
  readonly channel?: number;
  readonly quantity: number;
  readonly processing: number;
  readonly tariff?: number;
  readonly storage?: number;
}

const CODE =
  /^(?:(\d{1,3})-(\d{1,3}):)?([\dCFLP]{1,3})\.([\dF]{1,3})(?:\.(\d{1,3}))?(?:[*&](\d{1,3}))?$/u;
/** IEC 62056-21 writes the quantities 96 to 99 as letters. */
const LETTERS: Readonly<Record<string, number>> = { C: 96, F: 97, L: 98, P: 99 };

/** undefined where `text` is no OBIS code. */
export function parseObis(text: string): Obis | undefined {
  if (text.length > 32) return undefined;
  const found = CODE.exec(text);
  if (found === null) return undefined;
  const [medium, channel, quantity, processing, tariff, storage] = found.slice(1).map(numberOf);
  const fields = [medium, channel, quantity, processing, tariff, storage];
  if (fields.some((field) => field !== undefined && !(field <= 255))) return undefined;
  return {
    ...(medium !== undefined && { medium }),
    ...(channel !== undefined && { channel }),
    quantity: quantity as number,
    processing: processing as number,
    ...(tariff !== undefined && { tariff }),
    ...(storage !== undefined && { storage }),
  };
}

/** The six bytes of SML and DLMS: `1-0:1.8.0`, `1-0:96.50.1*1`; @throws RangeError on fewer. */
export function printObis(bytes: Uint8Array): string {
  if (bytes.length !== 6) throw new RangeError(`bytes: expected 6, found ${bytes.length}`);
  const [medium, channel, quantity, processing, tariff, storage] = bytes;
  const code = `${medium}-${channel}:${quantity}.${processing}.${tariff}`;
  return storage === 255 ? code : `${code}*${storage}`;
}

/** A code as sent, without `*255`. */
export function shortenObis(text: string): string {
  return text.replace(/[*&]255$/u, '');
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return LETTERS[text] ?? (/^\d+$/u.test(text) ? Number(text) : Number.NaN);
}
