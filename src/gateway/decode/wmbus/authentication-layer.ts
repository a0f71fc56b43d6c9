// The authentication and fragmentation layer (AFL, CI 90): EN 13757-7:2018, 6 and OMS Specification
// volume 2, 6. It carries the message counter that keys are derived from, and a MAC.

import { hexByte, Reader, TelegramError } from '../mbus/reader.ts';
import type { MessageAuthentication } from '../mbus/security.ts';

export const AUTHENTICATION_CI = 0x90;

export interface AuthenticationLayer {
  readonly authentication: MessageAuthentication | undefined;
  /** From the next CI field on. */
  readonly payload: Uint8Array;
}

const MORE_FRAGMENTS = 0x4000;
const HAS_CONTROL = 0x2000;
const HAS_LENGTH = 0x1000;
const HAS_COUNTER = 0x0800;
const HAS_MAC = 0x0400;
const HAS_KEY_INFORMATION = 0x0200;
const FRAGMENT = 0x00ff;

/** AFL.MCL.AT: AES-CMAC-128 cut to so many bytes. */
const MAC_BYTES: Readonly<Record<number, number>> = { 3: 2, 4: 4, 5: 8, 6: 12, 7: 16 };

/** `bytes` from the CI field on. @throws TelegramError */
export function readAuthenticationLayer(bytes: Uint8Array): AuthenticationLayer {
  const outer = new Reader(bytes, 1);
  const length = outer.byte('the length of the authentication layer');
  const reader = new Reader(outer.take(length, 'the authentication layer'));
  const fragment = reader.word('the fragmentation control');
  if ((fragment & MORE_FRAGMENTS) !== 0 || (fragment & FRAGMENT) > 1)
    throw new TelegramError(
      'unsupported',
      `fragment ${fragment & FRAGMENT} of a message of several`,
      reader.at,
    );
  const has = (flag: number): boolean => (fragment & flag) !== 0;
  const control = has(HAS_CONTROL) ? reader.byte('the message control') : undefined;
  if (has(HAS_KEY_INFORMATION)) reader.take(2, 'the key information');
  const counter = has(HAS_COUNTER) ? reader.take(4, 'the message counter') : undefined;
  const mac = has(HAS_MAC) ? reader.take(macBytes(control), 'the MAC') : undefined;
  const messageLength = has(HAS_LENGTH) ? reader.take(2, 'the message length') : undefined;
  const payload = outer.take(outer.left, 'the message');
  if (control === undefined) return { authentication: undefined, payload };
  const authentication = {
    control,
    ...(counter !== undefined && { counter }),
    ...(mac !== undefined && { mac }),
    ...(messageLength !== undefined && { length: messageLength }),
  };
  return { authentication, payload };
}

function macBytes(control: number | undefined): number {
  const type = (control ?? 0) & 0x0f;
  const found = MAC_BYTES[type];
  if (found === undefined)
    throw new TelegramError('unsupported', `a MAC of the authentication type ${hexByte(type)}`, 0);
  return found;
}
