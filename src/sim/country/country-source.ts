// The simulated regional monitors as a source of the map: the rest of Spain and of Europe around the
// pilots' real network. History has no end, since nothing is stored: see monitor.ts.

import type { AreaId } from '../../core/area.ts';
import type { IntervalIndex } from '../../core/interval.ts';
import { areaPlace, emptyRow } from '../../map/empty-row.ts';
import type { Frame, MapRow } from '../../map/frame.ts';
import { blankUngranted, grantedMetrics } from '../../map/granted-metrics.ts';
import type { MapAbout, MapSource } from '../../map/map-source.ts';
import { MAX_SERIES_INTERVALS } from '../../map/series.ts';
import { maySeeInside } from '../../map/viewer.ts';
import type { Cell } from './cells.ts';
import { createCountryEvents } from './country-events.ts';
import { createCountryFigures, type Figures } from './country-figures.ts';
import type { CountryGeography } from './country-geography.ts';
import { countryHealth } from './country-health.ts';
import { cellPlace, figuresRow } from './country-rows.ts';
import { createSearch } from './country-search.ts';
import { figuresSeries } from './country-series.ts';
import { type CountryNode, createCountryTree } from './country-tree.ts';
import { monitorDelay } from './faults.ts';
import type { Monitor } from './monitor.ts';

export interface CountrySourceOptions {
  readonly geography: CountryGeography;
  readonly seed: string;
  /** Municipalities that a real network covers: left out, with their meters, of everything. */
  readonly handedOver: readonly AreaId[];
  readonly nowMs: () => number;
  readonly firstInterval: IntervalIndex;
  readonly latestInterval: () => IntervalIndex | undefined;
  readonly about: MapAbout;
}

export interface CountrySource extends MapSource {
  /** Tells the subscribers what has changed since the last call: the clock is the caller's. */
  poll(): void;
}

/** From an interval's end to its figures, where nothing is late. */
const PUBLISHED_AFTER_MS = 40_000;

export function createCountrySource(options: CountrySourceOptions): CountrySource {
  const { geography, seed, handedOver, nowMs, firstInterval, latestInterval, about } = options;
  const { intervalSeconds, minMeters, levels } = about;
  const rootId = 'eu' as AreaId;
  const { root, nodes } = createCountryTree({
    geography,
    root: rootId,
    dividedNation: 'es',
    handedOver,
    minMeters,
    levels,
    seed,
  });
  const figures = createCountryFigures({ intervalSeconds, seed, nowMs });
  const search = createSearch([...nodes.values()].map(({ area }) => area));
  const events = createCountryEvents({ root, figures, latestInterval });

  /** Why there is nothing of the interval at all, or undefined. */
  function outside(interval: number): 'late' | 'missing' | undefined {
    const latest = latestInterval();
    if (latest === undefined || interval > latest) return 'late';
    return interval < firstInterval ? 'missing' : undefined;
  }

  function nodeFigures(node: CountryNode, interval: number): Figures {
    const [monitor] = node.monitors;
    if (node.cell === undefined || monitor === undefined) {
      return figures.ofMonitors(node.monitors, interval);
    }
    return figures.ofCell(monitor, node.cell, interval);
  }

  function nodeRow(node: CountryNode, interval: number): MapRow {
    const { area, monitors, cell } = node;
    const place = areaPlace(area.id, area.name);
    const nothing = outside(interval);
    if (nothing !== undefined)
      return emptyRow(place, area.meterCount, 'simulated', 'late', nothing);
    if (isMerged(node)) {
      // Its figures exist only together with its neighbours': it has no shape of its own.
      return emptyRow(
        { ...place, layers: [] },
        area.meterCount,
        'simulated',
        'withheld',
        'too-few',
      );
    }
    if (cell !== undefined && monitors[0] !== undefined) {
      return cellRow(monitors[0], cell, interval);
    }
    return figuresRow(place, nodeFigures(node, interval));
  }

  function cellRow(monitor: Monitor, index: number, interval: number): MapRow {
    const cell = monitor.cells[index] as Cell;
    const nothing = outside(interval);
    if (nothing !== undefined) {
      return emptyRow(cellPlace(cell), cell.meterCount, 'simulated', 'late', nothing);
    }
    return figuresRow(cellPlace(cell), figures.ofCell(monitor, index, interval));
  }

  function childRows(node: CountryNode, interval: number): MapRow[] {
    const [monitor] = node.monitors;
    const isProvince = monitor !== undefined && node.area.id === monitor.id;
    if (isProvince && node.children.length > 0) {
      return monitor.cells.map((_, cell) => cellRow(monitor, cell, interval));
    }
    return node.children.map((child) => nodeRow(child, interval));
  }

  function publication(
    node: CountryNode,
    interval: IntervalIndex,
  ): Pick<Frame, 'publishedAtMs' | 'revision'> {
    if (outside(interval) !== undefined) return { publishedAtMs: undefined, revision: 0 };
    const endMs = (interval + 1) * intervalSeconds * 1000;
    let revision = 0;
    let afterMs = PUBLISHED_AFTER_MS;
    for (const monitor of node.monitors) {
      const delay = monitorDelay(monitor, interval);
      if (delay === 0 || figures.isLate(monitor, interval)) continue;
      revision++;
      afterMs = Math.max(afterMs, delay * intervalSeconds * 1000);
    }
    return { publishedAtMs: Math.min(nowMs(), endMs + afterMs), revision };
  }

  return {
    about,
    roots: [rootId],
    nowMs,
    area: (id) => nodes.get(id)?.area,
    children: (id) => nodes.get(id)?.children.map(({ area }) => area) ?? [],
    search,
    geometry: (id) => geography.geometry(id),
    latestInterval,
    firstInterval: () => (latestInterval() === undefined ? undefined : firstInterval),
    subscribe: events.subscribe,
    poll: events.poll,

    frame: async ({ area, interval, viewer }) => {
      const node = nodes.get(area);
      if (node === undefined) return undefined;
      const granted = grantedMetrics(viewer.channels);
      const rows = maySeeInside(viewer, area) ? childRows(node, interval) : [];
      return {
        area,
        interval,
        ...publication(node, interval),
        self: blankUngranted(nodeRow(node, interval), granted),
        rows: rows.map((row) => blankUngranted(row, granted)),
      };
    },

    series: async ({ area, id, from, until, viewer }) => {
      const head = findHead(nodes, area, id);
      if (head === undefined) return undefined;
      if (!(until - from >= 0 && until - from <= MAX_SERIES_INTERVALS)) {
        throw new RangeError(
          `until: expected at most ${MAX_SERIES_INTERVALS} intervals from ${from}, found ${until}`,
        );
      }
      const { name, node, monitor, cell } = head;
      const granted = grantedMetrics(viewer.channels);
      return figuresSeries({ id, name, from }, until - from, granted, (interval) => {
        if (outside(interval) !== undefined) return undefined;
        if (node !== undefined && isMerged(node)) return withheldFigures(node);
        if (monitor !== undefined) return figures.ofCell(monitor, cell, interval);
        return node === undefined ? undefined : nodeFigures(node, interval);
      });
    },

    health: async (area) =>
      countryHealth({ node: nodes.get(area), figures, latestInterval, firstInterval }),
  };
}

/** A municipality that is published only in a cell with others. */
function isMerged({ cell, monitors, children }: CountryNode): boolean {
  if (cell === undefined || children.length > 0) return false;
  return (monitors[0]?.cells[cell]?.members.length ?? 1) > 1;
}

function withheldFigures(node: CountryNode): Figures {
  return {
    consumptionWh: 0,
    productionWh: 0,
    selfUseWh: 0,
    coveredMeters: 0,
    meterCount: node.area.meterCount,
    reason: 'too-few',
  };
}

interface Head {
  readonly name: string;
  readonly node?: CountryNode;
  /** Of a merged cell. */
  readonly monitor?: Monitor;
  readonly cell: number;
}

/** What a series' id means: an area at or below the one it was asked of, or one of its cells. */
function findHead(
  nodes: ReadonlyMap<string, CountryNode>,
  area: AreaId,
  id: string,
): Head | undefined {
  const parent = nodes.get(area);
  if (parent === undefined) return undefined;
  const node = nodes.get(id);
  if (node !== undefined) {
    const isBelow = id === area || id.startsWith(`${area}/`);
    return isBelow ? { name: node.area.name, node, cell: 0 } : undefined;
  }
  const [monitor] = parent.monitors;
  if (monitor?.id !== area) return undefined;
  const cell = monitor.cells.findIndex((candidate) => candidate.id === id);
  return cell < 0 ? undefined : { name: monitor.cells[cell]?.name ?? id, monitor, cell };
}
