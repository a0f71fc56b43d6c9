// Bytes of a wire to measurements: a decoder's telegrams, and of each the registers that the
// configuration asks for.

import { createTelegramStream, receiveBytes } from '../decode/stream.ts';
import type { Decoded, DecodeOptions, Decoder, Telegram } from '../decode/telegram.ts';
import { isCountable, toMilli } from '../registers/milli-units.ts';
import { createHexLines } from './hex-lines.ts';
import type { Measurement, SourceSink } from './source.ts';

/** The names of what every telegram says of itself, beside its registers. */
export const TOTAL_FIELDS = ['importWh', 'exportWh', 'productionWh'] as const;
type TotalField = (typeof TOTAL_FIELDS)[number];
const POWER_FIELDS: Readonly<Record<TotalField, 'importW' | 'exportW'>> = {
  importWh: 'importW',
  exportWh: 'exportW',
  productionWh: 'exportW',
};

/** Our register's name to a total (`importWh`) or to the telegram's own name (`0-1:24.2.1`). */
export type TelegramTakes = Readonly<Record<string, string>>;

/** How telegrams come: as they are, or written down. */
export const FORMS = ['bytes', 'hex-lines'] as const;
export type Form = (typeof FORMS)[number];

export interface TelegramReaderOptions {
  readonly decoder: Decoder;
  readonly decode: DecodeOptions;
  /** `bytes` by default. */
  readonly form?: Form | undefined;
  readonly takes: TelegramTakes;
  /** Only this meter's telegrams: for radio and buses, where others speak too. */
  readonly meter?: string | undefined;
  /** Of a bus of all sorts of devices: no word on telegrams without any of the registers. */
  readonly isMixed?: boolean | undefined;
}

export interface TelegramReader {
  receive(bytes: Uint8Array): void;
}

export function createTelegramReader(
  options: TelegramReaderOptions,
  sink: SourceSink,
): TelegramReader {
  const { takes, meter, isMixed = false } = options;
  const decodedOf = createForm(options);
  return {
    receive: (bytes) => {
      // Several that arrive at once have one time of arrival: of each register the last value counts.
      const latest = new Map<string | undefined, Measurement>();
      for (const decoded of decodedOf(bytes)) {
        if (decoded.kind === 'damage') sink.refused(decoded.reason, decoded.detail);
        else if (meter !== undefined && decoded.meter !== meter)
          sink.refused('other-meter', decoded.meter);
        else {
          const measurement = measurementOf(decoded, takes);
          if (measurement !== undefined)
            latest.set(decoded.meter, joined(latest.get(decoded.meter), measurement));
          else if (!isMixed) sink.refused('no-register', decoded.warnings[0] ?? NO_REGISTER);
        }
      }
      for (const measurement of latest.values()) sink.measured(measurement);
    },
  };
}

const NO_REGISTER = 'a telegram without the registers asked for';

function createForm({
  decoder,
  decode,
  form,
}: TelegramReaderOptions): (bytes: Uint8Array) => readonly Decoded[] {
  if (form === 'hex-lines') return createHexLines(decoder, decode);
  const stream = createTelegramStream();
  return (bytes) => receiveBytes(stream, bytes, decoder, decode);
}

/** A meter may spread its registers over several telegrams: a bus has one for each. */
function joined(before: Measurement | undefined, next: Measurement): Measurement {
  if (before === undefined) return next;
  return {
    ...next,
    amounts: new Map([...before.amounts, ...next.amounts]),
    registerTimesMs: new Map([...(before.registerTimesMs ?? []), ...(next.registerTimesMs ?? [])]),
    powersW: new Map([...before.powersW, ...next.powersW]),
  };
}

/** undefined where it has none of the registers asked for. */
function measurementOf(telegram: Telegram, takes: TelegramTakes): Measurement | undefined {
  const amounts = new Map<string, number>();
  const powersW = new Map<string, number>();
  const registerTimesMs = new Map<string, number>();
  for (const [name, field] of Object.entries(takes)) {
    const milli = milliOf(telegram, field);
    if (milli !== undefined) amounts.set(name, milli);
    if (!isTotal(field)) {
      const timeMs = timeOf(telegram.registers.get(field)?.time);
      if (timeMs !== undefined) registerTimesMs.set(name, timeMs);
      continue;
    }
    const powerW = telegram[POWER_FIELDS[field]];
    if (powerW !== undefined) powersW.set(name, powerW);
  }
  if (amounts.size + powersW.size === 0) return undefined;
  const { meter } = telegram;
  return { meter, meterTimeMs: timeOf(telegram.time), registerTimesMs, amounts, powersW };
}

function milliOf(telegram: Telegram, field: string): number | undefined {
  if (isTotal(field)) {
    const energyWh = telegram[field];
    return energyWh === undefined ? undefined : toMilli(energyWh, 'Wh');
  }
  const register = telegram.registers.get(field);
  if (typeof register?.value !== 'number' || !isCountable(register.unit ?? '')) return undefined;
  return toMilli(register.value, register.unit as string);
}

function isTotal(field: string): field is TotalField {
  return (TOTAL_FIELDS as readonly string[]).includes(field);
}

/** A local time without its offset still tells earlier from later. */
function timeOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const timeMs = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/u.test(time) ? time : `${time}Z`);
  return Number.isFinite(timeMs) ? timeMs : undefined;
}
