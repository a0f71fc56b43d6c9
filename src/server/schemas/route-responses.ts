// The responses of a route in the OpenAPI document: what it answers, and with which problems.

import type { RouteConfig, z } from '@hono/zod-openapi';
import { PROBLEMS, type ProblemCode } from '../problem.ts';
import { problemSchema } from './problem-schema.ts';

type Responses = RouteConfig['responses'];

/** Problems that any address may answer with. */
export const COMMON_PROBLEMS: readonly ProblemCode[] = [
  'bad-query',
  'uri-too-long',
  'wrong-host',
  'internal',
];
export const VIEWER_PROBLEMS: readonly ProblemCode[] = [
  'unauthorized',
  'bad-token',
  'wrong-origin',
];
export const AREA_PROBLEMS: readonly ProblemCode[] = [
  ...VIEWER_PROBLEMS,
  'bad-area',
  'not-granted',
  'unknown-area',
];
export const TIME_PROBLEMS: readonly ProblemCode[] = [
  'bad-time',
  'off-grid-time',
  'future-time',
  'before-first',
  'no-figures',
];
export const RANGE_PROBLEMS: readonly ProblemCode[] = [
  'bad-time',
  'off-grid-time',
  'future-time',
  'bad-range',
  'range-too-long',
];

/** Of what may have to be opened. */
export const SOURCE_PROBLEMS: readonly ProblemCode[] = ['too-busy', 'timeout'];

export function jsonResponses(
  schema: z.ZodType,
  description: string,
  problems: readonly ProblemCode[],
): Responses {
  return {
    200: { description, content: { 'application/json': { schema } } },
    ...problemResponses(problems),
  };
}

/** By status, each with its codes. */
export function problemResponses(problems: readonly ProblemCode[]): Responses {
  const codesByStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...problems, ...COMMON_PROBLEMS])) {
    const { status } = PROBLEMS[code];
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code]);
  }
  const responses: Responses = {};
  for (const [status, codes] of codesByStatus) {
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
      content: { 'application/problem+json': { schema: problemSchema } },
    };
  }
  return responses;
}
