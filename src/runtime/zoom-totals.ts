// Masked totals of what is opened on demand: from the live monitor where it still has them, else asked
// of the areas' aggregators, a range of intervals at a time. They are checked once, and kept for a
// while: without the mask sums they say nothing.

import { BusError } from '../bus/errors.ts';
import type { Bus } from '../bus/port.ts';
import { areaDepth, isWithin } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { areaAt, type Network } from '../core/network-tree.ts';
import type { Alert } from '../core/notice.ts';
import { decodeTotalsAnswer, encodeTotalsQuery, MAX_QUERY_INTERVALS } from '../core/query.ts';
import { signMessage, type VerifySignature } from '../core/signed.ts';
import { querySubject } from '../core/subjects.ts';
import {
  checkTotal,
  type MonitorState,
  monitorInterval,
  type SealedTotal,
} from '../roles/monitor.ts';
import type { NamedGrant } from './zoom-grant.ts';

const MAX_KEPT = 8192;
const MAX_QUERIES = 8;
/** What an aggregator did not have is asked for again after this. */
const ABSENT_FOR_MS = 5000;

export interface TotalsSource {
  readonly network: Network;
  readonly bus: Bus;
  readonly verify: VerifySignature;
  readonly totalOf?: (area: number, interval: IntervalIndex) => SealedTotal | undefined;
  readonly alertsOf?: (interval: IntervalIndex) => readonly Alert[];
  readonly requestTimeoutMs?: number;
}

interface Span {
  readonly from: IntervalIndex;
  readonly until: IntervalIndex;
}

export class ZoomTotals {
  readonly #source: TotalsSource;
  /** `area interval`; oldest use first. */
  readonly #kept = new Map<string, SealedTotal>();
  readonly #absent = new Map<string, { readonly untilMs: number; readonly hasAnswered: boolean }>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(source: TotalsSource) {
    this.#source = source;
  }

  /**
   * Gives the state all totals of the interval that it needs and somebody has, and the alerts. False
   * where somebody who may have one did not answer.
   */
  async fill(
    state: MonitorState,
    grant: NamedGrant,
    interval: IntervalIndex,
    span: Span | undefined,
  ): Promise<boolean> {
    const record = monitorInterval(state, interval);
    if (record.alerts.length === 0)
      record.alerts.push(...(this.#source.alertsOf?.(interval) ?? []));
    const missing = new Set<number>();
    for (const area of [...state.homes, ...state.below]) {
      if (record.totals.has(area)) continue;
      const known = this.#get(area, interval);
      if (known !== undefined) record.totals.set(area, known);
      else missing.add(area);
    }
    const asked = [...missing].filter((area) => this.#mayAsk(grant, area, interval));
    for (let at = 0; at < asked.length; at += MAX_QUERIES) {
      const some = asked.slice(at, at + MAX_QUERIES);
      await Promise.all(some.map((area) => this.#ask(grant, area, interval, span)));
    }
    for (const area of asked) {
      const found = this.#get(area, interval);
      if (found !== undefined) record.totals.set(area, found);
    }
    return [...missing].every(
      (area) =>
        record.totals.has(area) || this.#absent.get(`${area} ${interval}`)?.hasAnswered !== false,
    );
  }

  #get(area: number, interval: IntervalIndex): SealedTotal | undefined {
    const live = this.#source.totalOf?.(area, interval);
    if (live !== undefined) return live;
    const key = `${area} ${interval}`;
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  /** Streets have no totals of their own, and beyond the grant nobody answers. */
  #mayAsk({ grant }: NamedGrant, area: number, interval: IntervalIndex): boolean {
    const node = areaAt(this.#source.network, area);
    return (
      node.street === undefined &&
      isWithin(node.id, grant.area) &&
      areaDepth(node.id) <= grant.deepestDepth &&
      (this.#absent.get(`${area} ${interval}`)?.untilMs ?? 0) <= performance.now()
    );
  }

  #ask(
    grant: NamedGrant,
    area: number,
    interval: IntervalIndex,
    span: Span | undefined,
  ): Promise<void> {
    // Ranges that start at a multiple of their length, so that neighbours share one query.
    const isOne = span === undefined || interval < span.from || interval >= span.until;
    const start = interval - (interval % MAX_QUERY_INTERVALS);
    const from = (isOne ? interval : Math.max(start, span.from)) as IntervalIndex;
    const until = isOne ? interval + 1 : Math.min(start + MAX_QUERY_INTERVALS, span.until);
    const key = `${grant.name} ${area} ${from} ${until}`;
    const asking =
      this.#asking.get(key) ??
      this.#query(grant, area, from, until - from).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #query(
    grant: NamedGrant,
    area: number,
    fromInterval: IntervalIndex,
    intervalCount: number,
  ): Promise<void> {
    const { network, bus, requestTimeoutMs } = this.#source;
    const { id } = areaAt(network, area);
    const query = encodeTotalsQuery({
      area: id,
      fromInterval,
      intervalCount,
      grant: grant.signedGrant,
    });
    let totals: readonly Uint8Array[] = [];
    let hasAnswered = true;
    try {
      const answer = await bus.request(
        querySubject(id),
        signMessage('query', query, grant.signer),
        {
          timeoutMs: requestTimeoutMs ?? 5000,
        },
      );
      totals = decodeTotalsAnswer(answer) ?? [];
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      // It may have it all the same: withheld for now.
      hasAnswered = false;
    }
    const until = fromInterval + intervalCount;
    for (const bytes of totals) {
      const checked = checkTotal(this.#source, bytes);
      if (typeof checked === 'string' || checked.area !== area) continue;
      const { interval } = checked.sealed.total.header;
      if (interval >= fromInterval && interval < until) this.#keep(area, interval, checked.sealed);
    }
    const untilMs = performance.now() + ABSENT_FOR_MS;
    if (this.#absent.size > MAX_KEPT) this.#absent.clear();
    for (let interval = fromInterval; interval < until; interval++) {
      const key = `${area} ${interval}`;
      if (this.#kept.has(key)) this.#absent.delete(key);
      else this.#absent.set(key, { untilMs, hasAnswered });
    }
  }

  #keep(area: number, interval: IntervalIndex, sealed: SealedTotal): void {
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    this.#kept.set(`${area} ${interval}`, sealed);
  }
}
