// Logs this browser in: the server puts the token into a cookie that no script can read.

import { paths } from './paths.ts';
import { ApiProblem, problemOf } from './problem.ts';

/** @throws ApiProblem where the server does not know the token, or does not answer */
export async function logIn(token: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(paths.session(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  } catch (cause) {
    throw new ApiProblem(
      { status: 0, title: 'No connection', detail: 'The server did not answer.', code: 'offline' },
      { cause },
    );
  }
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => undefined));
}
