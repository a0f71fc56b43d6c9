// The figures of a level or of one row, from the store or opened on demand under the viewer's grant
// and kept there. What was opened for one viewer is shown to another only where that one's own grant
// covers it.

import { type AreaId, isWithin } from '../core/area.ts';
import { type ChannelSet, hasChannel } from '../core/channel.ts';
import { epochOfInterval, type IntervalIndex } from '../core/interval.ts';
import type { AreaNode } from '../core/network-tree.ts';
import type { AbsentReason } from '../map/frame.ts';
import type { LevelShape } from '../map/layers.ts';
import { ENERGY_METRICS } from '../map/metric.ts';
import { figuresOf, type RowFigures } from '../map/row-figures.ts';
import type { Viewer } from '../map/viewer.ts';
import type { WithheldReason } from '../roles/monitor-combine.ts';
import { narrowScope, type Scope } from '../roles/monitor-plan.ts';
import type { MonitorMapOptions } from './monitor-map-options.ts';
import type { ZoomResult } from './zoom.ts';
import type { NamedGrant } from './zoom-grant.ts';

/** What may still come is not asked for again before this; of an interval that is long over, later. */
const PASSING_FOR_MS = 1000;
const OLD_PASSING_FOR_MS = 20_000;
const MAX_PASSING = 20_000;

/** What a viewer's grant lets be opened in an interval. */
export interface Permit {
  readonly grant: NamedGrant;
  readonly scope: Scope;
}

export interface RowQuery {
  readonly shape: LevelShape;
  readonly home: AreaNode;
  readonly permit: Permit;
  readonly interval: IntervalIndex;
}

export class MonitorMapFigures {
  readonly #options: MonitorMapOptions;
  readonly #grants: ReadonlyMap<string, NamedGrant>;
  /** Counts alerts by interval: what was opened before one is not kept. */
  readonly #generations = new Map<IntervalIndex, number>();
  /** What came out without a seal or a quorum, and until when that is believed. */
  readonly #passing = new Map<
    string,
    { readonly figures: readonly RowFigures[]; readonly untilMs: number }
  >();

  constructor(options: MonitorMapOptions) {
    this.#options = options;
    this.#grants = new Map(options.grants.map((grant) => [grant.name, grant]));
  }

  /** The part of `wanted` that both the viewer's words and its signed grant allow in the interval. */
  permit(
    viewer: Viewer,
    wanted: Pick<Scope, 'area' | 'deepestDepth'>,
    interval: IntervalIndex,
  ): Permit | undefined {
    const { network } = this.#options;
    const grant = this.#grants.get(viewer.grantName);
    if (grant === undefined || viewer.deepestDepth < wanted.deepestDepth) return undefined;
    const epoch = epochOfInterval(interval, network.document.intervalSeconds);
    const isCovered = grant.grant.fromEpoch <= epoch && epoch < grant.grant.untilEpoch;
    // What was made up is nobody's: a grant is for what was measured.
    if (!isCovered && !this.#isSimulated(interval, rootOf(wanted.area))) return undefined;
    let channels = 0;
    for (const [channel, { name }] of network.channels.entries())
      if (viewer.channels.includes(name)) channels |= 1 << channel;
    const inside = narrowScope({ ...grant.grant }, { ...wanted, channels: channels as ChannelSet });
    const scope = inside && narrowScope({ ...viewer, channels: inside.channels }, inside);
    return scope === undefined || scope.deepestDepth < wanted.deepestDepth
      ? undefined
      : { grant, scope };
  }

  /** Forgets what is being opened of the interval: an alert has come. */
  withdraw(interval: IntervalIndex, keep: readonly Pick<RowFigures, 'name' | 'level'>[]): void {
    this.#generations.set(interval, (this.#generations.get(interval) ?? 0) + 1);
    this.#options.store.withdraw(interval, keep);
  }

  /** Whether somebody may have masked it, and it is over: history before that is only in the store. */
  canOpen(interval: IntervalIndex, root: AreaId): boolean {
    const { network, store, zoom } = this.#options;
    const { fromEpoch, intervalSeconds } = network.document;
    const latest = store.latestInterval();
    if (zoom === undefined || latest === undefined || interval > latest) return false;
    if (epochOfInterval(interval, intervalSeconds) < fromEpoch) return false;
    return !this.#isSimulated(interval, root);
  }

  /** By name, the rows of an area's level, and of the area itself; or why there are none. */
  async level(
    node: AreaNode,
    shapes: readonly LevelShape[],
    permit: Permit,
    interval: IntervalIndex,
    isBackground: boolean,
  ): Promise<ReadonlyMap<string, RowFigures>> {
    const { store, zoom } = this.#options;
    const { grant, scope } = permit;
    const opened = store.opened(interval, node.id);
    if (opened !== undefined && covers(opened.channels, scope.channels))
      return byName(store.levelRows(interval, node.id));
    const key = `level ${grant.name} ${node.id} ${scope.channels} ${interval}`;
    const mayOpen = shapes.some(isPublishable) && this.canOpen(interval, rootOf(node.id));
    // What has been opened row by row stands until all of it is.
    if (zoom === undefined || !mayOpen) return byName(store.levelRows(interval, node.id));
    const query = { grant, scope, interval, isBackground };
    const rows = await this.#fresh(
      interval,
      key,
      () => zoom.open(query),
      (figures, result) => {
        const below = figures.filter((figure) => figure.name !== node.id);
        store.saveLevels(interval, below, {
          opened: result.channels,
          publishedAtMs: this.#options.clock.nowMs(),
        });
        const own = figures.find((figure) => figure.name === node.id);
        if (own !== undefined) store.saveRow(own);
      },
    );
    return byName(rows);
  }

  /** What the store has of a row, where it was opened in all channels that are wanted. */
  stored(name: string, channels: ChannelSet, interval: IntervalIndex): RowFigures | undefined {
    const row = this.#options.store.row(interval, name);
    return row !== undefined && covers(row.channels, channels) ? row : undefined;
  }

  /** Whether it is worth while to open the row. */
  mayOpenRow({ shape, home, permit, interval }: RowQuery): boolean {
    return (
      isPublishable(shape) &&
      this.canOpen(interval, rootOf(home.id)) &&
      this.#recent(rowKey(shape, permit, interval)) === undefined
    );
  }

  /** One row, and nothing of what stands beside it. Undefined where nothing is known of it. */
  async row(
    query: RowQuery,
    options: {
      readonly isBackground: boolean;
      readonly span?: { readonly from: IntervalIndex; readonly until: IntervalIndex };
    },
  ): Promise<RowFigures | undefined> {
    const { shape, permit, interval } = query;
    const { store, zoom } = this.#options;
    const stored = this.stored(shape.id, permit.scope.channels, interval);
    const mayOpen = isPublishable(shape) && this.canOpen(interval, rootOf(query.home.id));
    if (stored !== undefined || zoom === undefined || !mayOpen) return stored;
    const open = () =>
      zoom.open({ grant: permit.grant, scope: permit.scope, row: shape.id, interval, ...options });
    const key = rowKey(shape, permit, interval);
    const rows = await this.#fresh(interval, key, open, ([figures]) => {
      if (figures !== undefined) store.saveRow(figures);
    });
    return rows[0];
  }

  /** Opens again where an alert came meanwhile; keeps what has a figure. */
  async #fresh(
    interval: IntervalIndex,
    key: string,
    open: () => Promise<ZoomResult>,
    save: (figures: readonly RowFigures[], result: ZoomResult) => void,
  ): Promise<readonly RowFigures[]> {
    const recent = this.#recent(key);
    if (recent !== undefined) return recent;
    for (;;) {
      const generation = this.#generations.get(interval);
      const result = await open();
      if (generation !== this.#generations.get(interval)) continue;
      const figures = result.rows.map((row) =>
        figuresOf(row, this.#options.network.channels, result.channels, 'network'),
      );
      if (isPassing(result)) this.#remember(key, interval, figures);
      else save(figures, result);
      return figures;
    }
  }

  #isSimulated(interval: IntervalIndex, root: AreaId): boolean {
    return this.#options.store.row(interval, root)?.origin === 'simulated';
  }

  #recent(key: string): readonly RowFigures[] | undefined {
    const passing = this.#passing.get(key);
    return passing !== undefined && passing.untilMs > performance.now()
      ? passing.figures
      : undefined;
  }

  #remember(key: string, interval: IntervalIndex, figures: readonly RowFigures[]): void {
    for (const oldest of this.#passing.keys()) {
      if (this.#passing.size < MAX_PASSING) break;
      this.#passing.delete(oldest);
    }
    const isNew = interval + 1 >= (this.#options.store.latestInterval() ?? 0);
    const untilMs = performance.now() + (isNew ? PASSING_FOR_MS : OLD_PASSING_FOR_MS);
    this.#passing.delete(key);
    this.#passing.set(key, { figures, untilMs });
  }
}

/** The scope whose rows hold the shape's: its level's, or the area alone where the shape is its own. */
export function scopeOf(home: AreaNode, shape: LevelShape): Pick<Scope, 'area' | 'deepestDepth'> {
  const isSelf = shape.plan?.isCell !== true && shape.id === home.id;
  return { area: home.id, deepestDepth: home.depth + (isSelf ? 0 : 1) };
}

/** Who sees no more than a street asks for it as a row of its parent's level, and for that row alone. */
export function ownAsker(viewer: Viewer, home: AreaNode): Viewer {
  return isWithin(home.id, viewer.area) ? viewer : { ...viewer, area: home.id };
}

export function isPublishable(shape: LevelShape): boolean {
  return ENERGY_METRICS.some((metric) => shape.absent[metric] === undefined);
}

export function rootOf(area: AreaId): AreaId {
  const cut = area.indexOf('/');
  return cut < 0 ? area : (area.slice(0, cut) as AreaId);
}

/** Why nothing is known of an interval. */
export function unknownReason(
  interval: IntervalIndex,
  latest: IntervalIndex | undefined,
): AbsentReason {
  return latest === undefined || interval > latest ? 'late' : 'missing';
}

/** Trustees and aggregators that are away now, or seals that are not in yet, are no history. */
function isPassing({ isComplete, opened: { figures } }: ZoomResult): boolean {
  const isWithout = (figure: (typeof figures)[number], reason: WithheldReason) =>
    figure.kind === 'withheld' && figure.reason === reason;
  return (
    !isComplete ||
    figures.some((figure) => isWithout(figure, 'no-quorum')) ||
    figures.every((figure) => isWithout(figure, 'no-seal'))
  );
}

function rowKey(shape: LevelShape, { grant, scope }: Permit, interval: IntervalIndex): string {
  return `row ${grant.name} ${shape.id} ${scope.channels} ${interval}`;
}

function covers(known: ChannelSet, wanted: ChannelSet): boolean {
  for (let channel = 0; channel < 8; channel++)
    if (hasChannel(wanted, channel) && !hasChannel(known, channel)) return false;
  return true;
}

function byName(rows: readonly RowFigures[]): ReadonlyMap<string, RowFigures> {
  return new Map(rows.map((row) => [row.name, row]));
}
