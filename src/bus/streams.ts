// The streams, as data: who owns which subjects, what is refused, and for how long it is kept.

import type { StreamName } from './port.ts';

export interface StreamSpec {
  readonly name: StreamName;
  /** The stream stores every message that is published below this, acknowledged or not. */
  readonly subjectPrefix: string;
  /** One message per subject: the first wins, later ones are refused until it expires. */
  readonly isFirstWins: boolean;
  readonly maxAgeSeconds: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

export const STREAMS: Readonly<Record<StreamName, StreamSpec>> = {
  // Outlives the day that its keys belong to, and the six hours in which late seals are summed.
  READINGS: {
    name: 'READINGS',
    subjectPrefix: 'sw.v1.reading.',
    isFirstWins: false,
    maxAgeSeconds: 36 * HOUR,
  },
  // Longer than any seal may be accepted: a subject must not fall free while a second would count.
  SEALS: {
    name: 'SEALS',
    subjectPrefix: 'sw.v1.seal.',
    isFirstWins: true,
    maxAgeSeconds: 8 * DAY,
  },
  TOTALS: {
    name: 'TOTALS',
    subjectPrefix: 'sw.v1.total.',
    isFirstWins: true,
    maxAgeSeconds: 2 * DAY,
  },
  LEDGER: {
    name: 'LEDGER',
    subjectPrefix: 'sw.v1.ledger.',
    isFirstWins: false,
    maxAgeSeconds: 32 * DAY,
  },
  // Apart from the notices, since monitors and trustees must not read them.
  RECEIPTS: {
    name: 'RECEIPTS',
    subjectPrefix: 'sw.v1.receipt.',
    isFirstWins: false,
    maxAgeSeconds: 2 * DAY,
  },
  NOTICES: {
    name: 'NOTICES',
    subjectPrefix: 'sw.v1.notice.',
    isFirstWins: false,
    maxAgeSeconds: 2 * DAY,
  },
};

export const STREAM_NAMES: readonly StreamName[] = Object.keys(STREAMS) as StreamName[];

export type MaxAges = Readonly<Partial<Record<StreamName, number>>>;

/** The stream that stores what is published on `subject`. */
export function streamOf(subject: string): StreamSpec | undefined {
  for (const name of STREAM_NAMES) {
    const spec = STREAMS[name];
    if (subject.startsWith(spec.subjectPrefix)) return spec;
  }
  return undefined;
}

export function maxAgeSecondsOf(name: StreamName, maxAges: MaxAges = {}): number {
  return maxAges[name] ?? STREAMS[name].maxAgeSeconds;
}
