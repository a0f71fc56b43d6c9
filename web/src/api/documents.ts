// The API's documents, each asked for by its name.

import type {
  AreaDocument,
  EvidenceDocument,
  FrameDocument,
  HealthDocument,
  MapDocument,
  SearchDocument,
  SeriesDocument,
} from '../../../src/server/wire.ts';
import { type GetOptions, getDocument } from './client.ts';
import { paths } from './paths.ts';

export function getMap(options?: GetOptions): Promise<MapDocument> {
  return getDocument<MapDocument>(paths.map(), ['opensAt', 'clock', 'intervalSeconds'], options);
}

export function getArea(area: string, options?: GetOptions): Promise<AreaDocument> {
  return getDocument<AreaDocument>(paths.area(area), ['id', 'children', 'ancestors'], options);
}

/** Of the interval that starts at `start` (Unix seconds); undefined: the newest. */
export function getFrame(
  area: string,
  start: number | undefined,
  options?: GetOptions,
): Promise<FrameDocument> {
  return getDocument<FrameDocument>(paths.frame(area, start), ['self', 'rows', 'start'], options);
}

/** From `from` up to, not including, `until` (Unix seconds). `row` is a cell's id in `area`. */
export function getSeries(
  area: string,
  from: number,
  until: number,
  row?: string,
  options?: GetOptions,
): Promise<SeriesDocument> {
  const path = paths.series(area, from, until, row);
  return getDocument<SeriesDocument>(path, ['energyWh', 'from', 'coverage'], options);
}

export function getHealth(area: string, options?: GetOptions): Promise<HealthDocument> {
  return getDocument<HealthDocument>(paths.health(area), ['intervals', 'sources'], options);
}

export function getEvidence(
  area: string,
  start: number,
  options?: GetOptions,
): Promise<EvidenceDocument> {
  return getDocument<EvidenceDocument>(paths.evidence(area, start), ['monitor', 'cell'], options);
}

export function getSearch(text: string, options?: GetOptions): Promise<SearchDocument> {
  return getDocument<SearchDocument>(paths.search(text), ['results'], options);
}
