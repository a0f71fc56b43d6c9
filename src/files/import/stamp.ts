// Dates and times of exports as local seconds: a local time read as if it were UTC.

import { parseStart } from '../reading-fields.ts';

/** Letters as in most date libraries; everything else stands for itself. */
const TOKENS: Readonly<Record<string, { readonly pattern: string; readonly part: string }>> = {
  YYYY: { pattern: '([0-9]{4})', part: 'year' },
  YY: { pattern: '([0-9]{2})', part: 'shortYear' },
  MM: { pattern: '([0-9]{2})', part: 'month' },
  M: { pattern: '([0-9]{1,2})', part: 'month' },
  DD: { pattern: '([0-9]{2})', part: 'day' },
  D: { pattern: '([0-9]{1,2})', part: 'day' },
  HH: { pattern: '([0-9]{2})', part: 'hour' },
  H: { pattern: '([0-9]{1,2})', part: 'hour' },
  hh: { pattern: '([0-9]{1,2})', part: 'hour' },
  mm: { pattern: '([0-9]{2})', part: 'minute' },
  ss: { pattern: '([0-9]{2})', part: 'second' },
  A: { pattern: '([AaPp]\\.?[Mm]\\.?)', part: 'half' },
};
const TOKEN = /YYYY|YY|MM|M|DD|D|HH|H|hh|mm|ss|A/g;

export type Stamp =
  | { readonly kind: 'local'; readonly localSeconds: number }
  | { readonly kind: 'instant'; readonly unixSeconds: number };

export type StampParser = (text: string) => Stamp | undefined;

/**
 * For a format such as `DD.MM.YYYY HH:mm`, or one of `iso` (with its offset or without), `unix` and
 * `unix-ms`. The hour 24 is the next day's 0.
 */
export function createStampParser(format: string): StampParser {
  if (format === 'iso') return parseIso;
  if (format === 'unix') return (text) => parseUnix(text, 1);
  if (format === 'unix-ms') return (text) => parseUnix(text, 1000);
  const parts: string[] = [];
  let pattern = '';
  let from = 0;
  for (const match of format.matchAll(TOKEN)) {
    pattern += escaped(format.slice(from, match.index));
    const token = TOKENS[match[0]] as { pattern: string; part: string };
    pattern += token.pattern;
    parts.push(token.part);
    from = match.index + match[0].length;
  }
  const whole = new RegExp(`^${pattern}${escaped(format.slice(from))}$`);
  return (text) => {
    const match = text.length > 64 ? null : whole.exec(text);
    if (match === null) return undefined;
    const found: Record<string, string> = {};
    parts.forEach((part, i) => {
      found[part] = match[i + 1] as string;
    });
    const localSeconds = toSeconds(found);
    return localSeconds === undefined ? undefined : { kind: 'local', localSeconds };
  };
}

/** A day's midnight in local seconds; undefined unless there is such a day from 1970 on. */
export function localMidnight(year: number, month: number, day: number): number | undefined {
  const midnight = new Date(Date.UTC(year, month - 1, day));
  const isDay =
    year >= 1970 &&
    midnight.getUTCFullYear() === year &&
    midnight.getUTCMonth() === month - 1 &&
    midnight.getUTCDate() === day;
  return isDay ? midnight.getTime() / 1000 : undefined;
}

function toSeconds(found: Readonly<Record<string, string>>): number | undefined {
  const year = found.year === undefined ? 2000 + Number(found.shortYear) : Number(found.year);
  const midnight = localMidnight(year, Number(found.month), Number(found.day));
  let hour = Number(found.hour ?? 0);
  const minute = Number(found.minute ?? 0);
  const second = Number(found.second ?? 0);
  if (found.half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (/^p/i.test(found.half) ? 12 : 0);
  }
  const isTime =
    minute < 60 && second < 60 && (hour < 24 || (hour === 24 && minute + second === 0));
  if (midnight === undefined || !isTime) return undefined;
  return midnight + hour * 3600 + minute * 60 + second;
}

function parseIso(text: string): Stamp | undefined {
  const seconds = parseStart(text);
  if (typeof seconds === 'number') return { kind: 'instant', unixSeconds: seconds };
  if (seconds !== 'no-offset') return undefined;
  const local = parseStart(`${text}Z`);
  return typeof local === 'number' ? { kind: 'local', localSeconds: local } : undefined;
}

function parseUnix(text: string, perSecond: number): Stamp | undefined {
  if (!/^[0-9]{1,13}(?:\.[0-9]{1,9})?$/.test(text)) return undefined;
  const unixSeconds = Number(text) / perSecond;
  return Number.isInteger(unixSeconds) && unixSeconds <= 0xffffffff
    ? { kind: 'instant', unixSeconds }
    : undefined;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
