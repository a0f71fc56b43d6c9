import { z } from '@hono/zod-openapi';
import type { EvidenceDocument, WordDocument } from '../wire.ts';
import { areaIdSchema, timeSchema } from './parts.ts';
import { sameAs } from './same-as.ts';

const wordSchema: z.ZodType<WordDocument> = sameAs<WordDocument>()(
  z
    .strictObject({
      channel: z.string(),
      hex: z.string().openapi({ description: 'A 64-bit word in 16 hex digits.' }),
    })
    .openapi('WordDocument'),
);

export const evidenceSchema: z.ZodType<EvidenceDocument> = sameAs<EvidenceDocument>()(
  z
    .strictObject({
      area: areaIdSchema,
      start: timeSchema,
      cell: z.strictObject({ name: z.string(), members: z.array(areaIdSchema) }),
      bus: z
        .strictObject({
          subject: z.string(),
          frameCount: z.int(),
          frames: z.array(z.string()),
        })
        .nullable(),
      aggregator: z.strictObject({ maskedTotals: z.array(wordSchema) }).nullable(),
      trustees: z.array(
        z.strictObject({
          name: z.string(),
          maskSums: z.array(z.strictObject({ component: z.int(), words: z.array(wordSchema) })),
        }),
      ),
      monitor: z.strictObject({
        maskedTotals: z.array(wordSchema),
        maskSums: z.array(wordSchema),
        energyWh: z.array(z.strictObject({ channel: z.string(), energyWh: z.int().nullable() })),
      }),
      household: z
        .strictObject({
          label: z.string(),
          readingWh: z.array(z.strictObject({ channel: z.string(), energyWh: z.int() })),
          frame: z.string(),
        })
        .nullable(),
      notes: z.array(z.string()),
    })
    .openapi('EvidenceDocument'),
);
