// A request that did not succeed, as the server's problem document (RFC 9457) tells it, or as the
// network failed it.

import type { ProblemDocument } from '../../../src/server/wire.ts';

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** 0 where no answer came. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;

  constructor(problem: Omit<ProblemDocument, 'type'>, options?: ErrorOptions) {
    super(`${problem.title}: ${problem.detail}`, options);
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.code = problem.code;
  }

  /** Whether the same request may succeed a little later. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** The problem that an answer's body states, or one made of its status alone. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const text = (key: string, otherwise: string): string => {
    const value = said[key];
    return typeof value === 'string' && value !== '' ? value : otherwise;
  };
  return new ApiProblem({
    status,
    title: text('title', `The server answered ${status}`),
    detail: text('detail', 'It gave no reason.'),
    code: text('code', `http-${status}`),
  });
}

/** Of anything that was thrown. */
export function asProblem(error: unknown): ApiProblem {
  return error instanceof ApiProblem
    ? error
    : problemOf(0, { title: 'Something went wrong', detail: String(error) });
}
