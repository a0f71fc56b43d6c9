// A schema and the type of src/server/wire.ts that it stands for are the same, or this does not
// compile: not one wider than the other, not one field more.

import type { z } from '@hono/zod-openapi';

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

type IsSame<A, B> =
  (<T>() => T extends DeepReadonly<A> ? 1 : 2) extends <T>() => T extends DeepReadonly<B> ? 1 : 2
    ? true
    : false;

export function sameAs<Wire>(): <S extends z.ZodType>(
  schema: IsSame<z.output<S>, Wire> extends true ? S : never,
) => z.ZodType<Wire> {
  return (schema) => schema as unknown as z.ZodType<Wire>;
}
