// POST and DELETE /api/v1/session: a token in a cookie that scripts cannot read.

import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, setCookie } from 'hono/cookie';
import { type App, addRoute } from '../add-route.ts';
import { Problem } from '../problem.ts';
import { sameOriginGuard } from '../request-guards.ts';
import { SESSION_COOKIE } from '../request-viewer.ts';
import { problemResponses } from '../schemas/route-responses.ts';
import { sessionRequestSchema } from '../schemas/session-schema.ts';
import type { ServerDeps } from '../server-deps.ts';

const PATH = '/api/v1/session';
const MAX_BODY_BYTES = 4096;

export function addSessionRoutes(app: App, { tokens, isHttps = false }: ServerDeps): void {
  const cookie = { path: '/', httpOnly: true, sameSite: 'Strict', secure: isHttps } as const;
  app.use(PATH, sameOriginGuard());
  app.use(
    PATH,
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new Problem('body-too-large');
      },
    }),
  );
  addRoute(
    app,
    {
      method: 'post',
      path: PATH,
      summary: 'Log a browser in',
      tags: ['session'],
      security: [],
      request: { body: { content: { 'application/json': { schema: sessionRequestSchema } } } },
      responses: {
        204: { description: 'The cookie is set.' },
        ...problemResponses([
          'bad-body',
          'bad-token',
          'wrong-origin',
          'body-too-large',
          'bad-content-type',
        ]),
      },
    },
    async (c) => {
      const request = sessionRequestSchema.safeParse(parseJson(await c.req.text()));
      if (!request.success) throw new Problem('bad-body');
      const { token } = request.data;
      if (tokens.find(token) === undefined) throw new Problem('bad-token');
      setCookie(c, SESSION_COOKIE, token, cookie);
      return c.body(null, 204, { 'Cache-Control': 'no-store' });
    },
  );
  addRoute(
    app,
    {
      method: 'delete',
      path: PATH,
      summary: 'Log a browser out',
      tags: ['session'],
      security: [],
      responses: {
        204: { description: 'The cookie is gone.' },
        ...problemResponses(['wrong-origin']),
      },
    },
    (c) => {
      deleteCookie(c, SESSION_COOKIE, cookie);
      return c.body(null, 204, { 'Cache-Control': 'no-store' });
    },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('bad-body');
  }
}
