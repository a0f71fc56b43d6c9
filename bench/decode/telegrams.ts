// Telegrams to time decoders on: of real meters where their folder is there (../shared/data, or
// STREETWATT_DATA), for the protocols that have some; else the tests' own.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromHex, utf8 } from '../../src/core/bytes.ts';
import { type CaptureForm, captureForms } from '../../src/gateway/decode/capture.ts';
import type { DecodeOptions, Decoder, Protocol } from '../../src/gateway/decode/telegram.ts';
import { sessionOf } from '../../test/gateway/decode/c1219/build.ts';
import { MEMBERS, overTcp, report } from '../../test/gateway/decode/iec61850/build.ts';
import { mirrorUsagePoint, READINGS } from '../../test/gateway/decode/ieee2030-5/build.ts';
import { groupWrite, routed } from '../../test/gateway/decode/knx/build.ts';
import { osgpSession } from '../../test/gateway/decode/osgp/build.ts';

export interface TimedTelegram {
  readonly bytes: Uint8Array;
  readonly options: DecodeOptions;
}

const DATA_FOLDER =
  process.env.STREETWATT_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const FOLDER = `${DATA_FOLDER}/telegrams`;

/** Of protocols of which no real telegram is at hand. */
const OWN: Readonly<Partial<Record<Protocol, () => Uint8Array>>> = {
  c1219: sessionOf,
  iec61850: () => overTcp(report(MEMBERS)),
  'ieee2030-5': () => utf8(mirrorUsagePoint(READINGS)),
  knx: () => routed(groupWrite('1/2/3', '000004d2')),
  osgp: osgpSession,
};

interface Item {
  readonly file: string;
  readonly protocol: string;
  readonly keys: { readonly encryption_key?: string; readonly authentication_key?: string } | null;
}

/** Bytes as they come from the wire, each one telegram that decodes; none where none are at hand. */
export function telegramsOf(decoder: Decoder): readonly TimedTelegram[] {
  const own = OWN[decoder.protocol];
  if (own !== undefined) return [{ bytes: own(), options: {} }];
  if (!existsSync(`${FOLDER}/index.json`)) return [];
  const { items } = JSON.parse(readFileSync(`${FOLDER}/index.json`, 'utf8')) as { items: Item[] };
  return items
    .filter(({ protocol }) => protocol === decoder.protocol)
    .flatMap(({ file, keys }) => {
      const options: DecodeOptions = {
        ...(keys?.encryption_key && { key: fromHex(keys.encryption_key.toLowerCase()) }),
        ...(keys?.authentication_key && {
          authKey: fromHex(keys.authentication_key.toLowerCase()),
        }),
      };
      return piecesOf(new Uint8Array(readFileSync(`${FOLDER}/${file}`)), decoder, options);
    });
}

/** Out of the first way to read the file that holds one. */
function piecesOf(
  file: Uint8Array,
  decoder: Decoder,
  options: DecodeOptions,
): readonly TimedTelegram[] {
  for (const form of captureForms(file)) {
    const whole = telegramsIn([form.bytes], decoder, options);
    const byLine = telegramsIn(linesOf(form), decoder, options);
    const best = byLine.length > whole.length ? byLine : whole;
    if (best.length > 0) return best;
  }
  return [];
}

function telegramsIn(
  parts: readonly Uint8Array[],
  decoder: Decoder,
  options: DecodeOptions,
): readonly TimedTelegram[] {
  return parts.flatMap((part) =>
    decoder
      .split(part, true)
      .pieces.map(({ start, end }) => ({ bytes: part.slice(start, end), options }))
      .filter(({ bytes }) => decoder.decode(bytes, options).kind === 'telegram'),
  );
}

function linesOf({ bytes, lineStarts = [] }: CaptureForm): readonly Uint8Array[] {
  return lineStarts.map((start, line) => bytes.subarray(start, lineStarts[line + 1]));
}
