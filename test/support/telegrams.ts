// Telegrams of real meters, and what is in them. Nobody on the project wrote them: they stay outside
// the repository (../shared/data, or STREETWATT_DATA).

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import type { DecodeOptions, Protocol } from '../../src/gateway/decode/telegram.ts';

const DATA_FOLDER =
  process.env.STREETWATT_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
export const TELEGRAMS_FOLDER: string = `${DATA_FOLDER}/telegrams`;
const INDEX_FILE = `${TELEGRAMS_FOLDER}/index.json`;
const isPresent = existsSync(INDEX_FILE);
const isCi = process.env.CI === 'true';
if (!isPresent && !isCi) {
  console.warn(
    `\n!!! TESTS ON REAL TELEGRAMS ARE SKIPPED: no ${INDEX_FILE} (set STREETWATT_DATA)\n`,
  );
}

/** Like `describe`; skipped loudly where the real telegrams are absent, and failing there in CI. */
export function describeWithTelegrams(name: string, body: () => void): void {
  if (isPresent) describe(name, body);
  else if (isCi) {
    it(`${name} needs the real telegrams`, () => {
      throw new Error(`no ${INDEX_FILE}: set STREETWATT_DATA`);
    });
  } else describe.skip(`${name} (skipped: no folder of real telegrams)`, body);
}

export type Kind = 'positive' | 'edge' | 'header-only' | 'derived' | 'negative';

/** As index.json has it. */
export interface TelegramItem {
  readonly file: string;
  readonly protocol: Protocol;
  readonly vendor_group: string;
  readonly variant: string;
  readonly kind: Kind;
  readonly encoding: string;
  readonly keys: {
    readonly encryption_key?: string;
    readonly authentication_key?: string;
  } | null;
  /** Differs between protocols. */
  // biome-ignore lint/suspicious/noExplicitAny: a document of others, read by the tests that know it
  readonly expected: any;
  readonly notes: string | null;
}

/** None where the folder is absent. */
export function telegramItems(...protocols: readonly Protocol[]): readonly TelegramItem[] {
  if (!isPresent) return [];
  const { items } = JSON.parse(readFileSync(INDEX_FILE, 'utf8')) as { items: TelegramItem[] };
  return items.filter(({ protocol }) => protocols.length === 0 || protocols.includes(protocol));
}

export function readTelegram({ file }: TelegramItem): Uint8Array {
  return new Uint8Array(readFileSync(`${TELEGRAMS_FOLDER}/${file}`));
}

export function keysOf({ keys }: TelegramItem): DecodeOptions {
  return {
    ...(keys?.encryption_key !== undefined && { key: bytesOf(keys.encryption_key) }),
    ...(keys?.authentication_key !== undefined && { authKey: bytesOf(keys.authentication_key) }),
  };
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
