// Bus subjects (design.md section 7): area first, so that a subtree is one wildcard; interval last,
// so that each sealed message has a subject of its own. Area ids are checked where they are made.

import { type AreaId, areaSubject } from './area.ts';
import type { IntervalIndex } from './interval.ts';

const ROOT = 'sw.v1';

export function readingSubject(street: AreaId): string {
  return `${ROOT}.reading.${areaSubject(street)}`;
}

export function sealSubject(area: AreaId, interval: IntervalIndex): string {
  return `${ROOT}.seal.${areaSubject(area)}.${interval}`;
}

export function totalSubject(area: AreaId, interval: IntervalIndex): string {
  return `${ROOT}.total.${areaSubject(area)}.${interval}`;
}

export function unmaskSubject(trustee: number): string {
  return `${ROOT}.unmask.${trustee}`;
}

export function querySubject(area: AreaId): string {
  return `${ROOT}.query.${areaSubject(area)}`;
}

/** Of one street: a meter may read those of its own. */
export function receiptSubject(street: AreaId): string {
  return `${ROOT}.receipt.${areaSubject(street)}`;
}

export function noticeSubject(area: AreaId): string {
  return `${ROOT}.notice.${areaSubject(area)}`;
}

export function ledgerSubject(trustee: number, sequence: number): string {
  return `${ROOT}.ledger.${trustee}.${sequence}`;
}

/** Everything of one kind at and below an area: `sw.v1.seal.es.md.>`. */
export function subtreePattern(
  kind: 'reading' | 'seal' | 'total' | 'receipt' | 'notice',
  area: AreaId,
): string {
  return `${ROOT}.${kind}.${areaSubject(area)}.>`;
}

/** The area that a reading's subject names, unchecked against any tree. */
export function areaOfReadingSubject(subject: string): string {
  return subject.slice(`${ROOT}.reading.`.length).replaceAll('.', '/');
}
