import { z } from '@hono/zod-openapi';
import type { HealthDocument } from '../wire.ts';
import { areaIdSchema, originSchema, reasonSchema, timeSchema } from './parts.ts';
import { sameAs } from './same-as.ts';

const counts = z.record(z.string(), z.int());
const rowWithout = z
  .strictObject({ id: z.string(), name: z.string(), area: areaIdSchema, reason: reasonSchema })
  .openapi('RowWithout');

export const healthSchema: z.ZodType<HealthDocument> = sameAs<HealthDocument>()(
  z
    .strictObject({
      area: areaIdSchema,
      now: timeSchema,
      newest: z
        .strictObject({
          start: timeSchema,
          end: timeSchema,
          ageSeconds: z.number(),
          isLate: z.boolean(),
        })
        .nullable(),
      nextExpectedAt: timeSchema.nullable(),
      intervals: z.array(
        z.strictObject({
          start: timeSchema,
          publishedAfterSeconds: z.number().nullable(),
          cellsPublished: z.int(),
          cellsWithheld: counts,
          framesAccepted: z.int().nullable(),
          framesRejected: counts,
          trustees: z.array(z.string()),
          disagreementCount: z.int(),
          auditFindings: z.array(z.string()).nullable(),
        }),
      ),
      withheld: z.array(rowWithout),
      late: z.array(rowWithout),
      trusteeNames: z.array(z.string()),
      sources: z.array(
        z.strictObject({
          area: areaIdSchema,
          name: z.string(),
          origin: originSchema,
          newest: timeSchema.nullable(),
        }),
      ),
    })
    .openapi('HealthDocument'),
);
