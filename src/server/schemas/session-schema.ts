import { z } from '@hono/zod-openapi';

export interface SessionRequest {
  readonly token: string;
}

export const sessionRequestSchema: z.ZodType<SessionRequest> = z
  .strictObject({ token: z.string().min(1).max(256) })
  .openapi('SessionRequest');
