// The transport layer's header, EN 13757-7:2018, 7: none, short (access number, status,
// configuration) or long (with the meter's address before them), and the configuration field's
// security mode (7.6) with its extension.

import { type MeterAddress, readLongAddress } from './address.ts';
import type { Reader } from './reader.ts';

export interface TransportHeader {
  /** Of the long header. */
  readonly address?: MeterAddress;
  readonly accessNumber: number;
  readonly status: number;
  readonly securityMode: number;
  /** Bits 4 to 7 of the configuration, for modes 5 and 7: how many blocks of 16 bytes. */
  readonly encryptedBlocks: number;
  /** Modes 7 and 13: the second part of the configuration. */
  readonly configurationExtension: number;
}

export function readTransportHeader(reader: Reader, isLong: boolean): TransportHeader {
  const address = isLong ? readLongAddress(reader) : undefined;
  const accessNumber = reader.byte('the access number');
  const status = reader.byte('the status');
  const configuration = reader.word('the configuration field');
  const securityMode = (configuration >>> 8) & 0x1f;
  const hasExtension = securityMode === 7 || securityMode === 13;
  return {
    ...(address !== undefined && { address }),
    accessNumber,
    status,
    securityMode,
    encryptedBlocks: (configuration >>> 4) & 0x0f,
    configurationExtension: hasExtension ? reader.byte('the configuration extension') : 0,
  };
}

const STATES = ['', 'the application is busy', 'an application error', 'an abnormal condition'];

/** What the status byte reports, EN 13757-7 tables 16 and 17; empty where all is well. */
export function statusText(status: number): string {
  const found = [STATES[status & 3] as string];
  if ((status & 0x04) !== 0) found.push('low power');
  if ((status & 0x08) !== 0) found.push('a permanent error');
  if ((status & 0x10) !== 0) found.push('a temporary error');
  if ((status & 0xe0) !== 0) found.push("the manufacturer's own state");
  return found.filter((part) => part !== '').join(', ');
}
