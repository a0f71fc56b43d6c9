// Parameters as the OpenAPI document describes them; the handlers parse them.

import { z } from '@hono/zod-openapi';

const area = z
  .string()
  .max(1040)
  .openapi({
    param: { name: 'id', in: 'path', required: true },
    pattern: '^[A-Za-z0-9_-]{1,64}(\\.[A-Za-z0-9_-]{1,64}){0,15}$',
    description: 'The area, with dots.',
    example: 'eu.es.13',
  });

function time(name: string, description: string, isRequired: boolean): z.ZodType {
  return z.string().openapi({
    param: { name, in: 'query', required: isRequired },
    format: 'date-time',
    description,
    example: '2026-11-21T06:30:00Z',
  });
}

export const areaParams: z.ZodObject = z.object({ id: area });
export const geometryParams: z.ZodObject = z.object({
  id: area,
  hash: z.string().openapi({ param: { name: 'hash', in: 'path', required: true } }),
});
export const timeQuery: z.ZodObject = z.object({
  t: time('t', 'The start of an interval; without it the newest.', false),
});
export const rangeQuery: z.ZodObject = z.object({
  from: time('from', 'The start of the first interval.', true),
  until: time('until', 'The end of the last interval: not included.', true),
});
export const seriesQuery: z.ZodObject = rangeQuery.extend({
  row: z.string().openapi({
    param: { name: 'row', in: 'query', required: false },
    description: "A row's id, as its frame has it; without it the area itself.",
  }),
});
export const searchQuery: z.ZodObject = z.object({
  q: z
    .string()
    .min(1)
    .max(100)
    .openapi({
      param: { name: 'q', in: 'query', required: true },
      description: 'Part of a name or of an id; case and accents do not matter.',
      example: 'alcobendas',
    }),
});
export const eventHeaders: z.ZodObject = z.object({
  'Last-Event-ID': z.string().openapi({
    param: { name: 'Last-Event-ID', in: 'header', required: false },
    description: 'The id of the last event that came: browsers send it by themselves.',
  }),
});
