// Bytes of a wire to measurements: a decoder's telegrams, and of each the registers that the
// configuration asks for.

import { createTelegramStream, receiveBytes } from '../decode/stream.ts';
import type { DecodeOptions, Decoder, Telegram } from '../decode/telegram.ts';
import { isCountable, toMilli } from '../registers/milli-units.ts';
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

export interface TelegramReaderOptions {
  readonly decoder: Decoder;
  readonly decode: DecodeOptions;
  readonly takes: TelegramTakes;
  /** Only this meter's telegrams: for radio and buses, where others speak too. */
  readonly meter?: string | undefined;
}

export interface TelegramReader {
  receive(bytes: Uint8Array): void;
}

export function createTelegramReader(
  { decoder, decode, takes, meter }: TelegramReaderOptions,
  sink: SourceSink,
): TelegramReader {
  const stream = createTelegramStream();
  return {
    receive: (bytes) => {
      // Several that arrive at once have one time of arrival: of each meter the last one counts.
      const latest = new Map<string | undefined, Telegram>();
      for (const decoded of receiveBytes(stream, bytes, decoder, decode)) {
        if (decoded.kind === 'damage') sink.refused(decoded.reason, decoded.detail);
        else if (meter !== undefined && decoded.meter !== meter)
          sink.refused('other-meter', decoded.meter);
        else latest.set(decoded.meter, decoded);
      }
      for (const telegram of latest.values()) {
        const measurement = measurementOf(telegram, takes, sink);
        if (measurement !== undefined) sink.measured(measurement);
      }
    },
  };
}

function measurementOf(
  telegram: Telegram,
  takes: TelegramTakes,
  sink: SourceSink,
): Measurement | undefined {
  const amounts = new Map<string, number>();
  const powersW = new Map<string, number>();
  for (const [name, field] of Object.entries(takes)) {
    const milli = milliOf(telegram, field);
    if (milli !== undefined) amounts.set(name, milli);
    if (!isTotal(field)) continue;
    const powerW = telegram[POWER_FIELDS[field]];
    if (powerW !== undefined) powersW.set(name, powerW);
  }
  if (amounts.size + powersW.size === 0) {
    sink.refused(
      'no-register',
      telegram.warnings[0] ?? 'a telegram without the registers asked for',
    );
    return undefined;
  }
  const meterTimeMs = telegram.time === undefined ? Number.NaN : Date.parse(zoned(telegram.time));
  return {
    meter: telegram.meter,
    meterTimeMs: Number.isFinite(meterTimeMs) ? meterTimeMs : undefined,
    amounts,
    powersW,
  };
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
function zoned(time: string): string {
  return /(?:Z|[+-]\d\d:\d\d)$/u.test(time) ? time : `${time}Z`;
}
