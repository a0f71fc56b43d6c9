// The page's address is its state: `/map/eu/es/13?metric=net&t=2026-11-21T06:30Z&scale=abs`. What an
// address does not say, or says wrongly, is as it is by default; an address never breaks the page.

import { METRICS, type Metric } from '../../../src/map/metric.ts';
import { timeText } from '../api/paths.ts';
import type { Panel, Scale } from './view.ts';

export interface ViewAddress {
  /** Empty: wherever the viewer starts. Not checked: the server says whether there is such an area. */
  readonly area: string;
  readonly metric: Metric;
  readonly scale: Scale;
  /** Unix seconds; undefined follows the newest. */
  readonly start: number | undefined;
  readonly panel: Panel;
}

export const DEFAULT_VIEW: ViewAddress = {
  area: '',
  metric: 'consumption',
  scale: 'meter',
  start: undefined,
  panel: 'map',
};

const SCALES: readonly Scale[] = ['meter', 'km2', 'abs'];
const PANELS: readonly Panel[] = ['map', 'privacy', 'health'];
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z$/;

export function parseViewAddress(pathname: string, search: string): ViewAddress {
  const query = new URLSearchParams(search);
  const area = /^\/map\/(.+?)\/*$/.exec(pathname)?.[1] ?? '';
  return {
    area: decodeSafely(area),
    metric: oneOf(METRICS, query.get('metric')) ?? DEFAULT_VIEW.metric,
    scale: oneOf(SCALES, query.get('scale')) ?? DEFAULT_VIEW.scale,
    start: parseTime(query.get('t')),
    panel: oneOf(PANELS, query.get('panel')) ?? DEFAULT_VIEW.panel,
  };
}

export function formatViewAddress(view: ViewAddress): string {
  const query: string[] = [`metric=${view.metric}`];
  // Left bare, as people read it: nothing in a time needs escaping in a query.
  if (view.start !== undefined) query.push(`t=${timeText(view.start)}`);
  if (view.scale !== DEFAULT_VIEW.scale) query.push(`scale=${view.scale}`);
  if (view.panel !== DEFAULT_VIEW.panel) query.push(`panel=${view.panel}`);
  const path = view.area.split('/').map(encodeURIComponent).join('/');
  return `/map/${path}?${query.join('&')}`;
}

function oneOf<T extends string>(known: readonly T[], text: string | null): T | undefined {
  return known.find((value) => value === text);
}

function parseTime(text: string | null): number | undefined {
  if (text === null || !TIME.test(text)) return undefined;
  const unixMs = Date.parse(text);
  return Number.isFinite(unixMs) ? Math.floor(unixMs / 1000) : undefined;
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
