// Messages that meters push: data-notification (0f) and event-notification-request (c2),
// IEC 62056-5-3, 7.3.10 and 7.3.11; Green Book 9.3.10 and 9.3.11.

import { type Data, DataReader, type Dialect } from './axdr.ts';
import { Malformed, Reader } from './reader.ts';

export const DATA_NOTIFICATION = 0x0f;
export const EVENT_NOTIFICATION = 0xc2;

const OCTET_STRING = 9;
const DATE_TIME_BYTES = 12;
const CODE_BYTES = 6;
/** Ciphered with the title that was agreed on when the meter was connected to: not a push. */
const CIPHERED_SERVICES: Readonly<Record<number, string>> = {
  202: 'glo-event-notification-request',
  210: 'ded-event-notification-request',
};
const DIALECTS: readonly Dialect[] = ['standard', 'bare-descriptors', 'swapped-codes'];

export interface Notification {
  /** 12 bytes, as sent. */
  readonly dateTime?: Uint8Array;
  readonly data: Data;
  /** Behind its last byte, in what was read. */
  readonly end: number;
}

export function isNotification(tag: number | undefined): boolean {
  return tag === DATA_NOTIFICATION || tag === EVENT_NOTIFICATION;
}

/**
 * `isWhole`: nothing may follow. Tries the vendors' dialects where the standard's reading fails, and
 * tells what that one said; @throws Malformed.
 */
export function readNotification(bytes: Uint8Array, at: number, isWhole: boolean): Notification {
  const tag = bytes[at];
  if (!isNotification(tag)) throw notPushed(tag, at);
  let first: unknown;
  for (const dialect of DIALECTS) {
    try {
      const reader = new Reader(bytes, at + 1);
      const found = tag === DATA_NOTIFICATION ? dataOf(reader, dialect) : eventOf(reader, dialect);
      if (!isWhole || reader.left === 0) return { ...found, end: reader.at };
      const detail = `expected the end of the message, found ${reader.left} more bytes`;
      throw new Malformed('bad-structure', detail, reader.at);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      first ??= error;
    }
  }
  throw first;
}

function dataOf(reader: Reader, dialect: Dialect): Omit<Notification, 'end'> {
  // The invoke id, of no use in a push.
  reader.take(4);
  const dateTime = pushTime(reader);
  const data = new DataReader(reader, dialect).read();
  return { ...(dateTime !== undefined && { dateTime }), data };
}

function eventOf(reader: Reader, dialect: Dialect): Omit<Notification, 'end'> {
  const dateTime = reader.u8() === 0 ? undefined : pushTime(reader);
  // The class; the attribute comes behind the code.
  reader.take(2);
  const code: Data = { kind: 'octets', bytes: reader.take(CODE_BYTES) };
  reader.take(1);
  const value = new DataReader(reader, dialect).read();
  const data: Data = { kind: 'list', items: [code, value] };
  return { ...(dateTime !== undefined && { dateTime }), data };
}

/** An octet string of 0 or 12 bytes; Kaifa in Norway writes its type before it. */
function pushTime(reader: Reader): Uint8Array | undefined {
  const at = reader.at;
  if (reader.peek() === OCTET_STRING && reader.peek(1) === DATE_TIME_BYTES) reader.take(1);
  const length = reader.u8();
  if (length === 0) return undefined;
  if (length === DATE_TIME_BYTES) return reader.take(length);
  throw new Malformed('bad-structure', `expected a date of 0 or 12 bytes, found ${length}`, at);
}

function notPushed(tag: number | undefined, at: number): Malformed {
  if (tag === undefined) return new Malformed('cut-short', 'expected a message, found none', at);
  const service = CIPHERED_SERVICES[tag];
  if (service !== undefined)
    return new Malformed('unsupported', `${service}, which does not tell the system title`, at);
  const found = `0x${tag.toString(16).padStart(2, '0')}`;
  return new Malformed('unsupported', `expected a notification, found message ${found}`, at);
}
