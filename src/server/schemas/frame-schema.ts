import { z } from '@hono/zod-openapi';
import { ENERGY_METRICS } from '../../map/metric.ts';
import type { FrameDocument, RowDocument } from '../wire.ts';
import {
  areaIdSchema,
  energyWhSchema,
  metricSchema,
  originSchema,
  reasonSchema,
  rowStatusSchema,
  timeSchema,
} from './parts.ts';
import { sameAs } from './same-as.ts';

export const rowSchema: z.ZodType<RowDocument> = sameAs<RowDocument>()(
  z
    .strictObject({
      id: z.string().openapi({ description: "The area's id, or the merged cell's name." }),
      name: z.string(),
      kind: z.enum(['area', 'cell']),
      members: z.array(areaIdSchema),
      layers: z
        .array(metricSchema)
        .openapi({ description: 'The metrics whose map has this row as one shape.' }),
      meterCount: z.int(),
      energyWh: energyWhSchema,
      absent: z
        .partialRecord(z.enum(ENERGY_METRICS), reasonSchema)
        .openapi({ description: 'Of each null: why.' }),
      coverage: z.number().min(0).max(1),
      status: rowStatusSchema,
      reason: reasonSchema.nullable(),
      isChecked: z.boolean(),
      origin: originSchema,
    })
    .openapi('RowDocument'),
);

export const frameSchema: z.ZodType<FrameDocument> = sameAs<FrameDocument>()(
  z
    .strictObject({
      area: areaIdSchema,
      start: timeSchema,
      end: timeSchema,
      isLatest: z.boolean(),
      publishedAt: timeSchema.nullable(),
      revision: z.int(),
      self: rowSchema,
      rows: z.array(rowSchema),
    })
    .openapi('FrameDocument'),
);
