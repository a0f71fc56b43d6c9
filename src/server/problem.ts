// Every error that the API can answer with (RFC 9457): one table of codes, with the status, the title
// and what to try. A test keeps it, docs/api.md and the OpenAPI document equal. Handlers throw a
// Problem; the application's error handler writes it, so nothing of the inside gets out.

import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ProblemDocument } from './wire.ts';

export interface ProblemKind {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  /** What the caller can do about it: the detail, where nothing more is known. */
  readonly hint: string;
}

export type ProblemCode =
  | 'bad-area'
  | 'bad-time'
  | 'off-grid-time'
  | 'future-time'
  | 'before-first'
  | 'bad-range'
  | 'range-too-long'
  | 'bad-row'
  | 'bad-query'
  | 'bad-format'
  | 'bad-body'
  | 'unauthorized'
  | 'bad-token'
  | 'not-granted'
  | 'wrong-origin'
  | 'unknown-area'
  | 'unknown-row'
  | 'unknown-geometry'
  | 'no-evidence'
  | 'not-found'
  | 'method-not-allowed'
  | 'body-too-large'
  | 'uri-too-long'
  | 'bad-content-type'
  | 'wrong-host'
  | 'internal'
  | 'no-figures'
  | 'too-many-streams'
  | 'too-busy'
  | 'timeout';

export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = {
  'bad-area': {
    status: 400,
    title: 'Not an area id',
    hint: 'Write an area as 1 to 16 tokens of A-Z, a-z, 0-9, "_" and "-", joined by dots: eu.es.13.',
  },
  'bad-time': {
    status: 400,
    title: 'Not a time',
    hint: 'Write times as ISO 8601 with an offset: 2026-11-21T06:30Z.',
  },
  'off-grid-time': {
    status: 400,
    title: 'Not the start of an interval',
    hint: 'Intervals start at whole multiples of intervalSeconds of UTC; /api/v1/map has the length.',
  },
  'future-time': {
    status: 400,
    title: 'In the future',
    hint: 'Ask for an interval that has begun by the clock of /api/v1/map.',
  },
  'before-first': {
    status: 404,
    title: 'Before the first interval',
    hint: 'The oldest interval with figures is "first" of /api/v1/map.',
  },
  'bad-range': {
    status: 400,
    title: 'Not a range of times',
    hint: 'Give "from" and "until", where "until" is not included and lies after "from".',
  },
  'range-too-long': {
    status: 400,
    title: 'Range too long',
    hint: 'Ask for at most 2976 intervals at once: 31 days of quarter-hours.',
  },
  'bad-row': {
    status: 400,
    title: 'Not a row id',
    hint: 'Give the id of a row of a frame, at most 1100 characters.',
  },
  'bad-query': {
    status: 400,
    title: 'Not a valid query',
    hint: 'Give each parameter once, and only those that the documentation names.',
  },
  'bad-format': {
    status: 400,
    title: 'Not an export format',
    hint: 'Ask for format csv, geojson or parquet.',
  },
  'bad-body': {
    status: 400,
    title: 'Not a valid body',
    hint: 'Send the JSON object that the documentation describes, and nothing more in it.',
  },
  unauthorized: {
    status: 401,
    title: 'A token is needed',
    hint: 'Send Authorization: Bearer and your token.',
  },
  'bad-token': {
    status: 401,
    title: 'Not a valid token',
    hint: 'The token is unknown or no longer valid: ask the operator for one.',
  },
  'not-granted': {
    status: 403,
    title: 'Not granted',
    hint: 'The token sees an area and what lies below it, down to a level: "start" and "deepestDepth" of /api/v1/map.',
  },
  'wrong-origin': {
    status: 403,
    title: 'From another site',
    hint: 'Requests are taken from programs and from pages of the same origin; a link may lead here.',
  },
  'unknown-area': {
    status: 404,
    title: 'No such area',
    hint: 'The area is not in the tree: search for it, or walk down from "start" of /api/v1/map.',
  },
  'unknown-row': {
    status: 404,
    title: 'No such row',
    hint: 'The area has no such child or cell: take row ids from its frame.',
  },
  'unknown-geometry': {
    status: 404,
    title: 'No such geometry',
    hint: 'Take the address from "geometryUrl" of the area: it changes with the geometry.',
  },
  'no-evidence': {
    status: 404,
    title: 'No evidence of this',
    hint: 'Evidence exists for published streets, where one process plays all parties.',
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    hint: 'There is nothing at this address: /docs lists what there is.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    hint: 'The Allow header lists the methods of this address.',
  },
  'body-too-large': {
    status: 413,
    title: 'Body too large',
    hint: 'Send at most 4096 bytes.',
  },
  'uri-too-long': {
    status: 414,
    title: 'Address too long',
    hint: 'Use an address of at most 4096 characters.',
  },
  'bad-content-type': {
    status: 415,
    title: 'Not JSON',
    hint: 'Send Content-Type: application/json.',
  },
  'wrong-host': {
    status: 421,
    title: 'Not a host name of this server',
    hint: 'Use the address that the server printed, or add this host name to its configuration.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong here',
    hint: 'It was counted and reported to the operator. Try again.',
  },
  'no-figures': {
    status: 503,
    title: 'No figures yet',
    hint: 'The first interval has not been published yet: try again after the next one.',
  },
  'too-many-streams': {
    status: 503,
    title: 'Too many event streams',
    hint: 'Close one, or ask for frames instead.',
  },
  'too-busy': {
    status: 503,
    title: 'Too much is being opened',
    hint: 'More was asked for than can be opened at once: try again in some seconds.',
  },
  timeout: {
    status: 504,
    title: 'It took too long',
    hint: 'Ask for less at once, or try again.',
  },
};

/** A request that cannot be answered as asked. `detail` never holds anything secret. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string = PROBLEMS[code].hint,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

export function problemDocument(problem: Problem): ProblemDocument {
  const { status, title } = PROBLEMS[problem.code];
  return {
    type: `/docs#${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
  };
}

export function problemResponse(problem: Problem): Response {
  const document = problemDocument(problem);
  return new Response(JSON.stringify(document), {
    status: document.status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...problem.headers,
    },
  });
}
