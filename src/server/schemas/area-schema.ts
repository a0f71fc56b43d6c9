import { z } from '@hono/zod-openapi';
import type { AreaDocument, AreaItem, SearchDocument } from '../wire.ts';
import { areaIdSchema, originSchema } from './parts.ts';
import { sameAs } from './same-as.ts';

const item = {
  id: areaIdSchema,
  name: z.string().openapi({ example: 'Comunidad de Madrid' }),
  level: z.string().openapi({ example: 'region' }),
  meterCount: z.int(),
  areaKm2: z.number().nullable(),
  center: z
    .tuple([z.number(), z.number()])
    .nullable()
    .openapi({ description: 'Longitude and latitude in degrees.' }),
  bbox: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .nullable()
    .openapi({ description: 'West, south, east, north, in degrees (RFC 7946, section 5).' }),
  isOpen: z.boolean().openapi({ description: 'Whether it has children that this token may see.' }),
  origin: originSchema,
};

export const areaItemSchema: z.ZodType<AreaItem> = sameAs<AreaItem>()(
  z.strictObject(item).openapi('AreaItem'),
);

export const areaSchema: z.ZodType<AreaDocument> = sameAs<AreaDocument>()(
  z
    .strictObject({
      ...item,
      ancestors: z.array(z.strictObject({ id: areaIdSchema, name: z.string(), level: z.string() })),
      childLevel: z.string().nullable(),
      children: z.array(areaItemSchema),
      geometryUrl: z.string().nullable(),
    })
    .openapi('AreaDocument'),
);

export const searchSchema: z.ZodType<SearchDocument> = sameAs<SearchDocument>()(
  z
    .strictObject({
      results: z.array(
        z
          .strictObject({ ...item, path: z.string() })
          .openapi({ description: 'An area, with the names of those above it.' }),
      ),
    })
    .openapi('SearchDocument'),
);
