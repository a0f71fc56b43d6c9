// The focus in numbers: net balance first, the four it is made of, and whether they add up.

import './headline.css';
import type { JSX } from 'preact';
import { reasonText } from '../../../src/map/cell-state.ts';
import { type EnergyMetric, meanPowerW } from '../../../src/map/metric.ts';
import type { RowDocument } from '../../../src/server/wire.ts';
import { indexAt } from '../charts/chart-data.ts';
import { type FocusSeries, useFocusSeries } from '../charts/series-store.ts';
import { sameLocalTime } from '../slider/local-time.ts';
import { area, frame, frameStart, map } from '../state/data.ts';
import { energyFormat, timeFormat } from '../state/formats.ts';
import { boundaryExchangeWh, checkBalance, compareFigures } from './balance.ts';

const TILES = [
  { metric: 'consumption', label: 'Consumption', words: 'what was used here' },
  { metric: 'production', label: 'Production', words: 'what was generated here' },
  { metric: 'import', label: 'Import', words: 'sum of the meters’ import registers' },
  { metric: 'export', label: 'Export', words: 'sum of the meters’ export registers' },
] as const satisfies readonly { metric: EnergyMetric; label: string; words: string }[];

export function Headline(): JSX.Element | null {
  const series = useFocusSeries();
  const shown = frame.value;
  const about = map.value;
  if (shown === undefined || about === undefined) return null;
  const row = shown.self;
  const yesterday = yesterdayOf(series, about.timeZone);
  const figures = { row, yesterday, intervalSeconds: about.intervalSeconds };
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
      <Balance row={row} />
      <Coverage row={row} />
    </section>
  );
}

interface Figures {
  readonly row: RowDocument;
  readonly yesterday: Yesterday;
  readonly intervalSeconds: number;
}

type Yesterday = Readonly<Partial<Record<EnergyMetric, number | null>>> & { readonly at?: number };

function NetBalance(props: Figures): JSX.Element {
  const { row, intervalSeconds } = props;
  const netWh = row.energyWh.net;
  return (
    <div class="headline-net">
      <p class="headline-label">Net balance</p>
      {netWh === null ? (
        <Absent row={row} metric="net" />
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
          <Change metric="net" nowWh={netWh} yesterday={props.yesterday} />
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
    readonly words: string;
  },
): JSX.Element {
  const { row, metric } = props;
  const energyWh = row.energyWh[metric];
  return (
    <div class="headline-tile" data-metric={metric}>
      <dt class="headline-label">{props.label}</dt>
      <dd>
        {energyWh === null ? (
          <Absent row={row} metric={metric} />
        ) : (
          <>
            <p class="headline-figure">
              {energyFormat.power(meanPowerW(energyWh, props.intervalSeconds))}
            </p>
            <p class="headline-energy">{energyFormat.energy(energyWh)}</p>
            <Change metric={metric} nowWh={energyWh} yesterday={props.yesterday} />
          </>
        )}
        <p class="headline-meaning">{props.words}</p>
      </dd>
    </div>
  );
}

function Absent(props: { row: RowDocument; metric: EnergyMetric }): JSX.Element {
  const { row, metric } = props;
  return (
    <>
      <p class="headline-figure headline-none" aria-hidden="true">
        –
      </p>
      <p class="headline-reason">{reasonText(row.absent[metric] ?? row.reason)}</p>
    </>
  );
}

/** Against the same local time a day before. */
function Change(props: {
  metric: EnergyMetric;
  nowWh: number;
  yesterday: Yesterday;
}): JSX.Element | null {
  const { metric, yesterday } = props;
  const compared = compareFigures(props.nowWh, yesterday[metric]);
  if (compared === undefined || yesterday.at === undefined) return null;
  const { deltaWh, share } = compared;
  const percent = Math.round(Math.abs(share ?? 0) * 100);
  const amount =
    share === null ? energyFormat.energy(Math.abs(deltaWh)) : `${percent.toLocaleString()}%`;
  const isSame = deltaWh === 0 || (share !== null && percent === 0);
  const at = timeFormat.value.clock(yesterday.at * 1000);
  return (
    <p class="headline-change" title={`Compared with ${at} the day before`}>
      {isSame ? (
        'as yesterday'
      ) : (
        <>
          <span aria-hidden="true">{deltaWh > 0 ? '▲' : '▼'}</span> {amount}{' '}
          {deltaWh > 0 ? 'more' : 'less'} than yesterday
        </>
      )}
    </p>
  );
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
          : what one home feeds in and its neighbour draws counts in both registers, but never
          leaves the area.
        </p>
      )}
    </div>
  );
}

function Coverage(props: { row: RowDocument }): JSX.Element {
  const { row } = props;
  const isBlank = row.status === 'late' || row.status === 'not-connected';
  return (
    <p class="headline-coverage">
      <strong>{isBlank ? 'No coverage' : `Coverage ${energyFormat.share(row.coverage)}`}</strong> of{' '}
      {energyFormat.count(row.meterCount)} meters
      {row.status !== 'published' && row.reason !== null && `. ${reasonText(row.reason)}`}
      {!row.isChecked && row.energyWh.net !== null && (
        <span> Some sums had one trustee’s answer only and are unchecked.</span>
      )}
      {row.origin === 'simulated' && <span class="headline-origin"> Simulated sums.</span>}
    </p>
  );
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
