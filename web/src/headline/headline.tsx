// The focus in numbers: net balance first, the four it is made of, and whether they add up.

import './headline.css';
import type { JSX } from 'preact';
import { reasonText } from '../../../src/map/cell-state.ts';
import { ENERGY_METRICS, type EnergyMetric, meanPowerW } from '../../../src/map/metric.ts';
import type { RowDocument } from '../../../src/server/wire.ts';
import { indexAt } from '../charts/chart-data.ts';
import { type FocusSeries, useFocusSeries } from '../charts/series-store.ts';
import { sameLocalTime } from '../slider/local-time.ts';
import { area, frame, frameStart, map } from '../state/data.ts';
import { energyFormat, timeFormat } from '../state/formats.ts';
import { boundaryExchangeWh, checkBalance, compareFigures } from './balance.ts';

const TILES = [
  { metric: 'consumption', label: 'Consumption', words: undefined },
  { metric: 'production', label: 'Production', words: undefined },
  { metric: 'import', label: 'Import', words: 'sum of the meters’ import registers' },
  { metric: 'export', label: 'Export', words: 'sum of the meters’ export registers' },
] as const satisfies readonly { metric: EnergyMetric; label: string; words: string | undefined }[];

export function Headline(): JSX.Element | null {
  const series = useFocusSeries();
  const shown = frame.value;
  const about = map.value;
  if (shown === undefined || about === undefined) return null;
  const row = shown.self;
  const yesterday = yesterdayOf(series, about.timeZone);
  const sharedReason = reasonOfAll(row);
  const figures = { row, yesterday, intervalSeconds: about.intervalSeconds, sharedReason };
  return (
    <section class="panel headline" aria-labelledby="headline-title">
      <h2 id="headline-title" class="visually-hidden">
        {area.value?.name} in numbers
      </h2>
      <NetBalance {...figures} />
      <dl class="headline-tiles">
        {TILES.map((tile) => (
          <Tile key={tile.metric} {...tile} {...figures} />
        ))}
      </dl>
      {sharedReason === undefined && <Balance row={row} />}
      <Coverage row={row} sharedReason={sharedReason} />
    </section>
  );
}

interface Figures {
  readonly row: RowDocument;
  readonly yesterday: Yesterday;
  readonly intervalSeconds: number;
  /** Why there is none of the five, where it is the same for all: then it is said once. */
  readonly sharedReason: string | undefined;
}

type Yesterday = Readonly<Partial<Record<EnergyMetric, number | null>>> & { readonly at?: number };

function NetBalance(props: Figures): JSX.Element {
  const { row, intervalSeconds } = props;
  const netWh = row.energyWh.net;
  return (
    <div class="headline-net">
      <p class="headline-label">Net balance</p>
      {netWh === null ? (
        <Absent reason={props.sharedReason ?? row.absent.net ?? row.reason} />
      ) : (
        <>
          <p class="headline-big">
            {energyFormat.power(meanPowerW(netWh, intervalSeconds), { isSigned: true })}
          </p>
          <p class="headline-words">{netWords(netWh)}</p>
          <p class="headline-energy">
            {energyFormat.energy(netWh, { isSigned: true })} in {Math.round(intervalSeconds / 60)}{' '}
            min
          </p>
          <Change metric="net" nowWh={netWh} {...props} />
        </>
      )}
    </div>
  );
}

function netWords(netWh: number): string {
  if (netWh > 0) return 'drawn in over the boundary';
  return netWh < 0 ? 'fed out over the boundary' : 'nothing crosses the boundary';
}

function Tile(
  props: Figures & {
    readonly metric: EnergyMetric;
    readonly label: string;
    readonly words: string | undefined;
  },
): JSX.Element {
  const { row, metric } = props;
  const energyWh = row.energyWh[metric];
  return (
    <div class="headline-tile" data-metric={metric}>
      <dt class="headline-label">{props.label}</dt>
      <dd>
        {energyWh === null ? (
          <Absent
            reason={
              props.sharedReason === undefined ? (row.absent[metric] ?? row.reason) : undefined
            }
          />
        ) : (
          <>
            <p class="headline-figure">
              {energyFormat.power(meanPowerW(energyWh, props.intervalSeconds))}
            </p>
            <p class="headline-energy">{energyFormat.energy(energyWh)}</p>
            <Change {...props} nowWh={energyWh} />
          </>
        )}
        {props.words !== undefined && <p class="headline-meaning">{props.words}</p>}
      </dd>
    </div>
  );
}

/** `undefined` where the reason is said elsewhere. */
function Absent(props: { reason: string | null | undefined }): JSX.Element {
  return (
    <>
      <p class="headline-figure headline-none">
        <span aria-hidden="true">–</span>
        <span class="visually-hidden">no figure</span>
      </p>
      {props.reason !== undefined && <p class="headline-reason">{reasonText(props.reason)}</p>}
    </>
  );
}

/** The reason for which all five are absent; undefined where one is there, or they differ. */
function reasonOfAll(row: RowDocument): string | undefined {
  const reasons = new Set<string>();
  for (const metric of ENERGY_METRICS) {
    if (row.energyWh[metric] !== null) return undefined;
    reasons.add(row.absent[metric] ?? row.reason ?? 'missing');
  }
  return reasons.size === 1 ? [...reasons][0] : undefined;
}

/** Against the same local time a day before. */
function Change(
  props: Figures & { readonly metric: EnergyMetric; readonly nowWh: number },
): JSX.Element | null {
  const { metric, yesterday } = props;
  const compared = compareFigures(props.nowWh, yesterday[metric]);
  if (compared === undefined || yesterday.at === undefined) return null;
  const { deltaWh, share } = compared;
  const percent = Math.round(Math.abs(share ?? 0) * 100);
  // "6 % more" of what is below zero says the opposite of what it means: net tells the difference.
  const isShare = metric !== 'net' && share !== null;
  const amount = isShare
    ? `${energyFormat.count(percent)}%`
    : energyFormat.power(meanPowerW(Math.abs(deltaWh), props.intervalSeconds));
  const isSame = deltaWh === 0 || (isShare && percent === 0);
  const at = timeFormat.value.clock(yesterday.at * 1000);
  return (
    <p class="headline-change" title={`Compared with ${at} the day before`}>
      {isSame ? (
        'as yesterday'
      ) : (
        <>
          <span aria-hidden="true">{deltaWh > 0 ? '▲' : '▼'}</span> {amount}{' '}
          {changeWord(metric, deltaWh)} than yesterday
        </>
      )}
    </p>
  );
}

function changeWord(metric: EnergyMetric, deltaWh: number): string {
  if (metric === 'net') return deltaWh > 0 ? 'higher' : 'lower';
  return deltaWh > 0 ? 'more' : 'less';
}

/** Exact, in watt-hours: rounded figures would not be seen to add up. */
function Balance(props: { row: RowDocument }): JSX.Element {
  const { row } = props;
  const check = checkBalance(row.energyWh);
  const wh = (value: number): string => energyFormat.count(value);
  if (check.kind === 'unknown') {
    const missing = check.missing.join(' and ').replace(/ and (?=.* and )/g, ', ');
    const why = new Set(check.missing.map((metric) => reasonText(row.absent[metric])));
    return (
      <p class="headline-check" data-kind="unknown">
        <strong>Balance not checked.</strong> There is no figure of {missing}. {[...why].join(' ')}
      </p>
    );
  }
  const exchange = boundaryExchangeWh(row.energyWh);
  const isClosed = check.kind === 'closed';
  return (
    <div class="headline-check" data-kind={check.kind}>
      <p>
        <span class="headline-tick" aria-hidden="true">
          {isClosed ? '✓' : '✗'}
        </span>{' '}
        <strong>{isClosed ? 'It balances' : 'It does not balance'}</strong>{' '}
        <span class="headline-sum">
          production {wh(check.production)} + import {wh(check.import)} {isClosed ? '=' : '≠'}{' '}
          consumption {wh(check.consumption)} + export {wh(check.export)}
          {isClosed ? ` = ${wh(check.leftWh)}` : ` (${wh(check.leftWh)} ≠ ${wh(check.rightWh)})`} Wh
        </span>
      </p>
      {exchange !== null && (
        <p>
          <strong>Over the boundary</strong>{' '}
          <span class="headline-sum">
            consumption {wh(check.consumption)} − production {wh(check.production)} = {wh(exchange)}{' '}
            Wh {exchange === row.energyWh.net ? '= net' : '≠ net'}
          </span>
          : what one home feeds in and a neighbour draws counts in both registers, but stays inside.
        </p>
      )}
    </div>
  );
}

function Coverage(props: { row: RowDocument; sharedReason: string | undefined }): JSX.Element {
  const { row } = props;
  const isBlank = props.sharedReason !== undefined;
  const notes: string[] = [];
  if (!isBlank && row.status !== 'published' && row.reason !== null)
    notes.push(`Of what is left out: ${lowerFirst(reasonText(row.reason))}`);
  if (!row.isChecked && row.energyWh.net !== null)
    notes.push('Some sums had one trustee’s answer only and are unchecked.');
  if (row.origin === 'simulated') notes.push('Simulated sums.');
  return (
    <p class="headline-coverage">
      <strong>{isBlank ? 'No coverage' : `Coverage ${energyFormat.share(row.coverage)}`}</strong> of{' '}
      {energyFormat.count(row.meterCount)} meters. {notes.join(' ')}
    </p>
  );
}

/** A sentence that goes on after a colon. */
function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function yesterdayOf(series: FocusSeries, timeZone: string): Yesterday {
  const shown = frameStart.value;
  if (shown === undefined) return {};
  const at = sameLocalTime(shown, -1, timeZone);
  // In a week's view yesterday lies in the current range as well.
  const document = [series.yesterday, series.current].find(
    (candidate) => indexAt(candidate, at) !== undefined,
  );
  const index = indexAt(document, at);
  if (document === undefined || index === undefined || at === undefined) return {};
  const figure = (metric: EnergyMetric): number | null => document.energyWh[metric][index] ?? null;
  return {
    at,
    net: figure('net'),
    consumption: figure('consumption'),
    production: figure('production'),
    import: figure('import'),
    export: figure('export'),
  };
}
