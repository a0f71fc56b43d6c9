// The top of the tree: regions and the nation, sealed by an aggregator that has checked every seal
// below them; each trustee's sums of what its provinces passed up; the live map, opened at the
// municipalities.

import { toHex, utf8 } from '../../src/core/bytes.ts';
import { sha256 } from '../../src/core/digest.ts';
import { areaAt } from '../../src/core/network-tree.ts';
import type { AggregatorState } from '../../src/roles/aggregator.ts';
import { createAggregator } from '../../src/roles/aggregator.ts';
import { handleTotal, type MonitorState } from '../../src/roles/monitor.ts';
import { intervalRecord, restoreMaskSums, type TrusteeState } from '../../src/roles/trustee.ts';
import { askAndOpen, createNationMonitor } from './ask.ts';
import { checkFigures, checkTotals, type PlainArea } from './check.ts';
import { createVerifier, type NationContext } from './context.ts';
import { DEPTH, NATIONAL_PARTY } from './country.ts';
import { createNationTrustee, type ProvinceResult } from './province.ts';
import { addUp } from './province-data.ts';
import { sealAreas, sumAreas, takeChildren } from './seal-areas.ts';
import { Stopwatch } from './stopwatch.ts';
import { FIRST_EPOCH } from './street-kinds.ts';

export interface NationalState {
  readonly context: NationContext;
  readonly aggregator: AggregatorState;
  readonly trustees: readonly TrusteeState[];
  readonly monitor: MonitorState;
  readonly known: Map<number, PlainArea>;
  readonly watch: Stopwatch;
}

export interface NationalResult {
  /** Of the nation's seal, total and every row of the map: two runs that agree in it agree in all. */
  readonly digest: string;
  readonly targetCount: number;
  readonly releasedCount: number;
  readonly netWh: number;
}

export function createNational(context: NationContext): NationalState {
  const { network, parties, kernel } = context;
  const party = parties.aggregators[NATIONAL_PARTY];
  if (party === undefined) throw new Error('no aggregator hosts the nation');
  const { signer, keyPair } = party;
  const keysOf = () => undefined;
  const nation = areaAt(network, network.roots[0] as number);
  return {
    context,
    aggregator: createAggregator({
      network,
      kernel,
      signer,
      verify: createVerifier(context),
      keyPair,
      keysOf,
      epoch: FIRST_EPOCH,
    }),
    trustees: parties.trustees.map((_, index) => createNationTrustee(context, index, keysOf)),
    monitor: createNationMonitor(context, nation.id, DEPTH.municipality),
    known: new Map(),
    watch: new Stopwatch(),
  };
}

export function takeProvince(state: NationalState, result: ProvinceResult): void {
  const { context, aggregator, monitor, watch } = state;
  const { interval } = context;
  takeChildren(aggregator, result.sealed, context, 'national aggregator: children', watch);
  watch.time('monitor', () => {
    for (const { total } of result.sealed) handleTotal(monitor, total);
  });
  // A trustee that is divided by province passes this up between its own machines.
  for (const [index, { areas, summed }] of result.trustees.entries()) {
    const trustee = state.trustees[index] as TrusteeState;
    restoreMaskSums(trustee, areas);
    intervalRecord(trustee, interval).seals.set(result.province, summed);
  }
  for (const [area, sums] of result.plain) state.known.set(area, sums);
}

/** When all provinces are in. */
export async function finishNation(state: NationalState): Promise<NationalResult> {
  const { context, aggregator, trustees, monitor, known, watch } = state;
  const { network, interval } = context;
  const nation = areaAt(network, network.roots[0] as number);
  const regions = sealAreas(aggregator, nation.areaChildren, context, watch);
  takeChildren(aggregator, regions, context, 'national aggregator: children', watch);
  const sealed = [...regions, ...sealAreas(aggregator, [nation.index], context, watch)];
  sumAreas(trustees, sealed, context, watch);
  watch.time('monitor', () => {
    for (const { total } of sealed) handleTotal(monitor, total);
  });
  const plain = new Map([...known].map(([area, sums]) => [area, sums.all]));
  for (const area of [...nation.areaChildren, nation.index])
    plain.set(
      area,
      addUp(areaAt(network, area).areaChildren.map((child) => plain.get(child) ?? [])),
    );
  checkTotals(network, sealed, trustees, plain, interval, known);
  const { opened, rows } = await askAndOpen(context, monitor, trustees, watch);
  const releasedCount = checkFigures(monitor, opened, rows, known);
  const last = sealed[sealed.length - 1];
  const shown = rows.map(({ plan, energyWh, importWh, coverage, status }) =>
    [plan.name, ...energyWh, importWh, coverage, status].join(),
  );
  return {
    digest: toHex(
      sha256(last?.seal ?? utf8(''), last?.total ?? utf8(''), utf8(shown.join('\n'))),
    ).slice(0, 16),
    targetCount: monitor.plan.targets.length,
    releasedCount,
    netWh: rows[0]?.energyWh[0] ?? Number.NaN,
  };
}
