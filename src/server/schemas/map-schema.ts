import { z } from '@hono/zod-openapi';
import type { ClockDocument, MapDocument } from '../wire.ts';
import { areaIdSchema, energyMetricSchema, timeSchema } from './parts.ts';
import { sameAs } from './same-as.ts';

export const clockSchema: z.ZodType<ClockDocument> = sameAs<ClockDocument>()(
  z
    .strictObject({
      nowMs: z.number().openapi({ description: "The network's clock, Unix milliseconds." }),
      speed: z.number().openapi({ description: 'How much faster than ours it runs.' }),
    })
    .openapi('ClockDocument'),
);

export const mapSchema: z.ZodType<MapDocument> = sameAs<MapDocument>()(
  z
    .strictObject({
      title: z.string(),
      intervalSeconds: z.int(),
      levels: z.array(z.string()).openapi({ description: "By depth, from the map's roots." }),
      metrics: z.array(energyMetricSchema),
      minMeters: z.int().openapi({ description: 'Fewest meters in anything published.' }),
      simulationNote: z.string().nullable(),
      attributions: z.array(
        z.strictObject({ text: z.string(), url: z.string(), licence: z.string() }),
      ),
      dataLicence: z.string(),
      timeZone: z.string().openapi({ example: 'Europe/Madrid' }),
      publishWithinSeconds: z.number(),
      start: areaIdSchema,
      opensAt: areaIdSchema.openapi({ description: 'Where a page without an address opens.' }),
      deepestDepth: z.int().openapi({ description: 'Tokens of the deepest area that is shown.' }),
      hasEvidence: z.boolean(),
      clock: clockSchema,
      first: timeSchema.nullable(),
      latest: timeSchema.nullable(),
    })
    .openapi('MapDocument'),
);
