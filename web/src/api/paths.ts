// Where the API's documents are (src/server/wire.ts): an area's slashes are dots in a path.

function areaPath(area: string): string {
  return `/api/v1/areas/${encodeURIComponent(area.replaceAll('/', '.'))}`;
}

function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const said = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) said.set(key, value);
  const text = said.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** `2026-11-21T06:30Z`: the API and the page's own address take the minute. */
export function timeText(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().replace(/:00\.000Z$/, 'Z');
}

type ExportFormat = 'csv' | 'geojson' | 'parquet';

export interface ApiPaths {
  map(): string;
  session(): string;
  search(text: string): string;
  area(area: string): string;
  /** Without `start` the newest. */
  frame(area: string, start: number | undefined): string;
  series(area: string, from: number, until: number, row?: string): string;
  health(area: string): string;
  evidence(area: string, start: number): string;
  export(area: string, format: ExportFormat, from: number, until: number): string;
  events(area: string): string;
}

/** Times are Unix seconds; `until` is not included. */
export const paths: ApiPaths = {
  map: () => '/api/v1/map',
  session: () => '/api/v1/session',
  search: (text) => withQuery('/api/v1/search', { q: text }),
  area: areaPath,
  frame: (area, start) =>
    withQuery(`${areaPath(area)}/frame`, { t: start === undefined ? undefined : timeText(start) }),
  series: (area, from, until, row) =>
    withQuery(`${areaPath(area)}/series`, { from: timeText(from), until: timeText(until), row }),
  health: (area) => `${areaPath(area)}/health`,
  evidence: (area, start) => withQuery(`${areaPath(area)}/evidence`, { t: timeText(start) }),
  export: (area, format, from, until) =>
    withQuery(`${areaPath(area)}/export`, { format, from: timeText(from), until: timeText(until) }),
  events: (area) => `${areaPath(area)}/events`,
};
