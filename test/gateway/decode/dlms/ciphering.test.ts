import { expect, it } from 'vitest';
import { concatBytes, toHex } from '../../../../src/core/bytes.ts';
import type { DecodeOptions } from '../../../../src/gateway/decode/telegram.ts';
import {
  AUTH_KEY,
  bytesOf,
  cipher,
  hdlcSegments,
  KEY,
  mbusSegments,
  plainMessage,
  TITLE,
} from './build.ts';
import { decodeAll, decodeOne, outcomes } from './decode-all.ts';

const MESSAGE = plainMessage();
const BOTH: DecodeOptions = { key: KEY, authKey: AUTH_KEY };
const UNVERIFIED = 'the authentication tag is not verified: no authentication key given';

it('opens general-glo- and general-ded-ciphering, verified', () => {
  for (const tag of [0xdb, 0xdc])
    for (const control of [0x30, 0x31, 0x70]) {
      const telegram = decodeOne(cipher(MESSAGE, { tag, control }), BOTH);
      expect(telegram).toMatchObject({ importWh: 12_345, meter: 'METER1', warnings: [] });
      expect(telegram.registers.get('system-title')?.value).toBe(toHex(TITLE));
      expect(telegram.registers.get('security-control')?.value).toBe(control);
      expect(telegram.registers.get('frame-counter')?.value).toBe(0x0102);
    }
});

it('opens what is encrypted only, without any tag', () => {
  const telegram = decodeOne(cipher(MESSAGE, { control: 0x20 }), { key: KEY });
  expect(telegram).toMatchObject({ importWh: 12_345, warnings: [] });
});

it('shows the values with a warning where the authentication key is not given', () => {
  const telegram = decodeOne(cipher(MESSAGE), { key: KEY });
  expect(telegram).toMatchObject({ importWh: 12_345, warnings: [UNVERIFIED] });
});

it('reads what is authenticated and not encrypted, and verifies it with both keys', () => {
  const message = cipher(MESSAGE, { control: 0x10 });
  expect(decodeOne(message, BOTH).warnings).toEqual([]);
  expect(decodeOne(message).warnings).toEqual([
    'the authentication tag is not verified: it takes both keys',
  ]);
  const altered = message.slice();
  altered[40] = (altered[40] as number) ^ 1;
  expect(outcomes(altered, BOTH)).toEqual([expect.stringMatching(/^bad-key/u)]);
});

it('opens general-ciphering, whose own fields the tag covers as well', () => {
  const options = {
    tag: 0xdd,
    // Transaction 8 bytes; then no recipient, date-time or other information.
    before: bytesOf('08 0102030405060708'),
    after: bytesOf('00 00 00'),
    keyInfo: bytesOf('00'),
  };
  const message = cipher(MESSAGE, options);
  expect(decodeOne(message, BOTH)).toMatchObject({ importWh: 12_345, warnings: [] });
  const otherTransaction = message.slice();
  otherTransaction[2] = 0xff;
  expect(outcomes(otherTransaction, BOTH)).toEqual([expect.stringMatching(/^bad-key/u)]);
  const identified = cipher(MESSAGE, { ...options, keyInfo: bytesOf('01 00 00') });
  expect(decodeOne(identified, BOTH).importWh).toBe(12_345);
  const agreed = cipher(MESSAGE, { ...options, keyInfo: bytesOf('01 02 01 00 00') });
  expect(outcomes(agreed, BOTH)).toEqual([expect.stringMatching(/^unsupported/u)]);
});

it('opens what comes in segments of either kind', () => {
  const message = cipher(MESSAGE);
  expect(decodeOne(concatBytes(...hdlcSegments(message, 33)), BOTH).importW).toBe(678);
  expect(decodeOne(concatBytes(...mbusSegments(message, 33)), BOTH).importW).toBe(678);
});

it('says what the header says where no key is given', () => {
  const telegram = decodeOne(cipher(MESSAGE));
  expect(telegram).toMatchObject({
    meter: toHex(TITLE),
    warnings: ['the telegram is encrypted and authenticated, and no key is given'],
  });
  expect(telegram.importWh).toBeUndefined();
  expect([...telegram.registers.keys()]).toEqual([
    'system-title',
    'security-control',
    'frame-counter',
  ]);
});

it('names a wrong key in one sentence, verified or not', () => {
  const wrong = KEY.map((byte) => byte ^ 0x11);
  expect(outcomes(cipher(MESSAGE), { key: wrong })).toEqual([
    'bad-key: what was decrypted is no DLMS notification: the key does not fit',
  ]);
  const mismatch =
    'bad-key: the authentication tag does not match: a wrong key, or altered content';
  expect(outcomes(cipher(MESSAGE), { key: wrong, authKey: AUTH_KEY })).toEqual([mismatch]);
  expect(outcomes(cipher(MESSAGE), { key: KEY, authKey: wrong })).toEqual([mismatch]);
  expect(outcomes(cipher(MESSAGE), { key: KEY.subarray(1) })).toEqual([
    'bad-key: expected an encryption key of 16 bytes, found 15',
  ]);
});

it('refuses altered content wherever it was altered', () => {
  const message = cipher(MESSAGE);
  for (let at = 2; at < message.length; at++) {
    const altered = message.slice();
    altered[at] = (altered[at] as number) ^ 0x10;
    expect(outcomes(altered, BOTH)).not.toContain('telegram');
  }
});

it('says plainly what it does not open', () => {
  expect(outcomes(cipher(MESSAGE, { control: 0xb0 }), BOTH)).toEqual([
    'unsupported: compressed content (V.44)',
  ]);
  expect(outcomes(cipher(MESSAGE, { control: 0x32 }), BOTH)).toEqual([
    'unsupported: security suite 2, of AES-256',
  ]);
  const framed = concatBytes(...hdlcSegments(bytesOf('ca 15 30 00000001 112233'), 99));
  expect(outcomes(framed, BOTH)).toEqual([
    expect.stringContaining('glo-event-notification-request, which does not tell'),
  ]);
});

it('shows keys in no telegram and in no damage', () => {
  const wrong = AUTH_KEY.map((byte) => byte ^ 0x3c);
  const results = [
    decodeAll(cipher(MESSAGE), BOTH),
    decodeAll(cipher(MESSAGE), { key: wrong }),
    decodeAll(cipher(MESSAGE), { key: KEY, authKey: wrong }),
    decodeAll(cipher(MESSAGE).subarray(0, 50), BOTH),
  ];
  const shown = JSON.stringify(results, (_, value) =>
    value instanceof Map ? [...value] : value,
  ).toLowerCase();
  for (const key of [KEY, AUTH_KEY, wrong]) {
    expect(shown).not.toContain(toHex(key));
    expect(shown).not.toContain([...key].join(','));
  }
});
