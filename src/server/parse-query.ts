// The parameters of a query: each at most once, and none that has no meaning here, since a mistyped
// `form=` would otherwise be answered with something that was not asked for.

import type { Context } from 'hono';
import { Problem } from './problem.ts';

/** @throws Problem `bad-query`. */
export function parseQuery<Name extends string>(
  c: Context,
  names: readonly Name[],
): Readonly<Record<Name, string | undefined>> {
  const values = c.req.queries();
  const known: readonly string[] = names;
  for (const [name, list] of Object.entries(values)) {
    if (!known.includes(name)) {
      const expected = names.length === 0 ? 'none' : names.map((one) => `"${one}"`).join(', ');
      throw new Problem(
        'bad-query',
        `There is a parameter that has no meaning here; known: ${expected}.`,
      );
    }
    if (list.length > 1) throw new Problem('bad-query', `Give "${name}" once.`);
  }
  return Object.fromEntries(names.map((name) => [name, values[name]?.[0]])) as Record<
    Name,
    string | undefined
  >;
}
