// OGC API Features, Part 1: Core (17-069r4), for QGIS and other GIS: /ogc. Read only, GeoJSON, CRS84.

import type { Context } from 'hono';
import type { MapSource } from '../../map/map-source.ts';
import { type App, addRoute, pathParameter } from '../add-route.ts';
import { endWithSignal } from '../ask-source.ts';
import { createShapeReader } from '../export/area-shapes.ts';
import { parseQuery } from '../parse-query.ts';
import { formatIntervalStart, formatTime } from '../parse-time.ts';
import { Problem } from '../problem.ts';
import { requestViewer } from '../request-viewer.ts';
import { type ServerDeps, type ServerEnv, serverLimits } from '../server-deps.ts';
import { collectionDocument, collectionsOf, findCollection } from './ogc-collections.ts';
import { readFeature, readFeatures } from './ogc-features.ts';
import { createLinks, type Link } from './ogc-links.ts';
import { OGC_ROUTES, ogcOpenApi } from './ogc-openapi.ts';
import { parseDatetime, parseItemsQuery } from './ogc-query.ts';

const GEOJSON = 'application/geo+json';
const OPENAPI = 'application/vnd.oai.openapi+json;version=3.0';
const CONFORMS_TO = ['core', 'oas30', 'geojson'].map(
  (name) => `http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/${name}`,
);

export function addOgcRoutes(app: App, deps: ServerDeps): void {
  const { source } = deps;
  const { timeoutMs } = serverLimits(deps);
  const readShapes = createShapeReader(source);
  const signalOf = (c: Context): AbortSignal =>
    AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(timeoutMs)]);

  const landing = (c: Context<ServerEnv>): Response => {
    requestViewer(c);
    parseQuery(c, []);
    const links = createLinks(c, deps);
    return answer(c, {
      title: source.about.title,
      description:
        `Energy of areas, from streets upwards. ${source.about.simulationNote ?? ''}`.trim(),
      attribution: source.about.attributions.map(({ text }) => text).join('; '),
      links: [
        links.to('', 'self', 'application/json', 'This document'),
        links.to('/api', 'service-desc', OPENAPI, 'The API’s definition'),
        {
          href: `${links.origin}/docs`,
          rel: 'service-doc',
          type: 'text/html',
          title: 'The API’s documentation',
        },
        links.to('/conformance', 'conformance', 'application/json', 'What it conforms to'),
        links.to('/collections', 'data', 'application/json', 'The collections'),
        ...links.licences(source),
      ],
    });
  };
  addRoute(app, OGC_ROUTES.landing, landing);
  // Clients take the address of a folder for the same.
  app.get('/ogc/', landing);

  addRoute(app, OGC_ROUTES.api, (c) => {
    parseQuery(c, []);
    return answer(c, ogcOpenApi(source.about.title, createLinks(c, deps).origin), OPENAPI);
  });

  addRoute(app, OGC_ROUTES.conformance, (c) => {
    parseQuery(c, []);
    return answer(c, { conformsTo: CONFORMS_TO });
  });

  addRoute(app, OGC_ROUTES.collections, (c) => {
    const viewer = requestViewer(c);
    parseQuery(c, []);
    const links = createLinks(c, deps);
    return answer(c, {
      links: [
        links.to('/collections', 'self', 'application/json', 'This document'),
        ...links.licences(source),
      ],
      collections: collectionsOf(source, viewer).map((one) =>
        collectionDocument(source, viewer, links, one),
      ),
    });
  });

  addRoute(app, OGC_ROUTES.collection, (c) => {
    const viewer = requestViewer(c);
    parseQuery(c, []);
    const collection = findCollection(source, viewer, pathParameter(c, 'collectionId'));
    return answer(c, collectionDocument(source, viewer, createLinks(c, deps), collection));
  });

  addRoute(app, OGC_ROUTES.items, async (c) => {
    const viewer = requestViewer(c);
    const collection = findCollection(source, viewer, pathParameter(c, 'collectionId'));
    const query = parseItemsQuery(c, source, viewer);
    const { features, matchedCount } = await endWithSignal(signalOf(c), (signal) =>
      readFeatures({ source, viewer, readShapes, signal }, collection, query),
    );
    const links = createLinks(c, deps);
    const collectionPath = `/collections/${encodeURIComponent(collection.id)}`;
    const paging: Link[] = [];
    const turn = (rel: string, offset: number, title: string) =>
      paging.push(links.withParameters({ offset: String(offset) }, rel, GEOJSON, title));
    const end = query.offset + features.length;
    if (features.length > 0 && end < matchedCount) turn('next', end, 'Next page');
    if (query.offset > 0) turn('prev', Math.max(0, query.offset - query.limit), 'Previous page');
    return answer(
      c,
      {
        type: 'FeatureCollection',
        timeStamp: formatTime(source.nowMs()),
        numberMatched: matchedCount,
        numberReturned: features.length,
        ...figuresMembers(source, query.interval),
        links: [
          links.withParameters({}, 'self', GEOJSON, 'This page'),
          ...paging,
          links.to(collectionPath, 'collection', 'application/json', 'The collection'),
          ...links.licences(source),
        ],
        features,
      },
      GEOJSON,
    );
  });

  addRoute(app, OGC_ROUTES.item, async (c) => {
    const viewer = requestViewer(c);
    const collection = findCollection(source, viewer, pathParameter(c, 'collectionId'));
    const { datetime } = parseQuery(c, ['datetime']);
    const interval = parseDatetime(source, datetime);
    const id = pathParameter(c, 'featureId');
    const feature =
      interval === undefined
        ? undefined
        : await endWithSignal(signalOf(c), (signal) =>
            readFeature({ source, viewer, readShapes, signal }, collection, id, interval),
          );
    if (feature === undefined)
      throw new Problem('not-found', 'The collection has no such feature at this time.');
    const links = createLinks(c, deps);
    const path = `/collections/${encodeURIComponent(collection.id)}`;
    return answer(
      c,
      {
        ...feature,
        ...figuresMembers(source, interval),
        links: [
          links.withParameters({}, 'self', GEOJSON, 'This feature'),
          links.to(path, 'collection', 'application/json', 'The collection'),
          ...links.licences(source),
        ],
      },
      GEOJSON,
    );
  });
}

/** What a figure cannot be read without, and what it may not be passed on without. */
function figuresMembers(source: MapSource, interval: number | undefined): Record<string, unknown> {
  const { about } = source;
  return {
    figures: {
      start: interval === undefined ? null : formatIntervalStart(interval, about.intervalSeconds),
      interval_seconds: about.intervalSeconds,
      unit: 'Watt-hours (Wh) within the interval; null is not published, never zero.',
      time_zone: about.timeZone,
      simulation: about.simulationNote ?? null,
      licence: about.dataLicence,
      attributions: about.attributions,
    },
  };
}

function answer(c: Context<ServerEnv>, document: object, type = 'application/json'): Response {
  return c.body(JSON.stringify(document), 200, {
    'Content-Type': type,
    'Cache-Control': 'private, no-cache',
    Vary: 'Authorization, Cookie',
  });
}
