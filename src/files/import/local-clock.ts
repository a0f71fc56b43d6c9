// Local stamps of one file to UTC, each series of rows with an order of its own.

import { FileError } from '../file-error.ts';
import type { Place } from './imported-values.ts';
import { createLocalOrder, type LocalOrder } from './local-order.ts';
import type { TimeZone } from './time-zone.ts';

/** What a stamp means that the clock shows twice. */
export const AMBIGUITY_RULES = ['by-order', 'first', 'second', 'refuse'] as const;
export type AmbiguityRule = (typeof AMBIGUITY_RULES)[number];

export interface LocalClock {
  /** @throws FileError `bad-start` for a time that the zone's clocks skip. */
  resolve(series: string, localSeconds: number, place: Place): number;
  /** The first instant after `startSeconds` at which the clock shows `localSeconds`: an end. */
  resolveEnd(localSeconds: number, startSeconds: number, place: Place): number;
}

export function createLocalClock(zone: TimeZone, rule: AmbiguityRule = 'by-order'): LocalClock {
  const orders = new Map<string, LocalOrder>();
  return {
    resolveEnd(localSeconds, startSeconds, place) {
      const instants = zone.instantsOf(localSeconds);
      const end = instants.find((instant) => instant > startSeconds) ?? instants[0];
      if (end === undefined) throw skipped(zone, localSeconds, place);
      return end;
    },
    resolve(series, localSeconds, place) {
      const instants = zone.instantsOf(localSeconds);
      const [first, second] = instants;
      if (first === undefined) throw skipped(zone, localSeconds, place);
      if (rule === 'by-order') {
        let order = orders.get(series);
        if (order === undefined) {
          order = createLocalOrder();
          orders.set(series, order);
        }
        return order.resolve(instants);
      }
      if (second === undefined || rule === 'first') return first;
      if (rule === 'second') return second;
      throw new FileError('bad-start', {
        ...place,
        expected: `a time that the clocks of ${zone.name} show once`,
        found: `${localText(localSeconds)}, which they show twice`,
      });
    },
  };
}

function skipped(zone: TimeZone, localSeconds: number, place: Place): FileError {
  return new FileError('bad-start', {
    ...place,
    expected: `a time that the clocks of ${zone.name} show`,
    found: `${localText(localSeconds)}, which they skip`,
  });
}

function localText(localSeconds: number): string {
  return new Date(localSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
