// GET /api/v1/areas/{id}/health and, where the process can show it, /evidence

import { type App, addRoute, pathParameter } from '../add-route.ts';
import { askSource } from '../ask-source.ts';
import { evidenceDocument } from '../evidence-document.ts';
import { healthDocument } from '../health-document.ts';
import { visibleArea } from '../parse-area.ts';
import { parseQuery } from '../parse-query.ts';
import { parseIntervalOrLatest } from '../parse-time.ts';
import { Problem } from '../problem.ts';
import { requestViewer } from '../request-viewer.ts';
import { evidenceSchema } from '../schemas/evidence-schema.ts';
import { healthSchema } from '../schemas/health-schema.ts';
import { areaParams, timeQuery } from '../schemas/parameters.ts';
import {
  AREA_PROBLEMS,
  jsonResponses,
  SOURCE_PROBLEMS,
  TIME_PROBLEMS,
} from '../schemas/route-responses.ts';
import { type ServerDeps, serverLimits } from '../server-deps.ts';

export function addHealthRoutes(app: App, deps: ServerDeps): void {
  const { source } = deps;
  const { timeoutMs } = serverLimits(deps);
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/areas/{id}/health',
      summary: 'How the service does: ages, gaps and their reasons',
      tags: ['map'],
      request: { params: areaParams },
      responses: jsonResponses(healthSchema, 'At most a day of intervals, oldest first.', [
        ...AREA_PROBLEMS,
        ...SOURCE_PROBLEMS,
      ]),
    },
    async (c) => {
      const viewer = requestViewer(c);
      const area = visibleArea(source, viewer, pathParameter(c, 'id'));
      parseQuery(c, []);
      const report = await askSource(c, timeoutMs, () => source.health(area.id, viewer));
      return c.json(healthDocument(source, viewer, area, report), 200, {
        'Cache-Control': 'no-store',
      });
    },
  );

  const evidence = source.evidence?.bind(source);
  if (evidence === undefined) return;
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/areas/{id}/evidence',
      summary: 'What each party holds of a street, as bytes',
      description: 'Only where one process plays all parties: the demo.',
      tags: ['map'],
      request: { params: areaParams, query: timeQuery },
      responses: jsonResponses(evidenceSchema, 'Of one street and interval.', [
        ...AREA_PROBLEMS,
        ...TIME_PROBLEMS,
        'no-evidence',
        ...SOURCE_PROBLEMS,
      ]),
    },
    async (c) => {
      const viewer = requestViewer(c);
      const area = visibleArea(source, viewer, pathParameter(c, 'id'));
      const interval = parseIntervalOrLatest(source, parseQuery(c, ['t']).t);
      const found = await askSource(c, timeoutMs, () =>
        evidence({ area: area.id, interval, viewer }),
      );
      if (found === undefined) throw new Problem('no-evidence');
      return c.json(evidenceDocument(source.about.intervalSeconds, found), 200, {
        'Cache-Control': 'no-store',
      });
    },
  );
}
