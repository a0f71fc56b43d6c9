import { z } from '@hono/zod-openapi';
import { PROBLEMS } from '../problem.ts';
import type { ProblemDocument } from '../wire.ts';
import { sameAs } from './same-as.ts';

export const problemSchema: z.ZodType<ProblemDocument> = sameAs<ProblemDocument>()(
  z
    .strictObject({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      code: z.string().openapi({ enum: Object.keys(PROBLEMS) }),
    })
    .openapi('ProblemDocument', { description: 'RFC 9457; what went wrong, by its code.' }),
);
