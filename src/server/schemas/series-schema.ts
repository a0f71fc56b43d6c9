import { z } from '@hono/zod-openapi';
import type { SeriesDocument } from '../wire.ts';
import {
  areaIdSchema,
  energySeriesSchema,
  originSchema,
  rowStatusSchema,
  timeSchema,
} from './parts.ts';
import { sameAs } from './same-as.ts';

export const seriesSchema: z.ZodType<SeriesDocument> = sameAs<SeriesDocument>()(
  z
    .strictObject({
      area: areaIdSchema,
      row: z.string(),
      name: z.string(),
      from: timeSchema,
      until: timeSchema,
      intervalSeconds: z.int(),
      energyWh: energySeriesSchema,
      coverage: z.array(z.number().nullable()),
      status: z.array(rowStatusSchema.nullable()),
      origin: z.array(originSchema.nullable()),
      pendingCount: z
        .int()
        .openapi({ description: 'Intervals that are still being opened: ask again.' }),
    })
    .openapi('SeriesDocument'),
);
