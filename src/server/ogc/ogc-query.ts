// The query of a request for features: bbox, datetime, limit, offset and parent. A parameter that is
// not in the API's definition is an error (OGC 17-069r4, requirements 8 and 9).

import type { Context } from 'hono';
import { type IntervalIndex, intervalIndex } from '../../core/interval.ts';
import type { MapArea } from '../../map/map-area.ts';
import type { MapSource } from '../../map/map-source.ts';
import type { Viewer } from '../../map/viewer.ts';
import { visibleArea } from '../parse-area.ts';
import { parseQuery } from '../parse-query.ts';
import { parseIntervalOrLatest } from '../parse-time.ts';
import { Problem } from '../problem.ts';
import type { ServerEnv } from '../server-deps.ts';
import { type Box, parseBox } from './box.ts';

export const DEFAULT_LIMIT = 500;
export const MAX_LIMIT = 1000;
const MAX_OFFSET = 10_000_000;

export interface ItemsQuery {
  readonly box: Box | undefined;
  /** Undefined where no interval with figures lies in the time asked for: nothing matches then. */
  readonly interval: IntervalIndex | undefined;
  readonly limit: number;
  readonly offset: number;
  /** Only what lies below it. */
  readonly parent: MapArea | undefined;
}

/** @throws Problem */
export function parseItemsQuery(
  c: Context<ServerEnv>,
  source: MapSource,
  viewer: Viewer,
): ItemsQuery {
  const texts = parseQuery(c, ['bbox', 'datetime', 'limit', 'offset', 'parent']);
  const box = texts.bbox === undefined ? undefined : parseBox(texts.bbox);
  if (texts.bbox !== undefined && box === undefined)
    throw new Problem(
      'bad-query',
      '"bbox" is west,south,east,north in degrees: -3.9,40.3,-3.5,40.6.',
    );
  return {
    box,
    interval: parseDatetime(source, texts.datetime),
    limit: Math.min(MAX_LIMIT, wholeNumber('limit', texts.limit, DEFAULT_LIMIT, 1)),
    offset: wholeNumber('offset', texts.offset, 0, 0),
    parent: texts.parent === undefined ? undefined : visibleArea(source, viewer, texts.parent),
  };
}

function wholeNumber(
  name: string,
  text: string | undefined,
  otherwise: number,
  least: number,
): number {
  if (text === undefined) return otherwise;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least) || (name === 'offset' && value > MAX_OFFSET))
    throw new Problem('bad-query', `"${name}" is a whole number from ${least} on.`);
  return value;
}

/**
 * The newest interval with figures in the instant or the range of time; without one, the newest.
 * @throws Problem `bad-time` or, where nothing is published at all, `no-figures`.
 */
export function parseDatetime(
  source: MapSource,
  text: string | undefined,
): IntervalIndex | undefined {
  const latest = parseIntervalOrLatest(source, undefined);
  if (text === undefined) return latest;
  const [from, until] = parseRange(text);
  const length = source.about.intervalSeconds;
  const first = source.firstInterval() ?? latest;
  // An interval that only touches the end of the range is not in it; an instant is in one interval.
  const oldest = Math.max(first, Math.floor(from / length));
  const newest = Math.min(latest, from === until ? oldest : Math.ceil(until / length) - 1);
  if (from === until && Math.floor(from / length) !== oldest) return undefined;
  return newest < oldest ? undefined : intervalIndex(newest);
}

/** Unix seconds; an open end is infinite. */
function parseRange(text: string): readonly [from: number, until: number] {
  const ends = text.split('/');
  if (ends.length === 1) {
    const instant = unixSeconds(text);
    return [instant, instant];
  }
  const [from, until] = ends.map((end) => end.trim()) as [string, string];
  const isOpen = (end: string): boolean => end === '..' || end === '';
  if (ends.length !== 2 || (isOpen(from) && isOpen(until))) throw badTime();
  const range = [
    isOpen(from) ? 0 : unixSeconds(from),
    isOpen(until) ? Number.POSITIVE_INFINITY : unixSeconds(until),
  ] as const;
  if (range[0] > range[1]) throw badTime();
  return range;
}

/** RFC 3339, section 5.6, which has seconds; without them it is as clear. */
const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2}(?:\.\d{1,9})?))?(Z|[+ -]\d{2}:\d{2})$/i;

function unixSeconds(text: string): number {
  const match = DATE_TIME.exec(text);
  if (match === null) throw badTime();
  const [, day, minute, second = '00', zone] = match as unknown as [
    string,
    string,
    string,
    string?,
    string?,
  ];
  const milliseconds = Date.parse(
    `${day}T${minute}:${second}${zone?.replace(' ', '+').toUpperCase()}`,
  );
  // Date takes a 30th of February for a 2nd of March.
  const midnight = Date.parse(`${day}T00:00Z`);
  const isDay = Number.isFinite(midnight) && new Date(midnight).toISOString().startsWith(day);
  if (!isDay || !(milliseconds >= 0)) throw badTime();
  return milliseconds / 1000;
}

function badTime(): Problem {
  return new Problem(
    'bad-time',
    '"datetime" is 2026-11-21T06:30:00Z, or two of them with "/" between, where ".." is an open end.',
  );
}
