// Hostile bytes for a decoder: bits flipped, bytes changed, parts cut out, doubled and swapped,
// garbage between telegrams, and garbage alone, all from a seed. For every input: no exception, no
// hang, no result beyond the caps.

import { expect } from 'vitest';
import { concatBytes } from '../../../src/core/bytes.ts';
import { createTelegramStream, receiveBytes } from '../../../src/gateway/decode/stream.ts';
import {
  DAMAGE_REASONS,
  type Decoded,
  type DecodeOptions,
  type Decoder,
  MAX_REGISTERS,
  MAX_TELEGRAM_BYTES,
} from '../../../src/gateway/decode/telegram.ts';
import { createRandom, type Random, seedOf } from '../../../src/sim/random.ts';
import { threadMs } from '../../support/thread-time.ts';

/** STREETWATT_FUZZ=1000000 for the long run. */
export const FUZZ_INPUTS: number = Number(process.env.STREETWATT_FUZZ ?? 20_000);
export const FUZZ_TIMEOUT_MS: number = 60_000 + 10 * FUZZ_INPUTS;
/** Thousands of times what an input takes: only garbage collection may come between, a hang is longer. */
const MAX_INPUT_MS = 5000;
/** Every n-th input is also fed as a stream, in portions. */
const STREAM_EVERY = 16;

export interface FuzzCounts {
  telegrams: number;
  damages: number;
}

/** What became of them, so that a test can say that both happened. */
export function fuzzDecoder(
  decoder: Decoder,
  samples: readonly Uint8Array[],
  options: DecodeOptions = {},
): FuzzCounts {
  const random = createRandom(seedOf(decoder.protocol), 0);
  const counts = { telegrams: 0, damages: 0 };
  for (let input = 0; input < FUZZ_INPUTS; input++) {
    const bytes = mutate(samples, random);
    const started = threadMs();
    try {
      decodeHostile(decoder, bytes, options, counts);
      if (input % STREAM_EVERY === 0) streamHostile(decoder, bytes, options, random);
    } catch (error) {
      throw new Error(`input ${input}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
    }
    const tookMs = threadMs() - started;
    if (tookMs > MAX_INPUT_MS)
      throw new Error(`input ${input} of ${bytes.length} bytes took ${tookMs} ms`);
  }
  return counts;
}

function decodeHostile(
  decoder: Decoder,
  bytes: Uint8Array,
  options: DecodeOptions,
  counts: FuzzCounts,
): void {
  const score = decoder.detect(bytes);
  if (!(score >= 0 && score <= 1)) throw new Error(`score ${score}`);
  const { pieces, restStart } = decoder.split(bytes, true);
  if (restStart !== bytes.length) throw new Error(`rest from ${restStart} of ${bytes.length}`);
  let last = 0;
  for (const { start, end } of pieces) {
    if (start < last || end <= start || end > bytes.length || end - start > MAX_TELEGRAM_BYTES)
      throw new Error(`piece from ${start} to ${end} of ${bytes.length}, after ${last}`);
    last = end;
    checkResult(decoder.decode(bytes.subarray(start, end), options), end - start, counts);
  }
  // Not what `split` gives, but what a caller may.
  checkResult(decoder.decode(bytes, options), bytes.length, { telegrams: 0, damages: 0 });
}

function checkResult(decoded: Decoded, length: number, counts: FuzzCounts): void {
  if (decoded.kind === 'damage') {
    counts.damages++;
    if (!DAMAGE_REASONS.includes(decoded.reason)) throw new Error(`reason ${decoded.reason}`);
    if (!(decoded.offset >= 0 && decoded.offset <= length + 16))
      throw new Error(`damage at ${decoded.offset} of ${length}`);
    return;
  }
  counts.telegrams++;
  if (decoded.registers.size > MAX_REGISTERS)
    throw new Error(`${decoded.registers.size} registers`);
  for (const { value } of decoded.registers.values())
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`value ${value}`);
}

function streamHostile(
  decoder: Decoder,
  bytes: Uint8Array,
  options: DecodeOptions,
  random: Random,
): void {
  const stream = createTelegramStream();
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(random() * 200);
    receiveBytes(stream, bytes.subarray(at, at + size), decoder, options);
    if (stream.rest.length > MAX_TELEGRAM_BYTES) throw new Error(`kept ${stream.rest.length}`);
    at += size;
  }
}

function mutate(samples: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = (): Uint8Array => samples[Math.floor(random() * samples.length)] as Uint8Array;
  const luck = random();
  if (luck < 0.05) return garbage(random, 300);
  if (luck < 0.2)
    return concatBytes(garbage(random, 40), pick(), garbage(random, 40), alter(pick(), random));
  return alter(pick(), random);
}

function alter(sample: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = sample.slice();
  const at = (): number => Math.floor(random() * bytes.length);
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
    const luck = random();
    const place = at();
    if (bytes.length === 0) return bytes;
    if (luck < 0.45) bytes[place] = (bytes[place] as number) ^ (1 << Math.floor(random() * 8));
    else if (luck < 0.6) bytes[place] = Math.floor(random() * 256);
    else if (luck < 0.7)
      bytes[place] = [0, 0xff, 0x7f, 0x80, 0xf8, 0x1b][Math.floor(random() * 6)] as number;
    else if (luck < 0.8) bytes = bytes.slice(0, place);
    else if (luck < 0.9) bytes = concatBytes(bytes.slice(0, place), bytes.slice(at()));
    else bytes = concatBytes(bytes.slice(0, place), bytes.slice(Math.max(0, place - 20)));
  }
  return bytes;
}

function garbage(random: Random, maxLength: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor(random() * maxLength));
  for (let at = 0; at < bytes.length; at++) bytes[at] = Math.floor(random() * 256);
  return bytes;
}

/** Both happened, or the samples were no telegrams, or nothing was damaged. */
export function expectBoth({ telegrams, damages }: FuzzCounts): void {
  expect(telegrams).toBeGreaterThan(0);
  expect(damages).toBeGreaterThan(0);
}
