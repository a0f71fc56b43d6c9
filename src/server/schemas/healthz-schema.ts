import { z } from '@hono/zod-openapi';

export interface HealthzDocument {
  readonly isHealthy: boolean;
  /** From the newest interval's end until now, by the network's clock; null where there is none. */
  readonly ageSeconds: number | null;
  readonly maxAgeSeconds: number;
}

export const healthzSchema: z.ZodType<HealthzDocument> = z
  .strictObject({
    isHealthy: z.boolean(),
    ageSeconds: z.number().nullable(),
    maxAgeSeconds: z.number(),
  })
  .openapi('HealthzDocument');
