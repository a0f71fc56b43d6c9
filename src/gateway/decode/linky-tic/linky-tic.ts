// Linky's customer telemetry ("télé-information client", Enedis-NOI-CPT_54E), historic and standard
// mode; the electronic meters before Linky send the historic one (ERDF-NOI-CPT_02E).
//
// Power is apparent here (VA), so a telegram has no `importW`: a phase angle is not known.

import { addNumbers, parseDecimal } from '../decimal.ts';
import { Registers } from '../registers.ts';
import {
  type Decoded,
  type DecodeOptions,
  type Decoder,
  damage,
  type Register,
  type Totals,
} from '../telegram.ts';
import { asciiText } from '../text.ts';
import { isoTime } from '../time.ts';
import { measuredRegister } from '../units.ts';
import { readFrame, splitTic, type TicGroup } from './groups.ts';
import { INDICES, unitOf } from './labels.ts';

const TIME = /^([HhEe ])(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/u;
/** Summer (été) and winter (hiver); small where the meter doubts its clock. */
const OFFSETS: Readonly<Record<string, string>> = { E: '+02:00', H: '+01:00', ' ': '' };
const IDENTITIES = ['ADSC', 'ADCO'] as const;
/** Manufacturer, year, type, number: the Euridis address (IEC 62056-31). */
const EURIDIS = /^(\d\d)(\d\d)(\d\d)\d{6}$/u;
const GROUP = /\n[A-Z][A-Z0-9+-]{1,15}[ \t][^\r\n]*[ \t][ -_]\r/u;

export const LINKY_TIC: Decoder = {
  protocol: 'linky-tic',
  detect: (bytes) => (GROUP.test(asciiText(bytes)) ? 0.9 : 0),
  split: splitTic,
  decode: decodeTic,
};

function decodeTic(piece: Uint8Array, { checksums }: DecodeOptions): Decoded {
  const frame = readFrame(piece);
  if (frame.kind === 'damage') return frame;
  const { groups } = frame;
  const wrong = groups.filter(({ isRight }) => !isRight);
  if (wrong[0] !== undefined && checksums !== 'ignore')
    return damage(
      'bad-checksum',
      `the checksum of ${wrong[0].label} does not match`,
      wrong[0].offset,
    );
  const registers = new Registers();
  for (const group of groups) registers.add(group.label, registerOf(group));
  const meter = addIdentity(registers);
  const time = parseTicTime(groups.find(({ label }) => label === 'DATE')?.time ?? '').time;
  return {
    kind: 'telegram',
    protocol: 'linky-tic',
    ...(meter !== undefined && { meter }),
    ...(time !== undefined && { time }),
    registers: registers.map,
    ...totalsOfIndices(registers.map),
    warnings: wrong.map(({ label }) => `the checksum of ${label} does not match`),
  };
}

function registerOf({ label, time, value }: TicGroup): Register {
  const more = time === undefined ? {} : parseTicTime(time);
  const unit = unitOf(label);
  const number = unit === undefined ? undefined : parseDecimal(value);
  if (number === undefined) return { value: value.trim(), ...more };
  return measuredRegister(number, unit, more);
}

/** The meter's number; its parts become registers where it is a whole Euridis address. */
function addIdentity(registers: Registers): string | undefined {
  for (const label of IDENTITIES) {
    const value = registers.map.get(label)?.value;
    if (typeof value !== 'string' || value === '') continue;
    const [, manufacturer, year, type] = EURIDIS.exec(value) ?? [];
    if (manufacturer !== undefined) {
      registers.add('euridis-manufacturer', { value: manufacturer });
      registers.add('euridis-year', { value: year as string });
      registers.add('euridis-type', { value: type as string });
    }
    return value;
  }
  return undefined;
}

/** `E180716103423`: 2018-07-16T10:34:23+02:00. */
function parseTicTime(text: string): Pick<Register, 'time' | 'quality'> {
  const found = TIME.exec(text);
  if (found === null) return {};
  const season = found[1] as string;
  const [year, month, day, hour, minute, second] = found.slice(2).map(Number);
  const time = isoTime(
    {
      year: 2000 + (year as number),
      month: month as number,
      day: day as number,
      hour: hour as number,
      minute: minute as number,
      second: second as number,
    },
    OFFSETS[season.toUpperCase()] ?? '',
  );
  return {
    ...(time !== undefined && { time }),
    ...(/[he]/u.test(season) && { quality: 'clock in doubt' }),
  };
}

function totalsOfIndices(registers: ReadonlyMap<string, Register>): Totals {
  const totals: { importWh?: number; exportWh?: number } = {};
  for (const { labels, totals: name } of INDICES) {
    const values = [...registers]
      .filter(([label, { unit }]) => unit === 'Wh' && labels.test(label))
      .map(([, { value }]) => value)
      .filter((value) => typeof value === 'number');
    if (values.length > 0) totals[name] ??= addNumbers(values);
  }
  return totals;
}
