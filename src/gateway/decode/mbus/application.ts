// The application layer, wired and wireless: EN 13757-7:2018, 5 (CI field) and 7 (transport layer),
// EN 13757-3:2018, 6 (variable data), 10 (application errors), and annex G (compact frames).

import type { DecodeOptions, Protocol, Telegram } from '../telegram.ts';
import type { MeterAddress } from './address.ts';
import { applicationError } from './application-error.ts';
import { expandCompactFrame } from './compact-frame.ts';
import { FIXED_DATA_BYTES, readFixedData } from './fixed-data.ts';
import { hexByte, Reader, TelegramError } from './reader.ts';
import { readVariableData, type VariableData } from './records.ts';
import { type MessageAuthentication, unlock } from './security.ts';
import { type MeterReading, telegramOf } from './telegram-of.ts';
import { readTransportHeader, type TransportHeader } from './transport-header.ts';
import { vendorLayout, vendorRecord } from './vendor-layout.ts';

export interface ApplicationContext {
  readonly protocol: Protocol;
  /** Of the wireless link layer. */
  readonly linkAddress?: MeterAddress;
  readonly authentication?: MessageAuthentication;
  /** A lower layer was encrypted, and was opened. */
  readonly isOpened?: boolean;
  /** Public: what a manufacturer gives to all its meters. Tried where no key is given. */
  readonly factoryKey?: Uint8Array;
  readonly options: DecodeOptions;
  readonly warnings: readonly string[];
}

type Content = 'records' | 'compact' | 'format' | 'error' | 'alarm' | 'fixed' | 'nothing';
type HeaderLength = 'none' | 'short' | 'long';

interface Kind {
  readonly content: Content;
  readonly header: HeaderLength;
  readonly isMsbFirst?: true;
  readonly isToMeter?: true;
}

const KINDS: Readonly<Record<number, Kind>> = {
  81: { content: 'records', header: 'none', isToMeter: true },
  85: { content: 'records', header: 'none', isToMeter: true, isMsbFirst: true },
  90: { content: 'records', header: 'short', isToMeter: true },
  91: { content: 'records', header: 'long', isToMeter: true },
  105: { content: 'format', header: 'none' },
  106: { content: 'format', header: 'short' },
  107: { content: 'format', header: 'long' },
  110: { content: 'error', header: 'short' },
  111: { content: 'error', header: 'long' },
  112: { content: 'error', header: 'none' },
  113: { content: 'alarm', header: 'none' },
  114: { content: 'records', header: 'long' },
  115: { content: 'compact', header: 'long' },
  116: { content: 'alarm', header: 'short' },
  117: { content: 'alarm', header: 'long' },
  118: { content: 'records', header: 'long', isMsbFirst: true },
  119: { content: 'fixed', header: 'none', isMsbFirst: true },
  120: { content: 'records', header: 'none' },
  121: { content: 'compact', header: 'none' },
  122: { content: 'records', header: 'short' },
  123: { content: 'compact', header: 'short' },
  138: { content: 'nothing', header: 'short' },
  139: { content: 'nothing', header: 'long' },
};

export function isApplicationCi(ci: number): boolean {
  return Object.hasOwn(KINDS, ci);
}

/** `bytes` from the CI field on. @throws TelegramError */
export function readApplication(bytes: Uint8Array, context: ApplicationContext): Telegram {
  const reader = new Reader(bytes);
  const ci = reader.byte('a CI field');
  const kind = kindOf(ci, bytes.length, context.protocol);
  if (kind.content === 'fixed') return readFixed(reader, kind, context);
  const header =
    kind.header === 'none' ? undefined : readTransportHeader(reader, kind.header === 'long');
  const address = header?.address ?? context.linkAddress;
  const reading: MeterReading = {
    protocol: context.protocol,
    ...(address !== undefined && { address }),
    ...(header !== undefined && { accessNumber: header.accessNumber, status: header.status }),
    ...(kind.isToMeter === true && { isToMeter: true }),
    warnings: context.warnings,
  };
  return telegramOf({ ...reading, ...readContent({ kind, reader, header, address, context }) });
}

interface ContentInput {
  readonly kind: Kind;
  readonly reader: Reader;
  readonly header: TransportHeader | undefined;
  readonly address: MeterAddress | undefined;
  readonly context: ApplicationContext;
}

type ContentOutput = Pick<MeterReading, 'data' | 'more' | 'warnings'>;

function readContent({ kind, reader, header, address, context }: ContentInput): ContentOutput {
  const { options } = context;
  const isRequired = options.checksums === 'require';
  let message: Uint8Array | undefined = reader.bytes;
  let encryptedEnd = message.length;
  let { warnings } = context;
  if (header !== undefined) {
    const { authentication } = context;
    const unlocked = unlock(
      { message, dataStart: reader.at, header, address: address?.linkOrder, authentication },
      {
        key: options.key,
        factoryKey: context.factoryKey,
        isClearRefused: isRequired && context.isOpened !== true,
      },
    );
    ({ message, encryptedEnd } = unlocked);
    warnings = [...warnings, ...unlocked.warnings];
  } else if (isRequired && options.key !== undefined && context.isOpened !== true) {
    throw new TelegramError(
      'bad-key',
      'a key is given, and the telegram is not encrypted',
      reader.at,
    );
  }
  if (message === undefined) return { warnings };
  const { at: start } = reader;
  const manufacturer = address?.manufacturer ?? '';
  if (kind.content === 'error') {
    const text = applicationError(message[start]);
    const more = [['application-error', { value: text }]] as const;
    return { more, warnings: [...warnings, `the meter reports an application error: ${text}`] };
  }
  if (kind.content === 'alarm') {
    const more = [['alarm', { value: message[start] ?? 0 }]] as const;
    return { more, warnings: [...warnings, 'an alarm, without a reading'] };
  }
  if (kind.content === 'format')
    return { warnings: [...warnings, 'the format of compact frames, without a reading'] };
  if (kind.content === 'nothing') return { warnings: [...warnings, 'no application data'] };
  const layout = vendorLayout(address, message.subarray(start));
  if (layout !== undefined) return { more: layout, warnings };
  if (kind.content === 'compact') {
    const full = expandCompactFrame(message.subarray(start));
    if (typeof full === 'string') return { warnings: [...warnings, full] };
    return { data: readVariableData(full, { manufacturer, start: 0 }), warnings };
  }
  const data = readVariableData(message, {
    manufacturer,
    start,
    encryptedEnd,
    ...(kind.isMsbFirst === true && { isMsbFirst: true }),
  });
  return withVendorData(data, address, warnings);
}

/** What is behind 0F may be known as well. */
function withVendorData(
  data: VariableData,
  address: MeterAddress | undefined,
  warnings: readonly string[],
): ContentOutput {
  const more = vendorLayout(address, Uint8Array.of(0x0f, ...data.vendorData));
  const found = [
    ...(more ?? []),
    ...data.records.flatMap((record) => vendorRecord(address, record)),
  ];
  return found.length === 0 ? { data, warnings } : { data, more: found, warnings };
}

function readFixed(reader: Reader, kind: Kind, context: ApplicationContext): Telegram {
  const { address, accessNumber, status, records } = readFixedData(
    reader,
    kind.isMsbFirst === true,
  );
  const data = {
    records,
    vendorData: new Uint8Array(0),
    moreFollows: false,
    warnings: [],
  };
  const { protocol, warnings } = context;
  return telegramOf({ protocol, address, accessNumber, status, data, warnings });
}

const FIXED: Kind = { content: 'fixed', header: 'none' };

function kindOf(ci: number, length: number, protocol: Protocol): Kind {
  // On the wire 73 is the old fixed structure, of just that length; in the air a compact frame.
  if (ci === 0x73 && protocol === 'mbus' && length === 1 + FIXED_DATA_BYTES) return FIXED;
  const kind = Object.hasOwn(KINDS, ci) ? KINDS[ci] : undefined;
  if (kind === undefined) throw new TelegramError('unsupported', unsupportedText(ci), 0);
  return kind;
}

function unsupportedText(ci: number): string {
  const what = `application data of CI ${hexByte(ci)}`;
  if (ci <= 0x1f) return `${what}: DLMS in M-Bus framing`;
  if (ci === 0x7c || ci === 0x7d || ci === 0x60 || ci === 0x61) return `${what}: DLMS`;
  if (ci === 0x7e || ci === 0x7f || ci === 0x64 || ci === 0x65) return `${what}: SML`;
  return ci >= 0xa0 && ci <= 0xb7 ? `${what}: the manufacturer's own` : what;
}
