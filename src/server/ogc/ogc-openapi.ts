// What the OGC routes are, for the OpenAPI document: the standard asks for these very parameters
// (OGC 17-069r4, sections 7.15.2 to 7.15.5), and GIS clients read their limits.

import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { ProblemCode } from '../problem.ts';
import { problemResponses, SOURCE_PROBLEMS, VIEWER_PROBLEMS } from '../schemas/route-responses.ts';
import { DEFAULT_LIMIT, MAX_LIMIT } from './ogc-query.ts';

const collectionId = {
  name: 'collectionId',
  in: 'path',
  required: true,
  schema: { type: 'string' },
} as const;
const datetime = {
  name: 'datetime',
  in: 'query',
  required: false,
  style: 'form',
  explode: false,
  description:
    'An instant (2026-11-21T06:30:00Z) or a range with "/" between, ".." for an open end: the newest interval with figures in it. Without it, the newest.',
  schema: { type: 'string' },
} as const;
const ITEMS_PARAMETERS = [
  {
    name: 'bbox',
    in: 'query',
    required: false,
    style: 'form',
    explode: false,
    description: 'West, south, east, north in degrees of CRS84; heights are ignored.',
    schema: {
      type: 'array',
      oneOf: [
        { minItems: 4, maxItems: 4 },
        { minItems: 6, maxItems: 6 },
      ],
      items: { type: 'number' },
    },
  },
  datetime,
  {
    name: 'limit',
    in: 'query',
    required: false,
    style: 'form',
    explode: false,
    schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
  },
  {
    name: 'offset',
    in: 'query',
    required: false,
    style: 'form',
    explode: false,
    schema: { type: 'integer', minimum: 0, default: 0 },
  },
  {
    name: 'parent',
    in: 'query',
    required: false,
    style: 'form',
    explode: false,
    description: 'Only features below this area, written with dots: eu.es.13.',
    schema: { type: 'string' },
  },
] as const;

const ITEM_PROBLEMS: readonly ProblemCode[] = [
  ...VIEWER_PROBLEMS,
  'not-found',
  'bad-time',
  'no-figures',
  ...SOURCE_PROBLEMS,
];

export const OGC_ROUTES: Readonly<
  Record<
    'landing' | 'api' | 'conformance' | 'collections' | 'collection' | 'items' | 'item',
    RouteConfig
  >
> = {
  landing: route('/ogc', 'Landing page', 'application/json'),
  api: route('/ogc/api', 'This document', 'application/vnd.oai.openapi+json;version=3.0'),
  conformance: route('/ogc/conformance', 'What it conforms to', 'application/json'),
  collections: route('/ogc/collections', 'The collections', 'application/json'),
  collection: route(
    '/ogc/collections/{collectionId}',
    'A collection',
    'application/json',
    [collectionId],
    [...VIEWER_PROBLEMS, 'not-found'],
  ),
  items: route(
    '/ogc/collections/{collectionId}/items',
    'Features of a collection',
    'application/geo+json',
    [collectionId, ...ITEMS_PARAMETERS],
    [...ITEM_PROBLEMS, 'bad-area', 'not-granted', 'unknown-area'],
  ),
  item: route(
    '/ogc/collections/{collectionId}/items/{featureId}',
    'A feature',
    'application/geo+json',
    [
      collectionId,
      { name: 'featureId', in: 'path', required: true, schema: { type: 'string' } },
      datetime,
    ],
    ITEM_PROBLEMS,
  ),
};

function route(
  path: string,
  summary: string,
  type: string,
  parameters: readonly object[] = [],
  problems: readonly ProblemCode[] = VIEWER_PROBLEMS,
): RouteConfig {
  return {
    method: 'get',
    path,
    summary,
    tags: ['OGC API Features'],
    parameters: [...parameters] as NonNullable<RouteConfig['parameters']>,
    responses: {
      200: { description: summary, content: { [type]: { schema: { type: 'object' } } } },
      ...problemResponses(problems),
    },
  };
}

/** Of the OGC routes alone, as OpenAPI 3.0: the conformance class `oas30` asks for that version. */
export function ogcOpenApi(title: string, origin: string): object {
  const app = new OpenAPIHono();
  for (const one of Object.values(OGC_ROUTES)) app.openAPIRegistry.registerPath(one);
  return app.getOpenAPIDocument({
    openapi: '3.0.3',
    info: { title: `${title}: OGC API Features`, version: '1.0.0' },
    servers: [{ url: origin }],
  });
}
