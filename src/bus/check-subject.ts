import { BusError } from './errors.ts';

const SUBJECT = /^[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64})*$/;
const PATTERN = /^(?:(?:[A-Za-z0-9_-]{1,64}|\*)(?:\.(?:[A-Za-z0-9_-]{1,64}|\*))*(?:\.>)?|>)$/;

/** Servers cut a protocol line at 4096 bytes, which a subject and an inbox share. */
const MAX_SUBJECT_LENGTH = 1024;

/** Refuses what a server would take literally, such as a publish to `a.*.b`. */
export function checkSubject(subject: string): void {
  if (subject.length > MAX_SUBJECT_LENGTH || !SUBJECT.test(subject)) {
    throw new BusError('bad-subject', `not a subject to publish on: ${quoted(subject)}`);
  }
}

export function checkPattern(pattern: string): void {
  if (pattern.length > MAX_SUBJECT_LENGTH || !PATTERN.test(pattern)) {
    throw new BusError('bad-subject', `not a subject pattern: ${quoted(pattern)}`);
  }
}

function quoted(subject: string): string {
  return JSON.stringify(subject.slice(0, 200));
}
