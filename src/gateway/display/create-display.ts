// The household's page over HTTP. Nobody else's: on loopback for whoever is on the machine, on the
// home's network for paired devices. No name but ours (DNS rebinding), no page of elsewhere, nothing
// cached, nothing from outside.

import { isIP } from 'node:net';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import { createHomeDocument, type HomeSource } from './home-document.ts';
import { HOME_PAGE, HOME_STYLE, pairPage } from './home-page.ts';
import { HOME_SCRIPT } from './home-script.ts';
import type { Pairing } from './pairing.ts';

const COOKIE = 'streetwatt_home';
const YEAR_SECONDS = 31_536_000;
const MAX_FORM_BYTES = 1024;
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface DisplayOptions {
  readonly source: HomeSource;
  /** Names of ours, beside addresses and localhost. */
  readonly names: readonly string[];
  /** undefined: on loopback, where nobody pairs. */
  readonly pairing: Pairing | undefined;
}

export function createDisplay({ source, names, pairing }: DisplayOptions): Hono {
  const app = new Hono();
  const isPaired = (c: Context) => pairing === undefined || pairing.isPaired(getCookie(c, COOKIE));

  app.use(async (c, next) => {
    if (isOurName(hostOf(c), names)) await next();
    else c.res = c.text('This is not a name of this gateway.', 421);
    const { headers } = c.res;
    headers.set('Content-Security-Policy', CSP);
    headers.set('X-Content-Type-Options', 'nosniff');
    headers.set('X-Frame-Options', 'DENY');
    // With `no-referrer`, browsers say nothing of where our own form comes from: `Origin: null`.
    headers.set('Referrer-Policy', 'same-origin');
    headers.set('Cross-Origin-Opener-Policy', 'same-origin');
    headers.set('Cross-Origin-Resource-Policy', 'same-origin');
    headers.set('Cache-Control', 'no-store');
  });
  app.get('/', (c) => (isPaired(c) ? c.html(HOME_PAGE) : c.html(pairPage(''), 401)));
  app.get('/style.css', (c) =>
    c.body(HOME_STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }),
  );
  app.get('/app.js', (c) =>
    c.body(HOME_SCRIPT, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/home.json', (c) => {
    if (!isPaired(c)) return c.text('This device is not paired.', 401);
    if (!isFromHere(c)) return c.text('Only this gateway’s own page may ask.', 403);
    return c.json(createHomeDocument(source));
  });
  app.post('/pair', bodyLimit({ maxSize: MAX_FORM_BYTES }), async (c) => {
    if (pairing === undefined) return c.redirect('/', 303);
    if (!isFromHere(c)) return c.text('Only this gateway’s own page may ask.', 403);
    const { code } = await c.req.parseBody();
    const outcome = pairing.pair(typeof code === 'string' ? code : '');
    if (outcome.kind === 'paired') {
      setCookie(c, COOKIE, outcome.token, {
        ...{ path: '/', httpOnly: true, sameSite: 'Strict', maxAge: YEAR_SECONDS },
      });
      return c.redirect('/', 303);
    }
    if (outcome.kind === 'wrong') return c.html(pairPage('That is not the code.'), 401);
    return c.html(pairPage('Too many wrong codes. Try again in a quarter of an hour.'), 429);
  });
  app.notFound((c) => c.text('There is nothing here.', 404));
  return app;
}

function hostOf(c: Context): string {
  return (c.req.header('Host') ?? new URL(c.req.url).host).toLowerCase();
}

function isOurName(host: string, names: readonly string[]): boolean {
  const name = host.replace(/:\d{0,5}$/u, '').replace(/\.$/u, '');
  const isAddress = isIP(name.replace(/^\[(.*)\]$/u, '$1')) !== 0;
  return isAddress || name === 'localhost' || names.some((ours) => ours.toLowerCase() === name);
}

function isFromHere(c: Context): boolean {
  const site = c.req.header('Sec-Fetch-Site');
  const origin = c.req.header('Origin');
  const isSame = site === undefined || site === 'same-origin' || site === 'none';
  return isSame && (origin === undefined || originHost(origin) === hostOf(c));
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host.toLowerCase() : undefined;
}
