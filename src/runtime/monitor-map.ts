// A monitor as the map's source: what is opened every interval comes in by `recordResult`, what somebody
// zooms into is opened on demand under the viewer's own grant, all of it is kept in the store, and
// history comes from there (design.md section 7).

import { type AreaId, isWithin } from '../core/area.ts';
import { type ChannelSet, hasChannel } from '../core/channel.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { type AreaNode, areaAt, areaNamed } from '../core/network-tree.ts';
import type { AbsentReason, Frame, MapRow } from '../map/frame.ts';
import type { HealthReport, IntervalHealth, RowWithout } from '../map/health.ts';
import {
  displayName,
  type LevelPlan,
  type LevelShape,
  planLevel,
  shapeNamed,
} from '../map/layers.ts';
import type { MapArea } from '../map/map-area.ts';
import type { Geometry, MapAbout, MapEvent, MapSource } from '../map/map-source.ts';
import { mapRowOf } from '../map/monitor-rows.ts';
import { figuresOf, type RowFigures } from '../map/row-figures.ts';
import type { Series } from '../map/series.ts';
import { SourceBusyError } from '../map/source-busy.ts';
import { maySee, maySeeInside, type Viewer } from '../map/viewer.ts';
import { childrenOf, MonitorMapAreas } from './monitor-map-areas.ts';
import {
  isPublishable,
  MonitorMapFigures,
  ownAsker,
  type Permit,
  rootOf,
  scopeOf,
  unknownReason,
} from './monitor-map-figures.ts';
import type { MonitorMapOptions } from './monitor-map-options.ts';
import { openSeries, seriesOf } from './monitor-map-series.ts';
import { unlessAborted } from './monitor-map-wait.ts';
import { WatchedLevels } from './monitor-map-watched.ts';
import type { MonitorResult } from './zoom-ask.ts';

const MAX_WITHOUT = 200;
const SECONDS_PER_DAY = 86_400;

export class MonitorMap implements MapSource, AsyncDisposable {
  readonly about: MapAbout;
  readonly roots: readonly AreaId[];
  readonly evidence?: NonNullable<MapSource['evidence']>;
  readonly #options: MonitorMapOptions;
  readonly #areas: MonitorMapAreas;
  readonly #figures: MonitorMapFigures;
  readonly #levels = new Map<number, LevelPlan>();
  readonly #watched = new WatchedLevels();
  readonly #listeners = new Set<(event: MapEvent) => void>();
  readonly #health = new Map<IntervalIndex, IntervalHealth>();
  readonly #working = new Set<Promise<void>>();
  #sequence = 0;

  constructor(options: MonitorMapOptions) {
    this.#options = options;
    this.about = options.about;
    this.roots = options.network.roots.map((root) => areaAt(options.network, root).id);
    this.#areas = new MonitorMapAreas(options);
    this.#figures = new MonitorMapFigures(options);
    if (options.evidence !== undefined) this.evidence = options.evidence;
  }

  /**
   * Takes what the live monitor has opened; again where an alert has changed it, which takes back what
   * was opened below it. Saves the rows.
   */
  recordResult(
    { opened, rows, channels }: Pick<MonitorResult, 'opened' | 'rows' | 'channels'>,
    publishedAtMs: number = this.nowMs(),
  ): void {
    const { network, store } = this.#options;
    const { interval } = opened;
    const root = rows[0];
    if (root === undefined) return;
    const figures = rows.map((row) => figuresOf(row, network.channels, channels, 'network'));
    const isKnown = store.row(interval, root.plan.name) !== undefined;
    if (isKnown) this.#figures.withdraw(interval, figures);
    store.saveLevels(interval, figures, { opened: channels, publishedAtMs });
    this.#emit(root.plan.name as AreaId, interval);
    if (!isKnown) this.#prefetch(interval);
  }

  /**
   * There is an alert of an interval that the live monitor does not hold: it is opened anew. Not where
   * it was opened after the alert, and so under it.
   */
  withdraw(interval: IntervalIndex, alertAtMs: number): void {
    const opened = this.#options.store.opened(interval, undefined);
    if (opened !== undefined && opened.publishedAtMs > alertAtMs) return;
    this.#figures.withdraw(interval, []);
    for (const root of this.roots) this.#emit(root, interval);
  }

  /** How an interval went, for the health view; again where more is known of it. */
  recordHealth(health: IntervalHealth): void {
    this.#health.set(health.interval, health);
    const kept = SECONDS_PER_DAY / this.about.intervalSeconds;
    for (const interval of this.#health.keys())
      if (interval <= health.interval - kept) this.#health.delete(interval);
  }

  nowMs(): number {
    return this.#options.clock.nowMs();
  }

  area(id: AreaId): MapArea | undefined {
    return this.#areas.area(id);
  }

  children(id: AreaId): readonly MapArea[] {
    return this.#areas.children(id);
  }

  search(text: string, within: AreaId, limit: number): readonly MapArea[] {
    return this.#areas.search(text, within, limit);
  }

  async geometry(id: AreaId): Promise<Geometry | undefined> {
    return this.#options.places?.geometry(id);
  }

  latestInterval(): IntervalIndex | undefined {
    return this.#options.store.latestInterval();
  }

  firstInterval(): IntervalIndex | undefined {
    return this.#options.store.firstInterval();
  }

  async frame({
    area,
    interval,
    viewer,
    signal,
  }: Parameters<MapSource['frame']>[0]): Promise<Frame | undefined> {
    const node = areaNamed(this.#options.network, area);
    if (node === undefined || !isWithin(area, viewer.area)) return undefined;
    const isOpen = maySeeInside(viewer, area) && childrenOf(node).length > 0;
    // Whoever reads through history, or takes a file of it, does not wait for the next interval.
    if (isOpen && interval === this.latestInterval()) this.#watched.touch(area, viewer);
    return unlessAborted(this.#frame(node, interval, viewer, isOpen), signal);
  }

  async series({
    area,
    id,
    from,
    until,
    viewer,
    signal,
  }: Parameters<MapSource['series']>[0]): Promise<Series | undefined> {
    const node = areaNamed(this.#options.network, area);
    if (node === undefined || !isWithin(area, viewer.area)) return undefined;
    const isOwn = id === area;
    if (isOwn ? !maySee(viewer, area) : !maySeeInside(viewer, area)) return undefined;
    const own = this.#ownPlace(node);
    const home = isOwn ? own.home : node;
    const shape = isOwn ? own.shape : shapeNamed(this.#level(node), id);
    if (shape === undefined) return undefined;
    const wanted = scopeOf(home, shape);
    const asker = isOwn ? ownAsker(viewer, home) : viewer;
    const { store } = this.#options;
    const rows = new Map(
      store.series({ name: shape.id, from, until }).map((row) => [row.interval, row]),
    );
    const pendingCount = await unlessAborted(
      openSeries({
        figures: this.#figures,
        rows,
        shape,
        home,
        from: Math.max(from, 0) as IntervalIndex,
        until: Math.min(until, (store.latestInterval() ?? -1) + 1) as IntervalIndex,
        permitOf: (interval) => this.#figures.permit(asker, wanted, interval),
        onError: this.#options.onError,
      }),
      signal,
    );
    const rowAt = (interval: IntervalIndex): MapRow | undefined => {
      const figures = rows.get(interval);
      if (figures === undefined) return undefined;
      const permit = this.#figures.permit(asker, wanted, interval);
      return this.#row(shape, permit === undefined ? 'not-granted' : figures, viewer, permit);
    };
    return seriesOf({ id, name: this.#nameOf(shape), from, until, rowAt, pendingCount });
  }

  async health(area: AreaId, viewer: Viewer): Promise<HealthReport> {
    const { network, trusteeNames, about } = this.#options;
    const newest = this.latestInterval();
    const withheld: RowWithout[] = [];
    const late: RowWithout[] = [];
    if (newest !== undefined) {
      for (const node of network.areas) {
        const { id } = node;
        if (!isWithin(id, area) || !maySeeInside(viewer, id)) continue;
        this.#addWithout(node, newest, viewer, withheld, late);
        if (withheld.length >= MAX_WITHOUT && late.length >= MAX_WITHOUT) break;
      }
    }
    return {
      intervals: [...this.#health.values()].sort((a, b) => a.interval - b.interval),
      withheld: withheld.slice(0, MAX_WITHOUT),
      late: late.slice(0, MAX_WITHOUT),
      trusteeNames:
        trusteeNames ?? network.document.trustees.map((_, trustee) => `trustee ${trustee + 1}`),
      sources: this.roots.map((root) => ({
        area: root,
        name: about.title,
        origin: 'network' as const,
        newestInterval: newest,
      })),
    };
  }

  subscribe(listener: (event: MapEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Waits for what was begun because an area is watched; the zoom and the store are the caller's. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  async #frame(
    node: AreaNode,
    interval: IntervalIndex,
    viewer: Viewer,
    isOpen: boolean,
  ): Promise<Frame> {
    const { store } = this.#options;
    const level = this.#level(node);
    const unknown = unknownReason(interval, store.latestInterval());
    let known: ReadonlyMap<string, RowFigures> = new Map();
    const inside = { area: node.id, deepestDepth: node.depth + 1 };
    const permit = isOpen ? this.#figures.permit(viewer, inside, interval) : undefined;
    if (permit !== undefined)
      known = await this.#figures.level(node, level.shapes, permit, interval, false);
    const own = await this.#own(node, interval, viewer, known);
    const published = store.opened(interval, rootOf(node.id)) ?? store.opened(interval, undefined);
    return {
      area: node.id,
      interval,
      publishedAtMs: published?.publishedAtMs,
      revision: this.#revision(node, interval),
      self: this.#row(this.#ownPlace(node).shape, own.figures ?? unknown, viewer, own.permit),
      rows: isOpen
        ? level.shapes.map((shape) =>
            this.#row(
              shape,
              permit === undefined ? 'not-granted' : (known.get(shape.id) ?? unknown),
              viewer,
              permit,
            ),
          )
        : [],
    };
  }

  /** The area's own row: opened with its level, or every interval, or by itself. */
  async #own(
    node: AreaNode,
    interval: IntervalIndex,
    viewer: Viewer,
    known: ReadonlyMap<string, RowFigures>,
  ): Promise<{
    readonly figures: RowFigures | AbsentReason | undefined;
    readonly permit: Permit | undefined;
  }> {
    const { home, shape } = this.#ownPlace(node);
    const permit = maySee(viewer, node.id)
      ? this.#figures.permit(
          ownAsker(viewer, home),
          { area: home.id, deepestDepth: node.depth },
          interval,
        )
      : undefined;
    if (permit === undefined) return { figures: 'not-granted', permit };
    const stored = this.#figures.stored(node.id, permit.scope.channels, interval);
    const figures = stored ?? known.get(node.id);
    if (figures !== undefined) return { figures, permit };
    const query = { shape, home, permit, interval };
    return { figures: await this.#figures.row(query, { isBackground: false }), permit };
  }

  /** An area's own shape. A street that stands alone is a cell of its parent's level. */
  #ownPlace(node: AreaNode): { readonly home: AreaNode; readonly shape: LevelShape } {
    const parent =
      node.parent === undefined ? undefined : areaAt(this.#options.network, node.parent);
    const shape =
      node.street === undefined || parent === undefined
        ? undefined
        : shapeNamed(this.#level(parent), node.id);
    return shape === undefined || parent === undefined
      ? { home: node, shape: this.#level(node).self }
      : { home: parent, shape };
  }

  #row(
    shape: LevelShape,
    figures: RowFigures | AbsentReason,
    viewer: Viewer,
    permit: Permit | undefined,
  ): MapRow {
    const { network } = this.#options;
    return mapRowOf(shape, permit === undefined ? 'not-granted' : figures, {
      network,
      channels: viewer.channels.filter((name) =>
        hasChannel(
          permit?.scope.channels ?? (0 as ChannelSet),
          network.channels.findIndex((channel) => channel.name === name),
        ),
      ),
      name: this.#nameOf(shape),
      origin: 'network',
    });
  }

  #nameOf(shape: LevelShape): string {
    return displayName(shape.members, (area) => this.#areas.nameOf(area));
  }

  #level(node: AreaNode): LevelPlan {
    let level = this.#levels.get(node.index);
    if (level === undefined) {
      level = planLevel(this.#options.network, node);
      this.#levels.set(node.index, level);
    }
    return level;
  }

  /** Of all that the frame is drawn from. */
  #revision(node: AreaNode, interval: IntervalIndex): number {
    const { network, store } = this.#options;
    const parent = node.parent === undefined ? undefined : areaAt(network, node.parent).id;
    let revision = store.opened(interval, undefined)?.revision ?? 0;
    for (const level of new Set([node.id, parent]))
      if (level !== undefined) revision += store.opened(interval, level)?.revision ?? 0;
    return revision;
  }

  #addWithout(
    node: AreaNode,
    interval: IntervalIndex,
    viewer: Viewer,
    withheld: RowWithout[],
    late: RowWithout[],
  ): void {
    const scope = { area: node.id, deepestDepth: node.depth + 1 };
    const permit = this.#figures.permit(viewer, scope, interval);
    const { store } = this.#options;
    if (permit === undefined || !store.opened(interval, node.id)?.channels) return;
    const known = new Map(store.levelRows(interval, node.id).map((row) => [row.name, row]));
    for (const shape of this.#level(node).shapes) {
      if (!shape.layers.includes('net')) continue;
      const { id, name, status, reason } = this.#row(
        shape,
        known.get(shape.id) ?? 'missing',
        viewer,
        permit,
      );
      if (reason === null || (status !== 'withheld' && status !== 'late')) continue;
      (status === 'late' ? late : withheld).push({ id, name, area: node.id, reason });
    }
  }

  #emit(area: AreaId, interval: IntervalIndex): void {
    const event: MapEvent = { sequence: ++this.#sequence, area, interval };
    for (const listener of this.#listeners) listener(event);
  }

  /** Opens what is being watched, before its viewers ask for it. */
  #prefetch(interval: IntervalIndex): void {
    for (const { area, viewer } of this.#watched.recent()) {
      const node = areaNamed(this.#options.network, area);
      if (node === undefined || this.#options.store.opened(interval, area)?.channels) continue;
      const scope = { area, deepestDepth: node.depth + 1 };
      const permit = this.#figures.permit(viewer, scope, interval);
      const level = this.#level(node);
      if (permit === undefined || !level.shapes.some(isPublishable)) continue;
      const work = this.#figures
        .level(node, level.shapes, permit, interval, false)
        .then(() => this.#emit(area, interval))
        .catch((error: unknown) => {
          // Its viewers ask for it themselves.
          if (!(error instanceof SourceBusyError)) this.#options.onError(error);
        })
        .finally(() => this.#working.delete(work));
      this.#working.add(work);
    }
  }
}
