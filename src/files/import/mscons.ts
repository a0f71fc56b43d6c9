// MSCONS (UN/EDIFACT D.04B) as German, Austrian and Swiss utilities send load profiles. Read: LOC
// 172 (the metering point; 237 and Z04 too), PIA or CCI with an OBIS code of active energy as a load
// profile (1.29 and 1.9 import, 2.29 and 2.9 export), and each QTY with its DTM 163 and 164. Readings of
// registers (1.8), reactive energy, prices and statuses (STS) are not.

import { excerpt } from '../excerpt.ts';
import { FileError } from '../file-error.ts';
import { readSegments, type Segment } from './edifact.ts';
import type { EnergyUnit } from './energy.ts';
import type { Place, ValueKind } from './imported-values.ts';
import { createLocalClock, type LocalClock } from './local-clock.ts';
import { fileError, parseEnergy, type ReadContext, type ReadExport } from './read-context.ts';
import { createStampParser } from './stamp.ts';
import { createTimeZone, type TimeZone } from './time-zone.ts';

const POINT_QUALIFIERS = ['172', '237', 'Z04'];
const OBIS = /^(?:[0-9]+-[0-9b]+:)?([0-9]+)\.([0-9]+)(?:\.[0-9e]+)?(?:[*&][0-9]+)?$/;
/** Load profiles: mean power over the period times its length, and energy of the period. */
const PROFILE_TYPES = ['29', '9'];
const UNITS: Readonly<Record<string, EnergyUnit>> = {
  '': 'kWh',
  KWH: 'kWh',
  MWH: 'MWh',
  WHR: 'Wh',
  KWT: 'kW',
  WTT: 'W',
};
const MEASURED = '220';
/** Substituted, provisional. */
const ESTIMATED = ['67', 'Z18'];
/** Not usable. */
const UNUSABLE = '20';
const parseLocal = createStampParser('YYYYMMDDHHmm');

interface State {
  meter: string | undefined;
  kind: ValueKind | 'not-read' | undefined;
  quantity: Segment | undefined;
  start: Segment | undefined;
  end: Segment | undefined;
  isMscons: boolean;
  /** UNH without its UNT, UNB without its UNZ: a file cut short between two segments. */
  open: string[];
}

export const readMscons: ReadExport = async (source, context) => {
  const zone = context.zone ?? (createTimeZone('Europe/Berlin') as TimeZone);
  const clock = createLocalClock(zone);
  const state: State = {
    meter: undefined,
    kind: undefined,
    quantity: undefined,
    start: undefined,
    end: undefined,
    isMscons: false,
    open: [],
  };
  for await (const segment of readSegments(source)) {
    context.signal?.throwIfAborted();
    readSegment(segment, state, source.file, context, clock);
  }
  const [open] = state.open;
  if (open !== undefined) {
    throw new FileError('bad-edifact', {
      file: source.file,
      expected: `an interchange to its end`,
      found: `no end of ${open}: a file cut short`,
    });
  }
};

function readSegment(
  segment: Segment,
  state: State,
  file: string,
  context: ReadContext,
  clock: LocalClock,
): void {
  const { tag, elements, byteOffset } = segment;
  const place: Place = { file, byteOffset, field: tag };
  if (tag === 'DTM' && state.quantity !== undefined) {
    const qualifier = elements[0]?.[0];
    if (qualifier === '163') state.start = segment;
    if (qualifier === '164') state.end = segment;
    return;
  }
  if (tag === 'STS') return;
  finishQuantity(state, file, context, clock);
  if (tag === 'UNB' || tag === 'UNH') state.open.push(tag);
  if (tag === 'UNT' || tag === 'UNZ') {
    const opened = tag === 'UNT' ? 'UNH' : 'UNB';
    const at = state.open.lastIndexOf(opened);
    if (at >= 0) state.open.splice(at, 1);
  }
  if (tag === 'UNH') {
    const type = elements[1]?.[0] ?? '';
    if (type !== 'MSCONS') throw fileError('not-supported', place, 'messages of MSCONS', type);
    Object.assign(state, { meter: undefined, kind: undefined, isMscons: true });
  } else if (tag === 'LOC' && POINT_QUALIFIERS.includes(elements[0]?.[0] ?? '')) {
    state.meter = elements[1]?.[0];
    state.kind = undefined;
  } else if (tag === 'LIN') state.kind = undefined;
  else if (tag === 'PIA' || tag === 'CCI') state.kind = kindOf(segment, context) ?? state.kind;
  else if (tag === 'QTY') {
    if (!state.isMscons) throw fileError('bad-edifact', place, 'a UNH before the first QTY', '');
    if (state.kind === undefined) {
      throw fileError('bad-edifact', place, 'an OBIS code in PIA or CCI before QTY', '');
    }
    if (state.kind !== 'not-read') state.quantity = segment;
  }
}

function kindOf({ elements }: Segment, { values }: ReadContext): State['kind'] {
  const code = elements.flat().find((text) => text.includes('.') && OBIS.test(text));
  if (code === undefined) return undefined;
  const [, quantity, type = ''] = OBIS.exec(code) as RegExpExecArray;
  if (PROFILE_TYPES.includes(type)) {
    if (quantity === '1') return 'import';
    if (quantity === '2') return 'export';
  }
  values.warnings.add(`OBIS ${excerpt(code)} is no load profile of active energy and not read.`);
  return 'not-read';
}

function finishQuantity(state: State, file: string, context: ReadContext, clock: LocalClock): void {
  const { quantity, start, end, meter = '', kind } = state;
  if (quantity === undefined || kind === undefined || kind === 'not-read') return;
  Object.assign(state, { quantity: undefined, start: undefined, end: undefined });
  const place: Place = { file, byteOffset: quantity.byteOffset, field: 'QTY' };
  const [qualifier = '', text = '', unitCode = ''] = quantity.elements[0] ?? [];
  if (start === undefined || end === undefined) {
    const found = start === undefined ? 'no DTM+163' : 'no DTM+164';
    throw new FileError('bad-edifact', { ...place, expected: 'start and end after QTY', found });
  }
  const startSeconds = instantOf(start, file, (local, place) =>
    clock.resolve(`${meter} ${kind}`, local, place),
  );
  const endSeconds = instantOf(end, file, (local, place) =>
    clock.resolveEnd(local, startSeconds, place),
  );
  const durationSeconds = endSeconds - startSeconds;
  if (durationSeconds <= 0 || durationSeconds > 86_400) {
    throw new FileError('bad-start', {
      ...place,
      expected: 'DTM+164 after DTM+163, a day at most',
      found: `${durationSeconds} seconds`,
    });
  }
  const { counts, warnings } = context.values;
  if (qualifier === UNUSABLE) {
    counts.unmeasured++;
    return;
  }
  if (qualifier !== MEASURED && !ESTIMATED.includes(qualifier)) {
    warnings.add(`QTY+${excerpt(qualifier, { quoted: false })}, no measured value, is not read.`);
    counts.unmeasured++;
    return;
  }
  const unit = Object.hasOwn(UNITS, unitCode.trim()) ? UNITS[unitCode.trim()] : undefined;
  if (unit === undefined) {
    throw fileError('not-supported', place, 'KWH, MWH, WHR, KWT, WTT or no unit', unitCode);
  }
  if (qualifier !== MEASURED) counts.estimated++;
  const energyMws = parseEnergy(text, { unit, seconds: durationSeconds }, place);
  context.values.addSpan({ meter, kind, startSeconds, durationSeconds, energyMws }, place);
}

/** Format 303 carries its offset, 203 is local time. */
function instantOf(
  { elements, byteOffset }: Segment,
  file: string,
  resolve: (localSeconds: number, place: Place) => number,
): number {
  const [, text = '', format = ''] = elements[0] ?? [];
  const place: Place = { file, byteOffset, field: 'DTM' };
  const match = /^([0-9]{12})(?:([+-])([0-9]{2})([0-9]{2})?)?$/.exec(text);
  const stamp = match === null ? undefined : parseLocal(match[1] as string);
  if (match === null || stamp?.kind !== 'local' || !['303', '203'].includes(format)) {
    const expected = 'a time in format 303 (with its offset) or 203';
    throw fileError('bad-start', place, expected, elements[0]?.join(':') ?? '');
  }
  if (match[2] === undefined) return resolve(stamp.localSeconds, place);
  const offset = Number(match[3]) * 3600 + Number(match[4] ?? '0') * 60;
  return stamp.localSeconds - (match[2] === '-' ? -offset : offset);
}
